"""Whom the collection of people must not know any more."""

from __future__ import annotations

from collections.abc import Iterable

from shared.contracts.envelope import Envelope
from shared.contracts.members import PersonErased
from shared.declarations.projection import Document, projection


def erased_person(event: PersonErased, envelope: Envelope) -> Iterable[str]:
    return (event.person,)


def fold_erased(document: Document | None, event: PersonErased, envelope: Envelope) -> Document:
    """Who must not be in the collection of people; ``_id`` is the person."""
    return document or {}


ERASED = projection("erased", fold_erased, erased_person)
