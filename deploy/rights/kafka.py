"""Who may do what with Kafka: the one table. A broker's lists, `kpk rights`, the page in `docs/` and tests follow it.

Every resource is named as it is called, without a wildcard: a topic that is made tomorrow is nobody's until it stands
here. The consumer groups of our services have the services' names, as they always had; what has no dot at its end must
not be a prefix, or ``members`` would also be everybody's whose name begins so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from shared.runtime.kafka.groups import OF_SUBSCRIBERS
from shared.runtime.kafka.quotas import NONE, Quota
from shared.runtime.kafka.rights import CLUSTER, Grant

OtherSystems = Literal["all", "named", "none"]
"""Which systems of the city read a topic: all with a password, those that were granted it, or none."""


@dataclass(frozen=True, slots=True)
class TopicRights:
    """``writer`` is the only principal that may write there."""

    name: str
    writer: str
    readers: tuple[str, ...]
    other_systems: OtherSystems = "named"


ADMIN, MONITOR = "admin", "monitor"
SERVICES = ("members", "meetings", "funding", "notifications", "office")
PRINCIPALS = (*SERVICES, ADMIN, MONITOR)
"""Principals with a password. The broker itself has a certificate and all rights (`SUPER_USER`)."""

SUPER_USER = "CN=kpk-broker"
"""By its certificate, on listeners that accept nothing else: no password works there."""

EVENTS = (
    TopicRights(
        "kpk.members.v1", "members", ("members", "meetings", "funding", "notifications", "office", ADMIN, MONITOR)
    ),
    TopicRights("kpk.meetings.v1", "meetings", ("meetings", "funding", "notifications", "office", ADMIN, MONITOR)),
    TopicRights("kpk.funding.v1", "funding", ("funding", "notifications", "office", ADMIN, MONITOR)),
    TopicRights("kpk.notifications.v1", "notifications", ("notifications", "office", ADMIN, MONITOR)),
    TopicRights("kpk.office.v1", "office", ("office", ADMIN, MONITOR)),
)
PUBLIC = (
    TopicRights("kpk.members.public.v1", "members", ("members", ADMIN, MONITOR), "all"),
    TopicRights("kpk.meetings.public.v1", "meetings", ("meetings", ADMIN, MONITOR), "all"),
    TopicRights("kpk.funding.public.v1", "funding", ("funding", ADMIN, MONITOR), "all"),
)
"""Topics without data about people. Their service reads them, too, for systems that ask over HTTP."""

PRESENT = (
    TopicRights("kpk.members.state.v1", "members", ("members", ADMIN, MONITOR), "all"),
    TopicRights("kpk.meetings.state.v1", "meetings", ("meetings", ADMIN, MONITOR), "all"),
    TopicRights("kpk.funding.state.v1", "funding", ("funding", ADMIN, MONITOR), "all"),
)
"""Public states, as public as the events."""

PEOPLE = TopicRights("kpk.people.v1", "members", ("members", "notifications", ADMIN), "none")
"""Names and addresses: for writing to people, and for searching what is left of a person."""

TOPICS = (*EVENTS, *PUBLIC, *PRESENT, PEOPLE)

WRITING = ("write",)
READING = ("read", "describe configs")
"""A service compares its topics with their declaration before it works on them."""

MENDING = ("alter configs",)
"""`admin`, of every topic: mend a setting that has drifted. Nobody may delete a topic or records of one."""

LOOKING = (ADMIN, MONITOR)
"""They may see how far a group has read, and whether it has members."""

LOOKING_AT_READERS = (*LOOKING, "office")
"""For groups of other systems, whose lag the operator's page shows; `office` sees the ends of their topics, too."""

GROUPS = {service: service for service in SERVICES}
"""Each group and the only principal that may join it and commit."""

OF_THE_CLUSTER = {ADMIN: ("create", "describe", "alter", "describe configs", "alter configs")}
"""Create topics, see the cluster, change users, rights and quotas. An account that may change rights can give itself
any.
"""

READER = OF_SUBSCRIBERS
"""The prefix of systems of the city. Each may read public topics, and has groups of its own, named after it with a dot.
They are not in this table: a broker's users are the list, and its rights say which of them read more.
"""

OF_READERS: Quota = {"consumer_byte_rate": 5_000_000.0, "request_percentage": 50.0}
"""For each reader, and for `monitor`: five megabytes a second, and half a thread. Beyond it, answers come later."""

OF_SERVICES: Quota = {
    "producer_byte_rate": 100_000_000.0,
    "consumer_byte_rate": 200_000_000.0,
    "request_percentage": 300.0,
}
"""For each service with all its processes: several times the most ever measured while it catches up. It slows down a
service that has gone wrong, and no other, before the others suffer.
"""


def quota_of(user: str) -> Quota:
    """At each broker. `admin` has none, because it has to work while the others cannot."""
    if user in SERVICES:
        return OF_SERVICES
    return OF_READERS if user == MONITOR or user.startswith(READER) else NONE


def wanted(users: Iterable[str] = (), granted: Iterable[Grant] = ()) -> set[Grant]:
    """``users`` and ``granted`` are the broker's: they name the readers, and which topics some of them read in
    addition.
    """
    readers = {user for user in users if user.startswith(READER)}
    more = {grant for grant in granted if grant.principal in readers and may_be_granted(grant)}
    of_readers = (grant for user in readers for grant in of_reader(user))
    return {*_of_topics(), *_of_groups(), *_of_the_cluster(), *of_readers, *more}


def may_be_granted(grant: Grant) -> bool:
    """Reading a topic of events: nothing else can be granted to a reader beyond what all readers have."""
    return any(grant == reads(grant.principal, topic.name) for topic in TOPICS if topic.other_systems == "named")


def reads(user: str, topic: str) -> Grant:
    return Grant(user, "topic", topic, "read")


def of_reader(user: str) -> Iterator[Grant]:
    yield from (reads(user, topic.name) for topic in TOPICS if topic.other_systems == "all")
    yield Grant(user, "group", f"{user}.", "read", "prefixed")
    yield from (Grant(who, "group", f"{user}.", "describe", "prefixed") for who in LOOKING_AT_READERS)


def _of_topics() -> Iterator[Grant]:
    for topic in TOPICS:
        yield from (Grant(topic.writer, "topic", topic.name, operation) for operation in WRITING)
        yield from (Grant(who, "topic", topic.name, operation) for who in topic.readers for operation in READING)
        yield from (Grant(ADMIN, "topic", topic.name, operation) for operation in MENDING)
        if topic.other_systems == "all":
            yield Grant("office", "topic", topic.name, "describe")


def _of_groups() -> Iterator[Grant]:
    for group, principal in GROUPS.items():
        yield Grant(principal, "group", group, "read")
        yield from (Grant(who, "group", group, "describe") for who in LOOKING)


def _of_the_cluster() -> Iterator[Grant]:
    for principal, operations in OF_THE_CLUSTER.items():
        yield from (Grant(principal, "cluster", CLUSTER, operation) for operation in operations)
