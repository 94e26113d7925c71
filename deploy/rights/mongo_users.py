"""MongoDB's users and roles made equal to the table, and the indexes that no service may make."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from deploy.rights.mongo import PEOPLE, Privilege, User, database_of, repair_role, repairs, users, worker_user
from services.members.people import People
from shared.contracts.topics import SERVICES
from shared.runtime.commands.journal import JOURNAL, Journal
from shared.runtime.delivery.parked import Parked
from shared.runtime.mongo.access import USERS_IN
from shared.runtime.mongo.driver import Client, Document, connect

MECHANISM = "SCRAM-SHA-256"
"""RFC 7677: the password is never sent, and the server does not store it."""


async def apply(client: Client, passwords: Mapping[str, str]) -> list[str]:
    """The differences, a line each. ``passwords`` are set for their users; raises ``MongoUnavailable``."""
    changed = await _set_roles(client)
    there = {one["user"]: one for one in (await client.admin.command("usersInfo", 1))["users"]}
    for user in users():
        changed += await _set_user(client, user, passwords.get(user.name), there.get(user.name))
    await _make_indexes(client)
    return changed


@contextmanager
def repairing(admin_uri: str, service: str) -> Iterator[None]:
    """Within it the service's worker may set commits aside. After a crash, the next ``apply`` revokes this."""
    asyncio.run(_change_roles(admin_uri, "grantRolesToUser", service))
    try:
        yield
    finally:
        asyncio.run(_change_roles(admin_uri, "revokeRolesFromUser", service))


async def _change_roles(uri: str, verb: str, service: str) -> None:
    session = connect(uri, USERS_IN)
    try:
        await session.database.command({verb: worker_user(service), "roles": [repair_role(service)]})
    finally:
        await session.close()


async def _set_roles(client: Client) -> list[str]:
    told = await client.admin.command("rolesInfo", 1, showPrivileges=True)
    there = {one["role"]: frozenset(_all_of(one)) for one in told["roles"]}
    changed = []
    for name, should in {**{one.name: one.own for one in users() if one.own}, **repairs()}.items():
        if there.get(name) != should:
            verb = "updateRole" if name in there else "createRole"
            await client.admin.command(verb, name, privileges=_written(should), roles=[])
            changed.append(f"role {name}: {verb}")
    return changed


async def _set_user(client: Client, user: User, password: str | None, there: Document | None) -> list[str]:
    """A hash of its password is stored: an unchanged password is not set again."""
    roles = {*user.built_in, *([user.name] if user.own else [])}
    known = {"password": hashlib.sha256(password.encode()).hexdigest()} if password else None
    has = {role["role"] for role in there["roles"]} if there else None
    if there and has == roles and (known is None or there.get("customData") == known):
        return []
    given = {"pwd": password, "customData": known, "mechanisms": [MECHANISM]} if password else {}
    verb = "updateUser" if there else "createUser"
    await client.admin.command({verb: user.name, "roles": sorted(roles), **given})
    return [f"user {user.name}: {verb}"]


async def _make_indexes(client: Client) -> None:
    """An account that may make an index could let documents expire by it."""
    for name in SERVICES:
        database = client[database_of(name)]
        await Journal(database[JOURNAL]).prepare()
        await Parked(database).prepare()
    await People(client[database_of("members")][PEOPLE]).prepare()


def _written(privileges: Iterable[Privilege]) -> list[dict[str, Any]]:
    grouped = groupby(sorted(privileges), lambda one: one[:2])
    return [{"resource": _resource(*where), "actions": [one.action for one in these]} for where, these in grouped]


def _resource(database: str, collection: str) -> dict[str, Any]:
    return {"db": database, "collection": collection} if database else {"cluster": True}


def _all_of(role: Mapping[str, Any]) -> Iterator[Privilege]:
    for told in role["privileges"]:
        yield from _read(told)


def _read(told: Mapping[str, Any]) -> Iterable[Privilege]:
    where = told["resource"]
    yield from (Privilege(where.get("db", ""), where.get("collection", ""), action) for action in told["actions"])
