"""What is so now holds what public events have told and nothing else, whatever happened in whatever order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.contract.public_fields import FROM
from shared.contracts.envelope import read_headers
from shared.contracts.public.event import PublicEvent
from shared.contracts.registry import EVENTS, PUBLIC, PUBLIC_STATES, STATE_NAMES, decode, encode, type_name
from shared.contracts.states.state import PublicState
from shared.contracts.topics import public_of, state_of
from shared.declarations.public import Published
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.commands.commit import GENESIS, CommandMark, Commit, Recorded, event_id
from shared.runtime.publishing.public import Told
from shared.runtime.publishing.public import said as said_by
from shared.runtime.publishing.relay import Outgoing
from tests.kit.when import NOW
from tests.public.test_fields import KINDS, LISTED, at, paths, values_beside, values_of, words
from tests.public.told import FIRST, TAKES_BACK, layers, life, said

States = Sequence[PublicState | None]


def states(layer: Published, told: Sequence[PublicEvent]) -> States:
    """After each of them."""
    found: list[PublicState | None] = []
    for event in told:
        found.append(layer.keeps(found[-1] if found else None, event))
    return found


def flows(layer: Published, told: Sequence[PublicEvent]) -> set[str]:
    """Each as a line of the list: a field of the state, and the one of a public event whose value is told by it; or the
    event that tells it by being said.
    """
    before, found = states(layer, told), set[str]()
    for place, event in enumerate(told):
        name, fields = type(event).__name__, event.model_dump(mode="json")
        for path in paths(fields):
            for other in others(event, path):
                after = states(layer, [*told[:place], other, *told[place + 1 :]])
                found |= {f"{field}{FROM}{name} {words(path, fields)}" for field in changed(before, after)}
        explained = {line.partition(FROM)[0] for line in found if line.partition(FROM)[2].startswith(f"{name} ")}
        without = states(layer, [*told[:place], *told[place + 1 :]])
        as_it_was = before[place - 1] if place else None
        gone = set(changed(before, [*without[:place], as_it_was, *without[place:]])) - explained
        found |= {f"{field}{FROM}{name} said" for field in gone}
    return found


def others(event: PublicEvent, path: tuple[str | int, ...]) -> Iterator[PublicEvent]:
    """The event with another value there, as far as its contract has one."""
    fields = event.model_dump(mode="json")
    for value in values_beside(at(fields, path)):
        other: Any = deepcopy(fields)
        at(other, path[:-1])[path[-1]] = value
        try:
            yield type(event).model_validate_json(json.dumps(other))
        except ValueError:
            continue


def changed(before: States, after: States) -> Iterator[str]:
    for one, other in zip(before, after, strict=True):
        if one is not None and other is not None:
            told, now = values_of(one), values_of(other)
            name = STATE_NAMES[type(one)]
            yield from (f"{name} {path}" for path in told.keys() | now.keys() if told[path] != now[path])


def public_life(service: str, layer: Published) -> list[PublicEvent]:
    return [event for _, event in said(service, layer, life(service, layer))]


@pytest.mark.parametrize(("service", "layer"), KINDS)
def test_every_value_comes_from_the_public_events_that_the_list_names(service: str, layer: Published) -> None:
    """Both ways: nothing else gets there, and what is listed does."""
    own = STATE_NAMES[layer.state]
    assert flows(layer, public_life(service, layer)) == {line for line in LISTED if line.startswith(f"{own} ")}


def test_every_kind_of_public_object_has_a_state_of_its_own() -> None:
    assert [STATE_NAMES[layer.state] for _, layer in layers()] == list(PUBLIC_STATES)
    assert not set(PUBLIC_STATES) & {*EVENTS, *PUBLIC}
    for service, layer in layers():
        reached = [one for one in states(layer, public_life(service, layer)) if one]
        assert reached and {type(one) for one in reached} == {layer.state}


def test_a_field_that_only_the_event_has_says_nothing_of_what_is_so() -> None:
    class Room(PublicState):
        name: str
        chairs: int

    class RoomOpened(PublicEvent):
        name: str
        opened_by: str

    opened = RoomOpened(name="A", opened_by="somebody")
    room = Room.begun_by(opened, chairs=3)
    assert (room, room.after(RoomOpened(name="B", opened_by=""))) == (
        Room(name="A", chairs=3),
        Room(name="B", chairs=3),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, Published, list[list[Event]]]:
    """A stream's commits: what has to come first, then anything in any order, also repeated."""
    service, layer = draw(st.sampled_from(layers()))
    known = dict(life(service, layer))
    first = FIRST[layer.decider.kind]
    rest = [event.__name__ for event in layer.events if event.__name__ not in first[:1]]
    names = [*first, *draw(st.lists(st.sampled_from(sorted(rest)), max_size=12))]
    names = [each for name in names for each in (TAKES_BACK.get(name), name) if each]
    events = [event_of(service, name, known[name]) for name in names]
    sizes = draw(st.lists(st.integers(1, 3), min_size=len(events), max_size=len(events)))
    rest_of = iter(events)
    return service, layer, [commit for size in sizes if (commit := list(islice(rest_of, size)))]


def event_of(service: str, name: str, fields: dict[str, Any]) -> Event:
    [type_of] = [key for key in EVENTS if key.startswith(f"kpk.{service}.{name}.v")]
    return decode(type_of, json.dumps(fields))


def committed(kind: str, history: Sequence[Sequence[Event]]) -> list[Commit]:
    commits: list[Commit] = []
    for place, events in enumerate(history):
        command = derived_id("test", str(place))
        commits.append(
            Commit(
                stream=f"stuttgart/{kind}/a",
                first=commits[-1].last + 1 if commits else 1,
                conference="stuttgart",
                command=CommandMark(command, "Test", "office", ""),
                at=NOW,
                correlation=command,
                causation=command,
                events=tuple(
                    Recorded(event_id(command, index), type_name(one), encode(one)) for index, one in enumerate(events)
                ),
                previous=commits[-1].hash() if commits else GENESIS,
            )
        )
    return commits


def published(service: str, layer: Published, commits: Sequence[Commit]) -> list[list[Outgoing]]:
    """Of each commit what it says."""
    found, told = list[list[Outgoing]](), Told(layer.decider.initial)
    for commit in commits:
        records, told = said_by(layer, told, commit, service)
        found.append(records)
    return found


@given(histories())
def test_the_last_record_is_the_fold_of_all_public_events(told: tuple[str, Published, list[list[Event]]]) -> None:
    """And its number that of the last of them; each commit that says anything says what is so then, last."""
    service, layer, history = told
    kept, present = None, None
    for records in published(service, layer, committed(layer.decider.kind, history)):
        events, now = records[:-1], records[-1:]
        for one in events:
            envelope = read_headers(one.headers)
            assert one.topic == public_of(service).name
            kept = layer.keeps(kept, PUBLIC[envelope.type].model_validate_json(one.value or b""))
            present = envelope
        if now and present:
            said_now = read_headers(now[0].headers)
            assert (now[0].topic, now[0].key) == (state_of(service).name, events[-1].key)
            assert (said_now.sequence, said_now.type) == (present.sequence, STATE_NAMES[layer.state])
            assert now[0].value == (kept.model_dump_json().encode() if kept else None)
            assert kept is None or layer.state.model_validate_json(now[0].value or b"") == kept, "it can be read again"


def test_a_session_that_is_cancelled_is_gone() -> None:
    [layer] = [layer for _, layer in layers() if layer.decider.kind == "session"]
    told = [event_of("meetings", name, fields) for name, fields in life("meetings", layer)]
    *_, last = published("meetings", layer, committed("session", [[one] for one in told]))
    assert [(one.topic, one.value) for one in last][1:] == [("kpk.meetings.state.v1", None)]
    assert read_headers(last[1].headers).type == "kpk.meetings.state.Session.v1"
