"""Who may do what in MongoDB: the one table. Roles and users, the page in `docs/` and a test of every cell follow it.

A role names each collection, so that one that is made tomorrow is nobody's until it stands here; projections are known
from their declarations. Two users for each service, one for its API processes and one for its workers, who also answer
where one process does both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Literal, NamedTuple

from shared.contracts.topics import SERVICES
from shared.declarations.service import Service
from shared.runtime.commands.journal import CONFLICTS, JOURNAL
from shared.runtime.commands.unpublished import COPIED, MARKS, NOTED
from shared.runtime.delivery.bookmarks import BOOKMARKS
from shared.runtime.delivery.introductions import INTRODUCTIONS
from shared.runtime.delivery.parked import DROPPED, PARKED
from shared.runtime.delivery.stores import LIVE, POSITIONS
from shared.runtime.history.drift import BEGINNINGS
from shared.runtime.observing.clock import CLOCK
from shared.runtime.operating.acts import ACTS
from shared.runtime.operating.rebuild import BESIDE, REBUILDS
from shared.runtime.operating.versions import VERSIONS

Action = Literal["find", "insert", "update", "remove", "createIndex", "dropCollection"]
Actions = frozenset[Action]
Collections = Mapping[str, Actions]

READ: Actions = frozenset({"find"})
APPEND: Actions = READ | {"insert"}
KEEP: Actions = APPEND | {"update"}
TAKE_AWAY: Actions = KEEP | {"remove"}
FOLD: Actions = KEEP | {"createIndex", "dropCollection"}
"""Includes what a rename needs, for both names."""

API: Collections = MappingProxyType(
    {
        JOURNAL: APPEND,
        **dict.fromkeys((MARKS, NOTED, POSITIONS, BOOKMARKS, PARKED, VERSIONS), READ),
        CLOCK: KEEP,
    }
)
WORKER: Collections = MappingProxyType(
    {
        **dict.fromkeys((JOURNAL, ACTS), APPEND),
        **dict.fromkeys(
            (MARKS, COPIED, POSITIONS, INTRODUCTIONS, VERSIONS, REBUILDS, BEGINNINGS, DROPPED, CLOCK), KEEP
        ),
        **dict.fromkeys((NOTED, BOOKMARKS, PARKED), TAKE_AWAY),
    }
)
REPAIR: Collections = MappingProxyType({JOURNAL: READ | {"remove"}, CONFLICTS: KEEP})
"""Granted to a worker by `kpk recover` for as long as it runs."""

PEOPLE, CONTACTS, LOGINS, DRAFTS = "people", "contacts", "logins", "drafts"
OWN: Mapping[str, tuple[Collections, Collections]] = MappingProxyType(
    {
        "members": ({PEOPLE: KEEP}, {PEOPLE: KEEP}),
        "notifications": ({CONTACTS: READ}, {CONTACTS: TAKE_AWAY}),
        "office": ({LOGINS: TAKE_AWAY, DRAFTS: TAKE_AWAY}, {LOGINS: TAKE_AWAY, DRAFTS: TAKE_AWAY}),
    }
)
"""Rights that only one service has, for its API and its worker. Nobody may remove from ``people``: an erased person
stays as a mark without details.
"""

APIS_THAT_HEAR = frozenset({"office"})
"""Services whose API processes watch for changes, as workers do, to refresh open pages. So they read their whole
database.
"""


class Privilege(NamedTuple):
    """``collection`` is empty for actions on a whole database, ``database`` too for actions on all."""

    database: str
    collection: str
    action: str


@dataclass(frozen=True, slots=True)
class User:
    """``own`` are the rights of its role, which has the user's name; ``built_in`` are MongoDB's own roles."""

    name: str
    own: frozenset[Privilege] = frozenset()
    built_in: tuple[str, ...] = ()


LOOKED_AT = ("serverStatus", "replSetGetStatus", "connPoolStats", "top", "hostInfo", "listDatabases")
"""The state of the server. MongoDB's own role for this, `clusterMonitor`, also reads the oplog, which has everything
that was ever written.
"""

ADMIN, AUDITOR, MONITOR, BACKUP = "admin", "auditor", "monitor", "backup"


def database_of(service: str) -> str:
    return f"kpk_{service}"


def declared(name: str) -> Service:
    service: Service = import_module(f"services.{name}.service").SERVICE
    return service


def api_user(service: str) -> str:
    return f"{service}-api"


def worker_user(service: str) -> str:
    return f"{service}-worker"


def repair_role(service: str) -> str:
    return f"{service}-repair"


def of_api(service: str) -> Collections:
    views = {f"{LIVE}_{one.name}": READ for one in declared(service).projections}
    return {**API, **views, **OWN.get(service, ({}, {}))[0]}


def of_worker(service: str) -> Collections:
    names = (f"{prefix}_{one.name}" for one in declared(service).projections for prefix in (LIVE, *BESIDE))
    return {**WORKER, **dict.fromkeys(names, FOLD), **OWN.get(service, ({}, {}))[1]}


def every_collection(service: str) -> list[str]:
    return sorted({*of_api(service), *of_worker(service), *REPAIR})


def users() -> tuple[User, ...]:
    return (*_of_services(), *_of_operators())


def repairs() -> dict[str, frozenset[Privilege]]:
    """Roles without a user until they are granted."""
    return {repair_role(name): frozenset(_in(database_of(name), REPAIR)) for name in SERVICES}


def _of_services() -> Iterator[User]:
    for name in SERVICES:
        database = database_of(name)
        both = {Privilege("", "", "serverStatus"), Privilege(database, "", "listCollections")}
        heard = {Privilege(database, "", action) for action in ("find", "changeStream")}
        of_the_api = heard if name in APIS_THAT_HEAR else set[Privilege]()
        yield User(api_user(name), frozenset({*both, *of_the_api, *_in(database, of_api(name))}))
        yield User(worker_user(name), frozenset({*both, *heard, *_in(database, of_worker(name))}))


def _of_operators() -> Iterator[User]:
    """`admin` may change rights, and so give itself any; it makes the indexes too. `auditor` reads everything."""
    everywhere = [(database_of(name), collection) for name in SERVICES for collection in every_collection(name)]
    indexes = (Privilege(*place, action) for place in everywhere for action in ("createIndex", "listIndexes"))
    reading = (Privilege(*place, action) for place in everywhere for action in ("find", "listIndexes"))
    listing = (Privilege(database_of(name), "", "listCollections") for name in SERVICES)
    yield User(ADMIN, frozenset(indexes), ("userAdminAnyDatabase",))
    yield User(AUDITOR, frozenset({*reading, *listing, Privilege("local", "oplog.rs", "find")}))
    yield User(MONITOR, frozenset(Privilege("", "", action) for action in LOOKED_AT))
    yield User(BACKUP, built_in=("backup",))


def _in(database: str, collections: Collections) -> Iterable[Privilege]:
    for name, actions in collections.items():
        yield from (Privilege(database, name, action) for action in (*actions, "listIndexes"))
