"""A run as the checks look at it: the history by key, the journal by place, the topics by what their headers say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.campaign.dump import Document, Dump, Record, waiting
from tests.campaign.history import Line

# Written down once more, on purpose: were a subscription lost in the product, it would be missed here.
HEARS: Mapping[str, tuple[str, ...]] = {
    "members": ("kpk.members.v1",),
    "meetings": ("kpk.members.v1", "kpk.meetings.v1"),
    "funding": ("kpk.members.v1", "kpk.meetings.v1", "kpk.funding.v1"),
    "notifications": ("kpk.members.v1", "kpk.meetings.v1", "kpk.funding.v1", "kpk.notifications.v1"),
}
SERVICES = tuple(HEARS)
PEOPLE = "kpk.people.v1"
TOPICS = (*(f"kpk.{service}.v1" for service in SERVICES), PEOPLE)
CANARY = re.compile("zeisig", re.IGNORECASE)
"""Every invented name begins so, and nothing else does."""


Place3 = tuple[str, int, int]
"""Topic, partition and offset."""


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Decided:
    """An event as it stands in a journal."""

    service: str
    stream: str
    sequence: int
    id: str
    type: str
    data: str
    command: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A record whose headers could be read."""

    record: Record
    stream: str
    sequence: int
    id: str
    type: str
    planted: bool

    @property
    def where(self) -> str:
        return f"{self.stream}:{self.sequence}"

    @property
    def parked_as(self) -> str:
        return f"{self.where}:{self.id}"


@dataclass(frozen=True)
class Evidence:
    history: Sequence[Line]
    dump: Dump

    @cached_property
    def decided(self) -> list[Decided]:
        """Every event of every journal, stream by stream in order."""
        return [one for service in SERVICES for commit in self.commits(service) for one in _events(service, commit)]

    @cached_property
    def decided_by_id(self) -> dict[str, Decided]:
        return {one.id: one for one in self.decided}

    def commits(self, service: str) -> list[Document]:
        return sorted(self.dump.collection(service, "journal"), key=lambda one: (one["stream"], one["first"]))

    def unpublished(self, service: str) -> list[str]:
        kept = (self.dump.collection(service, name) for name in ("journal", "published_up_to", "unpublished"))
        return waiting(*kept)

    @cached_property
    def heard(self) -> list[Heard]:
        """Every readable record of the event topics, in the order of topic, partition and offset."""
        read = (_heard(record, place_of(record) in self.planted) for record in self.dump.records)
        return [one for one in read if one is not None and one.record.topic != PEOPLE]

    @cached_property
    def heard_at(self) -> dict[Place3, Heard]:
        return {place_of(one.record): one for one in self.heard}

    @cached_property
    def people_records(self) -> list[Record]:
        return [record for record in self.dump.records if record.topic == PEOPLE]

    @cached_property
    def planted(self) -> dict[Place3, Line]:
        """Records that a fault wrote itself, by their place; they say what each service is to make of them."""
        lines = self.lines("planted")
        return {(line["topic"], line["partition"], line["offset"]): line for line in lines}

    def lines(self, *kinds: str) -> list[Line]:
        return [line for line in self.history if line["type"] in kinds]

    @cached_property
    def people(self) -> dict[str, Line]:
        """Everybody whom the load made up, by id."""
        return {line["person"]: line for line in self.lines("person")}

    @cached_property
    def positions(self) -> dict[str, dict[str, Document]]:
        return {
            service: {row["_id"]: row for row in self.dump.collection(service, "positions")} for service in SERVICES
        }

    @cached_property
    def parked(self) -> dict[str, dict[Place3, Document]]:
        """service → where the record lies → its row."""
        return {
            service: {
                (row["topic"], row["partition"], row["offset"]): row for row in self.dump.collection(service, "parked")
            }
            for service in SERVICES
        }

    @cached_property
    def parked_ids(self) -> dict[str, dict[str, Document]]:
        """service → ``stream:sequence:event`` → its row: a record that comes twice is parked once."""
        return {service: {row["_id"]: row for row in rows.values()} for service, rows in self.parked.items()}

    @cached_property
    def given_up(self) -> dict[str, set[str]]:
        """service → ids of the events that an operator stepped over."""
        found: dict[str, set[str]] = defaultdict(set)
        for service in SERVICES:
            for row in self.dump.collection(service, "parked_dropped"):
                if row["reason"] != "fork" and row["event"]:
                    found[service].add(row["event"])
        return found


def place_of(record: Record) -> Place3:
    return record.topic, record.partition, record.offset


def _events(service: str, commit: Document) -> list[Decided]:
    return [
        Decided(
            service,
            commit["stream"],
            commit["first"] + place,
            one["id"],
            one["type"],
            one["data"],
            commit["command"]["id"],
        )
        for place, one in enumerate(commit["events"])
    ]


def _heard(record: Record, planted: bool) -> Heard | None:
    """None when the headers are not those of an event, or not fitting to key and topic."""
    texts = _texts(record)
    stream, number = texts.get("ce_subject", ""), texts.get("ce_sequence", "")
    owner = record.topic.split(".")[1]
    fits = record.key == stream.encode() and texts.get("ce_source") == f"urn:kpk:{owner}"
    if not fits or not number.isdecimal() or "ce_id" not in texts or "ce_type" not in texts:
        return None
    return Heard(record, stream, int(number), texts["ce_id"], texts["ce_type"], planted)


def _texts(record: Record) -> dict[str, str]:
    try:
        return {name: value.decode() for name, value in record.headers if value is not None}
    except UnicodeDecodeError:
        return {}
