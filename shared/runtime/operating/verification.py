"""Journal = topics = projections, read with a service's own rights: by ``kpk verify``, and by a worker on request.

Unfinished work looks like a difference. So a worker checks twice and reports only what differs both times at the same
place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import structlog

from shared.contracts.registry import STATES
from shared.contracts.topics import events_of, public_of, state_of
from shared.declarations.service import Service
from shared.kernel.rejections import Rejected
from shared.runtime.commands.journal import JOURNAL, Journal
from shared.runtime.delivery.own_topic import not_in
from shared.runtime.delivery.parked import FORK, Parked
from shared.runtime.delivery.stores import LIVE, POSITIONS
from shared.runtime.history.drift import BEGINNINGS, lost_beginnings
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating.audit import BEGINNING_GONE, FORKED, Difference, Findings, Folded, Heard, event_of
from shared.runtime.operating.public_audit import InPublic, PublicAudit
from shared.runtime.operating.state_audit import Present

log = structlog.get_logger()

AT_ONCE = 100
"""Commits or records to take before other tasks of this process get their turn."""

MOST_DOCUMENTS = 200_000
"""The most documents in projections: they are built again in memory, and a worker has other work."""

Told = Callable[[int], None]
"""Called with the number of commits and records read so far."""


@dataclass(frozen=True)
class Audit:
    """``events`` by topic; ``repeated`` counts records that repeat an event, also on public topics."""

    findings: Findings
    events: Mapping[str, int]
    repeated: int
    public: Mapping[str, int] = field(default_factory=dict)
    repeated_in_public: int = 0


async def audit_of(kafka: KafkaAccess, service: Service, database: Database, told: Told) -> Audit:
    """The journal is read before the topics: whatever is decided meanwhile is asked for.

    Raises ``KafkaUnreadable``, ``BrokerRefuses``, ``MongoUnavailable``.
    """
    findings, journal = Findings(service.name), Journal(database[JOURNAL])
    heard, own = Heard(findings), events_of(service.name).name
    folded = Folded(findings, service.projections, await _dropped_events(database))
    public, present = InPublic(service.name, findings), Present(findings)
    audit = PublicAudit(kafka, service, database, findings)
    if service.public:
        await audit.listen({public_of(service.name).name: public, state_of(service.name).name: present})
    commits = await _expect(journal, heard, audit, told)
    await _listen(kafka, service, journal, (findings, heard, folded), lambda records: told(commits + records))
    heard.compare()
    if waiting := (await journal.backlog())[0]:
        findings.add("commits are not published", str(waiting))
    if parked := await Parked(database).count():
        findings.add("records are parked", str(parked))
    for number in await lost_beginnings(kafka, own, database[BEGINNINGS]):
        findings.add(BEGINNING_GONE, str(number))
    for projection in service.projections:
        await folded.compare_projection(projection.name, database[f"{LIVE}_{projection.name}"].find())
    await folded.compare_positions(database[POSITIONS].find())
    await audit.compare()
    in_public = {public_of(service.name).name: public.events} if service.public else {}
    return Audit(findings, {own: heard.events}, heard.duplicates, in_public, public.repeated)


async def _expect(journal: Journal, heard: Heard, audit: PublicAudit, told: Told) -> int:
    number = 0
    async for commit, stored in journal.commits():
        heard.expect(commit, stored)
        audit.expect(commit)
        number += 1
        if number % AT_ONCE == 0:
            told(number)
            await asyncio.sleep(0)
    return number


async def _listen(
    kafka: KafkaAccess, service: Service, journal: Journal, into: tuple[Findings, Heard, Folded], told: Told
) -> None:
    """Reads the service's own topic and those it subscribes to, once."""
    own, subscribed = events_of(service.name).name, set(service.topics) - STATES.keys()
    _, _, folded = into
    number, partition = 0, ("", 0)
    async for records in read_to_end(kafka, sorted({own, *subscribed})):
        if (now := (records[0].topic, records[0].partition)) != partition:
            folded.settle()
            partition = now
        for start in range(0, len(records), AT_ONCE):
            await _take(records[start : start + AT_ONCE], own, subscribed, journal, into)
            await asyncio.sleep(0)
        number += len(records)
        told(number)


async def _take(
    records: list[KafkaRecord],
    own: str,
    subscribed: set[str],
    journal: Journal,
    into: tuple[Findings, Heard, Folded],
) -> None:
    """Of its own only events that the journal knows, perhaps only by now: these come last in their streams."""
    findings, heard, folded = into
    read = [one for record in records if (one := event_of(record, folded.wanted, findings))]
    unknown = [one for one in read if one.record.topic == own and not heard.hear(one)]
    forks = set(map(id, await not_in(journal, unknown)))
    for one in unknown:
        if id(one) in forks:
            findings.add(FORKED, f"{one.envelope.stream}:{one.envelope.sequence}")
        else:
            heard.hear_later(one)
    for received in (one for one in read if one.record.topic in subscribed and id(one) not in forks):
        folded.take(received)


async def _dropped_events(database: Database) -> frozenset[str]:
    found = database["parked_dropped"].find({"reason": {"$ne": FORK}, "event": {"$ne": None}}, {"event": True})
    return frozenset([row["event"] async for row in found])


class VerificationRuns(Rejected):
    """Der Abgleich läuft schon."""


class TooMuchToVerify(Rejected):
    """Es sind {documents} Dokumente; bis {most} gleicht der Dienst sie selbst ab, mehr nur „kpk verify“."""


@dataclass(frozen=True)
class Verified:
    """The progress or the result. ``failed`` is why it could not be done; then nothing is known."""

    state: Literal["never", "running", "done", "failed"] = "never"
    began: datetime | None = None
    ended: datetime | None = None
    look: int = 0
    records: int = 0
    events: int = 0
    differences: tuple[Difference, ...] = ()
    failed: str = ""


class Verification:
    """One service's, one at a time, in the process that is asked. The result is kept until the process ends."""

    def __init__(self, kafka: KafkaAccess, service: Service, database: Database) -> None:
        self._kafka, self._service, self._database = kafka, service, database
        self._wanted = asyncio.Event()
        self.told = Verified()

    async def begin(self) -> None:
        """Raises ``VerificationRuns``, ``TooMuchToVerify``."""
        if (documents := await self._documents()) > MOST_DOCUMENTS:
            raise TooMuchToVerify(documents=documents, most=MOST_DOCUMENTS)
        if self.told.state == "running":
            raise VerificationRuns
        self.told = Verified("running", datetime.now(UTC))
        self._wanted.set()

    async def run(self) -> None:
        """Until cancelled. An error during a verification ends nothing else in this process."""
        while True:
            await self._wanted.wait()
            try:
                await self._verify()
            except Exception as error:
                self.told = replace(self.told, state="failed", failed=type(error).__name__, ended=datetime.now(UTC))
            finally:
                self._wanted.clear()
            log.info("verified", state=self.told.state, differences=len(self.told.differences))

    async def _verify(self) -> None:
        audit = await self._look(1)
        found = audit.findings
        if any(found):
            audit = await self._look(2)
            found = found.seen_again(audit.findings)
        events, ended = sum(audit.events.values()), datetime.now(UTC)
        self.told = replace(self.told, state="done", ended=ended, events=events, differences=tuple(found))

    async def _look(self, number: int) -> Audit:
        self.told = replace(self.told, look=number, records=0)
        return await audit_of(self._kafka, self._service, self._database, self._read)

    def _read(self, records: int) -> None:
        self.told = replace(self.told, records=records)

    async def _documents(self) -> int:
        found = [self._database[f"{LIVE}_{one.name}"] for one in self._service.projections]
        return sum([await one.estimated_document_count() for one in found])
