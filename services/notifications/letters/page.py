"""A letter as a page: one layout for all, readable without pictures, colours or a wide window."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notifications.letters.letter import Facts, Letter, Link, Points
from services.notifications.letters.phrases import together
from services.notifications.letters.plain import GREETING

_LAYOUT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
_LAYOUT.filters["together"] = partial(together, blank="\N{NO-BREAK SPACE}")
_LAYOUT.tests.update(
    facts=lambda block: isinstance(block, Facts),
    points=lambda block: isinstance(block, Points),
    link=lambda block: isinstance(block, Link),
)


def page(letter: Letter) -> str:
    """Raises ``jinja2.TemplateError`` when the layout asks for something that is not there."""
    return _LAYOUT.get_template("page.html.j2").render(letter=letter, greeting=GREETING)
