"""A stack with the data of an earlier commit is started with the present code: nothing is lost, changed or done again.

Each file in `upgrade/` is what the demo left at one commit. The order matters once: the last test goes on working.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from deploy.demo import money, summary
from deploy.demo.data import read_data
from deploy.demo.expected import expected_mails
from deploy.demo.office import Office
from deploy.demo.outcome import MailFolder, disagreements, read_back
from deploy.demo.play import Play
from deploy.embedded.health import health_of
from deploy.embedded.tokens import read_tokens
from deploy.kpk.histories.verify import verify_all
from deploy.kpk.stories.sentences import Teller
from deploy.rights.mongo import AUDITOR
from shared.contracts.envelope import Envelope, read_headers
from shared.contracts.schemas import UNNAMED
from shared.contracts.topics import PEOPLE, PUBLIC_TOPICS, SERVICES, STATE_TOPICS, Topic
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.publishing.state_topics import markers_of
from tests.journeys.clerk import Accepted, Clerk, clerk_of
from tests.journeys.stack import RunningStack
from tests.journeys.upgrade import filling, reading
from tests.journeys.upgrade.record import until_at_rest
from tests.journeys.upgrade.snapshot import Document, Record, Snapshot, decoded, journals_in
from tests.journeys.upgrade.snapshot_file import load
from tests.kit.eventually import eventually

pytestmark = [pytest.mark.infra, pytest.mark.journey, pytest.mark.timeout(600)]

FILES = sorted(Path(__file__).with_name("upgrade").glob("*.xz"))
DATA = read_data(Path(__file__).parent / "upgrade" / "conference.yaml")
"""The story as it was played then."""
CONFERENCE = DATA.conference.slug
SUMMARY = (summary.seats, summary.sessions, summary.mails, summary.money)
FIGURES = [
    ("Sitze", "49, davon besetzt 48, frei 1"),
    ("Sitzungen", "7, davon abgehalten 6, abgesagt 1"),
    ("Willkommen", "E-Mails: 47, Briefe: 1"),
    ("Einladung", "E-Mails: 178, Briefe: 3"),
    ("Neuer Termin", "E-Mails: 48, Briefe: 1"),
    ("Absage", "E-Mails: 8, Briefe: 0"),
    ("Erinnerung", "E-Mails: 155, Briefe: 3"),
    ("Niederschrift", "E-Mails: 170, Briefe: 3"),
    ("Schreiben zusammen", "versandt: 606, zugestellt: 0; Briefe: 11"),
    ("Externe Begleitung der Arbeitsgruppen", "30.000,00 EUR von 30.000,00 EUR"),
    ("Umsetzung des Workshopformats", "7.000,00 EUR von 7.000,00 EUR"),
    ("Material", "3.000,00 EUR von 3.000,00 EUR"),
    ("Zuwendung", "40.000,00 EUR von 40.000,00 EUR"),
    ("Eigenanteil", "10.000,00 EUR in Arbeitszeit"),
]
SAID_BEFORE = {
    "kpk.members.public.ConferenceEstablished.v1",
    "kpk.members.public.SeatGroupOpened.v1",
    "kpk.members.public.WorkingGroupEstablished.v1",
    "kpk.meetings.public.SessionScheduled.v1",
    "kpk.meetings.public.AgendaPublished.v1",
    "kpk.meetings.public.SessionCancelled.v1",
    "kpk.meetings.public.ConsensusRecorded.v1",
    "kpk.meetings.public.MinutesApproved.v1",
    "kpk.meetings.public.PaperDecided.v1",
    "kpk.funding.public.GrantAwarded.v1",
    "kpk.funding.public.ProofOfUseSubmitted.v1",
}
"""Of what the conference had gone through."""
MARKERS = {key.encode() for key in markers_of(PEOPLE)}
VACANT = "religious-communities-3"
NEWCOMER = "9a1a2d0e-52f5-5a3b-8f0e-6c1f0f3f7a11"
CAUSED = [
    "ApplyForGrant",
    "AppointDelegate",
    "ApproveMinutes",
    "NominateDelegate",
    "QueueNotification",
    "RecordAttempt",
    "RecordSent",
    "RegisterOrganisation",
]
"""The newcomer's seat, the last minutes, another grant, and one mail; everybody is announced beside."""

REPORTING = ["AnnounceReport", "RequireReporting"]
"""To the council's committee, which no rule of then asked for."""


@pytest.fixture(scope="module", params=FILES, ids=lambda file: str(file.stem))
def before(request: pytest.FixtureRequest) -> Snapshot:
    file: Path = request.param
    return load(file)


@pytest.fixture(scope="module")
def upgraded(before: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    stack = filling.stack_with(before, tmp_path_factory.mktemp("upgraded") / "data")
    asyncio.run(stack.start())
    try:
        running = RunningStack(stack.data)
        asyncio.run(until_caught_up(before, running))
        asyncio.run(until_at_rest(running.state))
        yield running
    finally:
        asyncio.run(stack.stop())
        shutil.rmtree(stack.data)


async def test_every_service_is_well_and_nothing_is_parked(upgraded: RunningStack) -> None:
    health = await health_of(upgraded.state)
    assert health.troubles == []
    told = {name: (one["ready"], one["degraded"], one["parked"]) for name, one in health.services.items()}
    assert told == dict.fromkeys(SERVICES, (True, [], 0))


async def test_verify_finds_as_many_events_as_before_and_everybody_announced(
    upgraded: RunningStack, before: Snapshot
) -> None:
    assert await verified(upgraded) == before.events() + len(caught_up(before))
    assert sorted(commit["command"]["type"] for commit in commits_since(before, upgraded)) == caught_up(before)


async def test_the_conference_has_the_same_figures(upgraded: RunningStack) -> None:
    async with play_on(upgraded) as play:
        outcome = await read_back(play, Path(upgraded.state.mail_folder))
    assert outcome.folder == MailFolder(Counter(), copies=0), "no mail is sent a second time"
    assert [row for told in SUMMARY for row in told(outcome)] == FIGURES
    wanted = expected_mails(DATA).emails
    outcome.mails["answers", "sent"] = wanted["answers"]  # what the office is told by now, it was not told then
    outcome.mails["invitation", "letter"] -= 1  # no newer mail superseded a due letter then, as it does by now
    outcome.mails["invitation", "superseded"] += 1
    assert disagreements(DATA, replace(outcome, folder=MailFolder(wanted, copies=0))) == []


async def test_the_public_topics_tell_what_was_before_each_event_from_itself_alone(
    upgraded: RunningStack, before: Snapshot
) -> None:
    async def tells_all() -> bool:
        return {envelope.type for envelope, _ in await said_in_public(upgraded)} >= SAID_BEFORE

    await eventually(tells_all, "the public topics are filled", 60)
    said = await said_in_public(upgraded)
    places = {(envelope.stream, envelope.sequence) for envelope, _ in said} | {("", 0)}
    for envelope, record in said:
        sentence = Teller("de").record(envelope.type, record, "")
        assert UNNAMED not in sentence and envelope.type not in sentence, sentence
        previous = int(dict(record.headers)["ce_previous"] or b"")
        assert (envelope.stream if previous else "", previous) in places
    told = b"".join((record.value or b"") + repr(record.headers).encode() for _, record in said)
    assert [person for person in before.people() if person.encode() in told] == []


async def said_in_public(
    stack: RunningStack, topics: Sequence[Topic] = PUBLIC_TOPICS
) -> list[tuple[Envelope, KafkaRecord]]:
    names = [topic.name for topic in topics]
    records = [one async for batch in read_to_end(stack.state.kafka, names) for one in batch]
    return [(read_headers(record.headers), record) for record in records]


async def test_the_state_topics_tell_what_is_so_after_the_last_of_them(upgraded: RunningStack) -> None:
    async def agree() -> bool:
        return await last_numbers(upgraded, STATE_TOPICS) == await last_numbers(upgraded, PUBLIC_TOPICS)

    await eventually(agree, "the state topics are filled", 60)


async def last_numbers(stack: RunningStack, topics: Sequence[Topic]) -> dict[str, int]:
    return {envelope.stream: envelope.sequence for envelope, _ in await said_in_public(stack, topics)}


async def test_a_command_of_before_is_answered_as_before(upgraded: RunningStack, before: Snapshot) -> None:
    """Were its key not known any more, it would be refused: nothing is booked on a grant whose proof is frozen.

    Then no expense named its contract.
    """
    expenses = [expense.model_copy(update={"commitment": None}) for expense in DATA.money.expenses]
    async with play_on(upgraded) as play:
        answers = [await money.book(play, expense) for expense in expenses]
    booked = [one for one in decoded(before.journals()["funding"]) if one["command"]["type"] == "BookExpense"]
    assert {(one.stream, one.sequence) for one in answers} == {(one["stream"], one["last"]) for one in booked}
    assert sorted(one["command"]["type"] for one in commits_since(before, upgraded)) == caught_up(before)


async def test_work_goes_on_and_leaves_what_was_there_as_it_was(upgraded: RunningStack, before: Snapshot) -> None:
    async with clerk_of(upgraded, CONFERENCE) as clerk:
        await fill_the_vacant_seat(clerk)
        approved = await clerk.give("meetings", "ApproveMinutes", "upgraded", session="plenum-2")
        assert "approved" in str(await clerk.read("meetings", "/sessions", seen=approved.seen))
        applied = await apply_for_another_grant(clerk)
        grants = await clerk.read("funding", "/grants", seen=applied.seen)
        assert [grant["grant"] for grant in grants] == [DATA.grant.grant, "upgraded"]
        await eventually(lambda: mail_is_sent(clerk), "the newcomer's mail is sent", 30)
    await until_at_rest(upgraded.state)
    assert len(upgraded.mails()) == 1, "the newcomer's welcome and nobody's else"
    new = commits_since(before, upgraded)
    caused = [*caught_up(before), "AnnouncePerson", *CAUSED]
    assert sorted(commit["command"]["type"] for commit in new) == sorted(caused)
    assert {commit["at"].date() for commit in new} == {DATA.story[-1].at.date()}, "the clock stands where it stood"
    records = at_offsets(reading.read_records(upgraded.state.kafka))
    assert at_offsets(before.records).items() <= records.items()
    said = [record for record in records.values() if record.key not in MARKERS]
    assert len(said) == len(before.records) + len(new) + 1, "one event of each commit, and the newcomer's address"
    assert await verified(upgraded) == before.events() + len(new)
    assert await read_again(upgraded) == 0, "what the groups had committed is behind them"


async def fill_the_vacant_seat(clerk: Clerk) -> None:
    """Members and meetings show it; of the third service that hears of it, the newcomer gets a mail."""
    group = {"group": VACANT.rpartition("-")[0]}
    delegate = {**group, "person": NEWCOMER}
    details = {"name": "Neue Person", "salutation": "Guten Tag", "email": "neu@example.org", "postal_address": None}
    await clerk.give("members", "RecordPerson", "upgraded", person=NEWCOMER, details=details)
    await clerk.give(
        "members", "RegisterOrganisation", "upgraded", **group, organisation="upgraded", name="Neue Stelle"
    )
    await clerk.give("members", "NominateDelegate", "upgraded", **delegate, organisation="upgraded")
    appointed = await clerk.give("members", "AppointDelegate", "upgraded", **delegate, seat=VACANT, since="2025-02-10")
    assert await clerk.read("members", "/vacancies", seen=appointed.seen) == []
    assert NEWCOMER in str(await clerk.read("meetings", "/roster", seen=appointed.seen))


async def apply_for_another_grant(clerk: Clerk) -> Accepted:
    fields = {"title", "grantor", "amount", "own_share_percent", "period", "purposes", "paper"}
    asked = DATA.grant.model_dump(mode="json", include=fields)
    return await clerk.give("funding", "ApplyForGrant", "upgraded", grant="upgraded", **asked)


async def mail_is_sent(clerk: Clerk) -> bool:
    told = await clerk.read("notifications", "/mails")
    return [(one["kind"], one["state"]) for one in told if one["person"] == NEWCOMER] == [("welcome", "sent")]


@asynccontextmanager
async def play_on(stack: RunningStack) -> AsyncIterator[Play]:
    async with Office(stack.state.services, read_tokens(stack.folder), CONFERENCE) as office:
        yield Play(DATA, office)


async def verified(stack: RunningStack) -> int:
    """How many events `kpk verify` finds, when it finds nothing else."""
    verdict = await verify_all(stack.state)
    assert (verdict.differences, verdict.duplicates) == ([], 0)
    return sum(verdict.events.values())


async def read_again(stack: RunningStack) -> int:
    """Events that came to a service though it had applied them before."""
    monitor = {"Authorization": f"Bearer {read_tokens(stack.folder)['monitor']}"}
    async with httpx.AsyncClient(trust_env=False, headers=monitor, timeout=60) as client:
        pages = [(await client.get(f"{url}/metrics")).text for url in stack.state.services.values()]
    found = [re.findall(r'kpk_delivered_events_total{outcome="dropped",.*} (\S+)', page) for page in pages]
    return sum(int(float(number)) for [number] in found)


def caught_up(before: Snapshot) -> list[str]:
    """What follows from the data by itself, in order: what there was no event about, and what nobody was told to do."""
    return sorted([*["AnnouncePerson"] * len(before.people()), *REPORTING])


async def until_caught_up(before: Snapshot, stack: RunningStack) -> None:
    def is_it() -> bool:
        return len(commits_since(before, stack)) == len(caught_up(before))

    await eventually(is_it, "everybody is announced, and the report is due", 60)


def commits_since(before: Snapshot, stack: RunningStack) -> list[Document]:
    """What the journals hold beside what was there; that itself is in them byte for byte."""
    now = journals_in(reading.read_collections(stack.state.mongo_as(AUDITOR)))
    new: list[Document] = []
    for service, journal in before.journals().items():
        assert set(journal) <= set(now[service])
        new += decoded([*set(now[service]) - set(journal)])
    return new


def at_offsets(records: Sequence[Record]) -> dict[tuple[str, int, int], Record]:
    """By topic, partition and offset."""
    ends: Counter[tuple[str, int]] = Counter()
    found = {}
    for record in records:
        place = record.topic, record.partition
        found[(*place, ends[place])] = record
        ends[place] += 1
    return found
