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

`kpk rights page > docs/rights.md` writes this page from `deploy/rights`. One test keeps it current, another tries
every cell on real servers. Rights that are not listed here are refused.
"""

KAFKA = f"""## Kafka

Clients log in with a password (SCRAM-SHA-512). The broker and its controller authenticate each other by certificates,
on listeners that accept nothing else; only `{SUPER_USER}` may do everything. `kpk rights diff` compares a broker with
this table, `kpk rights apply` corrects the broker.

The users are `{", ".join(PRINCIPALS)}`. `{READER}…` are other systems of the city.
Each of them has a password, reads the topics marked "all", and has its own consumer groups, `{READER}NAME.…`. It reads
a topic marked "named" only if the broker has a right for it. People work over HTTP and have no user here. `office` is
the service of their pages; it cannot read names and addresses. It sees the lag of the groups of `{READER}…`.
"""

OTHERS = """\
Nobody else may join a group, commit in it, reset it or delete it, so nobody can take partitions away. Nobody may
delete a topic or records, write in a transaction, or create a topic by writing to it.
"""


BOUNDED = """\
Quotas per user, for all its processes together; an empty cell means no quota. If a user exceeds a quota, the broker
answers later: nothing is refused and nothing is lost. A thread is one of the broker's eleven.
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
