"""What every service runs on, built once from its settings and from what it declares of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.subscriptions import Deadline, Reaction, View
from shared.contracts.topics import PEOPLE
from shared.runtime.callers import Callers, read_callers
from shared.runtime.clock import Clock, SettableClock, SystemClock
from shared.runtime.consumer import Consumer
from shared.runtime.deadlines import Deadlines
from shared.runtime.delivery import Delivery
from shared.runtime.execute import Deciders, Executor
from shared.runtime.journal import Journal
from shared.runtime.kafka import KafkaPublisher
from shared.runtime.lineage import BOOKMARKS, Bookmarks, GuardedDelivery, Lineage
from shared.runtime.metrics import Counters
from shared.runtime.mongo import Session, connect
from shared.runtime.parked import Parked
from shared.runtime.people import Contacts, People
from shared.runtime.relay import JournalOutbox, Outbox, Relay
from shared.runtime.settings import ServiceSettings
from shared.runtime.views import ViewStore


@dataclass(frozen=True, slots=True)
class Declaration:
    """A service as it describes itself: its words, not its machinery."""

    service: str
    deciders: Deciders
    subscribes: tuple[str, ...]
    views: Sequence[View]
    reactions: Sequence[Reaction] = ()
    deadlines: Sequence[Deadline] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything real that a service is made of. Nothing is connected yet."""

    settings: ServiceSettings
    declaration: Declaration
    session: Session
    callers: Callers
    clock: Clock
    counters: Counters
    journal: Journal
    executor: Executor
    store: ViewStore
    parked: Parked
    contacts: Contacts
    people: People | None
    """Only where personal data are kept: in the service that owns their topic."""
    delivery: Delivery
    consumer: Consumer
    publisher: KafkaPublisher
    lineage: Lineage
    relay: Relay
    deadlines: Deadlines

    @property
    def service(self) -> str:
        return self.declaration.service

    def relay_of(self, outbox: Outbox) -> Relay:
        """A relay of something else than the journal, with the same producer and behind the same gate."""
        return Relay(outbox, self.publisher, asyncio.Event(), self.lineage.trusted.is_set)

    async def prepare(self) -> None:
        """Indexes and the clock. May be repeated; raises ``MongoUnavailable`` while the database is away."""
        await self.journal.prepare()
        await self.store.prepare()
        await self.parked.prepare()
        if isinstance(self.clock, SettableClock):
            await self.clock.restore()

    async def read_again(self, topics: Sequence[str]) -> None:
        """From the beginning of these topics: what was applied before is dropped as old, what was missed is not."""
        await self.consumer.from_the_beginning(topics, self.lineage.bookmarks.forget)

    async def leave_kafka(self) -> None:
        """Each part has its own deadline: a broker that is away holds nobody up."""
        await asyncio.gather(self.consumer.stop(), self.publisher.close())

    async def close(self) -> None:
        await self.leave_kafka()
        self.session.close()


def open_parts(settings: ServiceSettings, declaration: Declaration) -> Parts:
    session = connect(settings.mongo_uri.get_secret_value(), settings.mongo_database)
    database = session.database
    clock = SettableClock(database["clock"]) if settings.clock == "settable" else SystemClock()
    counters, nudge = Counters(declaration.service), asyncio.Event()
    journal, parked = Journal(database["journal"]), Parked(database)
    executor = Executor(journal, declaration.deciders, nudge.set)
    people = People(database["people"]) if declaration.service == PEOPLE.owner else None
    store, contacts = ViewStore(database, declaration.views), Contacts(database["contacts"])
    delivery = Delivery(
        store,
        parked,
        declaration.reactions,
        executor,
        counters,
        people or contacts if PEOPLE.name in declaration.subscribes else None,
    )
    publisher, bookmarks = KafkaPublisher(settings.kafka_bootstrap), Bookmarks(database[BOOKMARKS])
    group, topics = declaration.service, declaration.subscribes
    lineage = Lineage(settings.kafka_bootstrap, group, topics, bookmarks, publisher)
    guarded = GuardedDelivery(lineage, delivery)
    return Parts(
        settings=settings,
        declaration=declaration,
        session=session,
        callers=read_callers(settings.callers_file),
        clock=clock,
        counters=counters,
        journal=journal,
        executor=executor,
        store=store,
        parked=parked,
        contacts=contacts,
        people=people,
        delivery=delivery,
        consumer=Consumer(settings.kafka_bootstrap, group, topics, guarded),
        publisher=publisher,
        lineage=lineage,
        relay=Relay(JournalOutbox(journal, declaration.service), publisher, nudge, lineage.trusted.is_set),
        deadlines=Deadlines(declaration.deadlines, store, executor, clock),
    )
