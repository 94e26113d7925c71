"""Sending for real: the service's own rules, a real mail server, and a journal in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from structlog.testing import capture_logs

from services.notifications.contacts import NOT_PUBLISHED_YET, AwaitedContacts, Contact
from services.notifications.domain.mail_commands import (
    MailCommand,
    NothingToResend,
    RecordAttempt,
    RecordSent,
    ResendNotification,
)
from services.notifications.domain.patience import ANSWER_WITHIN
from services.notifications.letters import versions
from services.notifications.mailserver.outcomes import Later, Outcome, Sent, Unanswered
from services.notifications.mailserver.pause import Pause
from services.notifications.mailserver.smtp import SmtpSender
from services.notifications.sending import Sending, clock
from services.notifications.steps import Awaited
from shared.contracts.notifications import (
    AddressBounced,
    NotificationAttempted,
    NotificationFailed,
    NotificationHeld,
    PrintLetterDue,
)
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id
from tests.kit.eventually import eventually
from tests.kit.when import CONFERENCE, NOW, person
from tests.notifications.letterbox import CANCELLATION, INVITATION, OFFICE, UPDATE, details, queued
from tests.notifications.mailserver import HOST, Letterbox, listening
from tests.notifications.world import World


@pytest.fixture
async def world() -> World:
    return World(Letterbox())


@pytest.fixture
async def smtp(world: World) -> AsyncIterator[SmtpSender]:
    async with listening(world.box) as port:
        sender = SmtpSender(HOST, port, "none", content_seconds=2)
        yield sender
        await sender.close()


@pytest.fixture
def sending(world: World, smtp: SmtpSender) -> Sending:
    return world.sending(smtp.send)


async def work(sending: Sending, world: World) -> None:
    await sending.start(world.documents())
    await sending.finish(within=30)


async def test_every_queued_mail_arrives_once(world: World, sending: Sending) -> None:
    mails = [world.queue(queued(INVITATION, number)) for number in range(1, 50)]
    await work(sending, world)
    await work(sending, world)
    assert sorted(to for _, (to,), _ in world.box.arrived) == sorted(f"{person(n)}@example.org" for n in range(1, 50))
    assert {tuple(world.told(mail)) for mail in mails} == {("Queued", "Attempted", "Sent")}


async def test_that_a_mail_is_queued_or_waits_for_something_is_logged_once(world: World, sending: Sending) -> None:
    mail = world.queue(queued())
    world.named["conference_name"] = None
    with capture_logs() as logs:
        for _ in range(3):
            await work(sending, world)
        world.named["conference_name"] = OFFICE.conference
        await work(sending, world)
        await work(sending, world)
    assert [line["event"] for line in logs] == ["mail queued", "mail waits", "mail attempted", "mail sent"]
    assert {line["stream"] for line in logs} == {f"{CONFERENCE}/mail/{mail}"}


async def test_a_delegate_is_welcomed_to_a_group_by_its_name(world: World, sending: Sending) -> None:
    world.queue(queued())
    await work(sending, world)
    [(_, _, written)] = world.box.arrived
    body = message_from_bytes(written, policy=default).get_body(("plain",))
    assert body is not None and "„Kliniken“" in body.get_content()


@pytest.mark.parametrize("email", ["eva@example.org", None])
async def test_the_record_names_the_version_of_the_text(
    world: World, sending: Sending, monkeypatch: pytest.MonkeyPatch, email: str | None
) -> None:
    """Of what is written: somebody who is told of a move without having been invited is invited."""
    monkeypatch.setattr(versions, "VERSIONS", {"invitation": 7, "update": 3})
    world.happen(queued(INVITATION, number=2, cause=derived_id("test-event", "before")))
    mail = world.queue(queued(UPDATE), details(email=email))
    await work(sending, world)
    recorded = [event for event in world.streams[mail] if isinstance(event, NotificationAttempted | PrintLetterDue)]
    assert [event.template for event in recorded] == [7]


async def test_the_attempt_is_in_the_journal_when_the_mail_arrives(world: World, sending: Sending) -> None:
    mail = world.queue(queued())

    def stop_at_the_attempt(command: MailCommand) -> None:
        if isinstance(command, RecordAttempt):
            raise ConnectionError

    world.before = stop_at_the_attempt
    with capture_logs() as logs:
        await work(sending, world)
    assert [line["error"] for line in logs if line["event"] == "mail not seen to"] == ["ConnectionError"]
    assert (world.told(mail), world.box.arrived) == (["Queued"], [])


async def test_two_senders_never_send_one_mail(world: World, sending: Sending, smtp: SmtpSender) -> None:
    other = world.sending(smtp.send)
    mails = [world.queue(queued(number=number)) for number in range(1, 9)]
    documents = world.documents()
    with capture_logs() as logs:
        await asyncio.gather(sending.start(documents), other.start(documents), sending.start(documents))
        await asyncio.gather(sending.finish(5), other.finish(5))
    assert {line["rule"] for line in logs if line["event"] == "mail left alone"} == {"AttemptIsNotNext"}
    assert len(world.box.arrived) == 8
    assert {tuple(world.told(mail)) for mail in mails} == {("Queued", "Attempted", "Sent")}


async def test_a_view_that_lags_leads_to_nothing(world: World, sending: Sending) -> None:
    world.queue(queued())
    stale = world.documents()
    commands: list[MailCommand] = []
    world.before = commands.append
    for _ in range(3):
        await sending.start(stale)
        await sending.finish(within=30)
    assert len(world.box.arrived) == 1
    assert [type(command).__name__ for command in commands] == ["RecordAttempt", "RecordSent"]


async def test_to_a_sender_that_starts_anew_a_stale_view_is_told_once(
    world: World, sending: Sending, smtp: SmtpSender
) -> None:
    world.queue(queued())
    stale = world.documents()
    await work(sending, world)
    anew = world.sending(smtp.send)
    with capture_logs() as logs:
        assert await anew.start(stale) == 1
        await anew.finish(within=30)
        assert await anew.start(stale) == 0
    assert [line["rule"] for line in logs if line["event"] == "mail left alone"] == ["MailIsOver"]
    assert len(world.box.arrived) == 1


async def test_a_mail_that_a_rule_left_alone_is_seen_to_again_unless_it_has_moved_on(
    world: World, sending: Sending
) -> None:
    mail = world.queue(queued())

    def refuse(_: MailCommand) -> None:
        raise NothingToResend(mail=mail)

    world.before = refuse
    await work(sending, world)
    world.before = lambda _: None
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted", "Sent"]


async def test_what_was_seen_to_is_not_remembered_without_end(
    world: World, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.sending.REMEMBERED", 2)
    for number in range(1, 7):
        world.queue(queued(number=number))
    await work(sending, world)
    assert len(world.box.arrived) == 6
    assert len(sending._seen_to) == 2


async def test_a_sender_that_died_after_the_mail_was_taken(world: World, sending: Sending) -> None:
    """At most one copy too many, marked as such and with the same Message-ID."""
    mail = world.queue(queued())

    def lose_the_answer(command: MailCommand) -> None:
        if not isinstance(command, RecordAttempt):
            raise asyncio.CancelledError

    world.before = lose_the_answer
    for _ in range(5):
        await work(sending, world)
        world.now += ANSWER_WITHIN
    copies = [content for _, _, content in world.box.arrived]
    assert len(copies) == 2 and copies[0] == copies[1]
    attempts = [event for event in world.streams[mail] if isinstance(event, NotificationAttempted)]
    assert [attempt.ambiguous for attempt in attempts] == [False, True]
    world.before = lambda _: None
    await work(sending, world)
    assert world.streams[mail][-1] == NotificationFailed(mail=mail, reason="unanswered")


async def test_a_journal_that_is_away_for_a_while_costs_no_second_copy(
    world: World, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.sending.RECORD_AGAIN", 0.01)
    mail, refusals = world.queue(queued()), iter(range(3))

    def be_away(command: MailCommand) -> None:
        if isinstance(command, RecordSent) and next(refusals, None) is not None:
            raise ConnectionError

    world.before = be_away
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted", "Sent"]
    assert len(world.box.arrived) == 1


@pytest.mark.parametrize(
    ("trouble", "line"), [(ConnectionError(), "mail not seen to"), (NothingToResend(), "mail left alone")]
)
async def test_an_outcome_that_cannot_be_recorded_in_time_or_at_all_is_let_be(
    world: World, sending: Sending, monkeypatch: pytest.MonkeyPatch, trouble: Exception, line: str
) -> None:
    monkeypatch.setattr("services.notifications.sending.RECORD_AGAIN", 0.01)
    monkeypatch.setattr("services.notifications.sending.RECORD_WITHIN", 0.0)
    world.queue(queued())
    tries: list[MailCommand] = []

    def be_away(command: MailCommand) -> None:
        if isinstance(command, RecordSent):
            tries.append(command)
            if len(tries) < 3:
                raise trouble

    world.before = be_away
    with capture_logs() as logs:
        await work(sending, world)
    assert len(tries) == 1 and line in [one["event"] for one in logs]


async def test_an_answer_that_gets_lost_on_the_wire(world: World, sending: Sending) -> None:
    mail = world.queue(queued())
    world.box.drop = True
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted"]
    world.box.drop = False
    world.now += ANSWER_WITHIN
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted", "Attempted", "Sent"]


async def test_one_refused_recipient_does_not_concern_the_others(world: World, sending: Sending) -> None:
    gone, here = world.queue(queued(number=1)), world.queue(queued(number=2))
    world.box.answers[f"{person(1)}@example.org"] = "550 no such user"
    await work(sending, world)
    assert world.told(gone) == ["Queued", "Attempted", "Failed", "AddressBounced"]
    assert world.told(here) == ["Queued", "Attempted", "Sent"]


async def test_a_refused_address_is_named_and_no_mail_is_tried_at_it_while_it_is_suspended(
    world: World, sending: Sending
) -> None:
    refused = world.queue(queued())
    world.box.answers[f"{person(1)}@example.org"] = "550 5.1.1 no such user"
    await work(sending, world)
    [bounced] = [event for event in world.streams[refused] if isinstance(event, AddressBounced)]
    assert bounced.address and "example" not in str(bounced)
    world.suspended.add(bounced.address)
    later = world.queue_also(queued(INVITATION))
    await work(sending, world)
    await work(sending, world)
    assert world.told(later) == ["Queued", "Held"]
    assert world.streams[later][-1] == NotificationHeld(mail=later, address=bounced.address)


@pytest.mark.parametrize("answer", ["552 5.2.2 mailbox full", "550 5.7.1 denied", "554 5.6.0 content"])
async def test_what_is_not_about_the_mailbox_names_no_address(world: World, sending: Sending, answer: str) -> None:
    world.queue(queued())
    world.box.answers[f"{person(1)}@example.org"] = answer
    await work(sending, world)
    assert world.contacts[person(1)].address is None


async def test_a_greylisted_mail_comes_later_once(world: World, sending: Sending) -> None:
    mail = world.queue(queued())
    world.box.answers["RCPT"] = "451 greylisted"
    await work(sending, world)
    world.box.answers.clear()
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted", "Deferred"]
    world.now += timedelta(seconds=30)
    await work(sending, world)
    assert world.told(mail)[-2:] == ["Attempted", "Sent"]
    assert len(world.box.arrived) == 1


@pytest.mark.parametrize(("stopped", "ends"), [(59, "Sent"), (60, "Deferred")])
async def test_a_sender_that_was_stopped_behind_its_attempt_sends_within_a_minute_or_not(
    world: World, sending: Sending, stopped: int, ends: str
) -> None:
    mail = world.queue(queued())

    async def stop(command: MailCommand) -> None:
        world.now += timedelta(seconds=stopped if isinstance(command, RecordAttempt) else 0)

    world.recorded = stop
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted", ends]
    assert len(world.box.arrived) == (ends == "Sent")


async def test_while_the_server_is_away_the_others_wait_untouched(world: World) -> None:
    nobody = SmtpSender(HOST, 1, "none")
    sending = world.sending(nobody.send, at_once=1)
    mails = [world.queue(queued(number=number)) for number in range(1, 6)]
    await work(sending, world)
    await work(sending, world)
    assert world.told(mails[0]) == ["Queued", "Attempted", "Deferred"]
    assert {tuple(world.told(mail)) for mail in mails[1:]} == {("Queued",)}


async def test_when_the_server_is_there_again_nobody_waits_for_the_end_of_the_pause(world: World) -> None:
    pause = Pause(clock)
    sending = world.sending(unasked, pause=pause)
    pause.note(Later("unreachable"), "example.org", began=clock())
    mail = world.queue(queued())
    await work(sending, world)
    assert sending.waiting == [mail]
    [document] = world.documents()
    sending._note(document, Unanswered(), "eva@example.org", clock())
    assert sending.waiting == [mail], "no answer says nothing"
    sending._note(document, Sent(), "eva@example.org", clock())
    assert sending.waiting == []


async def unasked(*_: object) -> Outcome:
    raise AssertionError


async def test_what_can_not_be_written_is_not_tried(world: World, sending: Sending) -> None:
    forged = details().model_copy(update={"name": "=?utf-8?q?a=0D=0ABcc=3A_all=40example.org?="})
    mail = world.queue(queued(), forged)
    other = world.queue(queued(number=2))
    with capture_logs() as logs:
        await work(sending, world)
    assert [line["stream"] for line in logs if line["event"] == "mail cannot be written"] == [
        f"{CONFERENCE}/mail/{mail}"
    ]
    assert world.streams[mail][1:] == [NotificationFailed(mail=mail, reason="render_failed")]
    assert world.told(other)[-1] == "Sent"


async def test_letters_expiry_and_erasure_need_no_connection(world: World, sending: Sending) -> None:
    on_paper = world.queue(queued(number=1), details(email=None))
    late = world.queue(queued(number=2, useful_until=NOW))
    erased = world.queue(queued(number=3))
    world.contacts[person(3)] = Contact(None)
    await work(sending, world)
    assert world.told(on_paper) == ["Queued", "PrintLetterDue"]
    assert world.streams[late][1:] == [NotificationFailed(mail=late, reason="expired")]
    assert world.streams[erased][1:] == [NotificationFailed(mail=erased, reason="erased")]
    assert world.box.sessions == []


async def test_a_mail_waits_for_its_contact_until_all_that_was_ever_said_has_been_heard(
    world: World, sending: Sending
) -> None:
    found, never = world.queue(queued(number=1)), world.queue(queued(number=2))
    contacts, world.contacts, world.heard_all = world.contacts, {}, False
    with capture_logs() as lines:
        await work(sending, world)
        assert world.asked == 0, "what was accepted and not published yet has time to come"
        world.now += timedelta(days=30)
        await work(sending, world)
        assert world.asked == 0, "by the machine's time"
        world.machine += NOT_PUBLISHED_YET
        for _ in range(3):
            await work(sending, world)
    assert world.told(found) == world.told(never) == ["Queued"]
    waits = [line for line in lines if line["event"] == "mail waits"]
    assert [line["for_arrival_of"] for line in waits] == ["contact", "contact"]
    world.contacts[person(1)], world.heard_all = contacts[person(1)], True
    await work(sending, world)
    assert world.told(found)[-1] == "Sent"
    assert world.streams[never][1:] == [NotificationFailed(mail=never, reason="no_contact")]


async def test_a_contact_that_comes_while_one_asks_is_written_to() -> None:
    now = 0.0
    known: dict[str, Contact] = {}

    async def find(who: str) -> Contact | None:
        return known.get(who)

    async def comes(who: str) -> bool:
        known[who] = Contact(details())
        return True

    contacts = AwaitedContacts(find, comes, lambda: now)
    assert await contacts.get(person(1)) == Awaited()
    now = NOT_PUBLISHED_YET - 1
    assert await contacts.get(person(1)) == Awaited()
    now = NOT_PUBLISHED_YET
    assert await contacts.get(person(1)) == Contact(details())


async def test_no_letter_says_a_slug_where_a_name_has_not_arrived(world: World, sending: Sending) -> None:
    mail = world.queue(queued())
    world.named["conference_name"] = None
    await work(sending, world)
    assert world.told(mail) == ["Queued"]
    world.named["conference_name"] = OFFICE.conference
    await work(sending, world)
    assert world.told(mail)[-1] == "Sent"


async def test_one_slow_mail_holds_nobody_up(world: World, sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, sent = asyncio.Event(), asyncio.Event()

    async def find_contact(mail: Document) -> Contact | None:
        if mail["person"] == person(1):
            await slow.wait()
        return await world.contact(mail["person"])

    def notice(command: MailCommand) -> None:
        if isinstance(command, RecordSent):
            sent.set()

    monkeypatch.setattr(sending._recipients, "get", find_contact)
    world.before = notice
    first, second = world.queue(queued(number=1)), world.queue(queued(number=2))
    await sending.start(world.documents())
    await sent.wait()
    assert world.told(first) == ["Queued"]
    slow.set()
    await sending.finish(within=30)
    assert world.told(first)[-1] == world.told(second)[-1] == "Sent"


async def test_only_so_many_mails_are_under_way_at_once(
    world: World, smtp: SmtpSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = world.sending(smtp.send, at_once=2)
    for number in range(1, 8):
        world.queue(queued(number=number))
    most = 0

    async def find_contact(mail: Document) -> Contact | None:
        nonlocal most
        most = max(most, len(sending._under_way))
        return await world.contact(mail["person"])

    monkeypatch.setattr(sending._recipients, "get", find_contact)
    await work(sending, world)
    assert most == 2
    assert len(world.box.arrived) == 7


async def test_what_takes_too_long_at_the_end_is_broken_off(world: World, sending: Sending) -> None:
    mail = world.queue(queued())
    world.box.delay = 1
    await sending.start(world.documents())
    await eventually(lambda: "Attempted" in world.told(mail), "it is on its way")
    await sending.finish(within=0)
    assert world.told(mail) == ["Queued", "Attempted"]
    assert sending._under_way == {}
    world.box.delay = 0


async def test_a_mail_waits_for_its_place_among_others_until_all_that_was_said_has_been_heard(
    world: World, sending: Sending
) -> None:
    mail = world.queue(queued(INVITATION))
    world.courses, world.heard_all = {}, False
    with capture_logs() as logs:
        for _ in range(2):
            await work(sending, world)
    assert (world.told(mail), [line["event"] for line in logs]) == (["Queued"], ["mail queued"])
    assert sending.waiting == [mail]
    world.heard_all = True
    await work(sending, world)
    assert world.told(mail) == ["Queued", "Attempted", "Sent"]


async def test_what_is_heard_while_one_asks_counts(world: World, sending: Sending) -> None:
    invitation, cancellation = world.queue(queued(INVITATION)), world.queue(queued(CANCELLATION, cause=person(7)))
    courses, world.courses = world.courses, {}

    async def comes(*_: object) -> bool:
        world.courses = courses
        return True

    sending._correspondence._has_heard_all = comes
    await work(sending, world)
    assert world.told(invitation) == ["Queued", "Superseded"]
    assert world.told(cancellation)[0] == "Queued"


async def test_what_did_not_arrive_is_sent_again_to_exactly_who_lacks_it(world: World, sending: Sending) -> None:
    lacks, has = world.queue(queued(INVITATION, 1)), world.queue(queued(INVITATION, 2))
    world.box.answers[f"{person(1)}@example.org"] = "550 5.1.1 no such user"
    await work(sending, world)
    assert (world.told(lacks)[1:3], world.told(has)[-1]) == (["Attempted", "Failed"], "Sent")
    world.contacts[person(1)] = Contact(details(email="richtig@example.org"))
    again = ResendNotification(conference=CONFERENCE, at=world.now, by="office", mail=lacks)
    await world.execute(again)
    with pytest.raises(NothingToResend):
        await world.execute(again.model_copy(update={"mail": has}))
    await work(sending, world)
    assert sorted(to for _, (to,), _ in world.box.arrived) == sorted(
        [f"{person(2)}@example.org", "richtig@example.org"]
    )
    assert world.told(lacks)[-3:] == ["Requeued", "Attempted", "Sent"]
