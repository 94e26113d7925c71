"""`kpk republish` and `kpk recover`: repair a database and topics that no longer have the same history."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from deploy.embedded.data_folder import Refused
from deploy.embedded.state import Where
from deploy.kpk.calls import call, call_until_ready, url_of
from deploy.kpk.installation import Installation, again, installation
from deploy.kpk.options import Why, reason_of, somewhere
from deploy.kpk.services import service_called
from deploy.kpk.stack import Data, say, tell
from deploy.kpk.tables import console, table_of
from deploy.rights.mongo import ADMIN
from deploy.rights.mongo_users import repairing
from shared.contracts.topics import PEOPLE, SERVICES, events_of
from shared.kernel.time import iso
from shared.runtime.kafka.topics import apply_topics

AN_HOUR = 3600.0
SHOWN = 20

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: the whole list; changes nothing.")]
Since = Annotated[datetime | None, typer.Option("--from", help="Only what was recorded at or after this time (UTC).")]


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(republish))
    app.command()(somewhere(recover))


def republish(
    service: Annotated[str, typer.Argument(help="The service whose topic lost records.")],
    since: Since = None,
    public: Annotated[bool, typer.Option("--public", help="Only public events and states, all of them.")] = False,
    data: Data = None,
    why: Why = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Publish a journal again, in order; readers discard events that they have. You can repeat it.

    Creates the topic if it is missing.
    """
    if public and since:
        raise Refused("--public publishes everything: leave --from out")
    where, reason = installation(data), reason_of(why)
    url_of(where, service)
    asyncio.run(apply_topics(where.kafka))
    with console.status(f"republishing {service}"):
        told = publish_in_public(where, service, reason) if public else publish_again(where, service, since, reason)
    what = " in public" if public else f" and {told['people']} people"
    done = f"{service}: {told['commits']} commits{what} are published again"
    tell(told, f"{done}\nwatch: kpk status{again(where)}", as_json)


def recover(data: Data = None, yes: Yes = False, as_json: AsJson = False, why: Why = None) -> None:
    """After a restored database: show what each journal lacks, copy it from its topic, then read all topics again."""
    where = installation(data)
    lacking = {service: lacking_in(where, service) for service in SERVICES}
    if as_json:
        typer.echo(json.dumps(lacking, indent=2))
        return
    show_lacking(lacking)
    if not yes:
        must_be_confirmed()
    reason = reason_of(why)
    for service in SERVICES:
        with console.status(f"recovering {service}"), repairing_in(where, service):
            told = call_until_ready(where, service, "/admin/recover", {"why": reason}, AN_HOUR)
        say(f"{service}: " + ", ".join(f"{name} {count}" for name, count in told.items()))


def repairing_in(where: Installation, service: str) -> AbstractContextManager[None]:
    """The embedded stack grants the right to set commits aside; elsewhere an operator of MongoDB's users has to."""
    return repairing(where.mongo_as(ADMIN), service) if where.state and where.state.mongo_secrets else nullcontext()


def lacking_in(where: Where, service: str) -> list[dict[str, Any]]:
    with console.status(f"looking at what {service} lacks"):
        found: list[dict[str, Any]] = call(where, service, "GET", "/admin/recover", seconds=AN_HOUR).told["items"]
    return found


def show_lacking(lacking: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    table = table_of("service", "stream", "events", "numbers", "from", "to")
    for service, streams in lacking.items():
        for one in streams[:SHOWN]:
            numbers = f"{one['first']}-{one['last']}"
            table.add_row(service, one["stream"], str(one["events"]), numbers, one["earliest"], one["latest"])
        if len(streams) > SHOWN:
            table.add_row(service, f"and {len(streams) - SHOWN} streams more: --json shows them", "", "", "", "")
    if table.row_count:
        console.print(table)
    total = sum(one["events"] for streams in lacking.values() for one in streams)
    say(f"{total} events are in the topics and not in the journals")


def must_be_confirmed() -> None:
    if not sys.stdin.isatty():
        raise Refused("nothing was changed. Look at the list; to take it: kpk recover --yes --why REASON")
    typer.confirm("Take them, with what the topic says of people, and read all topics again?", abort=True)


def publish_again(where: Where, service: str, since: datetime | None, why: str) -> dict[str, int]:
    """The number of commits and people; every service that reads them begins again."""
    body = {"since": iso(since.replace(tzinfo=UTC)) if since else None, "why": why}
    told = call_until_ready(where, service, "/admin/republish", body, AN_HOUR)
    for reader in SERVICES:
        read_again(where, reader, why, topics_of(service))
    return told


def publish_in_public(where: Where, service: str, why: str) -> dict[str, int]:
    """No service reads it, so nobody has to begin again."""
    return call_until_ready(where, service, "/admin/republish", {"public": True, "why": why}, AN_HOUR)


def read_again(where: Where, reader: str, why: str, topics: Sequence[str] | None = None) -> None:
    """All topics that the service reads, or the named ones: it drops what it has applied and applies the rest."""
    for topic in service_called(reader).topics:
        if topics is None or topic in topics:
            call_until_ready(where, reader, "/admin/read-again", {"topic": topic, "why": why})


def topics_of(service: str) -> list[str]:
    own = [events_of(service).name]
    return [*own, PEOPLE.name] if service == PEOPLE.owner else own
