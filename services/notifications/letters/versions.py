"""Which version of its text each kind of mail is written by: said in the record of every attempt and letter.

Whoever changes what a kind of mail says, or how it looks, raises its number: a test compares the text with the one that
the number stood for.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.notifications import Content, Template

VERSIONS: Mapping[str, Template] = {
    "welcome": 1,
    "farewell": 1,
    "contact": 1,
    "invitation": 1,
    "update": 1,
    "cancellation": 1,
    "withdrawal": 1,
    "supplement": 1,
    "reminder": 1,
    "minutes": 1,
    "answers": 1,
    "digest": 3,
}


def version_of(content: Content) -> Template:
    return VERSIONS[content.kind]
