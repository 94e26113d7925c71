"""Every cell of the table of MongoDB's rights, tried on a real server; and what nobody may do at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from bson import Timestamp
from pydantic import SecretStr
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.mongo_guard import MongoGuard, key_file
from deploy.embedded.mongod import Mongod
from deploy.embedded.ports import free_port
from deploy.embedded.program import StartFailed
from deploy.rights import mongo
from deploy.rights.mongo import ADMIN, BACKUP, Privilege, User, api_user, database_of, declared, users, worker_user
from deploy.rights.mongo_users import apply
from services.members.app import build
from services.members.domain.conference import EstablishConference
from shared.contracts.topics import SERVICES
from shared.runtime.commands.execute import Request
from shared.runtime.commands.journal import JOURNAL
from shared.runtime.delivery.stores import LIVE
from shared.runtime.mongo.access import signed_in
from shared.runtime.mongo.driver import UNAUTHORIZED, directly
from shared.runtime.operating.rebuild import BESIDE
from shared.runtime.settings import ServiceSettings
from tests.kit.servers import running
from tests.kit.when import edge
from tests.shared.members_service import ESTABLISHED, callers_file

pytestmark = [pytest.mark.infra, pytest.mark.timeout(240)]

Client = AsyncMongoClient[dict[str, Any]]
WRONG_LOGIN, NO_SUCH_COMMAND = 18, 59
SOME = (JOURNAL, "people", "contacts", "positions", "unpublished")
UNNAMED = "stands_in_no_table"
NOBODY = "nobody"
INDEX = {"key": {"_id": 1}, "name": "_id_"}

TRIED: Mapping[str, Mapping[str, Any]] = {
    "find": {"find": "{}", "limit": 1},
    "insert": {"insert": "{}", "documents": [{"_id": NOBODY, "recorded": Timestamp(1, 1), "events": [{"id": NOBODY}]}]},
    "update": {"update": "{}", "updates": [{"q": {"_id": "?"}, "u": {"$set": {"a": 1}}}]},
    "remove": {"delete": "{}", "deletes": [{"q": {"_id": "?"}, "limit": 1}]},
    "createIndex": {"createIndexes": "{}", "indexes": [INDEX]},
    "dropCollection": {"drop": "{}"},
}


@dataclass(frozen=True)
class Guarded:
    mongod: Mongod
    guard: MongoGuard

    def uri(self, user: str) -> str:
        return signed_in(self.mongod.uri, user, password_file(self.guard.folder, user))

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[dict[str, Client]]:
        """One for each user, and nobody's."""
        async with AsyncExitStack() as stack:
            uris = {one.name: self.uri(one.name) for one in users()} | {NOBODY: self.mongod.uri}
            yield {name: await stack.enter_async_context(Client(uri, maxPoolSize=2)) for name, uri in uris.items()}


@pytest.fixture(scope="module")
def guarded(own_folder: Path) -> Iterator[Guarded]:
    guard = MongoGuard(own_folder / "secrets")
    mongod = Mongod(own_folder / "mongod", guard=guard)
    with running(mongod):
        yield Guarded(mongod, guard)


def cells(user: str, whole: bool) -> Iterator[tuple[str, str]]:
    """The short form goes into two databases, one's own first, and tries some names of the other."""
    own = next((place for place, service in enumerate(SERVICES) if user.startswith(service)), -1)
    for service in SERVICES if whole else (SERVICES[own], SERVICES[(own + 1) % len(SERVICES)]):
        names, one = mongo.every_collection(service), f"{BESIDE[0]}_{declared(service).projections[0].name}"
        if not whole:
            names = [name for name in names if name in SOME or (user.startswith(service) and "rebuilt" not in name)]
        yield from ((database_of(service), name) for name in dict.fromkeys((*names, one, UNNAMED)))


def is_allowed(user: User | None, database: str, collection: str, action: str) -> bool:
    """By the table alone. `backup` is MongoDB's own role, which reads everything."""
    if user is None:
        return False
    anywhere = user.name == BACKUP and action == "find"
    return anywhere or not user.own.isdisjoint({Privilege(database, name, action) for name in (collection, "")})


async def refused(client: Client, database: str, command: Mapping[str, Any]) -> int | None:
    """The code of the refusal: none when the server would do it, or finds nothing to do it to."""
    try:
        await client[database].command(dict(command))
    except OperationFailure as failure:
        return failure.code
    return None


async def differences(guarded: Guarded, whole: bool) -> list[str]:
    by_name = {one.name: one for one in users()}
    async with guarded.clients() as clients:
        found = await asyncio.gather(*(_of_user(clients[name], by_name.get(name), name, whole) for name in clients))
    return [line for lines in found for line in lines]


async def _of_user(client: Client, user: User | None, name: str, whole: bool) -> list[str]:
    different = []
    for database, collection in cells(name, whole):
        for action, words in TRIED.items():
            command = {key: collection if value == "{}" else value for key, value in words.items()}
            allowed = await refused(client, database, command) != UNAUTHORIZED
            if allowed != is_allowed(user, database, collection, action):
                different.append(f"{name} {action} {database}.{collection}: {'allowed' if allowed else 'refused'}")
    return different


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["some", "all"])
async def test_every_cell_is_as_the_table_says_before_and_right_after_a_restart(guarded: Guarded, whole: bool) -> None:
    assert await differences(guarded, whole) == []
    await guarded.mongod.kill()
    await guarded.mongod.start()
    assert await differences(guarded, whole) == []


async def test_a_projection_is_swapped_and_nothing_else_is_renamed(guarded: Guarded) -> None:
    """A rename asks for no right of its own: to find and drop what is there, and to make what comes."""
    database = database_of("members")
    name = declared("members").projections[0].name
    view, beside = f"{LIVE}_{name}", f"{BESIDE[0]}_{name}"
    async with guarded.clients() as clients:
        worker = clients[worker_user("members")]
        await worker[database][beside].insert_one({"_id": 1})
        for source, target in (
            (beside, JOURNAL),
            (JOURNAL, view),
            (JOURNAL, UNNAMED),
            (beside, UNNAMED),
            ("people", view),
        ):
            assert await refused(worker, "admin", rename(database, source, target)) == UNAUTHORIZED, (source, target)
        for name, client in clients.items():
            if name != worker_user("members"):
                assert await refused(client, "admin", rename(database, beside, view)) == UNAUTHORIZED, name
        assert await refused(worker, "admin", rename(database, beside, view)) is None
        assert await worker[database][view].find_one() == {"_id": 1}


STAY = (("", JOURNAL), (JOURNAL, ""), (JOURNAL, UNNAMED), ("", UNNAMED), ("people", ""))
"""What cannot be renamed to what; empty are the projection that was built, and the one that is live."""


def rename(database: str, source: str, target: str) -> Mapping[str, Any]:
    return {"renameCollection": f"{database}.{source}", "to": f"{database}.{target}", "dropTarget": True}


TTL = {"key": {"at": 1}, "name": "ttl", "expireAfterSeconds": 0}
DANGEROUS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("kpk_members", {"aggregate": JOURNAL, "pipeline": [{"$match": {"a": 1}}, {"$out": JOURNAL}], "cursor": {}}),
    ("kpk_members", {"aggregate": JOURNAL, "pipeline": [{"$merge": {"into": JOURNAL}}], "cursor": {}}),
    ("kpk_members", {"findAndModify": JOURNAL, "query": {}, "update": {"$set": {"a": 1}}}),
    ("kpk_members", {"collMod": JOURNAL, "validationLevel": "off"}),
    ("kpk_members", {"convertToCapped": JOURNAL, "size": 4096}),
    (
        "kpk_members",
        {"createIndexes": JOURNAL, "indexes": [{"key": {"at": 1}, "name": "ttl", "expireAfterSeconds": 0}]},
    ),
    ("kpk_members", {"dropIndexes": JOURNAL, "index": "*"}),
    ("kpk_members", {"compact": JOURNAL}),
    ("kpk_members", {"dropDatabase": 1}),
    ("admin", {"applyOps": [{"op": "d", "ns": f"kpk_members.{JOURNAL}", "o": {"_id": 1}}]}),
    ("admin", {"setParameter": 1, "logLevel": 0}),
    ("admin", {"replSetReconfig": {}}),
    ("admin", {"shutdown": 1}),
    ("admin", {"fsync": 1, "lock": True}),
    ("local", {"find": "oplog.rs", "limit": 1}),
)
OF_USERS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("admin", {"createUser": "another", "pwd": "another", "roles": []}),
    ("admin", {"updateUser": ADMIN, "pwd": "another"}),
    ("admin", {"grantRolesToUser": "members-worker", "roles": ["members-repair"]}),
    ("admin", {"usersInfo": 1}),
    ("admin", {"find": "system.users", "limit": 1}),
)
MAY: Mapping[str, frozenset[str]] = {
    "auditor": frozenset({"find local"}),
    BACKUP: frozenset({"find local", "find admin", "usersInfo"}),
    ADMIN: frozenset(
        {"createUser", "updateUser", "grantRolesToUser", "usersInfo", "find admin", "createIndexes", "dropIndexes"}
    ),
}


async def test_what_destroys_or_hides_is_nobodys(guarded: Guarded) -> None:
    async with guarded.clients() as clients:
        for name, client in clients.items():
            for database, command in (*DANGEROUS, *OF_USERS):
                if next(iter(command)) in MAY.get(name, ()) or f"{next(iter(command))} {database}" in MAY.get(name, ()):
                    continue
                assert await refused(client, database, command) == UNAUTHORIZED, (name, command)


async def test_workers_hear_of_changes_and_so_does_the_api_with_open_pages(guarded: Guarded) -> None:
    listen = {"aggregate": 1, "pipeline": [{"$changeStream": {}}], "cursor": {}}
    async with guarded.clients() as clients:
        for service in SERVICES:
            for name, client in clients.items():
                hears = name == worker_user(service) or name == api_user(service) == "office-api"
                assert (await refused(client, database_of(service), listen) != UNAUTHORIZED) == hears, (name, service)


async def test_no_javascript_runs_in_the_server(guarded: Guarded) -> None:
    async with guarded.clients() as clients:
        found = clients["members-api"]["kpk_members"]["people"].find({"$where": "true"})
        with pytest.raises(OperationFailure, match="globalScriptEngine"):
            await found.to_list()


async def test_wrong_logins_and_test_commands_are_refused(guarded: Guarded, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    for user in ("members-api", "unknown"):
        async with Client(signed_in(guarded.mongod.uri, user, wrong)) as client:
            assert await refused(client, "kpk_members", TRIED["find"]) == WRONG_LOGIN
    own = {**guarded.guard.own, "password": "another key"}
    async with directly(f"127.0.0.1:{guarded.mongod.port}", login=own) as client:
        with pytest.raises(OperationFailure) as other:
            await client.admin.command("replSetGetStatus")
    assert other.value.code == WRONG_LOGIN, "another key file is another server's"
    async with directly(f"127.0.0.1:{guarded.mongod.port}", login=guarded.guard.own) as client:
        with pytest.raises(OperationFailure) as tests:
            await client.admin.command("configureFailPoint", "failCommand", mode="off")
        assert tests.value.code == NO_SUCH_COMMAND
        told = await client.admin.command("getCmdLineOpts")
    assert told["parsed"]["net"]["bindIp"] == "127.0.0.1"


async def test_rights_that_were_changed_by_hand_are_made_equal_to_the_table(guarded: Guarded) -> None:
    async with directly(f"127.0.0.1:{guarded.mongod.port}", login=guarded.guard.own) as client:
        assert await apply(client, {}) == [], "as it was started"
        await client.admin.command("grantRolesToUser", "members-worker", roles=["members-repair"])
        await client.admin.command("updateRole", "members-api", privileges=[], roles=[])
        await client.admin.command("dropUser", "monitor")
        monitor = password_file(guarded.guard.folder, "monitor").read_text()
        changed = await apply(client, {"monitor": monitor})
        assert changed == [
            "role members-api: updateRole",
            "user members-worker: updateUser",
            "user monitor: createUser",
        ]
        assert await apply(client, {}) == []


async def test_a_folder_from_before_gets_its_users_behind_another_port_too(tmp_path: Path) -> None:
    before = Mongod(tmp_path / "mongod")
    await before.start()
    async with Client(before.uri) as anybody:
        await anybody["kpk_members"][JOURNAL].insert_one({"_id": "kept", "events": [{"id": "e"}]})
    await before.stop()
    now = Guarded(Mongod(before.folder, guard=(guard := MongoGuard(tmp_path / "secrets"))), guard)
    await now.mongod.start()
    try:
        async with now.clients() as clients:
            assert await refused(clients[NOBODY], "kpk_members", {"find": JOURNAL}) == UNAUTHORIZED
            kept = await clients["members-api"]["kpk_members"][JOURNAL].find_one({"_id": "kept"})
            assert kept == {"_id": "kept", "events": [{"id": "e"}]}
    finally:
        await now.mongod.stop()
    key_file(guard.folder).chmod(0o644)
    with pytest.raises(StartFailed, match="permissions"):
        await now.mongod.start()


def test_secrets_are_their_owners_alone(guarded: Guarded) -> None:
    files = list(guarded.guard.folder.iterdir())
    assert len(files) == len(users()) + 1
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert oct(guarded.guard.folder.stat().st_mode & 0o777) == "0o700"


async def test_an_api_process_needs_no_more_than_its_user_may(guarded: Guarded, tmp_path: Path) -> None:
    """A worker's rights are tried by every journey on a whole stack."""
    user = api_user("members")
    settings = ServiceSettings(
        mongo_uri=SecretStr(guarded.mongod.uri),
        mongo_user=user,
        mongo_password_file=password_file(guarded.guard.folder, user),
        kafka_bootstrap=f"127.0.0.1:{free_port()}",
        http_port=0,
        callers_file=callers_file(tmp_path),
        clock="settable",
    )
    process = build(settings, "api")
    try:
        await process.prepare()
        before, _ = await process._measure()
        command = EstablishConference.model_validate(edge(**ESTABLISHED, by="test"))
        await process.execute(command, Request("test:established"))
        assert (await process.execute(command, Request("test:established"))).replayed
        await process.clock.set(process.clock.now() + timedelta(days=1))
        gauges, _ = await process._measure()
        assert gauges["unpublished_commits"] == before["unpublished_commits"] + 1
        assert isfinite(gauges["oplog_age_seconds"])
        assert await process.arrivals.known([command.stream]) is not None
    finally:
        await process.close()
