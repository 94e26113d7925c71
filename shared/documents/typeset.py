"""Sets documents that read aloud well (PDF/UA-1, ISO 14289-1) with Typst, and the same as pages.

What somebody typed goes to Typst as data and is never read as markup; fonts are those of the compiler.
What none of them can show is marked in its place: PDF/UA-1 allows no empty box. The same input gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)

NOT_SHOWN = "\ufffd"
"""U+FFFD, as readers of text know it."""
_WITHOUT_GLYPH = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def paragraphs(*texts: str | None) -> list[str]:
    """Of what somebody typed: each line is one, and lines without a word are none."""
    return [part.strip() for text in texts for part in (text or "").split("\n") if part.strip()]


def rendered(template: str, told: Mapping[str, object]) -> str:
    """``template`` is a file of this folder; what somebody typed is escaped."""
    return _PAGES.get_template(template).render(told)


def typeset(template: str, told: Mapping[str, object]) -> bytes:
    """``template`` is a file of this folder; it finds each value of ``told`` as JSON under its name."""
    try:
        return _compiled(template, told)
    except typst.TypstError as error:
        missing = _without_glyph(error)
        if not missing:
            raise
    return typeset(template, {name: _marked(value, missing) for name, value in told.items()})


def _compiled(template: str, told: Mapping[str, object]) -> bytes:
    return typst.compile(
        _FOLDER / template,
        root=_FOLDER,
        format="pdf",
        sys_inputs={name: json.dumps(value) for name, value in told.items()},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=0,
    )


def _without_glyph(error: typst.TypstError) -> set[str]:
    """The compiler names all of them at once, as Rust writes texts."""
    named = _WITHOUT_GLYPH.findall(error.diagnostic)
    return {_ESCAPED.sub(lambda found: chr(int(found[1], 16)), one) for one in named} - {NOT_SHOWN}


def _marked(value: Any, missing: set[str]) -> Any:
    match value:
        case str():
            for one in missing:
                value = value.replace(one, NOT_SHOWN)
            return value
        case list() | tuple():
            return [_marked(one, missing) for one in value]
        case dict():
            return {name: _marked(one, missing) for name, one in value.items()}
        case _:
            return value
