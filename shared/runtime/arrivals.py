"""From a raw Kafka record to what it says, or to the reason why it can not be taken. Pure, and it never raises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from pydantic import ValidationError

from shared.contracts.envelope import Envelope, Malformed, read_headers, source_of
from shared.contracts.people import PersonDetails
from shared.contracts.registry import EVENTS, decode
from shared.contracts.topics import PEOPLE, TOPICS
from shared.kernel.decider import Event
from shared.runtime.parked import QUARANTINE, ParkedRow, RawRecord, row_id_of

SOURCES: Mapping[str, str] = {topic.name: source_of(topic.owner) for topic in TOPICS}
VERSIONLESS = frozenset(name.rpartition(".v")[0] for name in EVENTS)


class Arrival(NamedTuple):
    """A record that has its place in a stream.

    ``event`` is None when the service has no use for it; ``problem`` says why it can not be applied, without values.
    """

    record: RawRecord
    envelope: Envelope
    event: Event | None = None
    problem: str | None = None

    @property
    def row_id(self) -> str:
        """Under which it would be parked."""
        return row_id_of(self.envelope.stream, self.envelope.sequence, self.envelope.id)

    def parked(self, reason: str, problem: str) -> ParkedRow:
        envelope = self.envelope
        return ParkedRow(reason, problem, self.record, envelope.stream, envelope.sequence, envelope.id)


@dataclass(frozen=True, slots=True)
class PersonArrival:
    """The current state of a person (None: erased) from the compacted topic."""

    envelope: Envelope
    details: PersonDetails | None

    @property
    def person(self) -> str:
        return self.envelope.stream

    @property
    def version(self) -> int:
        return self.envelope.sequence


@dataclass
class Arrived:
    """A batch's records, understood or quarantined; events by their streams, in the order of arrival."""

    events: dict[str, list[Arrival]] = field(default_factory=dict)
    people: list[PersonArrival] = field(default_factory=list)
    quarantined: list[ParkedRow] = field(default_factory=list)


def read_all(records: Iterable[RawRecord], wanted: AbstractSet[type[Event]]) -> Arrived:
    arrived = Arrived()
    for record in records:
        match read_person(record) if record.topic == PEOPLE.name else read_event(record, wanted):
            case Arrival() as arrival:
                arrived.events.setdefault(arrival.envelope.stream, []).append(arrival)
            case PersonArrival() as person:
                arrived.people.append(person)
            case ParkedRow() as row:
                arrived.quarantined.append(row)
    return arrived


def runs(records: Iterable[RawRecord]) -> Iterator[tuple[str, int, int, int]]:
    """What lies together in a batch: topic, partition, the first offset, and the one behind the last."""
    for (topic, partition), run in groupby(records, attrgetter("topic", "partition")):
        offsets = [record.offset for record in run]
        yield topic, partition, offsets[0], offsets[-1] + 1


def read_event(record: RawRecord, wanted: AbstractSet[type[Event]]) -> Arrival | ParkedRow:
    """The record's place and, where ``wanted``, its event; a quarantine row when its headers can not be trusted."""
    try:
        envelope = _trusted(record)
    except Malformed as error:
        return ParkedRow(QUARANTINE, str(error), record)
    if record.value is None:
        return Arrival(record, envelope, problem="the value is null")
    kind = EVENTS.get(envelope.type)
    if kind is None and envelope.type_and_version[0] in VERSIONLESS:
        return Arrival(record, envelope, problem="this version of the type is not known here")
    if kind is None or kind not in wanted:
        return Arrival(record, envelope)
    try:
        return Arrival(record, envelope, decode(envelope.type, record.value))
    except ValidationError as error:
        return Arrival(record, envelope, problem=_where(error))


def read_person(record: RawRecord) -> PersonArrival | ParkedRow:
    try:
        envelope = _trusted(record)
        details = None if record.value is None else PersonDetails.model_validate_json(record.value)
    except Malformed as error:
        return ParkedRow(QUARANTINE, str(error), record)
    except ValidationError as error:
        return ParkedRow(QUARANTINE, _where(error), record)
    return PersonArrival(envelope, details)


def _trusted(record: RawRecord) -> Envelope:
    envelope = read_headers(record.headers)
    if envelope.source != SOURCES[record.topic]:
        raise Malformed("header ce_source is not the topic's owner")
    if record.key != envelope.stream.encode():
        raise Malformed("header ce_subject is not the key")
    return envelope


def _where(error: ValidationError) -> str:
    """Field and rule of the first fault: never the value, which may be anything."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"data: {'.'.join(map(str, fault['loc'])) or 'value'}: {fault['type']}"
