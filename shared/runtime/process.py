"""One process of a service: its HTTP API, its worker's loops, or both.

It starts, answers and accepts commands while Kafka is down; it is not ready while its database is down. If a loop dies,
the process ends, so that a supervisor sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial

import structlog
from fastapi import APIRouter, FastAPI

from shared.contracts.registry import STATES
from shared.contracts.topics import events_of, public_of, state_of
from shared.declarations.projection import Projection
from shared.declarations.service import Service
from shared.runtime.commands.execute import Executor
from shared.runtime.commands.facts import Facts, Names, Supplies
from shared.runtime.commands.journal import JOURNAL, Journal
from shared.runtime.commands.routes import Execute, add_commands
from shared.runtime.delivery.arrivals import TopicArrivals
from shared.runtime.delivery.bookmarks import BOOKMARKS, Bookmarks
from shared.runtime.delivery.deadlines import Deadlines
from shared.runtime.delivery.delivery import Delivery
from shared.runtime.delivery.folding import Folding
from shared.runtime.delivery.introductions import INTRODUCTIONS, Introductions
from shared.runtime.delivery.listener import Listener
from shared.runtime.delivery.own_topic import OwnTopic
from shared.runtime.delivery.parked import Parked
from shared.runtime.delivery.progress import Progress
from shared.runtime.delivery.reactions import Reactions
from shared.runtime.delivery.renewal import Renewal
from shared.runtime.delivery.state_copy import StateCopy
from shared.runtime.delivery.stores import POSITIONS, Positions, ProjectionStore
from shared.runtime.delivery.subscription import Subscribers
from shared.runtime.history.drift import BEGINNINGS, Drift
from shared.runtime.history.gate import Gate
from shared.runtime.history.recover import Recovery
from shared.runtime.http.access import Access, access
from shared.runtime.http.app import new_app
from shared.runtime.http.callers_file import CallersFile
from shared.runtime.http.oidc import Issuer
from shared.runtime.http.requests import about_own_conference
from shared.runtime.kafka.access import access_of
from shared.runtime.kafka.ends import TopicEnds
from shared.runtime.kafka.right_topics import until_right
from shared.runtime.loops import Loop, side_by_side
from shared.runtime.mongo.access import uri_of
from shared.runtime.mongo.changes import Changes, Nudge
from shared.runtime.mongo.driver import MongoUnavailable, Session, connect
from shared.runtime.mongo.figures import figures_of
from shared.runtime.observing.alarms import Alarms
from shared.runtime.observing.clock import CLOCK, SettableClock, SystemClock
from shared.runtime.observing.metrics import Counters
from shared.runtime.operating.acts import ACTS, Acts, acts_router
from shared.runtime.operating.admin import clock_router, maintenance_router, parked_router, streams_router
from shared.runtime.operating.gauges import Extra, gauge_reader, watch
from shared.runtime.operating.health import degradation, health_router
from shared.runtime.operating.maintenance import Maintenance
from shared.runtime.operating.open_points import number_of_open_points, open_points_in, open_points_router
from shared.runtime.operating.rebuild import REBUILDS, Rebuilding
from shared.runtime.operating.verification import Verification
from shared.runtime.operating.verification_route import verification_router
from shared.runtime.operating.versions import VERSIONS, Versions
from shared.runtime.publishing.feed import Feed
from shared.runtime.publishing.feed_route import feed_router
from shared.runtime.publishing.left_behind import LeftBehind
from shared.runtime.publishing.public import PublicLayer
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import JournalOutbox, Outbox, Relay
from shared.runtime.publishing.state_topics import StateTopic
from shared.runtime.settings import Role, ServiceSettings

log = structlog.get_logger()

RETRY_SECONDS = 1.0


def open_session(service: Service, settings: ServiceSettings) -> Session:
    """Raises ``WrongAccess``."""
    return connect(uri_of(settings), settings.mongo_database or f"kpk_{service.name}")


class Process:
    """Connects to nothing before it runs. ``owns`` are the state topics of this service, ``copies`` those of others.

    ``extra`` are health figures that only this service has.
    """

    def __init__(
        self,
        service: Service,
        settings: ServiceSettings,
        role: Role,
        session: Session,
        subscribers: Subscribers,
        owns: Sequence[StateTopic] = (),
        copies: Mapping[str, StateCopy] | None = None,
        extra: Extra | None = None,
    ) -> None:
        self.service, self.settings, self.role, self.session = service, settings, role, session
        database, kafka = session.database, access_of(settings)
        self.clock = SettableClock(database[CLOCK]) if settings.clock == "settable" else SystemClock()
        self.counters = Counters(service.name)
        self.alarms = Alarms(self.counters)
        self.prepared = False

        self.changes = Changes(session)
        committed = self.changes.of(JOURNAL)
        self.journal = Journal(database[JOURNAL])
        self.executor = Executor(self.journal, service.decided_by, committed.give)

        self.owns = tuple(owns)
        self._kafka = kafka
        self.publisher = KafkaPublisher(kafka)
        bookmarks = Bookmarks(database[BOOKMARKS])
        self.gate = Gate(kafka, service.name, service.topics, bookmarks, self.publisher)
        self.public = PublicLayer(service, self.journal, database[BEGINNINGS], committed.give)
        self.relays = [self._relay(JournalOutbox(self.journal, service.name, self.public), committed)]
        self.relays += [self._relay(state, self.changes.of(state.collection_name)) for state in owns]

        self.projections = ProjectionStore(database, service.projections)
        self.positions = Positions(database[POSITIONS])
        self.parked = Parked(database)
        self._introductions = Introductions(database[INTRODUCTIONS], service.reactions, service.topics)
        own = OwnTopic(events_of(service.name).name, self.journal, self.gate)
        self.delivery = Delivery(
            service.wanted,
            own,
            Folding(self.projections),
            Reactions(service.reactions, self._introductions, self.executor, self.counters),
            self.parked,
            self.positions,
            Progress(self.positions, bookmarks, self.parked),
            {**{one.state.topic.name: one for one in owns}, **(copies or {})},
            self.counters,
        )
        events = [topic for topic in service.topics if topic not in STATES]
        rebuilding = Rebuilding(kafka, events, database, self.positions, self.parked, own, database[REBUILDS])
        self._versions = Versions(database[VERSIONS], service, kafka, rebuilding, self.alarms)
        renewal = Renewal(kafka, copies or {}, bookmarks, self.parked, self.gate)
        self.listener = Listener(
            kafka, service.topics, subscribers, self.delivery, self.gate, self._versions.admit, renewal.before
        )
        awaited = self.changed(*(one.projection for one in service.deadlines))
        self._deadlines = Deadlines(
            service.deadlines, self.projections, self.executor, self.clock, awaited, self.journal, self.positions
        )

        recovery = Recovery(kafka, own.name, self.journal, self.owns, self.parked, self.gate)
        drift = Drift(kafka, (*service.hears, *service.own_topics), own.name, database[BEGINNINGS], self.alarms)
        self.maintenance = Maintenance(
            self.listener,
            self.delivery,
            bookmarks,
            rebuilding,
            self.journal,
            self.public,
            self.executor,
            self.owns,
            copies or {},
            recovery,
            drift,
            committed.give,
        )
        of_database, open_points = partial(figures_of, database), partial(number_of_open_points, self.projections)
        self.verification = Verification(kafka, service, database)
        self._measure = gauge_reader(
            self.journal, self.parked, self.listener, self.gate, settings.disk_folder, of_database, open_points, extra
        )

        self.loops: list[Loop] = []
        self.run_also(self.changes.run, self.gate.run, self._listen, *(one.run for one in self.relays))
        watching = partial(watch, self._measure, self.counters, self.alarms, self.delivery.sweep)
        self.run_also(self._deadlines.run, watching, drift.run, self.verification.run)
        left_behind = LeftBehind(kafka, state_of(service.name), self.public, self.gate.trusted)
        self.run_also(*(one.keep_marking for one in owns), *([left_behind.run] if service.public else []))
        self._questions: list[Callable[[], APIRouter]] = []
        self._ends = TopicEnds(kafka)
        self.arrivals = TopicArrivals(self._ends, bookmarks, self.positions, self.parked, self._versions.outdated)
        self.facts = Facts({}, self.arrivals)
        self.execute: Execute = self.executor.execute
        if own_points := open_points_in(service.projections):
            self.serve(lambda: open_points_router(self.projections, own_points, self.arrivals.reached))

    def serve_commands(self, supplies: Supplies, names: Names, execute: Execute | None = None) -> None:
        """Every command that callers may give. ``execute`` is by default the service's executor."""
        self.facts, self.execute = Facts(supplies, self.arrivals, names), execute or self.execute

    def serve(self, questions: Callable[[], APIRouter]) -> None:
        """Adds queries, if this process has the API."""
        self._questions.append(questions)

    def run_also(self, *loops: Loop) -> None:
        """Runs beside the loops that all services have, if this process is a worker."""
        if self.role != "api":
            self.loops += loops

    @cached_property
    def app(self) -> FastAPI:
        """Raises ``ValidationError`` or ``OSError``: a service without its callers does not start."""
        callers = CallersFile(self.settings.callers_file, self.alarms)
        self.loops.append(callers.keep_looking)
        app = new_app(self.service.name, callers, self._access(), self.counters)
        if self.role != "worker":
            self._add_commands(app.router)
        for router in self._all_routers():
            app.include_router(router)
        if self.role != "worker":
            for questions in self._questions:
                app.include_router(questions(), dependencies=[about_own_conference()])
        return app

    def _add_commands(self, router: APIRouter) -> None:
        given, first_answer = self.service.given.values(), self.executor.first_answer
        add_commands(router, given, self.facts, self.execute, first_answer, self.clock, self.counters)

    def _access(self) -> Access:
        issuer = Issuer(self.settings.oidc, self.alarms) if self.settings.oidc else None
        if issuer:
            self.loops.append(issuer.keys.keep_fresh)
        return access(issuer, self.settings.requests_per_second)

    async def ready(self) -> bool:
        return self.prepared and await self.session.answers()

    async def prepare(self) -> None:
        """Indexes, versions, the clock. May be repeated; raises ``MongoUnavailable`` while the database is away."""
        for step in (self.journal.prepare, self.parked.prepare, *(one.prepare for one in self.owns)):
            await step()
        if self.role != "api":
            await self._prepare_work()
        if isinstance(self.clock, SettableClock):
            await self.clock.restore()
        self.prepared = True

    async def _prepare_work(self) -> None:
        has_run_before = await self.positions.any()
        await self._versions.note(self.session.database, has_run_before)
        await self._introductions.note(datetime.now(UTC), has_run_before)
        await self.projections.prepare()
        await self.journal.copy_marks()

    async def work(self) -> None:
        """Until cancelled. Raises the error with which a loop ended."""
        while not self.prepared:
            try:
                await self.prepare()
            except MongoUnavailable as error:
                log.warning("database is unreachable", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
        log.info("prepared", role=self.role)
        await side_by_side(self.loops)

    async def leave_kafka(self) -> None:
        """Each part has a deadline of its own: a broker that is away holds up nobody."""
        await asyncio.gather(self.listener.stop(), self.publisher.close(), self._ends.close())
        await self.gate.close()  # a last batch may have caused another look

    async def close(self) -> None:
        await self.leave_kafka()
        await self.session.close()

    def _all_routers(self) -> Iterator[APIRouter]:
        reasons = degradation(self.listener, self.publisher, self.gate, self.alarms, works=self.role != "api")
        yield health_router(
            self.service.name, self.ready, self._measure, reasons, self.journal, self.listener, self.counters
        )
        yield clock_router(self.clock)
        if self.role != "worker":
            yield streams_router(self.journal)
            if self.service.public:
                yield feed_router(Feed(self._kafka, public_of(self.service.name)))
        if self.role != "api":
            acts = Acts(self.session.database[ACTS])
            yield acts_router(acts)
            yield parked_router(self.parked, self.delivery, self.listener, acts)
            yield maintenance_router(self.maintenance, self.service.projections, acts)
            yield verification_router(self.verification, acts)

    def changed(self, *projections: Projection) -> Nudge:
        """A nudge that is given whenever one of these is written, by this worker or another."""
        return self.changes.of(*(self.projections.collection(one).name for one in projections))

    def _relay(self, outbox: Outbox, nudge: Nudge) -> Relay:
        """All with one publisher and one gate."""
        return Relay(outbox, self.publisher, nudge, self.gate.trusted.is_set)

    async def _listen(self) -> None:
        await until_right(self._kafka, self.service.hears)
        await self.gate.looked.wait()
        await self._versions.bring_up_to_date()
        await self.listener.run()
