"""How a broker's users and rights differ from the table, and how they are made equal to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from deploy.rights.kafka import PRINCIPALS, READER, quota_of, wanted
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.quotas import NONE, quotas, set_quotas
from shared.runtime.kafka.rights import Grant, change, grants
from shared.runtime.kafka.topics import BrokerRefuses, administering
from shared.runtime.kafka.users import remove_users, set_passwords, users

SEEN_WITHIN = 15.0

Passwords = Mapping[str, str] | None
"""By user."""


@dataclass(frozen=True, slots=True)
class Differences:
    missing: frozenset[Grant]
    too_much: frozenset[Grant]
    missing_users: frozenset[str]
    strangers: frozenset[str]
    """Users that are not in the table."""
    misbounded: frozenset[str] = frozenset()
    """Our users with another quota than in the table."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.too_much or self.missing_users or self.strangers or self.misbounded)

    @property
    def lines(self) -> list[str]:
        return [
            *(f"{user} has no password" for user in sorted(self.missing_users)),
            *(f"{user} is no user of ours" for user in sorted(self.strangers)),
            *(f"{user} has not its quota" for user in sorted(self.misbounded)),
            *(f"missing: {grant}" for grant in sorted(self.missing)),
            *(f"too much: {grant}" for grant in sorted(self.too_much)),
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "users": {"missing": sorted(self.missing_users), "too_much": sorted(self.strangers)},
            "quotas": {"different": sorted(self.misbounded)},
            "rights": {
                "missing": [str(one) for one in sorted(self.missing)],
                "too_much": [str(one) for one in sorted(self.too_much)],
            },
        }


def belongs(user: str, passwords: Passwords) -> bool:
    """The given passwords say which other systems exist."""
    return user in PRINCIPALS or (user.startswith(READER) and (passwords is None or user in passwords))


async def differences(kafka: KafkaAccess) -> Differences:
    """Raises ``BrokerRefuses``."""
    async with administering(kafka) as admin:
        return await _differences(admin)


async def _differences(admin: Any, passwords: Passwords = None) -> Differences:
    known, there, bounded = await asyncio.gather(users(admin), grants(admin), quotas(admin))
    known |= set(passwords or ())
    strangers = {user for user in known if not belongs(user, passwords)}
    should = wanted(known - strangers, there)
    return Differences(
        missing=frozenset(should - there),
        too_much=frozenset(there - should),
        missing_users=frozenset(PRINCIPALS) - known,
        strangers=frozenset(strangers),
        misbounded=frozenset(user for user in known - strangers if bounded.get(user, NONE) != quota_of(user)),
    )


async def apply(kafka: KafkaAccess, passwords: Passwords = None) -> Differences:
    """The differences that it removed. ``passwords`` are set for their users; a system without one there loses its
    access.
    """
    async with administering(kafka) as admin:
        found = await _differences(admin, passwords)
        if passwords:
            await set_passwords(admin, passwords)
        if found.strangers:
            await remove_users(admin, found.strangers)
        of_ours = {user: quota_of(user) for user in found.misbounded}
        await set_quotas(admin, {**of_ours, **dict.fromkeys(found.strangers, NONE)})
        await change(admin, found.missing, found.too_much)
        await _until_seen(admin, passwords)
        return found


async def _until_seen(admin: Any, passwords: Passwords) -> None:
    """A broker applies what it has read from the controller's log, a moment after the controller's answer."""
    ends = time.monotonic() + SEEN_WITHIN
    while left := replace(await _differences(admin, passwords), missing_users=frozenset()):
        if time.monotonic() > ends:
            raise BrokerRefuses(f"rights are not there yet: {left.lines[0]}")
        await asyncio.sleep(0.02)
