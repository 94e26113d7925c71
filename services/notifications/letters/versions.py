"""Which version of its text each kind of mail is written by: said in the record of every attempt and letter.

Whoever changes what a kind of mail says, or how it looks, raises its number: a test compares the text with the one that
the number stood for.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.notifications import Content, Template

VERSIONS: Mapping[str, Template] = {
    "welcome": 3,
    "farewell": 2,
    "contact": 2,
    "invitation": 2,
    "update": 3,
    "cancellation": 2,
    "withdrawal": 2,
    "supplement": 3,
    "reminder": 2,
    "minutes": 2,
    "answers": 2,
    "digest": 4,
}


def version_of(content: Content) -> Template:
    return VERSIONS[content.kind]
