"""The events that are measured: organisations that register for seat groups, as the members service publishes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

from shared.contracts.members import (
    SERVICE,
    ConferenceEstablished,
    OrganisationRegistered,
    RulesOfProcedure,
    SeatGroupOpened,
)
from shared.contracts.registry import encode, type_name
from shared.contracts.topics import events_of
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id, stream_name
from shared.runtime.commands.commit import GENESIS, CommandMark, Commit, Hash, Recorded, event_id, to_document
from shared.runtime.commands.journal import Journal
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.mongo.driver import Collection, Document
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import Outgoing, records_of

TOPIC = events_of(SERVICE).name
CONFERENCE = "stuttgart"
AT = datetime(2024, 4, 23, 12, tzinfo=UTC)
AT_ONCE = 10_000

Told = Callable[[int, int], Event]
"""What is said in a stream, at a number from 1 on."""

NAME = (
    "Evangelische Heimstiftung – ambulanter Pflegedienst und Tagespflege Nummer {number}, Träger der teilstationären "
    "und vollstationären Pflege sowie der Beratung Angehöriger in Stuttgart-Möhringen und Bad Cannstatt"
)


def group_of(number: int) -> str:
    return f"group-{number}"


def stream_of(number: int) -> str:
    return stream_name(CONFERENCE, "seat-group", group_of(number))


def registered(stream: int, sequence: int) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=organisation(sequence), name=NAME.format(number=sequence), group=group_of(stream)
    )


def organisation(sequence: int) -> str:
    return f"organisation-{sequence}"


def opened(stream: int) -> SeatGroupOpened:
    group = group_of(stream)
    return SeatGroupOpened(group=group, number=9, name="Kliniken", kind="delegated", seats=(f"{group}-1",))


def opened_and_registered(stream: int, sequence: int) -> Event:
    """As the members service itself can fold them: a group is opened before anybody registers for it."""
    return opened(stream) if sequence == 1 else registered(stream, sequence)


def commits(events: int, streams: int, first: int = 0, told: Told = registered) -> Iterator[Commit]:
    """One event each, the streams (numbered from ``first`` on) in turn, chained as the service would write them."""
    heads: dict[int, Hash] = {}
    for number in range(events):
        stream, sequence = first + number % streams, number // streams + 1
        commit = commit_of(stream_of(stream), sequence, told(stream, sequence), heads.get(stream, GENESIS))
        heads[stream] = commit.hash()
        yield commit


def established() -> Iterator[Commit]:
    """Without the conference nobody may register."""
    about = {"name": "Pflegekonferenz", "reference": "GRDrs", "office": "Amt", "committee": "Ausschuss"}
    conference = stream_name(CONFERENCE, "conference", CONFERENCE)
    yield commit_of(conference, 1, ConferenceEstablished(**about, rules=RulesOfProcedure()), GENESIS)


def opened_groups(streams: int, first: int = 0) -> Iterator[Commit]:
    """For as many seat groups (numbered from ``first`` on) the first commit: without it nobody may register."""
    for stream in range(first, first + streams):
        yield commit_of(stream_of(stream), 1, opened(stream), GENESIS)


def commit_of(
    stream: str,
    sequence: int,
    event: Event,
    previous: Hash = GENESIS,
    at: datetime = AT,
    kind: str = "RegisterOrganisation",
) -> Commit:
    """One event, as a command of this kind would have left it."""
    command = derived_id("bench", stream, str(sequence))
    return Commit(
        stream=stream,
        first=sequence,
        conference=CONFERENCE,
        command=CommandMark(f"office:{command}", kind, "office", GENESIS),
        at=at,
        correlation=command,
        causation=command,
        events=(Recorded(event_id(command, 0), type_name(event), encode(event)),),
        previous=previous,
    )


def records(events: int, streams: int) -> Iterator[Outgoing]:
    for commit in commits(events, streams):
        yield from records_of(commit, SERVICE)


async def fill_topic(bootstrap: str, events: int, streams: int, topic: str = TOPIC) -> None:
    publisher = KafkaPublisher(KafkaAccess(bootstrap))
    coming = (record._replace(topic=topic) for record in records(events, streams))
    try:
        await publisher.connect()
        while batch := list(islice(coming, AT_ONCE)):
            if not all(await publisher.publish(batch)):
                raise RuntimeError("kafka refused what is to be measured")
    finally:
        await publisher.close()


async def fill_journal(collection: Collection, coming: Iterator[Commit], published: bool) -> None:
    """As so many commands would have left it, with the indexes that the service makes."""
    await Journal(collection).prepare()
    writer = {} if published else {"writer": "bench"}
    documents = ({**to_document(commit), **writer} for commit in coming)
    while batch := list(islice(documents, AT_ONCE)):
        await collection.insert_many(batch, ordered=True)


def documents(events: int, streams: int) -> list[Document]:
    return [to_document(commit) for commit in commits(events, streams)]
