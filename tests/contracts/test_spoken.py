"""A topic says what its owner can say, and nothing for another service or another conference."""

from __future__ import annotations

from itertools import permutations

import pytest

from shared.contracts.envelope import Envelope, Malformed, source_of
from shared.contracts.registry import PUBLIC, PUBLIC_STATES, STATES, VERSIONS
from shared.contracts.spoken import SPEAKERS
from shared.contracts.topics import PEOPLE, SERVICES, events_of
from shared.runtime.publishing.state_topics import NO_CONFERENCE, markers_of
from tests.contracts.test_cloudevents import envelope_of

EVENT = envelope_of("kpk.members.SeatGroupOpened.v1")
MEMBERS = SPEAKERS[events_of("members").name]
PARTS = [("kpk.people.PersonDetails.v1", PEOPLE.name)] + [
    (name, f"{name.rpartition('.v')[0].rpartition('.')[0]}.v1") for name in (*VERSIONS, *PUBLIC, *PUBLIC_STATES)
]

NO_STREAMS = (
    *("", "stuttgart", "stuttgart/", "stuttgart/session", "stuttgart//a", "/session/a", "stuttgart/session/a/b"),
    *(
        "stuttgart/session/ä",
        "stuttgart/session/a ",
        "stuttgart/session/$where",
        "stuttgart/session/a:1",
        "../session/a",
    ),
)


def read(envelope: Envelope, topic: str = events_of("members").name, key: str | None = None) -> Envelope:
    return SPEAKERS[topic].read((key or envelope.stream).encode(), envelope.headers())


def test_whatever_is_said_is_said_on_one_topic() -> None:
    for name, topic in PARTS:
        owner = "members" if topic in STATES else name.split(".")[1]
        said = EVENT._replace(type=name, source=source_of(owner))
        assert [one for one in SPEAKERS if heard(said, one)] == [topic]


def heard(envelope: Envelope, topic: str) -> bool:
    try:
        return read(envelope, topic) == envelope
    except Malformed:
        return False


@pytest.mark.parametrize(("owner", "other"), [*permutations(SERVICES, 2)])
def test_no_service_speaks_for_another(owner: str, other: str) -> None:
    """Whoever may write its topic, and names itself truly, may still not say what the other one says."""
    for name in (name for name in VERSIONS if name.split(".")[1] == other):
        with pytest.raises(Malformed, match="ce_type is not of this topic"):
            read(EVENT._replace(type=name, source=source_of(owner)), events_of(owner).name)


@pytest.mark.parametrize("other", [one for one in SERVICES if one != "members"])
def test_nobody_else_is_the_source_of_what_a_topic_says(other: str) -> None:
    with pytest.raises(Malformed, match="ce_source is not the topic's owner"):
        read(EVENT._replace(source=source_of(other)))


def test_an_event_is_of_its_stream_s_conference() -> None:
    assert read(EVENT) == EVENT
    for conference in ("ulm", "", "Stuttgart", f"{EVENT.conference}/", EVENT.stream):
        with pytest.raises(Malformed, match="ce_conference"):
            read(EVENT._replace(conference=conference))


@pytest.mark.parametrize(
    "stream",
    NO_STREAMS,
)
def test_what_names_no_stream_has_no_place(stream: str) -> None:
    with pytest.raises(Malformed, match="ce_subject is no stream"):
        read(EVENT._replace(stream=stream, conference=stream.partition("/")[0]))


def test_the_key_is_the_stream() -> None:
    with pytest.raises(Malformed, match="ce_subject is not the key"):
        read(EVENT, key="stuttgart/seat-group/other")
    with pytest.raises(Malformed, match="ce_subject is not the key"):
        MEMBERS.read(None, EVENT.headers())


def test_a_person_is_no_stream_and_a_marker_of_no_conference() -> None:
    marker = EVENT._replace(type="kpk.people.PersonDetails.v1", stream=markers_of(PEOPLE)[0], conference=NO_CONFERENCE)
    assert read(marker, PEOPLE.name) == marker
