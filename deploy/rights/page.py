"""The page of rights (docs/rights.md), written from the tables themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deploy.rights.kafka import (
    GROUPS,
    LOOKING,
    OF_THE_CLUSTER,
    PRINCIPALS,
    READER,
    SUPER_USER,
    TOPICS,
    quota_of,
)
from deploy.rights.mongo_page import mongo_part

HEAD = """# Rights

Written by `kpk rights page > docs/rights.md` from `deploy/rights`; a test keeps it current, another one tries every
cell on real servers. What does not stand here is refused.
"""

KAFKA = f"""## Kafka

Who connects logs in with a password (SCRAM-SHA-512); the broker and its controller know each other by certificates, on
listeners that take nothing else, and `{SUPER_USER}` alone may do everything. `kpk rights diff` compares a broker with
this table, `kpk rights apply` makes it equal.

`{", ".join(PRINCIPALS)}` are its users. `{READER}…` are systems of the city:
each that has a password reads what is for all, and has consumer groups of its own, `{READER}NAME.…`. What is for named
ones it reads when the broker has the right for it. People work over HTTP and have no user here: `office` is the
service of their pages, which cannot read names and addresses. It sees how far the groups of `{READER}…` are behind.
"""

OTHERS = """Nobody else joins a group, commits in it, resets or deletes it, so that partitions cannot be taken away.
Nobody may delete a topic or records, write in a transaction, or make a topic by writing to it.
"""


BOUNDED = """How much the broker does for one user, for all its processes together; where nothing stands, what is asked.
Who asks for more is answered later: nothing is refused, and nothing lost. A thread is one of the broker's eleven.
"""


def page() -> str:
    return f"{HEAD}\n{KAFKA}\n{topics()}\n{groups()}\n{OTHERS}\n{cluster()}\n{BOUNDED}\n{quotas()}\n{mongo_part()}"


def topics() -> str:
    rows = ((f"`{one.name}`", one.writer, ", ".join(one.readers), one.other_systems) for one in TOPICS)
    return table(("topic", "writes", "reads", f"`{READER}…` reads"), rows)


def groups() -> str:
    rows = ((f"`{group}`", who, ", ".join(LOOKING)) for group, who in GROUPS.items())
    return table(("consumer group", "joins and commits", "looks"), rows)


def cluster() -> str:
    rows = ((who, ", ".join(operations)) for who, operations in OF_THE_CLUSTER.items())
    return table(("of the cluster", "may"), rows)


def quotas() -> str:
    return table(
        ("user", "writes a second", "reads a second", "threads"),
        ((user, *_bounds(user)) for user in (*PRINCIPALS, f"`{READER}…`, each")),
    )


def _bounds(user: str) -> Iterator[str]:
    quota = quota_of(user.strip("`"))
    for key, unit, divisor in (
        ("producer_byte_rate", " MB", 1e6),
        ("consumer_byte_rate", " MB", 1e6),
        ("request_percentage", "", 100),
    ):
        yield f"{quota[key] / divisor:g}{unit}" if key in quota else ""


def table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
