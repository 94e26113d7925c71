"""`kpk verify`: journal = topics = projections, for every service of the running stack."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated

import typer

from deploy.embedded.data_folder import Refused
from deploy.embedded.health import ask
from deploy.embedded.state import Where
from deploy.kpk.histories.repair import Repair, beyond_repair, carry_out, name_of, repairs_of
from deploy.kpk.installation import again, installation
from deploy.kpk.options import somewhere
from deploy.kpk.services import service_called
from deploy.kpk.stack import Data, say
from deploy.kpk.tables import console
from deploy.rights.mongo import AUDITOR
from shared.contracts.topics import PEOPLE, SERVICES
from shared.runtime.delivery.records import ReceivedState, read_state
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import KafkaUnreadable, read_to_end
from shared.runtime.kafka.topics import BrokerRefuses, differences
from shared.runtime.mongo.driver import Collection, Database, MongoUnavailable, connect
from shared.runtime.operating.audit import (
    Findings,
    PersonHead,
    compare_people,
    head_of,
    person_head,
)
from shared.runtime.operating.verification import audit_of

SETTLED_WITHIN = 15.0
MONGO_SECONDS = 60.0
PROGRESS_SECONDS = 2.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every difference as one sentence, its repair, and the content of the topics.

    ``events`` by topic; ``duplicates`` are records that repeat one of them; ``public`` and ``repeated`` are the same
    for public topics; ``beyond_repair`` are differences that somebody has to understand before they can be repaired.
    """

    differences: list[str]
    repairs: list[Repair] = field(default_factory=list)
    events: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    beyond_repair: list[str] = field(default_factory=list)
    public: dict[str, int] = field(default_factory=dict)
    repeated: int = 0

    @property
    def ok(self) -> bool:
        return not self.differences

    def praise(self) -> str:
        closed = f"{sum(self.events.values())} events and {self.duplicates} duplicates in the topics"
        return f"ok ({closed}, {sum(self.public.values())} and {self.repeated} in public)"

    @property
    def plan(self) -> str:
        return name_of(self.differences, self.repairs)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.differences + other.differences,
            list(dict.fromkeys(self.repairs + other.repairs)),
            self.events | other.events,
            self.duplicates + other.duplicates,
            self.beyond_repair + other.beyond_repair,
            self.public | other.public,
            self.repeated + other.repeated,
        )


def add_to(app: typer.Typer) -> None:
    app.command()(somewhere(verify))


def verify(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Show possible repairs; with --plan carry them out.")
    ] = False,
    plan: Annotated[str, typer.Option(help="The plan's name, as --repair has printed it.")] = "",
) -> None:
    """Compare journals, topics (public ones too), projections and people; exit status 1 if they differ."""
    where = installation(data)
    found = verified(where)
    if repair and plan and not found.ok:
        mend(where, found, plan)
        found = verified(where)
    show(found, as_json, with_plan=repair)
    raise typer.Exit(0 if found.ok else 1)


def verified(where: Where) -> Verdict:
    try:
        with console.status("verifying") as status:
            return asyncio.run(verify_all(where, lambda line: status.update(line) if console.is_terminal else None))
    except (KafkaUnreadable, BrokerRefuses, MongoUnavailable) as error:
        raise Refused(f"verifying is not possible ({type(error).__name__}). See: kpk status{again(where)}") from None


def show(found: Verdict, as_json: bool, with_plan: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"ok": found.ok, **asdict(found), "plan": found.plan}, indent=2))
        return
    for sentence in found.differences or [found.praise()]:
        say(f"verify: {sentence}")
    if with_plan and not found.ok:
        for repair in sorted(found.repairs):
            say(f"would: {repair}")
        for sentence in found.beyond_repair:
            say(f"cannot be mended here: {sentence}")
        if found.repairs:
            say(f"do it: kpk verify --repair --plan {found.plan}")


def mend(where: Where, found: Verdict, plan: str) -> None:
    """Only a plan that somebody has read: another state of the data has another name."""
    if plan != found.plan:
        raise Refused(f"the differences are not those of plan {plan} any more. Look again: kpk verify --repair")
    for repair in sorted(found.repairs, key=lambda one: one.how != "republish"):
        with console.status(str(repair)):
            carry_out(where, repair, f"kpk verify --repair, plan {plan}")
        say(f"done: {repair}")


async def verify_all(where: Where, tell: Tell = lambda _: None) -> Verdict:
    """All services and the people. Waits a little for events on their way."""
    await settled(where)
    verdict = Verdict([])
    for service in SERVICES:
        verdict += await verify_service(where, service, tell)
    return verdict + await verify_people(where)


async def settled(where: Where) -> None:
    """Until everything is published and read, twice in a row, or a service does not answer, or the time is over."""
    ends, quiet = time.monotonic() + SETTLED_WITHIN, 0
    while quiet < 2 and time.monotonic() < ends:
        told = await asyncio.gather(*(ask(where, service) for service in where.services))
        if any("error" in one for one in told):
            return
        busy = any(one.get("unpublished", 0) or sum(one.get("lag", {}).values()) for one in told)
        quiet = 0 if busy else quiet + 1
        await asyncio.sleep(0.3)


async def verify_service(where: Where, service: str, tell: Tell) -> Verdict:
    session = connect(where.mongo_as(AUDITOR), f"kpk_{service}", MONGO_SECONDS)
    try:
        return await _verify_service(where.kafka, service, session.database, tell)
    finally:
        await session.close()


async def _verify_service(kafka: KafkaAccess, service: str, database: Database, tell: Tell) -> Verdict:
    described, told = service_called(service), time.monotonic()

    def read(records: int) -> None:
        nonlocal told
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            tell(f"verifying {service}: {records} commits and records read")

    audit = await audit_of(kafka, described, database, read)
    for difference in await differences(kafka, described.hears):
        audit.findings.add("a topic is not as declared", str(difference))
    return replace(
        verdict_of(service, audit.findings),
        events=dict(audit.events),
        duplicates=audit.repeated,
        public=dict(audit.public),
        repeated=audit.repeated_in_public,
    )


def verdict_of(service: str, findings: Findings) -> Verdict:
    found = findings.by_kind()
    repairs, beyond = repairs_of(service, found), beyond_repair(service, found)
    return Verdict(list(found.values()), repairs, beyond_repair=beyond)


async def verify_people(where: Where) -> Verdict:
    """Members' collection is the truth; the compacted topic and notifications' copy have to agree with it."""
    findings = Findings("people")
    kept = await heads_in(where, PEOPLE.owner, "people")
    compare_people(findings, "the topic", kept, await heads_in_topic(where.kafka, findings))
    compare_people(findings, "notifications", kept, await heads_in(where, "notifications", "contacts"))
    return verdict_of("people", findings)


async def heads_in(where: Where, service: str, collection: str) -> dict[str, PersonHead]:
    session = connect(where.mongo_as(AUDITOR), f"kpk_{service}", MONGO_SECONDS)
    try:
        people: Collection = session.database[collection]
        return {row["_id"]: person_head(row["version"], row["details"]) async for row in people.find()}
    finally:
        await session.close()


async def heads_in_topic(kafka: KafkaAccess, findings: Findings) -> dict[str, PersonHead]:
    """The last record of each key, as after compaction."""
    heads: dict[str, PersonHead] = {}
    async for records in read_to_end(kafka, [PEOPLE.name]):
        for record in records:
            match read_state(record):
                case ReceivedState() as received:
                    heads[received.key] = head_of(received)
                case _:
                    findings.add("a record is no person", f"{record.partition}:{record.offset}")
    return heads
