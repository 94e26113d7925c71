"""Reads of funding that are more than a document of a projection."""

from __future__ import annotations

from itertools import count
from typing import cast

from services.funding.activities import ADOPTED, SEAT_GROUPS, SESSIONS, activities_in
from services.funding.as_of import Recorded
from services.funding.domain.grant import GrantEvent
from services.funding.ledger import InJournal
from services.funding.proof_entries import FrozenRevision, NoProofOfUse, Said
from shared.contracts.funding import Activities, Period, ProofOfUseFrozen
from shared.kernel.identifiers import Slug, stream_name
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.stores import ProjectionStore


async def activities(projections: ProjectionStore, conference: Slug, period: Period) -> Activities:
    """The conference's known work within the period."""
    found = [await projections.find(one, {"conference": conference}) for one in (SEAT_GROUPS, SESSIONS, ADOPTED)]
    return activities_in(period, *found)


async def recorded(journal: Journal, conference: Slug, grant: Slug) -> list[Recorded]:
    """All events of a grant in the journal, each with its time."""
    commits = await journal.read(stream_name(conference, "grant", grant))
    return [(commit.at, cast("GrantEvent", one.event())) for commit in commits for one in commit.events]


async def in_journal(journal: Journal, conference: Slug, grant: Slug) -> list[InJournal]:
    """The same events, each with its id and its number in the stream."""
    commits = await journal.read(stream_name(conference, "grant", grant))
    return [
        InJournal(one.id, number, commit.at, cast("GrantEvent", one.event()))
        for commit in commits
        for number, one in enumerate(commit.events, start=commit.first)
    ]


async def revision(journal: Journal, conference: Slug, grant: Slug, number: int | None = None) -> FrozenRevision:
    """A frozen revision from the journal, by default the last one. Raises ``NoProofOfUse``."""
    said, revisions, numbers = list[Said](), dict[int, FrozenRevision](), count(1)
    async for commits in journal.in_parts(stream_name(conference, "grant", grant)):
        for commit in commits:
            for recorded in commit.events:
                event = cast("GrantEvent", recorded.event())
                said.append((recorded.id, event))
                if isinstance(event, ProofOfUseFrozen):
                    at = next(numbers)
                    revisions[at] = FrozenRevision(event, at, commit.at, commit.hash(), tuple(said))
    found = revisions.get(number or max(revisions, default=0))
    if found is None:
        raise NoProofOfUse(grant=grant)
    return found
