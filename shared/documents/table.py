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


_READ_AS_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPE = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")
"""A control character, or the line before what only looks like an escape."""


def as_cell(text: str) -> str:
    """For an XLSX, where ``_x000D_`` is a carriage return (ECMA-376-1, 22.9.2.19): who typed that meant those signs."""
    return _READ_AS_ESCAPE.sub("_x005F_", text)


def as_typed(cell: str) -> str:
    """A spreadsheet writes what XML cannot, so the end of a line that came with a carriage return.

    Other signs are never escaped; the library has undone a part of the escapes already where a spreadsheet wrote them.
    """
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), cell)


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """With semicolons, as a German Excel reads it. Texts are made safe here."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows([as_text(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")
