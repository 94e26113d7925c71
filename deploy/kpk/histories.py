"""`kpk republish` and `kpk recover`: when database and topics are not of one history any more."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from deploy.embedded.state import Where
from deploy.kpk.calls import call, url_of
from deploy.kpk.installation import again, installation
from deploy.kpk.options import somewhere
from deploy.kpk.services import service_called
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import console
from shared.contracts.topics import PEOPLE, SERVICES, events_of
from shared.kernel.time import iso
from shared.runtime.kafka.topics import apply_topics

AN_HOUR = 3600.0

Since = Annotated[datetime | None, typer.Option("--from", help="Only what was decided at or after this moment (UTC).")]


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(republish))
    app.command()(somewhere(recover))


def republish(
    service: Annotated[str, typer.Argument(help="The service whose topic lost records.")],
    since: Since = None,
    data: Data = None,
) -> None:
    """Publish a journal once more, in order; who has seen an event drops it. Harmless when repeated.

    Creates the topic if it is gone.
    """
    where = installation(data)
    url_of(where, service)
    asyncio.run(apply_topics(where.kafka_bootstrap))
    with console.status(f"republishing {service}"):
        told = publish_again(where, service, since)
    say(f"{service}: {told['commits']} commits and {told['people']} people are published again")
    say(f"watch: kpk status{again(where)}")


def recover(data: Data = None) -> None:
    """After a restored database: bring every journal forward from its topic, then read all topics again."""
    where = installation(data)
    for service in SERVICES:
        with console.status(f"recovering {service}"):
            told = call(where, service, "POST", "/admin/recover", body={}, seconds=AN_HOUR).told
        say(f"{service}: " + ", ".join(f"{name} {count}" for name, count in told.items()))


def publish_again(where: Where, service: str, since: datetime | None) -> dict[str, int]:
    """How many commits and people; every service that reads them begins anew."""
    body = {"since": iso(since.replace(tzinfo=UTC)) if since else None}
    told = call(where, service, "POST", "/admin/republish", body=body, seconds=AN_HOUR).told
    for reader in SERVICES:
        read_again(where, reader, topics_of(service))
    return told


def read_again(where: Where, reader: str, topics: Sequence[str] | None = None) -> None:
    """All topics that the service reads, or those of them: it drops what it has applied and takes what it has not."""
    for topic in service_called(reader).topics:
        if topics is None or topic in topics:
            call(where, reader, "POST", "/admin/read-again", body={"topic": topic})


def topics_of(service: str) -> list[str]:
    own = [events_of(service).name]
    return [*own, PEOPLE.name] if service == PEOPLE.owner else own
