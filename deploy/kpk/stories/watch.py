"""`kpk watch`: shows events live, as sentences."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from deploy.embedded.data_folder import Refused
from deploy.kpk.installation import again, installation
from deploy.kpk.options import Language, somewhere
from deploy.kpk.stack import Data
from deploy.kpk.stories.mails import Mails, is_about_mail
from deploy.kpk.stories.names import NAMERS, Names, own_name
from deploy.kpk.stories.sentences import Teller, fields_of, plain
from deploy.kpk.tables import console
from shared.contracts.envelope import Envelope, Malformed, read_headers
from shared.contracts.registry import PUBLIC
from shared.contracts.topics import EVENT_TOPICS, PEOPLE, PUBLIC_TOPICS
from shared.kernel.time import BERLIN, ClockIsChanged, iso, moment_in_berlin
from shared.runtime.kafka import sessions
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import KafkaUnreadable, follow, read_to_end, readable
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.publishing.state_topics import NO_CONFERENCE

AGO = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Since = Annotated[
    str | None,
    typer.Option(help="start, 30m, 2h, 3d or a time (2026-01-31T10:00:00+01:00); by default now."),
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


def watch(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    data: Data = None,
    conference: Annotated[str | None, typer.Option(help="Only this conference.")] = None,
    service: Annotated[str | None, typer.Option(help="Only events of this service.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only this event, e.g. DelegateAppointed.")] = None,
    stream: Annotated[str | None, typer.Option(help="Only streams with this beginning.")] = None,
    since: Since = None,
    public: Annotated[
        bool, typer.Option("--public", help="Only public events; names are taken from them only.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Every event of a mail, not one line for its end.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per line, for programs: every event.")
    ] = False,
) -> None:
    """Show the events of all topics live, as sentences, until Ctrl-C."""
    begin = moment_of(since, datetime.now(UTC)) if since else None
    where = installation(data)
    telling = Telling(Wanted(conference, service, type_, stream), where.language, every, as_json)
    try:
        asyncio.run(show(where.kafka, telling, begin, public=public))
    except KafkaUnreadable as error:
        raise Refused(f"{error}. See: kpk status{again(where)}") from None
    except (KeyboardInterrupt, BrokenPipeError):
        return


async def show(kafka: KafkaAccess, telling: Telling, since: datetime | None, *, public: bool = False) -> None:
    """Names are learned from earlier events, which are read but not shown. Public events contain their names."""
    sessions.renew()
    begin = since or datetime.now(UTC)
    if begin > BEGINNING and not public:
        with console.status("reading what things are called") if console.is_terminal else nullcontext():
            await learn(kafka, telling)
    topics = [topic.name for topic in PUBLIC_TOPICS] if public else await told_of(kafka)
    async for records in follow(kafka, topics, begin, when):
        for line in telling.lines(records):
            typer.echo(line)


async def told_of(kafka: KafkaAccess) -> list[str]:
    """The people topic only if the user may read it; a missing topic of events is an error."""
    return [*(topic.name for topic in EVENT_TOPICS), *await readable(kafka, [PEOPLE.name])]


async def learn(kafka: KafkaAccess, telling: Telling) -> None:
    topics = [topic.name for topic in EVENT_TOPICS if topic.owner != "notifications"]
    async for records in read_to_end(kafka, topics):
        for record in records:
            if type_of(record) in NAMERS and (envelope := envelope_of(record)):
                telling.learn(envelope, record)


class Telling:
    """How records are shown. Remembers names and unfinished mails, up to a limit of each."""

    def __init__(
        self, wanted: Wanted | None = None, language: Language = "en", every: bool = False, as_json: bool = False
    ) -> None:
        self._wanted = wanted or Wanted()
        self._as_json = as_json
        self._folds = not (every or as_json or self._wanted.type)
        self._names = Names()
        self._teller = Teller(language, self._names)
        self._mails = Mails(self._teller)

    def learn(self, envelope: Envelope, record: KafkaRecord) -> None:
        if own_name(envelope.type) in NAMERS and envelope.type not in PUBLIC:
            self._names.learn(envelope, fields_of(record.value))

    def lines(self, records: Sequence[KafkaRecord]) -> list[str]:
        """For a batch, in the order of its events."""
        return [line for record, envelope in in_order(records) if (line := self._line(record, envelope))]

    def _line(self, record: KafkaRecord, envelope: Envelope | None) -> str | None:
        if envelope is None:
            return unreadable(record, self._as_json) if self._wanted == Wanted() else None
        if envelope.conference == NO_CONFERENCE:
            return None
        self.learn(envelope, record)
        folded = self._folds and is_about_mail(envelope)
        if folded:
            sentence = self._mails.fold(envelope, fields_of(record.value))
        else:
            sentence = self._teller.record(envelope.type, record, envelope.conference)
        if sentence is None or not self._wanted.takes(envelope):
            return None
        return json_line(record, envelope, sentence) if self._as_json else text_line(envelope, sentence)


def in_order(records: Sequence[KafkaRecord]) -> list[tuple[KafkaRecord, Envelope | None]]:
    """A batch by the time of its events; within a stream by sequence. Records without readable headers come first."""
    read = [(record, envelope_of(record)) for record in records]
    return sorted(read, key=lambda one: (one[1].time, one[1].stream, one[1].sequence) if one[1] else (BEGINNING, "", 0))


def when(record: KafkaRecord) -> float:
    """An event's own time; for other records the time of arrival."""
    envelope = envelope_of(record)
    return envelope.time.timestamp() if envelope else record.timestamp / 1000


def envelope_of(record: KafkaRecord) -> Envelope | None:
    try:
        return read_headers(record.headers)
    except Malformed:
        return None


def type_of(record: KafkaRecord) -> str:
    """Its event's own name, without reading more than needed."""
    name = next((value for header, value in record.headers if header == "ce_type"), None) or b""
    parts = name.decode(errors="replace").split(".")
    return parts[-2] if len(parts) > 2 else ""


def text_line(envelope: Envelope, sentence: str) -> str:
    time = f"{envelope.time.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}"
    return f"{time}  {plain(envelope.conference):<12}  {plain(service_of(envelope)):<13}  {sentence}"


def json_line(record: KafkaRecord, envelope: Envelope, sentence: str) -> str:
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
        "sentence": sentence,
    }
    if (previous := dict(record.headers).get("ce_previous")) is not None:
        told["previous"] = previous.decode(errors="replace")
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
    """``kpk.members.DelegateAppointed.v1`` may be written so, without its version, or by its own name alone."""
    name = envelope.type_and_version[0]
    return {envelope.type.lower(), name.lower(), name.rpartition(".")[2].lower()}


def moment_of(text: str, now: datetime) -> datetime:
    if text == "start":
        return BEGINNING
    if ago := AGO.fullmatch(text):
        return now - min(now - BEGINNING, timedelta(**{UNITS[ago[2]]: int(ago[1])}))
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment_in_berlin(moment.date(), moment.time())
    except ClockIsChanged as why:
        raise Refused(f"--since {text} is no one moment: {why}") from None
    except ValueError:
        raise Refused(f"--since {text} is not understood: say start, 30m, 2h, 3d or a moment") from None
