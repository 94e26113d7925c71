"""Composition root of notifications: the only place that builds real things."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import uuid4

from services.notifications import api, mail_log, queries
from services.notifications.bounds import Bounds, Measure, Switch
from services.notifications.contacts import AwaitedContacts, Contacts, HasHeardAll, Recipients
from services.notifications.correspondence import Correspondence
from services.notifications.digest import send_digests
from services.notifications.domain.address import AddressEvent, LiftSuspension
from services.notifications.domain.course import Course
from services.notifications.domain.dispatch import DISPATCH, Dispatch, dispatch_of
from services.notifications.domain.mail import MAIL
from services.notifications.domain.mail_commands import MailCommand
from services.notifications.domain.mail_state import Mail, MailEvent
from services.notifications.domain.reply import DismissReply
from services.notifications.due_letters import DueLetters
from services.notifications.letters.office import AnswerLinks, Office, OfficeOf, own_domain
from services.notifications.letters.paper import on_paper
from services.notifications.mailbox.proposals import Proposals
from services.notifications.mailbox.returns import Returns
from services.notifications.mailserver.only_to import OnlyTo, entries_of
from services.notifications.mailserver.pause import Pause
from services.notifications.mailserver.smtp import SmtpSender
from services.notifications.projections import MAILS, course_of, queued_of, topic_of
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.projections.dispatches import DISPATCHES
from services.notifications.proof import line_of
from services.notifications.sending import Sending, clock
from services.notifications.service import SERVICE
from services.notifications.settings import NotificationsSettings
from services.notifications.share import Share
from services.notifications.suspensions import Suspensions
from services.notifications.worker import send_what_is_due, subscribers
from shared.contracts.notifications import MailId, NotificationQueued
from shared.contracts.topics import PEOPLE, events_of
from shared.declarations.projection import Document
from shared.declarations.service import Service
from shared.kernel.identifiers import PersonId, Slug, stream_name
from shared.runtime.commands.execute import Request
from shared.runtime.commands.facts import Named
from shared.runtime.gathered import Gathered
from shared.runtime.observing.alarms import Alarms
from shared.runtime.process import Process, open_session
from shared.runtime.settings import Role

OWN_TOPIC = events_of(SERVICE.name).name


def build(settings: NotificationsSettings, role: Role, service: Service = SERVICE) -> Process:
    session = open_session(service, settings)

    def _now() -> datetime:
        return process.clock.now()

    contacts = Contacts(
        session.database["contacts"],
        lambda people: queries.suspended_of(process.projections, people),
        _now if settings.office_maildir else None,
    )

    async def measure() -> dict[str, Any]:
        states = await queries.mails_by_state(process.projections, process.clock.now())
        return {**states, "mail_pause_seconds": pause.seconds}

    process = Process(
        service,
        settings,
        role,
        session,
        subscribers,
        copies={PEOPLE.name: contacts},
        extra=measure,
    )
    pause = Pause(clock, partial(_tell_pause, process.alarms))
    domain = settings.mail_from.rpartition("@")[2]
    proposals = Proposals(settings.office_maildir, domain, process.projections, contacts.get)
    process.serve_commands({}, {DismissReply: (Named(proposals.must_have),)})
    correspondence = _correspondence(process)
    letter = partial(_letter, process, contacts, _offices(settings), correspondence)
    proof = partial(_proof, process)
    process.serve(lambda: api.questions(process.projections, process.arrivals.reached, letter, proof, proposals))
    bounds = Bounds(
        pause,
        Switch(partial(_dispatch, process), clock),
        Measure(settings.mails_per_person_and_day, partial(_tell_full, process.alarms)),
    )
    has_heard_all = partial(_has_heard_all_of, process)
    awaited = AwaitedContacts(contacts.get, has_heard_all, clock)
    recipients = _recipients(process, contacts, awaited, has_heard_all, settings)
    sending = _sending(process, recipients, settings, bounds, correspondence)
    names = [process.projections.collection(one).name for one in (MAILS, DISPATCHES)]
    changed = process.changes.of("contacts", *names)
    share = Share(partial(_heard, process), clock)
    process.run_also(lambda: send_what_is_due(process.projections, process.clock, sending, share, changed))
    suspensions = Suspensions(
        process.projections,
        awaited.get,
        contacts.name_address,
        partial(_lift, process),
        partial(_execute, process),
        process.clock,
    )
    written = process.changes.of("contacts", process.projections.collection(ADDRESSES).name)
    process.run_also(lambda: suspensions.keep_looking(written))
    due_letters = DueLetters(process.projections, awaited.get, partial(_execute, process), process.clock)
    erased = process.changes.of("contacts")
    process.run_also(lambda: due_letters.keep_looking(erased))
    process.run_also(lambda: contacts.keep_forgetting(process.clock))
    weekday, execute = settings.digest_on, partial(_execute, process)
    process.run_also(lambda: send_digests(process.projections, execute, process.clock, weekday))
    if folder := settings.office_maildir:
        count = process.counters.report
        returns = Returns(
            folder, domain, process.projections, contacts.get, contacts.name_address, execute, process.clock, count
        )
        process.run_also(returns.keep_looking)
    return process


async def _execute(process: Process, command: MailCommand) -> Sequence[MailEvent]:
    answer = await process.executor.execute(command, Request(f"sender:{uuid4()}"))
    events = [cast("MailEvent", recorded.event()) for recorded in answer.events]
    for event in events:
        process.counters.mail(*mail_log.counted(event))
    return events


async def _lift(process: Process, command: LiftSuspension) -> Sequence[AddressEvent]:
    answer = await process.executor.execute(command, Request(f"sender:{uuid4()}"))
    return [cast("AddressEvent", recorded.event()) for recorded in answer.events]


def _heard(process: Process) -> AbstractSet[int] | None:
    consumer = process.listener.consumer
    return None if consumer is None else {one.partition for one in consumer.assignment() if one.topic == OWN_TOPIC}


async def _dispatch(process: Process, conference: str) -> Dispatch:
    [state] = await process.executor.states(DISPATCH, [dispatch_of(conference)])
    return state


async def _letter(
    process: Process,
    contacts: Contacts,
    office_of: OfficeOf,
    correspondence: Correspondence,
    conference: Slug,
    mail: MailId,
) -> bytes:
    found = await queries.letter(process.projections, conference, mail)
    contact = await contacts.get(found["person"])
    if contact is None or contact.details is None:
        raise queries.NoLetter
    background = await correspondence.background(found)
    return await to_thread(on_paper, queued_of(found), contact.details, office_of(found), background)


async def _proof(process: Process, conference: Slug, session: Slug) -> list[Document]:
    lines: list[Document] = []
    for mail in await queries.asked_to(process.projections, conference, session):
        commits = await process.journal.read(mail["stream"])
        steps = [(one.at, cast("MailEvent", each.event())) for one in commits for each in one.events]
        lines.append(line_of(mail, steps))
    return lines


def _correspondence(process: Process) -> Correspondence:
    async def history(conference: str, mail: MailId) -> Mail:
        commits = await process.journal.read(stream_name(conference, MAIL.kind, mail))
        return MAIL.fold(cast("MailEvent", recorded.event()) for commit in commits for recorded in commit.events)

    async def has_heard_all_about(conference: str, queued: NotificationQueued) -> bool:
        stream = course_of(conference, queued.person, queued.content)
        return await process.arrivals.late(topic_of(queued.content), [stream]) is None

    courses = Gathered(partial(queries.courses, process.projections))

    async def find_course(conference: str, queued: NotificationQueued) -> Course | None:
        return await courses.get(course_of(conference, queued.person, queued.content))

    return Correspondence(partial(_execute, process), find_course, has_heard_all_about, history)


async def _has_heard_all_of(process: Process, person: PersonId) -> bool:
    late = await process.arrivals.late(PEOPLE, [person])
    return late is None and not await process.parked.holds_state(PEOPLE.name, person)


def _recipients(
    process: Process,
    contacts: Contacts,
    awaited: AwaitedContacts,
    has_heard_all: HasHeardAll,
    settings: NotificationsSettings,
) -> Recipients:
    return Recipients(
        awaited,
        has_heard_all,
        partial(queries.is_suspended, process.projections),
        contacts.name_address,
        settings.mail_from,
        OnlyTo(entries_of(settings.mail_only_to), partial(_tell_who_waits, process.alarms)),
    )


def _sending(
    process: Process,
    recipients: Recipients,
    settings: NotificationsSettings,
    bounds: Bounds,
    correspondence: Correspondence,
) -> Sending:
    return Sending(
        partial(_execute, process),
        recipients,
        _sender(settings).send,
        _offices(settings),
        process.clock.now,
        correspondence,
        bounds,
    )


def _tell_pause(alarms: Alarms, reason: str | None) -> None:
    sentence = reason and f"no mail goes out, the mail server takes none ({reason}): see the log of the mail server"
    alarms.tell("mail_server", sentence or None, reason=reason)


def _tell_full(alarms: Alarms, people: int | None) -> None:
    sentence = "mails wait: somebody has had KPK_MAILS_PER_PERSON_AND_DAY within 24 hours. Is there a loop?"
    alarms.tell("mails_per_person", sentence if people else None, people=people)


def _tell_who_waits(alarms: Alarms, sentence: str) -> None:
    alarms.tell("mail_only_to", sentence)


def _sender(settings: NotificationsSettings) -> SmtpSender:
    password = settings.smtp_password
    return SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        password.get_secret_value() if password else None,
    )


def _offices(settings: NotificationsSettings) -> OfficeOf:
    domain = settings.mail_from.rpartition("@")[2]
    url, keys = settings.answers_url, settings.link_keys()

    def office_of(mail: Document) -> Office:
        conference = mail["conference"]
        return Office(
            conference=mail["conference_name"],
            email=settings.mail_from,
            domain=own_domain(conference, domain),
            department=mail["conference_office"],
            phone=settings.office_phone,
            group=mail["group_name"],
            by_post=mail["group_kind"] == "ex_officio",
            groups=mail["group_names"],
            domain_before=f"{conference}.{domain}",
            links=AnswerLinks(conference, url.rstrip("/"), keys) if url and keys else None,
        )

    return office_of
