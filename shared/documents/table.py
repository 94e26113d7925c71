"""Tables as CSV for a spreadsheet: with the mark of UTF-8 that Excel looks for, and no cell that it would compute.

A text that it would compute is marked as text (OWASP, CSV injection). The mark is one apostrophe, and only one is taken
off again: whatever is exported is read back as it was.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

COMPUTED = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet would take for a formula, and what was marked as text before."""


def as_text(text: str) -> str:
    """For a CSV file; in an XLSX the cell's own type says that it is text."""
    return f"'{text}" if COMPUTED.match(text) else text


def as_stored(text: str) -> str:
    return text[1:] if text.startswith("'") and COMPUTED.match(text) else text


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """With semicolons, as a German Excel reads it. Texts are made safe here."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows([as_text(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")
