"""MongoDB's part of the page of rights (docs/rights.md), written from the table itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deploy.rights.mongo import API, OWN, REPAIR, WORKER, Actions, Collections, users

HEAD = """## MongoDB

Who connects logs in with a password (SCRAM-SHA-256). Each service has two users, each in the service's own database
alone: `SERVICE-api` for its API processes, `SERVICE-worker` for its workers, who also answer where one process does
both. `kpk rights mongo` makes users, roles and indexes equal to this table; the embedded server is made so at each
start.
"""

OTHERS = """A projection that is built is `rebuilt.0_…` to `rebuilt.3_…` until it takes the live one's name.
`SERVICE-worker` and `office-api` also hear what changes in their database, which MongoDB gives for all of it or not at
all: so they may read all of it. `repair` is a role, no user: `kpk recover` lends it to the worker while it sets commits
aside, and takes it back. Nobody changes or removes a commit otherwise, makes an index on one (an index can let
documents expire), removes a person, runs JavaScript in the server, or reads another service's database.
"""

OPERATORS = {
    "admin": "changes users and rights, and so can give itself any; makes the indexes",
    "auditor": "reads all collections of all services, and the oplog: `kpk verify`, `kpk privacy proof`",
    "monitor": "sees how the server is, and no document",
    "backup": "MongoDB's own role for it: reads everything",
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
