"""What funding answers about a frozen proof of use: its figures in cents, and each entry with its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.funding.proof_entries import Entry, FrozenRevision, entries_of
from shared.contracts.funding import Activities, ProofOfUseFrozen
from shared.declarations.projection import Document
from shared.kernel.identifiers import Slug, Uuid
from shared.runtime.http.app import Shown


class ProofEntry(Shown):
    """``number`` as in the document. ``told`` is the content of its first event; for a contract as corrected.

    ``events`` are the ids of all events behind it.
    """

    number: str
    what: str
    told: dict[str, Any]
    events: list[Uuid]


class ProofOfUse(Shown):
    """``hash`` is that of the journal's chain at the freezing; ``activities`` is null if none were kept."""

    grant: Slug
    revision: int
    frozen_at: datetime
    hash: str
    figures: ProofOfUseFrozen
    activities: Activities | None
    notices: list[ProofEntry]
    contracts: list[ProofEntry]
    income: list[ProofEntry]
    expenses: list[ProofEntry]
    own_contribution: list[ProofEntry]


def as_answer(revision: FrozenRevision) -> Document:
    entries, frozen = entries_of(revision), revision.frozen
    return {
        "grant": frozen.grant,
        "revision": revision.number,
        "frozen_at": revision.at.isoformat(),
        "hash": revision.hash,
        "figures": frozen.model_dump(mode="json", exclude={"activities"}),
        "activities": frozen.activities.model_dump(mode="json") if frozen.activities else None,
        "notices": [_entry(one) for one in entries.notices],
        "contracts": [_entry(one) for one in entries.contracts],
        "income": [_entry(one) for one in entries.payouts],
        "expenses": [_entry(one) for one in entries.expenses],
        "own_contribution": [_entry(one) for one in entries.hours],
    }


def _entry(one: Entry) -> Document:
    told = one.event.model_dump(mode="json", exclude={"grant"})
    return {"number": one.number, "what": one.what, "told": told, "events": list(one.ids)}
