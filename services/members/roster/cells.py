"""What a cell may do to whoever opens the file: a text that a spreadsheet would compute is marked as text (OWASP,
CSV injection).

The mark is one apostrophe, and only one is taken off again: whatever is exported is read back as it was.
"""

from __future__ import annotations

import re

COMPUTED = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def as_text(text: str) -> str:
    """For a CSV file; in an XLSX the cell's own type says that it is text."""
    return f"'{text}" if COMPUTED.match(text) else text


def as_stored(text: str) -> str:
    return text[1:] if text.startswith("'") and COMPUTED.match(text) else text
