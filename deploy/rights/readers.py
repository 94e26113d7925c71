"""One system of the city that reads events: let in, known, and let out, without a touch to anybody else."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.embedded.data_folder import Refused
from deploy.rights.differences import SEEN_WITHIN
from deploy.rights.kafka import OF_READERS, READER, of_reader, reads
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.groups import lags
from shared.runtime.kafka.quotas import NONE, quotas, set_quotas
from shared.runtime.kafka.rights import Grant, change, grants
from shared.runtime.kafka.topics import BrokerRefuses, administering
from shared.runtime.kafka.users import remove_users, set_passwords, users

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Reader:
    user: str
    topics: tuple[str, ...]
    quota: Mapping[str, float]
    lag: Mapping[str, int]
    """The unread records of each of its groups that has read anything."""


def reader_called(name: str) -> str:
    """Its user, with or without the prefix. A dot would reach into another system's groups. Raises ``Refused``."""
    own = name.removeprefix(READER)
    if not NAME.fullmatch(own):
        raise Refused(f"{name} is not understood: say the system's name in a-z, 0-9 and -, at most 40 characters")
    return READER + own


async def readers(kafka: KafkaAccess) -> list[Reader]:
    """Raises ``BrokerRefuses``."""
    async with administering(kafka) as admin:
        known, there, bounded = await users(admin), await grants(admin), await quotas(admin)
    behind = await lags(kafka, READER)
    return [
        Reader(user, _topics_of(user, there), bounded.get(user, {}), lag_of(user, behind))
        for user in sorted(known)
        if user.startswith(READER)
    ]


def lag_of(user: str, behind: Mapping[str, int]) -> dict[str, int]:
    return {group: lag for group, lag in behind.items() if group.startswith(f"{user}.")}


async def admit(kafka: KafkaAccess, user: str, topics: Iterable[str], password: str) -> None:
    """From then on it reads public topics and these, no others. Raises ``BrokerRefuses``.

    The password comes last: a broker that does not enforce rights admits nobody.
    """
    wanted = {*of_reader(user), *(reads(user, topic) for topic in topics)}
    async with administering(kafka) as admin:
        await _have(admin, user, wanted)
        await set_quotas(admin, {user: OF_READERS})
        await set_passwords(admin, {user: password})
        await _until(admin, user, wanted, there=True)


async def another_password(kafka: KafkaAccess, user: str, password: str) -> None:
    """Connections with the old one end at their next authentication. Raises ``BrokerRefuses``."""
    async with administering(kafka) as admin:
        await set_passwords(admin, {user: password})


async def dismiss(kafka: KafkaAccess, user: str) -> None:
    """Its requests are refused from then on. Raises ``BrokerRefuses``."""
    async with administering(kafka) as admin:
        await remove_users(admin, [user])
        await set_quotas(admin, {user: NONE})
        await _have(admin, user, set())
        await _until(admin, user, set(), there=False)


def _topics_of(user: str, there: Collection[Grant]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in there if one.kind == "topic" and one == reads(user, one.name)))


async def _have(admin: Any, user: str, wanted: set[Grant]) -> None:
    there = await _about(admin, user)
    await change(admin, wanted - there, there - wanted)


async def _about(admin: Any, user: str) -> set[Grant]:
    """Its own rights, and others' rights to see its groups."""
    return {
        one for one in await grants(admin) if one.principal == user or (one.kind, one.name) == ("group", f"{user}.")
    }


async def _until(admin: Any, user: str, wanted: set[Grant], *, there: bool) -> None:
    """A broker applies what it has read from the controller's log, a moment after the controller's answer."""
    ends = time.monotonic() + SEEN_WITHIN
    while await _about(admin, user) != wanted or (user in await users(admin)) is not there:
        if time.monotonic() > ends:
            raise BrokerRefuses(f"what {user} may do is not there yet: try again")
        await asyncio.sleep(0.02)
