"""A sender's world: the service's own rules on a journal in memory, contacts, courses, and a clock that is set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.notifications.bounds import Bounds, Measure, Switch
from services.notifications.contacts import AwaitedContacts, Contact, Recipients
from services.notifications.correspondence import Correspondence
from services.notifications.domain.course import Answered, Course, Occasion
from services.notifications.domain.dispatch import Dispatch
from services.notifications.domain.mail import MAIL
from services.notifications.domain.mail_commands import MailCommand
from services.notifications.domain.mail_state import Mail, MailEvent
from services.notifications.mailserver.only_to import EVERYBODY, OnlyTo
from services.notifications.mailserver.pause import Pause
from services.notifications.mailserver.smtp import SmtpSender
from services.notifications.projections import course_of
from services.notifications.sending import AT_ONCE, Send, Sending, clock
from shared.contracts.notifications import NotificationQueued
from shared.contracts.people import PersonDetails
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id, stream_name
from tests.kit.when import CONFERENCE, NOW
from tests.notifications.letterbox import NAMED, OFFICE, details, remembered
from tests.notifications.mailserver import HOST, Letterbox

NO_MEASURE = Measure(1_000_000)


@dataclass
class World:
    box: Letterbox
    streams: dict[str, list[MailEvent]] = field(default_factory=lambda: defaultdict(list))
    courses: dict[str, Course] = field(default_factory=lambda: defaultdict(Course))
    contacts: dict[str, Contact] = field(default_factory=dict)
    named: Document = field(default_factory=lambda: {**NAMED})
    machine: float = 0.0
    """The machine's seconds, which a service's clock that is set leaves as they are."""
    suspended: set[str] = field(default_factory=set)
    """Addresses, by their ids."""
    is_stopped: bool = False
    heard_all: bool = True
    asked: int = 0
    """How often it was asked whether all is heard."""
    now: datetime = NOW
    before: Callable[[MailCommand], None] = lambda _: None
    recorded: Callable[[MailCommand], Awaitable[None]] | None = None
    """What happens between a command's being in the journal and its sender's hearing of it."""

    def queue(self, event: NotificationQueued, to: PersonDetails | None = None) -> str:
        """As the reaction does, when its event is in the course."""
        self.contacts[event.person] = Contact(to or details(email=f"{event.person}@example.org"))
        return self.queue_also(event)

    def queue_also(self, event: NotificationQueued) -> str:
        """To somebody who is known already."""
        self.happen(event)
        self.streams[event.mail] = [event]
        return event.mail

    def happen(self, event: NotificationQueued) -> None:
        key = course_of(CONFERENCE, event.person, event.content)
        course = self.courses[key]
        known = {one.cause: one for one in course.occasions}
        named = known[event.cause].recipients if event.cause in known else {}
        known[event.cause] = Occasion(
            order=known[event.cause].order if named else self.order(course),
            cause=event.cause,
            at=event.queued_at,
            content=event.content,
            recipients={**named, event.person: event.seat},
        )
        self.courses[key] = course.model_copy(update={"occasions": tuple(known.values())})

    def order(self, course: Course) -> int:
        known: list[Occasion | Answered] = [*course.occasions, *course.answers]
        return 1 + max((one.order for one in known), default=0)

    def seconds(self) -> float:
        return self.now.timestamp()

    async def execute(self, command: MailCommand) -> Sequence[MailEvent]:
        self.before(command)
        events = MAIL.decide(self.state(command.mail), command)
        self.streams[command.mail].extend(events)
        if self.recorded is not None:
            await self.recorded(command)
        return events

    async def find_course(self, conference: str, queued: NotificationQueued) -> Course | None:
        return self.courses.get(course_of(conference, queued.person, queued.content))

    async def has_heard_all(self, *_: object) -> bool:
        self.asked += 1
        return self.heard_all

    async def history(self, _: str, mail: str) -> Mail:
        return self.state(mail)

    def state(self, mail: str) -> Mail:
        return MAIL.fold(self.streams.get(mail, []))

    def told(self, mail: str) -> list[str]:
        return [type(event).__name__.removeprefix("Notification") for event in self.streams[mail]]

    def documents(self) -> list[Document]:
        """As they are read when they are due: each with the names that it says."""
        return [
            {**remembered(stream_name(CONFERENCE, "mail", mail), events), **self.named}
            for mail, events in self.streams.items()
            if events
        ]

    async def dispatch_of(self, _: str) -> Dispatch:
        return Dispatch(self.is_stopped)

    async def contact(self, who: str) -> Contact | None:
        return self.contacts.get(who)

    async def is_suspended(self, _: str, address: str) -> bool:
        return address in self.suspended

    async def name_address(self, who: str, email: str) -> str | None:
        """As the copy of people does: known from then on."""
        known = self.contacts[who]
        if known.details is None:
            return None
        if known.details.email != email:
            return derived_id("address", who, "left")
        self.contacts[who] = Contact(known.details, known.address or derived_id("address", who, email))
        return self.contacts[who].address

    def smtp(self, port: int) -> SmtpSender:
        return SmtpSender(HOST, port, "none", content_seconds=2)

    def sending(
        self,
        send: Send,
        at_once: int = AT_ONCE,
        pause: Pause | None = None,
        only_to: OnlyTo = EVERYBODY,
        measure: Measure = NO_MEASURE,
    ) -> Sending:
        correspondence = Correspondence(self.execute, self.find_course, self.has_heard_all, self.history)
        people = AwaitedContacts(self.contact, self.has_heard_all, lambda: self.machine)
        return Sending(
            self.execute,
            Recipients(people, self.has_heard_all, self.is_suspended, self.name_address, OFFICE.email, only_to),
            send,
            lambda _: OFFICE,
            lambda: self.now,
            correspondence,
            Bounds(pause or Pause(clock), Switch(self.dispatch_of, lambda: self.machine), measure),
            at_once,
        )
