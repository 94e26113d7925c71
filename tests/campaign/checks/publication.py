"""I4 journal and topics tell the same · I5 one place, one event · I6 in order · I13 the newest of each person."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

from tests.campaign.dump import Record
from tests.campaign.evidence import PEOPLE, SERVICES, Evidence, Heard, Violation, place_of


def told_is_decided(run: Evidence) -> Iterator[Violation]:
    told = {one.id for one in run.heard}
    for one in run.decided:
        if one.id not in told:
            yield Violation("I4", "LOST: a decided event is in no topic", f"{one.stream}:{one.sequence}")
    for heard in run.heard:
        if heard.id not in run.decided_by_id and not heard.planted:
            yield Violation("I4", "PHANTOM: a topic tells what nobody decided", heard.where)
    for record in run.dump.records:
        place = place_of(record)
        if record.topic != PEOPLE and place not in run.planted and place not in run.heard_at:
            yield Violation("I4", "PHANTOM: a record that no service wrote", ":".join(map(str, place)))


def one_place_one_event(run: Evidence) -> Iterator[Violation]:
    places: dict[tuple[str, int], str] = {}
    for one in run.decided:
        if places.setdefault((one.stream, one.sequence), one.id) != one.id:
            yield Violation("I5", "two events have one place in a journal", f"{one.stream}:{one.sequence}")
    contents: dict[tuple[str, str, int], tuple[str, bytes | None]] = {}
    for heard in run.heard:
        if heard.planted:
            continue
        content = (heard.id, heard.record.value)
        if contents.setdefault((heard.record.topic, heard.stream, heard.sequence), content) != content:
            yield Violation("I5", "two records of one place differ", heard.where)
        yield from _as_decided(run, heard)


def _as_decided(run: Evidence, heard: Heard) -> Iterator[Violation]:
    one = run.decided_by_id.get(heard.id)
    if one is None:
        return
    wanted = (f"kpk.{one.service}.v1", one.stream, one.sequence, one.type, one.data.encode())
    if wanted != (heard.record.topic, heard.stream, heard.sequence, heard.type, heard.record.value):
        yield Violation("I5", "a topic tells an event otherwise than it was decided", heard.where)


def in_order_without_a_gap(run: Evidence) -> Iterator[Violation]:
    yield from _journal_in_order(run)
    last: dict[tuple[str, str], int] = defaultdict(int)
    partitions: dict[tuple[str, str], int] = {}
    for heard in run.heard:
        if heard.planted:
            continue
        key = (heard.record.topic, heard.stream)
        if partitions.setdefault(key, heard.record.partition) != heard.record.partition:
            yield Violation("I6", "a stream lies in two partitions", heard.where)
        if heard.sequence > last[key] + 1:
            yield Violation("I6", "a topic skips an event", heard.where)
        last[key] = max(last[key], heard.sequence)


def _journal_in_order(run: Evidence) -> Iterator[Violation]:
    for service in SERVICES:
        last: dict[str, int] = defaultdict(int)
        for commit in run.commits(service):
            if commit["first"] != last[commit["stream"]] + 1:
                yield Violation("I6", "a journal skips a number", commit["_id"])
            last[commit["stream"]] = commit["last"]


def newest_of_each_person(run: Evidence) -> Iterator[Violation]:
    """The head of the compacted topic is the collection's state, null for the erased; as is notifications' copy."""
    heads: dict[str, Record] = {}
    for record in run.people_records:
        if place_of(record) not in run.planted:
            heads[(record.key or b"").decode()] = record
    copies = {row["_id"]: row for row in run.dump.collection("notifications", "contacts")}
    kept = {row["_id"]: row for row in run.dump.collection("members", "people")}
    for person, row in kept.items():
        if person not in heads or not _same(heads[person], row["version"], row["details"]):
            yield Violation("I13", "the newest record is not what is kept of a person", person)
        copy = copies.get(person, {"version": 0, "details": None})
        if (copy["version"], copy["details"]) != (row["version"], row["details"]):
            yield Violation("I13", "the copy of notifications is not what is kept of a person", person)
    for person in (heads.keys() | copies.keys()) - kept.keys():
        yield Violation("I13", "somebody is told of who is not kept", person)


def _same(record: Record, version: int, details: object) -> bool:
    said = json.loads(record.value) if record.value is not None else None
    return said == details and dict(record.headers).get("ce_sequence") == str(version).encode()
