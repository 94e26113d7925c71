"""`kpk watch`: what happens, as it happens, in business words."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.installation import installation
from deploy.kpk.options import somewhere
from deploy.kpk.sentences import fields_of, plain, sentence_of_record
from deploy.kpk.stack import Data
from shared.contracts.envelope import Envelope, Malformed, read_headers
from shared.contracts.topics import PEOPLE, TOPICS
from shared.kernel.time import BERLIN, iso
from shared.runtime.kafka.reader import follow
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.publishing.state_topics import NO_CONFERENCE

AGO = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Since = Annotated[
    str | None,
    typer.Option(help="start, 30m, 2h, 3d or a moment (2026-01-31T10:00:00+01:00); by default from now on."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    conference: str | None = None
    service: str | None = None
    type: str | None = None
    stream: str | None = None

    def takes(self, envelope: Envelope) -> bool:
        return (
            self.conference in (None, envelope.conference)
            and self.service in (None, service_of(envelope))
            and (self.type is None or self.type.lower() in names_of(envelope))
            and (self.stream is None or envelope.stream.startswith(self.stream))
        )


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(watch))


def watch(
    data: Data = None,
    conference: Annotated[str | None, typer.Option(help="Only this conference.")] = None,
    service: Annotated[str | None, typer.Option(help="Only what this service says.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only this event, e.g. DelegateAppointed.")] = None,
    stream: Annotated[str | None, typer.Option(help="Only streams that begin so.")] = None,
    since: Since = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Show the events of all topics live, in business words, until Ctrl-C."""
    begin = moment_of(since, datetime.now(UTC)) if since else None
    wanted = Wanted(conference, service, type_, stream)
    try:
        asyncio.run(show(installation(data).kafka_bootstrap, wanted, begin, as_json))
    except (KeyboardInterrupt, BrokenPipeError):
        return


async def show(bootstrap: str, wanted: Wanted, since: datetime | None, as_json: bool) -> None:
    async for records in follow(bootstrap, [topic.name for topic in TOPICS], since):
        for line in lines_of(in_order(records), wanted, as_json):
            typer.echo(line)


def in_order(records: Sequence[KafkaRecord]) -> list[tuple[KafkaRecord, Envelope | None]]:
    """A batch by the time of its events; within a stream by sequence. What has no readable headers comes first."""
    read = [(record, envelope_of(record)) for record in records]
    return sorted(read, key=lambda one: (one[1].time, one[1].stream, one[1].sequence) if one[1] else (BEGINNING, "", 0))


def lines_of(read: Sequence[tuple[KafkaRecord, Envelope | None]], wanted: Wanted, as_json: bool = False) -> list[str]:
    lines = []
    for record, envelope in read:
        if envelope is None:
            if wanted == Wanted():
                lines.append(unreadable(record, as_json))
        elif envelope.conference != NO_CONFERENCE and wanted.takes(envelope):
            lines.append(json_line(record, envelope) if as_json else text_line(record, envelope))
    return lines


def envelope_of(record: KafkaRecord) -> Envelope | None:
    try:
        return read_headers(record.headers)
    except Malformed:
        return None


def text_line(record: KafkaRecord, envelope: Envelope) -> str:
    time = f"{envelope.time.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"
    sentence = sentence_of_record(envelope.type, record)
    return f"{time}  {plain(envelope.conference):<12}  {plain(service_of(envelope)):<13}  {sentence}"


def json_line(record: KafkaRecord, envelope: Envelope) -> str:
    told: dict[str, Any] = {
        "time": iso(envelope.time),
        "conference": envelope.conference,
        "service": service_of(envelope),
        "type": envelope.type,
        "stream": envelope.stream,
        "sequence": envelope.sequence,
        "id": envelope.id,
        "correlation": envelope.correlation,
        "causation": envelope.causation,
        "sentence": sentence_of_record(envelope.type, record),
    }
    if record.topic != PEOPLE.name:
        told["data"] = fields_of(record.value)
    return json.dumps(told, ensure_ascii=False)


def unreadable(record: KafkaRecord, as_json: bool) -> str:
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    if as_json:
        return json.dumps({**place, "sentence": "a record that is no event"})
    return f"a record that is no event: {record.topic}, partition {record.partition}, offset {record.offset}"


def service_of(envelope: Envelope) -> str:
    return envelope.source.rpartition(":")[2]


def names_of(envelope: Envelope) -> set[str]:
    """``kpk.members.DelegateAppointed.v1`` may be called so, without its version, or by its own name alone."""
    name = envelope.type_and_version[0]
    return {envelope.type.lower(), name.lower(), name.rpartition(".")[2].lower()}


def moment_of(text: str, now: datetime) -> datetime:
    if text == "start":
        return BEGINNING
    if ago := AGO.fullmatch(text):
        return now - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--since {text} is not understood: say start, 30m, 2h, 3d or a moment") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)
