"""I14 after healing nothing waits · and what an outsider has read of the topics stays as he read it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.campaign.dump import Record
from tests.campaign.evidence import HEARS, PEOPLE, SERVICES, Evidence, Violation, place_of

HEALED_WITHIN = 60.0


def nothing_waits(run: Evidence) -> Iterator[Violation]:
    for line in run.lines("drained"):
        if not line["complete"]:
            yield Violation("I14", "the installation did not come to rest", str(line["left"]))
        elif line["seconds"] > HEALED_WITHIN:
            yield Violation("I14", f"the installation came to rest after {line['seconds']:.0f} s", "")
    for service in SERVICES:
        if waiting := run.unpublished(service):
            yield Violation("I14", f"{service}: {len(waiting)} commits are not published", waiting[0])
        for place, row in run.parked[service].items():
            if place not in run.planted:
                yield Violation("I14", f"{service} parked what nobody planted ({row['reason']})", row["_id"])
    yield from _behind(run)


def _behind(run: Evidence) -> Iterator[Violation]:
    for group, topics in HEARS.items():
        hears = {*topics, PEOPLE} if group == "notifications" else {*topics}
        for place, end in run.dump.ends.items():
            committed = run.dump.committed.get(group, {}).get(place, 0)
            if place[0] in hears and committed != end:
                yield Violation("I14", f"{group} has committed {committed} of {end}", f"{place[0]}:{place[1]}")


def outsiders_see_the_same(run: Evidence) -> Iterator[Violation]:
    told = {place_of(record): record for record in run.dump.records if record.topic != PEOPLE}
    seen = {(one.topic, one.partition, one.offset): one for one in run.dump.seen}
    for place, one in seen.items():
        if place not in told or (one.key, one.event) != as_seen(told[place]):
            yield Violation("I5", "what an outsider has read is there no more", ":".join(map(str, place)))
    for place in told.keys() - seen.keys() if seen else ():
        yield Violation("I4", "an outsider has missed a record", ":".join(map(str, place)))


def as_seen(record: Record) -> tuple[str, str]:
    """Key and event id, as far as they can be read."""
    event = dict(record.headers).get("ce_id")
    return (record.key or b"").decode(errors="replace"), (event or b"").decode(errors="replace")
