"""Sets documents that read aloud well (PDF/UA-1, ISO 14289-1) with Typst, and the same as pages.

What somebody typed goes to Typst as data and is never read as markup; fonts are those of the compiler. The same input
gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

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


def rendered(template: str, told: Mapping[str, object]) -> str:
    """``template`` is a file of this folder; what somebody typed is escaped."""
    return _PAGES.get_template(template).render(told)


def typeset(template: str, told: Mapping[str, object]) -> bytes:
    """``template`` is a file of this folder; it finds each value of ``told`` as JSON under its name."""
    return typst.compile(
        _FOLDER / template,
        root=_FOLDER,
        format="pdf",
        sys_inputs={name: json.dumps(value) for name, value in told.items()},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=0,
    )
