"""What is due, read from the real mongod: the longest due first, with the names that the letters need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from uuid import uuid4

import pytest

from deploy.embedded.mongod import Mongod
from services.notifications import queries
from services.notifications.domain.mail_commands import MailUnknown
from services.notifications.projections import MAILS, NAMES, PROJECTIONS, queued_of
from services.notifications.steps import is_due
from shared.contracts.members import ConferenceEstablished, RulesOfProcedure, SeatGroupOpened
from shared.contracts.notifications import Content, Welcome
from shared.declarations.projection import Document
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import connect
from tests.kit.delivered import folded
from tests.kit.when import CONFERENCE, NOW
from tests.notifications.letterbox import INVITATION, WELCOME, queued, remembered

pytestmark = pytest.mark.infra

OTHER = Welcome(group="advisers", since=WELCOME.since)


@pytest.fixture
async def store(mongod: Mongod) -> AsyncIterator[ProjectionStore]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    yield ProjectionStore(session.database, PROJECTIONS)
    await session.close()


async def establish(store: ProjectionStore, name: str) -> None:
    told = ConferenceEstablished(
        name=name, reference="GRDrs 905/2023", office="Sozialamt", committee="SGA", rules=RulesOfProcedure()
    )
    await hear(store, told, f"{CONFERENCE}/conference/{CONFERENCE}")


async def open_group(store: ProjectionStore, group: str, name: str) -> None:
    opened = SeatGroupOpened(group=group, number=9, name=name, kind="delegated", seats=(f"{group}-1",))
    await hear(store, opened, f"{CONFERENCE}/seat-group/{group}")


async def hear(store: ProjectionStore, event: Event, stream: str) -> None:
    [document] = folded(NAMES, [event], stream).values()
    await store.write(NAMES, [(document, None)])


async def remember(store: ProjectionStore, contents: Mapping[str, Content]) -> None:
    """The first is the longest due."""
    documents: list[tuple[Document, None]] = []
    for hours, (name, content) in enumerate(contents.items()):
        stream = f"{CONFERENCE}/mail/{name}"
        event = queued(content, number=hours, queued_at=NOW + timedelta(hours=hours))
        documents.append((remembered(stream, [event]), None))
    await store.write(MAILS, documents)


async def test_each_mail_comes_with_the_names_that_it_says(store: ProjectionStore) -> None:
    await establish(store, "Kommunale Pflegekonferenz")
    await open_group(store, "hospitals", "Krankenhäuser und Kliniken")
    await remember(store, {"welcome": WELCOME, "invitation": INVITATION, "other": OTHER})
    due = await queries.due(store, NOW + timedelta(days=1), 10)
    assert {mail["conference_name"] for mail in due} == {"Kommunale Pflegekonferenz"}
    assert [mail["group_name"] for mail in due] == ["Krankenhäuser und Kliniken", None, None]
    assert [queued_of(mail).content for mail in due] == [WELCOME, INVITATION, OTHER]


async def test_what_is_not_due_waits_and_what_is_too_much_too(store: ProjectionStore) -> None:
    await remember(store, dict.fromkeys(["first", "second", "third"], INVITATION))
    await store.collection(MAILS).update_many({}, {"$set": {"state": "deferred"}})
    assert await queries.due(store, NOW - timedelta(seconds=1), 10) == []
    assert len(await queries.due(store, NOW + timedelta(hours=1), 10)) == 2
    [first] = await queries.due(store, NOW + timedelta(days=1), 1)
    assert first["_id"] == f"{CONFERENCE}/mail/first"


async def test_a_queued_mail_is_due_whatever_the_clock_says_by_which_it_was_queued(store: ProjectionStore) -> None:
    """That of the service whose event it is about, which may be ahead of ours, or ours was set back."""
    await remember(store, dict.fromkeys(["first", "second", "third"], INVITATION))
    due = await queries.due(store, NOW - timedelta(days=1), 10)
    assert [mail["_id"].rpartition("/")[2] for mail in due] == ["first", "second", "third"]
    assert all(is_due(mail, NOW - timedelta(days=1)) for mail in due)
    await store.collection(MAILS).update_many({}, {"$set": {"not_before": None}})
    assert await queries.due(store, NOW + timedelta(days=1), 10) == []


async def test_however_many_mails_there_are_each_one_is_listed_and_counted(store: ProjectionStore) -> None:
    number = 6_000
    mail = remembered(f"{CONFERENCE}/mail/one", [queued(INVITATION, number=1, queued_at=NOW)])
    every = [{**mail, "_id": str(one), "state": "sent" if one % 3 else "failed"} for one in range(number)]
    foreign = {**mail, "_id": "foreign", "conference": "elsewhere", "tried_again": True}
    by_hand = {**foreign, "_id": "letter", "state": "letter", "tried_again": False, "not_before": None}
    await store.collection(MAILS).insert_many([*every, foreign, by_hand])
    assert len(await queries.mails(store, CONFERENCE)) == queries.MOST
    assert await queries.summary(store, CONFERENCE) == {
        "kinds": {"invitation": {"failed": number // 3, "sent": number - number // 3}}
    }
    told = await queries.mails_by_state(store, NOW + timedelta(minutes=1))
    assert told["mails"] == {"queued": 1, "letter": 1, "failed": number // 3}, "what was sent is told by the summary"
    assert (told["ambiguous_mails"], told["waiting_mails"], told["oldest_waiting_mail_seconds"]) == (1, 1, 60.0)


async def test_mails_are_told_by_pages_the_last_one_queued_first(store: ProjectionStore) -> None:
    """Also where many were queued at one moment."""
    mails = [queued(WELCOME, number) for number in range(7)]
    written = [(remembered(f"{CONFERENCE}/mail/{one.mail}", [one]), None) for one in mails]
    await store.write(MAILS, written)
    pages, before = list[list[str]](), None
    while page := [one["mail"] for one in await queries.mails(store, CONFERENCE, before=before, limit=3)]:
        pages.append(page)
        before = page[-1]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(mail for page in pages for mail in page) == sorted(one.mail for one in mails)
    with pytest.raises(MailUnknown):
        await queries.mails(store, CONFERENCE, before=derived_id("mail", "nobody"))


async def test_states_are_counted_no_further_than_to_a_thousand(store: ProjectionStore) -> None:
    many = [queued(WELCOME, number) for number in range(queries.MOST + 1)]
    await store.write(MAILS, [(remembered(f"{CONFERENCE}/mail/{one.mail}", [one]), None) for one in many])
    told = await queries.states(store, CONFERENCE)
    assert (told["states"]["queued"], told["states"]["sent"], told["most"]) == (queries.MOST, 0, queries.MOST)
