"""Reads a raw Kafka record: returns its content, or the reason why it cannot be taken. Pure, and it never raises."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import ValidationError

from shared.contracts.envelope import Envelope, Malformed
from shared.contracts.registry import READ_AS, STATES, decode
from shared.contracts.spoken import SPEAKERS
from shared.kernel.decider import Event
from shared.kernel.values import Value
from shared.runtime.commands.commit import Place
from shared.runtime.delivery.parked import QUARANTINE, ParkedRow, row_id_of
from shared.runtime.kafka.record import KafkaRecord

VERSIONLESS = frozenset(name.rpartition(".v")[0] for name in READ_AS)


class Received(NamedTuple):
    """A record with a place in a stream.

    ``event`` is None if the service does not use it; ``problem`` says without values why it cannot be applied.
    """

    record: KafkaRecord
    envelope: Envelope
    event: Event | None = None
    problem: str | None = None

    @property
    def place(self) -> Place:
        return self.envelope.stream, self.envelope.sequence

    @property
    def row_id(self) -> str:
        """The id of its parked row."""
        return row_id_of(self.envelope.stream, self.envelope.sequence, self.envelope.id)

    def parked(self, reason: str, problem: str) -> ParkedRow:
        envelope = self.envelope
        return ParkedRow(reason, problem, self.record, envelope.stream, envelope.sequence, envelope.id)


@dataclass(frozen=True, slots=True)
class ReceivedState:
    """A key's present state on a compacted topic (None: it is gone)."""

    record: KafkaRecord
    envelope: Envelope
    details: Value | None

    @property
    def topic(self) -> str:
        return self.record.topic

    @property
    def key(self) -> str:
        return self.envelope.stream

    @property
    def version(self) -> int:
        return self.envelope.sequence

    @property
    def state(self) -> tuple[str, int, Value | None]:
        return self.key, self.version, self.details


@dataclass
class ReceivedBatch:
    """A batch's records, read or quarantined: events by stream and states by topic, in order."""

    events: dict[str, list[Received]] = field(default_factory=dict)
    states: dict[str, list[ReceivedState]] = field(default_factory=dict)
    quarantined: list[ParkedRow] = field(default_factory=list)


def read_all(records: Iterable[KafkaRecord], wanted: AbstractSet[type[Event]]) -> ReceivedBatch:
    batch = ReceivedBatch()
    for record in records:
        match read_state(record) if record.topic in STATES else read_event(record, wanted):
            case Received() as received:
                batch.events.setdefault(received.envelope.stream, []).append(received)
            case ReceivedState() as state:
                batch.states.setdefault(state.topic, []).append(state)
            case ParkedRow() as row:
                batch.quarantined.append(row)
    return batch


def read_event(record: KafkaRecord, wanted: AbstractSet[type[Event]]) -> Received | ParkedRow:
    """The record's place and, if ``wanted``, its event; a quarantine row if its headers cannot be trusted."""
    try:
        envelope = SPEAKERS[record.topic].read(record.key, record.headers)
    except Malformed as error:
        return ParkedRow(QUARANTINE, str(error), record)
    if record.value is None:
        return Received(record, envelope, problem="the value is null")
    kind = READ_AS.get(envelope.type)
    if kind is None and envelope.type_and_version[0] in VERSIONLESS:
        return Received(record, envelope, problem="this version of the type is not known here")
    if kind is None or kind not in wanted:
        return Received(record, envelope)
    try:
        return Received(record, envelope, decode(envelope.type, record.value))
    except ValidationError as error:
        return Received(record, envelope, problem=_where(error))


def read_state(record: KafkaRecord) -> ReceivedState | ParkedRow:
    try:
        envelope = SPEAKERS[record.topic].read(record.key, record.headers)
        details = None if record.value is None else STATES[record.topic].model.model_validate_json(record.value)
    except Malformed as error:
        return ParkedRow(QUARANTINE, str(error), record)
    except ValidationError as error:
        return ParkedRow(QUARANTINE, _where(error), record)
    return ReceivedState(record, envelope, details)


def _where(error: ValidationError) -> str:
    """Field and rule of the first fault, without the value, which may be anything."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"data: {'.'.join(map(str, fault['loc'])) or 'value'}: {fault['type']}"
