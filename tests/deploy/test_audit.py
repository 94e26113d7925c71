"""Each way in which journal, topic, projections, positions and people can disagree is found, and nothing else."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

import pytest

from shared.contracts.envelope import Envelope
from shared.contracts.members import DelegateAppointed, SeatGroupOpened
from shared.contracts.registry import encode, type_name
from shared.declarations.projection import Document, projection
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.commands.commit import GENESIS, CommandMark, Commit, Hash, Recorded
from shared.runtime.kafka.record import KeptRecord
from shared.runtime.operating.audit import Findings, Folded, Heard, compare_people, event_of, person_head
from shared.runtime.publishing.relay import records_of

T = TypeVar("T")

STREAM = "stuttgart/seat-group/hospitals"
PERSON = derived_id("person")
OPENED = SeatGroupOpened(group="hospitals", number=1, name="Kliniken", kind="delegated", seats=("h-1", "h-2"))


def appointed(seat: str) -> DelegateAppointed:
    return DelegateAppointed(
        group="hospitals", seat=seat, person=PERSON, organisation="klinik", since=date(2024, 4, 23)
    )


def commit(first: int, previous: Hash, *events: Event) -> Commit:
    ids = [derived_id(str(first), str(place)) for place in range(len(events))]
    recorded = tuple(Recorded(one, type_name(event), encode(event)) for one, event in zip(ids, events, strict=True))
    return Commit(
        STREAM,
        first,
        "stuttgart",
        CommandMark(f"command-{first}", "Command", "office", ""),
        datetime(2024, 4, 23, tzinfo=UTC),
        PERSON,
        PERSON,
        recorded,
        previous,
    )


FIRST = commit(1, GENESIS, OPENED)
SECOND = commit(2, FIRST.hash(), appointed("h-1"), appointed("h-2"))
JOURNAL = [(FIRST, FIRST.hash()), (SECOND, SECOND.hash())]
TOPIC = [
    KeptRecord(one.topic, 0, 0, one.key, one.value, one.headers)
    for written in (FIRST, SECOND)
    for one in records_of(written, "members")
]


def keys(event: SeatGroupOpened | DelegateAppointed, envelope: Envelope) -> Iterable[str]:
    names = event.seats if isinstance(event, SeatGroupOpened) else (event.seat,)
    return [f"{envelope.conference}/{name}" for name in names]


def fold(document: Document | None, event: SeatGroupOpened | DelegateAppointed, envelope: Envelope) -> Document:
    return {"occupied": isinstance(event, DelegateAppointed)}


PROJECTIONS = (projection("seats", fold, keys),)


async def each(things: Iterable[T]) -> AsyncIterator[T]:
    for thing in things:
        yield thing


def heard(
    topic: Sequence[KeptRecord], journal: Sequence[tuple[Commit, Hash]] = JOURNAL
) -> tuple[list[str], list[str], Heard]:
    """What differs, and the places of events that the journal does not have so."""
    findings, unknown = Findings("members"), list[str]()
    hearing = Heard(findings)
    for one, stored in journal:
        hearing.expect(one, stored)
    for record in topic:
        if (arrival := event_of(record, frozenset(), findings)) and not hearing.hear(arrival):
            unknown.append(f"{arrival.envelope.stream}:{arrival.envelope.sequence}")
    hearing.compare()
    return findings.sentences(), unknown, hearing


def folded(topic: Sequence[KeptRecord], dropped: frozenset[str] = frozenset()) -> tuple[Findings, Folded]:
    findings = Findings("members")
    folding = Folded(findings, PROJECTIONS, dropped)
    for record in topic:
        if arrival := event_of(record, folding.wanted, findings):
            folding.take(arrival)
    return findings, folding


def test_what_agrees_is_silent_and_duplicates_are_only_counted() -> None:
    assert heard(TOPIC)[0] == []
    sentences, unknown, hearing = heard([TOPIC[0], TOPIC[1], TOPIC[1], TOPIC[2], TOPIC[0]])
    assert (sentences, unknown, hearing.events, hearing.duplicates) == ([], [], 3, 2)


FORGED = replace(TOPIC[1], value=b'{"seat": "other"}')


@pytest.mark.parametrize(
    ("topic", "sentence"),
    [
        (TOPIC[:2], f"members: an event is missing in the topic: {STREAM}:3"),
        ([], f"members: an event is missing in the topic: {STREAM}:1, {STREAM}:2, {STREAM}:3"),
        ([TOPIC[0], TOPIC[2], TOPIC[1]], f"members: the topic's order is broken: {STREAM}:3"),
        ([*TOPIC, replace(TOPIC[0], headers=[])], "members: a record is no event: kpk.members.v1:0:0"),
    ],
)
def test_a_topic_that_says_something_else(topic: Sequence[KeptRecord], sentence: str) -> None:
    assert heard(topic)[:2] == ([sentence], [])


@pytest.mark.parametrize(
    "forged",
    [
        FORGED,
        replace(TOPIC[1], value=None),
        replace(TOPIC[1], headers=[*(dict(TOPIC[1].headers) | {"ce_id": derived_id("stranger").encode()}).items()]),
    ],
)
def test_what_the_journal_has_not_so_is_told_before_or_behind_the_right_one(forged: KeptRecord) -> None:
    assert heard([*TOPIC, forged])[:2] == ([], [f"{STREAM}:2"])
    assert heard([TOPIC[0], forged, *TOPIC[1:]])[:2] == ([], [f"{STREAM}:2"])


def test_what_is_in_no_journal() -> None:
    assert heard(TOPIC, JOURNAL[:1])[:2] == ([], [f"{STREAM}:2", f"{STREAM}:3"])
    assert heard(TOPIC, [])[:2] == ([], [f"{STREAM}:{number}" for number in (1, 2, 3)])


def test_what_is_decided_meanwhile_is_counted_once() -> None:
    later = event_of(TOPIC[0], frozenset(), Findings("members"))
    assert later
    hearing = Heard(Findings("members"))
    hearing.hear_later(later)
    hearing.hear_later(later)
    assert (hearing.events, hearing.duplicates) == (1, 1)


def test_a_history_changed_by_hand_shows() -> None:
    changed = FIRST._replace(at=datetime(2023, 1, 1, tzinfo=UTC))
    assert heard(TOPIC, [(changed, FIRST.hash()), JOURNAL[1]])[0] == [
        f"members: the journal's hash chain is broken at: {STREAM}:1"
    ]
    assert heard(TOPIC, [(changed, changed.hash()), JOURNAL[1]])[0] == [
        f"members: the journal's hash chain is broken at: {STREAM}:2"
    ]


def test_a_commit_taken_out_shows() -> None:
    assert heard(TOPIC[1:], JOURNAL[1:])[0] == [
        f"members: the journal has a gap before: {STREAM}:2",
        f"members: the journal's hash chain is broken at: {STREAM}:2",
        f"members: the topic's order is broken: {STREAM}:2",
    ]


async def test_many_examples_become_a_number() -> None:
    findings = Findings("members")
    for number in range(10):
        findings.add("something", str(number))
    assert findings.sentences() == ["members: something: 0, 1, 2 and 7 more"]


def seats() -> list[Document]:
    return list(folded(TOPIC)[1].documents.values())


async def test_views_that_are_what_their_events_make_are_silent() -> None:
    findings, folding = folded([*TOPIC, *TOPIC])
    await folding.compare_projection("seats", each(seats()))
    await folding.compare_positions(each([{"_id": STREAM, "last": 3}]))
    assert findings.sentences() == []


async def test_a_partition_that_is_settled_is_compared_as_well() -> None:
    stored = seats()
    findings, folding = folded(TOPIC)
    folding.settle()
    assert not folding.documents
    await folding.compare_projection("seats", each([{**stored[0], "occupied": False}]))
    assert findings.sentences() == [
        "members: projection seats differs from its events at: stuttgart/h-1",
        "members: projection seats lacks a document: stuttgart/h-2",
    ]


async def test_views_that_differ_in_any_way() -> None:
    findings, folding = folded(TOPIC)
    changed, _ = seats()
    stored = [{**changed, "occupied": False}, {"_id": "stuttgart/h-3"}]
    await folding.compare_projection("seats", each(stored))
    assert findings.sentences() == [
        "members: projection seats differs from its events at: stuttgart/h-1",
        "members: projection seats has a document that no event made: stuttgart/h-3",
        "members: projection seats lacks a document: stuttgart/h-2",
    ]


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ([], f"members: the position is missing: {STREAM}:3"),
        ([{"_id": STREAM, "last": 2}], f"members: the position differs from the topic's: {STREAM}:2"),
    ],
)
async def test_positions_that_differ(stored: list[Document], sentence: str) -> None:
    findings, folding = folded(TOPIC)
    await folding.compare_positions(each(stored))
    assert findings.sentences() == [sentence]


def test_what_an_operator_dropped_is_stepped_over() -> None:
    _, folding = folded(TOPIC, dropped=frozenset({SECOND.events[0].id}))
    assert [seat["occupied"] for seat in folding.documents.values()] == [False, True]
    assert folding.positions == {STREAM: 3}


def test_behind_what_can_not_be_read_nothing_is_folded() -> None:
    findings, folding = folded([TOPIC[0], replace(TOPIC[1], value=b"{}"), TOPIC[2]])
    assert findings.sentences() == [f"members: an event cannot be read: {STREAM}:2"]
    assert folding.positions == {STREAM: 1}


KEPT = {"a": person_head(2, {"name": "A"}), "gone": person_head(3, None)}


@pytest.mark.parametrize(
    ("other", "sentences"),
    [
        (KEPT, []),
        ({"a": KEPT["a"]}, []),
        ({"gone": KEPT["gone"]}, ["people: the topic differs about: a"]),
        ({**KEPT, "a": person_head(1, {"name": "A"})}, ["people: the topic differs about: a"]),
        ({**KEPT, "gone": person_head(2, {"name": "G"})}, ["people: the topic differs about: gone"]),
        ({**KEPT, "b": person_head(1, None)}, ["people: the topic knows somebody who is not kept: b"]),
    ],
)
def test_people(other: dict[str, tuple[int, bytes | None]], sentences: list[str]) -> None:
    findings = Findings("people")
    compare_people(findings, "the topic", KEPT, other)
    assert findings.sentences() == sentences
