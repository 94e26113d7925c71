"""Whatever happens to a session and whatever the mail server answers: nothing is overtaken, nothing untrue is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event
from structlog.testing import capture_logs

from services.notifications.domain.correspondence import replaces
from services.notifications.domain.course import Occasion
from services.notifications.domain.mail_commands import MailCommand, RecordAttempt, RecordReturn, mail_id
from services.notifications.domain.patience import ANSWER_WITHIN
from services.notifications.mailserver.outcomes import Later, Outcome, Sent, Unanswered, refused
from services.notifications.mailserver.pause import Pause
from services.notifications.mailserver.smtp import SmtpSender
from services.notifications.projections import course_of
from shared.contracts.notifications import (
    Cancellation,
    Content,
    NotificationAttempted,
    NotificationQueued,
    NotificationSuperseded,
    NotificationSuppressed,
)
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.notifications.letterbox import CANCELLATION, INVITATION, REMINDER, SUPPLEMENT, UPDATE, WITHDRAWAL, queued
from tests.notifications.mailserver import HOST, Letterbox, listening
from tests.notifications.world import World

Happening = Literal["invite", "invite others", "withdraw", "supplement", "move", "remind", "cancel"]
Answer = Literal["take", "greylist", "policy", "gone", "away", "take silently", "lose"]
Step = Happening | Answer | Literal["work", "work late", "stop", "go on", "half a minute", "an attempt", "hours"]

PASSES = {
    "half a minute": timedelta(seconds=31),
    "an attempt": ANSWER_WITHIN + timedelta(seconds=1),
    "hours": timedelta(hours=4, seconds=1),
}
HAPPENINGS = ("invite", "invite others", "withdraw", "supplement", "move", "remind", "cancel")
ANSWERS = ("take", "greylist", "policy", "gone", "away", "take silently", "lose")
STEPS = st.lists(
    st.one_of(
        st.sampled_from(HAPPENINGS),
        st.sampled_from(ANSWERS),
        st.sampled_from(["work", "work", "work late", "stop", "go on", *PASSES]),
    ),
    min_size=4,
    max_size=30,
)
EVA, PAUL = 1, 2
ENDS = {"cancellation", "withdrawal"}


@dataclass
class Session:
    """What happens to it, and what arrives at whom."""

    world: World = field(default_factory=lambda: World(Letterbox()))
    answer: Answer = "take"
    issue: int = 0
    revision: int = 0
    number: int = 0
    invited: tuple[int, ...] = ()
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    stale: list[Document] = field(default_factory=list)
    stops: bool = False
    stopped: list[asyncio.Event] = field(default_factory=list)

    def happens(self, what: Happening) -> None:
        if self.is_cancelled or (what not in ("invite", "invite others") and not self.invited):
            return
        if what == "withdraw" and EVA not in self.invited:
            return
        self.number += 1
        content = self.content(what)
        for number in (EVA,) if what == "withdraw" else self.invited:
            self.world.queue(self.mail(content, number))

    def content(self, what: Happening) -> Content:
        match what:
            case "invite" | "invite others":
                self.issue += 1
                self.invited = (EVA, PAUL) if what == "invite" else (PAUL,)
                return INVITATION.model_copy(update={"issue": self.issue, "appointment": self.appointment})
            case "withdraw":
                self.invited = tuple(number for number in self.invited if number != EVA)
                return WITHDRAWAL.model_copy(update={"appointment": self.appointment})
            case "supplement":
                return SUPPLEMENT.model_copy(update={"appointment": self.appointment})
            case "move":
                self.revision += 1
                return UPDATE.model_copy(update={"appointment": self.appointment})
            case "remind":
                return REMINDER.model_copy(update={"appointment": self.appointment})
            case "cancel":
                return CANCELLATION.model_copy(update={"appointment": self.appointment})

    @property
    def appointment(self) -> object:
        return INVITATION.appointment.model_copy(update={"revision": self.revision, "place": f"Saal {self.revision}"})

    def mail(self, content: Content, number: int) -> NotificationQueued:
        cause = derived_id("happened", str(self.number))
        told = {"cause": cause, "mail": mail_id(cause, content.kind, person(number)), "queued_at": self.world.now}
        return queued(content, number, **told)

    @property
    def occasions(self) -> Sequence[Occasion]:
        return self.world.courses[course_of(CONFERENCE, person(1), INVITATION)].occasions

    @property
    def is_cancelled(self) -> bool:
        return any(isinstance(one.content, Cancellation) for one in self.occasions)

    async def attempted(self, command: MailCommand) -> None:
        """Whoever records an attempt is stopped before it comes to it, where that is wanted of the next one."""
        if not isinstance(command, RecordAttempt):
            return
        self.untrue += [command.mail] if self.is_untrue(command.mail) else []
        if self.stops:
            self.stops = False
            self.stopped.append(goes_on := asyncio.Event())
            await goes_on.wait()

    def go_on(self) -> None:
        while self.stopped:
            self.stopped.pop().set()

    async def serve(self, message: bytes, _: str, recipient: str, in_time: Callable[[], bool]) -> Outcome:
        if not in_time():
            return Later("timed_out")
        match self.answer:
            case "greylist":
                return refused("recipient", 451, "4.3.0 later")
            case "policy":
                return refused("recipient", 554, "5.7.1 not you")
            case "gone":
                return refused("recipient", 550, "5.1.1 no such user")
            case "away":
                return Later("unreachable")
            case "lose":
                return Unanswered()
            case "take" | "take silently":
                self.arrived.append((recipient, message))
                return Sent() if self.answer == "take" else Unanswered()

    def is_untrue(self, name: str) -> bool:
        """Whether a newer mail to the same person, which makes this one needless, is in the journal already."""
        own = self.queued_as(name)
        mine = next(one for one in self.occasions if one.cause == own.cause)
        return any(
            one.order > mine.order
            and replaces(one.content, own.content)
            and bool(self.world.streams.get(mail_id(one.cause, one.content.kind, own.person)))
            for one in self.occasions
        )

    def queued_as(self, name: str) -> NotificationQueued:
        event = self.world.streams[name][0]
        assert isinstance(event, NotificationQueued)
        return event


async def played(steps: Sequence[Step]) -> Session:
    """Two senders; the second works on what it read before the last happening, or in the place of one that is stopped.
    In the end the server takes all, and whoever was stopped goes on when all is over.
    """
    session = Session()
    world = session.world
    world.recorded = session.attempted
    senders = [
        world.sending(session.serve, pause=Pause(world.seconds, probe_after=[timedelta(seconds=30)])) for _ in range(2)
    ]

    async def work(*, late: bool = False) -> None:
        fresh = world.documents()
        other = session.stale if late else fresh if session.stopped else []
        await asyncio.gather(*(one.start(docs) for one, docs in zip(senders, (fresh, other), strict=True)))
        while sum(len(one._under_way) for one in senders) > len(session.stopped):  # noqa: ASYNC110 - nobody tells that whoever is left is stopped
            await asyncio.sleep(0)
        session.stale = fresh

    for step in steps:
        if step in PASSES:
            world.now += PASSES[step]
        elif step in ("work", "work late"):
            await work(late=step == "work late")
        elif step == "stop":
            session.stops = True
        elif step == "go on":
            session.go_on()
        elif step in ANSWERS:
            session.answer = step  # type: ignore[assignment]
        else:
            session.happens(step)  # type: ignore[arg-type]
    session.answer = "take"
    for rest in range(14):
        await work()
        world.now += PASSES["hours"]
        if rest == 11:
            session.go_on()
    return session


def arrivals(session: Session, number: int) -> Iterator[tuple[NotificationQueued, bytes]]:
    for recipient, message in session.arrived:
        if recipient == f"{person(number)}@example.org":
            name = str(message_from_bytes(message, policy=default)["Message-ID"]).strip("<>").partition("@")[0]
            yield session.queued_as(name), message


def event_in(message: bytes) -> Event | None:
    for part in message_from_bytes(message, policy=default).walk():
        if part.get_content_type() == "text/calendar":
            return Calendar.from_ical(part.get_content()).walk("VEVENT")[0]  # type: ignore[return-value]
    return None


@given(STEPS)
@example(["invite", "stop", "work", "an attempt", "move", "work"])
@example(["invite", "stop", "work", "an attempt", "move", "work", "go on", "remind", "work"])
@settings(max_examples=60)
def test_mails_stay_true_and_in_order(steps: list[Step]) -> None:
    stay_true_and_in_order(steps)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(STEPS)
@settings(max_examples=1500)
def test_mails_stay_true_and_in_order_for_long(steps: list[Step]) -> None:
    stay_true_and_in_order(steps)


def stay_true_and_in_order(steps: list[Step]) -> None:
    with capture_logs():
        session = asyncio.run(played(steps))
    world = session.world
    assert session.untrue == []
    assert [mail for mail, events in world.streams.items() if events and world.state(mail).is_waiting] == []
    order = {one.cause: one.order for one in session.occasions}
    for number in (EVA, PAUL):
        _arrived_in_order(session, number, order)
        _calendar_entries_grow(session, number)
        _nobody_is_told_off_what_he_never_heard_of(session, number)
        _who_heard_of_it_hears_of_its_end(session, number)
    _superseded_by_what_came_later(session, order)


def _arrived_in_order(session: Session, number: int, order: dict[str, int]) -> None:
    places = [order[about.cause] for about, _ in arrivals(session, number)]
    assert places == sorted(places)


def _calendar_entries_grow(session: Session, number: int) -> None:
    """A second copy of a mail is the same to the byte; another mail has another stamp and a greater SEQUENCE."""
    bodies = list(dict.fromkeys(message for _, message in arrivals(session, number)))
    assert len(bodies) == len({about.mail for about, _ in arrivals(session, number)})
    entries = [entry for entry in map(event_in, bodies) if entry is not None]
    numbers = [int(str(entry["SEQUENCE"])) for entry in entries]
    assert numbers == sorted(set(numbers))
    assert len({entry.decoded("DTSTAMP") for entry in entries}) == len(entries)


def _may_have_heard(session: Session, number: int) -> bool:
    return any(
        session.world.state(mail).may_have_arrived
        for mail, events in session.world.streams.items()
        if events
        and session.queued_as(mail).person == person(number)
        and session.queued_as(mail).content.kind not in ENDS
    )


def _nobody_is_told_off_what_he_never_heard_of(session: Session, number: int) -> None:
    kinds = [about.content.kind for about, _ in arrivals(session, number)]
    if not ENDS.isdisjoint(kinds):
        assert _may_have_heard(session, number)


def _who_heard_of_it_hears_of_its_end(session: Session, number: int) -> None:
    """Also whom the last invitation does not name any more: then without a STATUS."""
    if not session.is_cancelled or not _may_have_heard(session, number):
        return
    end = [one for one in session.occasions if one.content.kind in ENDS and person(number) in one.recipients][-1:]
    last_said = [one for one in session.occasions if person(number) in one.recipients][-1]
    if end != [last_said]:
        end = [session.occasions[-1]]
    cause, kind = end[0].cause, end[0].content.kind
    name = mail_id(cause, kind, person(number))
    if len(session.world.streams[name]) and session.world.told(name)[-1] != "Sent":
        assert "AddressBounced" in session.world.told(name) or session.world.state(name).may_have_arrived
        return
    last = [message for about, message in arrivals(session, number) if about.mail == name][-1]
    entry = event_in(last)
    assert entry is not None
    is_told = kind == "cancellation" and person(number) in session.occasions[-1].recipients
    assert entry.get("STATUS") == ("CANCELLED" if is_told else None)


def _superseded_by_what_came_later(session: Session, order: dict[str, int]) -> None:
    for events in session.world.streams.values():
        for event in events:
            if isinstance(event, NotificationSuperseded):
                older, newer = session.queued_as(event.mail), session.queued_as(event.by)
                assert older.person == newer.person
                assert order[older.cause] < order[newer.cause]
            if isinstance(event, NotificationSuppressed):
                assert event.reason in ("never_told", "withdrawn")


@pytest.mark.parametrize("arrives_first", [True, False])
async def test_an_outage_while_a_session_is_invited_moved_and_called_off(arrives_first: bool) -> None:
    """On a real mail server: the last word goes out alone, and to nobody who never heard the first."""
    session = Session()
    world = session.world
    async with listening(world.box) as port:
        smtp = SmtpSender(HOST, port, "none")
        pause = Pause(world.seconds)
        sending = world.sending(smtp.send, pause=pause)

        async def work() -> None:
            await sending.start(world.documents())
            await sending.finish(within=30)

        session.happens("invite")
        if arrives_first:
            await work()
        world.box.answers["MAIL"] = "451 4.3.2 not now"
        moves: tuple[Happening, ...] = ("move", "cancel")
        for what in moves:
            session.happens(what)
            await work()
            world.now += timedelta(minutes=1)
        assert pause.is_on
        world.box.answers.clear()
        for _ in range(4):
            await work()
            world.now += timedelta(minutes=6)
        await smtp.close()
    subjects = [str(message_from_bytes(content, policy=default)["Subject"]) for _, _, content in world.box.arrived]
    assert [subject.partition(":")[0] for subject in subjects] == (["Einladung"] * 2 + ["Absage"] * 2) * arrives_first
    ends = {world.told(mail)[-1] for mail, events in world.streams.items() if events}
    assert ends == ({"Sent", "Superseded"} if arrives_first else {"Superseded", "Suppressed"})


async def test_greylisting_never_lets_a_later_mail_overtake() -> None:
    session = Session()
    world = session.world
    async with listening(world.box) as port:
        smtp = SmtpSender(HOST, port, "none")
        sending = world.sending(smtp.send)

        async def work() -> None:
            await sending.start(world.documents())
            await sending.finish(within=30)

        session.happens("invite")
        world.box.answers["RCPT"] = "451 4.2.0 greylisted"
        await work()
        world.box.answers.clear()
        session.happens("remind")
        await work()
        assert world.box.arrived == []
        world.now += timedelta(seconds=31)
        await work()
        await work()
        await smtp.close()
    subjects = [str(message_from_bytes(content, policy=default)["Subject"]) for _, _, content in world.box.arrived]
    assert [subject.partition(":")[0] for subject in subjects] == ["Einladung"] * 2 + ["Erinnerung"] * 2
    assert all(isinstance(events[1], NotificationAttempted) for events in world.streams.values() if events)
    assert world.now > NOW


async def test_whoever_was_dropped_meanwhile_hears_that_it_is_called_off() -> None:
    """The event names Paul alone; the sender tells Eva, who was invited first, and does so once."""
    session = Session()
    world = session.world
    async with listening(world.box) as port:
        smtp = SmtpSender(HOST, port, "none")
        sending = world.sending(smtp.send)

        async def work() -> None:
            await sending.start(world.documents())
            await sending.finish(within=30)

        happenings: tuple[Happening, ...] = ("invite", "invite others", "cancel")
        for what in happenings:
            session.happens(what)
            await work()
        assert session.occasions[-1].recipients.keys() == {person(PAUL)}
        for _ in range(3):
            await work()
        await smtp.close()
    told = {
        number: [str(one["Subject"]).partition(":")[0] for one in mails_to(world, number)] for number in (EVA, PAUL)
    }
    assert told == {EVA: ["Einladung", "Absage"], PAUL: ["Einladung", "Einladung", "Absage"]}


async def test_whose_invitation_came_back_is_invited_when_the_session_is_moved_and_not_only_told_of_it() -> None:
    session = Session()
    world = session.world
    async with listening(world.box) as port:
        smtp = SmtpSender(HOST, port, "none")
        sending = world.sending(smtp.send)

        async def work() -> None:
            await sending.start(world.documents())
            await sending.finish(within=30)

        session.happens("invite")
        await work()
        [first] = [
            mail
            for mail, events in world.streams.items()
            if events and isinstance(events[0], NotificationQueued) and events[0].person == person(EVA)
        ]
        await world.execute(RecordReturn(**edge(mail=first, report=person(8), reason="gave_up")))
        session.happens("move")
        await work()
        await smtp.close()
    told = {
        number: [str(one["Subject"]).partition(":")[0] for one in mails_to(world, number)] for number in (EVA, PAUL)
    }
    assert told[EVA] == ["Einladung", "Einladung"] and told[PAUL][0] == "Einladung" != told[PAUL][1]


def mails_to(world: World, number: int) -> list[EmailMessage]:
    return [
        message_from_bytes(content, policy=default)
        for _, (recipient,), content in world.box.arrived
        if recipient == f"{person(number)}@example.org"
    ]
