"""The evidence, sorted: what checks of every kind ask for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from shared.contracts.envelope import Envelope, Malformed, read_headers
from shared.contracts.topics import PEOPLE, events_of
from shared.kernel.time import utc
from tests.storms.evidence import Document, Evidence, ServiceState
from tests.storms.world.topic import Stored


@dataclass(frozen=True, slots=True)
class Place:
    """An event of a journal, with its commit."""

    stream: str
    sequence: int
    id: str
    type: str
    data: str
    commit: Document

    @property
    def name(self) -> str:
        return f"{self.stream}:{self.sequence}"


class Case:
    """The evidence, sorted."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    @cached_property
    def commits(self) -> dict[str, list[Document]]:
        """By service, each stream in order."""
        return {
            service: sorted(state.documents("journal").values(), key=lambda one: (one["stream"], one["first"]))
            for service, state in self.evidence.services.items()
        }

    @cached_property
    def events(self) -> dict[str, list[Place]]:
        """Also of members where it does not run: what it had told before the storm."""
        decided = {
            service: [
                Place(commit["stream"], commit["first"] + n, told["id"], told["type"], told["data"], commit)
                for commit in commits
                for n, told in enumerate(commit["events"])
            ]
            for service, commits in self.commits.items()
        }
        return {"members": self._told_before(), **decided}

    def _told_before(self) -> list[Place]:
        told = [one for one in self.evidence.records if one.topic == events_of("members").name and not one.planted]
        return [_place_of(record) for record in told]

    @cached_property
    def heard(self) -> dict[str, list[tuple[Stored, Envelope]]]:
        """By topic what can be read of it and is not forged, in order of offsets."""
        return self._read[0]

    @cached_property
    def forged(self) -> list[Stored]:
        """What a stranger said in a service's name: nothing that is in its journal."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[dict[str, list[tuple[Stored, Envelope]]], list[Stored]]:
        heard, forged = defaultdict[str, list[tuple[Stored, Envelope]]](list), list[Stored]()
        decided = {place.id for places in self.events.values() for place in places}
        for record in self.evidence.records:
            try:
                envelope = read_headers(record.headers)
            except Malformed:
                assert record.planted, "our own records can be read"
                continue
            if record.planted and record.topic != PEOPLE.name and envelope.id not in decided:
                forged.append(record)
            else:
                heard[record.topic].append((record, envelope))
        return heard, forged


def _place_of(record: Stored) -> Place:
    said, data = read_headers(record.headers), (record.value or b"").decode()
    commit = {name: getattr(said, name) for name in ("conference", "correlation", "causation")}
    return Place(said.stream, said.sequence, said.id, said.type, data, {"at": said.time, **commit})


def commits_of(case: Case, service: str, key: str) -> list[Document]:
    return [commit for commit in case.commits[service] if commit["command"]["id"] == f"office:{key}"]


def subscribed(case: Case, state: ServiceState) -> list[Place]:
    return [
        place
        for service, places in case.events.items()
        if events_of(service).name in state.service.topics
        for place in places
    ]


def envelope_of(place: Place) -> Envelope:
    commit = place.commit
    return Envelope(
        id=place.id,
        type=place.type,
        source="",
        stream=place.stream,
        time=utc(commit["at"]),
        sequence=place.sequence,
        conference=commit["conference"],
        correlation=commit["correlation"],
        causation=commit["causation"],
    )
