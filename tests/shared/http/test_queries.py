"""A query looks at what it answers, however much else is kept: counted by the server, of each query as it is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pymongo.read_concern import ReadConcern

from services.meetings import queries as meetings
from services.meetings.projections import INVITATIONS, SESSIONS
from services.notifications import queries as mails
from services.notifications.projections import MAILS
from services.office import queries as office
from services.office.projections import HAPPENED, THINGS
from shared.declarations.projection import Document
from shared.kernel.time import iso
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import Database
from tests.kit.when import NOW

pytestmark = pytest.mark.infra

HERE, ELSEWHERE = "stuttgart", ("aalen", "ulm")
"""One before it in the alphabet, one behind it."""

MANY, FEW = 1_500, 3
PAST, LATER = iso(NOW - timedelta(days=400)), iso(NOW + timedelta(days=1))
QUEUED: Document = json.loads(Path("contract/records/kpk.notifications.NotificationQueued.v1.json").read_text())[
    "value"
]
STORE = (MAILS, SESSIONS, INVITATIONS, HAPPENED, THINGS)


def numbered(number: int, **fields: Any) -> Iterator[Document]:
    for one in range(number):
        kind = "-".join(str(value) for value in fields.values())
        yield {"_id": f"{fields.get('conference', HERE)}/{kind}/{one:05}", **fields}


def everywhere(**fields: Any) -> list[Document]:
    """Many in each conference: nobody asks for them."""
    return [one for name in (*ELSEWHERE, HERE) for one in numbered(MANY, conference=name, **fields)]


def mail(state: str, session: str, **more: Any) -> Document:
    when: Document = {"not_before": None, "queued_at": PAST, "kind": "invitation", "tried_again": False, "stream": "s"}
    return {**QUEUED, **when, "state": state, "session": session, "seat": None, **more}


LAST = "00000000-0000-5000-8000-000000000750"
"""In the middle of those that were sent."""


def sent_in_turn() -> Iterator[Document]:
    """Two at each moment."""
    for number in range(MANY):
        name = f"00000000-0000-5000-8000-{number:012}"
        at = iso(NOW - timedelta(days=300) + timedelta(seconds=number // 2))
        yield {"_id": f"{HERE}/mail/{name}", "conference": HERE, **mail("sent", "old", mail=name, queued_at=at)}


def kept() -> dict[str, list[Document]]:
    """By collection."""
    waits = mail("deferred", "old", not_before=PAST, tried_again=True)
    happened = {"service": "meetings", "at": PAST, "causation": "c", "correlation": "c", "type": "SessionOpened"}
    stream = {"stream": "s", "name": "s"}
    return {
        "view_mails": [
            *everywhere(**mail("sent", "old")),
            *sent_in_turn(),
            *(one for name in ELSEWHERE for one in numbered(MANY, conference=name, **mail("failed", "new"))),
            *numbered(FEW, conference=HERE, **waits),
            *numbered(FEW, conference=HERE, **mail("letter", "old")),
            *numbered(FEW, conference=HERE, **mail("sent", "new")),
        ],
        "view_sessions": [
            *everywhere(state="planned", ends=PAST, issue=1),
            *numbered(FEW, conference=HERE, state="planned", ends=LATER, issue=1),
        ],
        "view_invitations": [
            *everywhere(session="old", issue=1),
            *(one for name in ELSEWHERE for one in numbered(MANY, conference=name, session="new", issue=1)),
            *numbered(FEW, conference=HERE, session="new", issue=1),
        ],
        "view_happened": [
            *everywhere(**happened, **stream),
            *numbered(FEW, conference="filderstadt", **{**happened, "at": LATER, "service": "nobody"}, **stream),
            *numbered(FEW, conference=HERE, **{**happened, "type": "GrantApplied", "service": "funding"}, **stream),
            *numbered(FEW, conference=HERE, **{**happened, "correlation": "story"}, stream="a/mail/abc", name="abc"),
        ],
        "parked": [*numbered(MANY, topic="people", key=b"other", value=b"-" * 500, reason="gap", parked_at=NOW)],
        "journal": [
            {
                "_id": f"{stream}:{first}",
                "stream": stream,
                "first": first,
                "last": first,
                "events": [{"id": f"{stream}{first}"}],
            }
            for stream in ("a", "b")
            for first in range(1, MANY)
        ],
    }


Ask = Callable[[Database, ProjectionStore], Awaitable[object]]


class Examined(NamedTuple):
    keys: int
    documents: int


class Asked(NamedTuple):
    """``documents`` and ``keys``: so many may be looked at."""

    name: str
    ask: Ask
    documents: int
    keys: int


def asked(name: str, ask: Ask, most: int, keys: int = 0) -> Asked:
    return Asked(name, ask, most, keys or most + 2)


BESIDE = 100
"""Of what is to be counted, a list's end, or an index that is passed over in steps."""

QUERIES: Sequence[Asked] = (
    asked("mails that are due", lambda _, store: mails.due(store, NOW, 10), FEW),
    asked("the next mail", lambda _, store: store.first_after(MAILS, "not_before", NOW), 1),
    asked("mails of a session", lambda _, store: mails.mails(store, HERE, "new", None), FEW),
    asked("mails in a state", lambda _, store: mails.mails(store, HERE, None, "letter"), FEW),
    asked("a page of those that are over", lambda _, store: mails.mails(store, HERE, None, "sent", limit=10), 10),
    asked("the next page", lambda _, store: mails.mails(store, HERE, None, "sent", LAST, 10), 1 + 12, 1 + 14),
    asked("a page of all mails", lambda _, store: mails.mails(store, HERE, limit=10), 10),
    asked("how many mails are in each state", lambda _, store: mails.states(store, HERE), 0, mails.MOST + BESIDE),
    asked("mails that invite", lambda _, store: mails.asked_to(store, HERE, "new"), FEW, 4 * FEW),
    asked("mails that wait or failed lately", lambda _, store: mails.mails_by_state(store, NOW), 0, 3 * FEW + 10),
    asked("mails by kind and state", lambda _, store: mails.summary(store, HERE), 0, 2 * MANY + BESIDE),
    asked("all of a conference", lambda _, store: store.find(SESSIONS, {"conference": ELSEWHERE[0]}), MANY),
    asked("sessions that are not over", lambda _, store: meetings.not_over(store, NOW), FEW, FEW + 4),
    asked("invitations to a session", lambda _, store: meetings.invitations(store, HERE, "new"), FEW),
    asked("what happened lately", lambda _, store: office.lately(store, {}), 100),
    asked("what happened in a conference", lambda _, store: office.lately(store, {"conference": HERE}), 100),
    asked("what happened so", lambda _, store: office.lately(store, {"type": "GrantApplied"}), FEW),
    asked("what a service said", lambda _, store: office.lately(store, {"service": "funding"}), FEW, BESIDE),
    asked("what happened in a stream", lambda _, store: office.history(store, "a/mail/abc"), FEW),
    asked("a story", lambda _, store: office.story(store, "abc"), 4 * FEW, 4 * FEW + 12),
    asked("what is new", lambda _, store: office.newest(store), 100),
    asked("parked records by reason", lambda database, _: Parked(database).by_reason(), 0, MANY + BESIDE),
    asked("whether a state is parked", lambda database, _: Parked(database).holds_state("people", "mine"), 0),
    asked("a list of parked records", lambda database, _: Parked(database).overview(10), 10),
    asked("the last of a stream", lambda database, _: Journal(database["journal"]).heads(["a"]), 1),
)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[ProjectionStore]:
    store = ProjectionStore(database, STORE)
    await store.prepare()
    await Parked(database).prepare()
    await Journal(database["journal"]).prepare()
    for name, documents in kept().items():
        await database[name].insert_many(documents)
    yield store
    await database.client.drop_database(database.name)


async def test_each_query_looks_at_what_it_answers(database: Database, store: ProjectionStore) -> None:
    wrong = {}
    for asked in QUERIES:
        async with examined(database) as found:
            await asked.ask(database, store)
        if found[0].documents > asked.documents or found[0].keys > asked.keys:
            wrong[asked.name] = found[0]
    assert wrong == {}


@asynccontextmanager
async def examined(database: Database) -> AsyncIterator[list[Examined]]:
    """What the server looked at meanwhile, as its profiler has it."""
    profile = database.get_collection("system.profile", read_concern=ReadConcern("local"))
    found: list[Examined] = []
    await database.command("profile", 2)
    yield found
    await database.command("profile", 0)
    rows = [one async for one in profile.find({"op": {"$in": ["query", "getmore", "command"]}})]
    found.append(
        Examined(sum(one.get("keysExamined", 0) for one in rows), sum(one.get("docsExamined", 0) for one in rows))
    )
    assert rows, "nothing was asked"
    await profile.drop()
