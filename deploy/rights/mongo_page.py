"""MongoDB's part of the page of rights (docs/rights.md), written from the table itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.rights.mongo import API, OWN, REPAIR, WORKER, Actions, Collections, users

HEAD = """## MongoDB

Clients log in with a password (SCRAM-SHA-256). Each service has two users, each with rights in the service's own
database only: `SERVICE-api` for its API processes, `SERVICE-worker` for its workers, and for a process that does
both. `kpk rights mongo` sets users, roles and indexes as in this table; the embedded server is set up in this way at
each start.
"""

OTHERS = """\
A projection under construction is `rebuilt.0_…` to `rebuilt.3_…` until it takes the live one's name. `SERVICE-worker`
and `office-api` also open a change stream on their database. MongoDB allows this only for the whole database, so they
may read all of it. `repair` is a role, not a user: `kpk recover` grants it to the worker while it moves commits
aside, and then revokes it. Otherwise nobody may change or remove a commit, create an index on the journal (an index
can let documents expire), remove a person, run JavaScript in the server, or read another service's database.
"""

OPERATORS = {
    "admin": "changes users and rights, so it can give itself any right; creates the indexes",
    "auditor": "reads all collections of all services, and the oplog: `kpk verify`, `kpk privacy proof`",
    "monitor": "reads the server's status, but no document",
    "backup": "MongoDB's built-in role for backups: reads everything",
}


def mongo_part() -> str:
    named = [one.name for one in users() if one.name in OPERATORS]
    operators = "\n".join(f"| `{name}` | {OPERATORS[name]} |" for name in named)
    return f"{HEAD}\n{_rows()}\n\n{OTHERS}\n| for operators | |\n| --- | --- |\n{operators}\n"


def _rows() -> str:
    lines = [("collection", "api", "worker", "repair"), ("---",) * 4, *_common(), *_own()]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _common() -> Iterator[tuple[str, ...]]:
    for name in sorted({*API, *WORKER, *REPAIR}):
        yield (f"`{name}`", *(_words(rights, name) for rights in (API, WORKER, REPAIR)))
    yield ("`view_…`", "find", "find, insert, update, createIndex, drop", "")
    yield ("`rebuilt.N_…`", "", "find, insert, update, createIndex, drop", "")


def _own() -> Iterator[tuple[str, ...]]:
    for service, (api, worker) in OWN.items():
        for name in sorted({*api, *worker}):
            yield (f"`{name}` of {service}", _words(api, name), _words(worker, name), "")


def _words(rights: Collections | Mapping[str, Actions], name: str) -> str:
    order = ("find", "insert", "update", "remove", "createIndex", "dropCollection")
    return ", ".join(action for action in order if action in rights.get(name, ()))
