"""A mail that came back is known to have failed, by whatever only a mail server on its way can have said."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from structlog.typing import EventDict

from deploy.embedded.mongod import Mongod
from services.notifications.contacts import Contact
from services.notifications.digest import digest_of
from services.notifications.domain.mail import MAIL
from services.notifications.domain.mail_commands import MailCommand, RecordAttempt, RecordSent, ResendNotification
from services.notifications.domain.mail_state import MailEvent
from services.notifications.domain.office import office_in
from services.notifications.mailbox.returns import READ_OF_A_MAIL, Returns
from services.notifications.projections import MAILS, NAMES
from services.notifications.service import SERVICE
from shared.contracts.notifications import (
    AddressBounced,
    Content,
    NotificationQueued,
    NotificationRequeued,
    NotificationReturned,
)
from shared.declarations.projection import Document
from shared.kernel.identifiers import PersonId, stream_name
from shared.kernel.time import local_day
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import connect
from tests.kit.delivered import folded
from tests.kit.delivery_report import reported
from tests.kit.eventually import eventually
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.notifications.letterbox import DIGEST, INVITATION, WELCOME, details, queued
from tests.notifications.test_digest import ESTABLISHED

pytestmark = pytest.mark.infra

DOMAIN = "example.org"
EMAIL = "eva.mueller@example.org"
HERE = "stuttgart.example.org"
AT = {"stuttgart": HERE, "ulm": "ulm.example.org"}


class Desk:
    """The mails of one installation: the journal's events, the projection, who is known, and the office's mailbox."""

    def __init__(self, store: ProjectionStore, mailbox: Path) -> None:
        self.store, self.mailbox = store, mailbox
        self.journal: dict[str, list[MailEvent]] = {}
        self.people: dict[str, Contact] = {}
        self.fates: Counter[str] = Counter()
        self.given: list[MailCommand] = []
        self.returns = self.started()

    def started(self) -> Returns:
        """As by another process."""
        clock = cast("Any", self)
        return Returns(self.mailbox, DOMAIN, self.store, self.contact, self.execute, clock, self.count)

    def count(self, fate: str) -> None:
        self.fates[fate] += 1

    def now(self) -> Any:
        return NOW

    async def contact(self, person: PersonId) -> Contact | None:
        return self.people.get(person)

    async def execute(self, command: MailCommand) -> Sequence[MailEvent]:
        self.given.append(command)
        history = self.journal.setdefault(command.stream, [])
        events = MAIL.decide(MAIL.fold(history), command)
        history += events
        await self.project(command.stream)
        return events

    async def project(self, stream: str) -> None:
        [document] = folded(MAILS, self.journal[stream], stream).values()
        before = await self.store.get(MAILS, stream)
        await self.store.write(MAILS, [(document, before["sequence"] if before else None)])

    async def opened(self, conference: str) -> None:
        [names] = folded(NAMES, [ESTABLISHED], stream_name(conference, "conference", conference)).values()
        await self.store.write(NAMES, [({**names, "_id": conference, "conference": conference}, None)])

    async def queue(self, content: Content = WELCOME, number: int = 1, **fields: Any) -> NotificationQueued:
        event = queued(content, number, **fields)
        self.journal[stream_of(event)] = [event]
        await self.project(stream_of(event))
        self.people.setdefault(event.person, Contact(details(email=EMAIL)))
        return event

    async def send(self, content: Content = WELCOME, number: int = 1, **fields: Any) -> NotificationQueued:
        event = await self.queue(content, number, **fields)
        await self.send_again(event)
        return event

    async def send_again(self, event: NotificationQueued) -> None:
        number = MAIL.fold(self.journal[stream_of(event)]).attempts + 1
        await self.execute(RecordAttempt(**edge(mail=event.mail, attempt=number)))
        await self.execute(RecordSent(**edge(mail=event.mail, attempt=number)))

    def put(self, name: str, event: NotificationQueued, to: str = EMAIL, at: str = HERE, **said: str) -> None:
        file = self.mailbox / "new" / name
        file.write_bytes(reported(f"Message-ID: <{event.mail}@{at}>\r\n\r\n".encode(), to, **said))

    def told(self, event: NotificationQueued) -> list[MailEvent]:
        """Since it went out."""
        return [one for one in self.journal[stream_of(event)] if isinstance(one, NotificationReturned | AddressBounced)]

    async def seen(self, event: NotificationQueued) -> Document:
        found = await self.store.get(MAILS, stream_of(event))
        assert found
        return found


def stream_of(event: NotificationQueued) -> str:
    return stream_name(CONFERENCE, "mail", event.mail)


@pytest.fixture
async def desk(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Desk]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    desk = Desk(ProjectionStore(session.database, SERVICE.projections), tmp_path)
    for conference in AT:
        await desk.opened(conference)
    yield desk
    await session.close()


async def test_a_mail_whose_mailbox_is_refused_further_on_has_failed_and_the_seat_is_told(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", mail)
    await desk.returns.look()
    [returned, bounced] = desk.told(mail)
    assert isinstance(returned, NotificationReturned) and returned.reason == "rejected"
    assert bounced == AddressBounced(mail=mail.mail, person=person(1), seat="hospitals-1")
    seen = await desk.seen(mail)
    assert (seen["state"], seen["reason"], seen["seat"], seen["bounced"]) == ("failed", "rejected", "hospitals-1", True)
    assert (await digest_of(desk.store, CONFERENCE, local_day(NOW), NOW)).undelivered == 1
    assert desk.fates == {"returned": 1}


@pytest.mark.parametrize("status", ["5.7.1", "4.4.7", "5.2.2", "5.3.4"])
async def test_what_is_not_about_the_mailbox_condemns_no_address(desk: Desk, status: str) -> None:
    mail = await desk.send()
    desk.put("a", mail, status=status)
    await desk.returns.look()
    assert [type(one) for one in desk.told(mail)] == [NotificationReturned]
    seen = await desk.seen(mail)
    assert (seen["state"], seen["bounced"]) == ("failed", False)


async def test_a_delay_is_noted_once_and_changes_nothing(desk: Desk, lines: list[EventDict]) -> None:
    mail = await desk.send()
    desk.put("a", mail, action="delayed", status="4.4.1")
    await desk.returns.look()
    await desk.returns.look()
    assert desk.told(mail) == [] and (await desk.seen(mail))["state"] == "sent"
    assert [line["event"] for line in lines] == ["mail delayed"] and desk.fates == {"delayed": 1}


async def test_the_same_report_says_nothing_twice(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", mail)
    await desk.returns.look()
    desk.put("b", mail)
    for returns in (desk.returns, desk.started()):
        await returns.look()
    assert len(desk.told(mail)) == 2


async def test_of_another_person_or_an_address_of_before_nothing_is_said(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", mail, to="ida@example.org")
    for contact in (Contact(details(email="new@example.org")), Contact(details(email=None)), Contact(None), None):
        desk.put("b", mail)
        desk.people[person(1)] = cast("Contact", contact)
        await desk.returns.look()
        assert desk.told(mail) == []
    assert desk.fates == {"other_recipient": 2}


async def test_the_address_may_be_written_in_capitals_and_stand_behind_a_forwarding(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", mail, to="Eva.Mueller@Example.org", final_recipient="rfc822; elsewhere@example.net")
    await desk.returns.look()
    assert len(desk.told(mail)) == 2


async def test_a_stranger_who_knows_no_id_or_the_id_of_another_conference_says_nothing(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", queued(INVITATION))
    desk.put("b", mail, at=AT["ulm"])
    desk.put("c", mail, at="berlin.example.org")
    desk.put("d", mail, at=DOMAIN)
    await desk.returns.look()
    assert desk.told(mail) == [] and desk.fates == {"unknown_mail": 4}


async def test_of_mails_to_the_office_whose_ids_can_be_worked_out_nothing_is_believed(desk: Desk) -> None:
    mail = await desk.send(DIGEST, person=office_in(CONFERENCE), seat=None)
    desk.put("a", mail)
    await desk.returns.look()
    assert desk.told(mail) == [] and desk.fates == {"to_the_office": 1}


async def test_what_has_not_gone_out_has_not_come_back_yet(desk: Desk) -> None:
    mail = await desk.queue()
    desk.put("a", mail)
    await desk.returns.look()
    assert desk.told(mail) == [] and not desk.fates
    await desk.send_again(mail)
    await desk.returns.look()
    assert len(desk.told(mail)) == 2 and desk.fates == {"returned": 1}


async def test_what_is_sent_again_does_not_come_back_by_the_report_of_before(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", mail)
    await desk.returns.look()
    await desk.execute(ResendNotification(**edge(mail=mail.mail)))
    assert desk.journal[stream_of(mail)][-1] == NotificationRequeued(mail=mail.mail)
    await desk.send_again(mail)
    desk.given.clear()
    for returns in (desk.returns, desk.started()):
        await returns.look()
    assert len(desk.told(mail)) == 2 and (await desk.seen(mail))["state"] == "sent"
    assert not desk.given, "nothing is asked of the journal, however often it is looked"
    desk.put("b", mail, status="5.2.1")
    await desk.returns.look()
    assert len(desk.told(mail)) == 4


async def test_a_report_is_read_at_its_beginning_however_long_the_mail_is_that_it_returns(desk: Desk) -> None:
    mail = await desk.send()
    desk.put("a", mail)
    with (desk.mailbox / "new" / "a").open("ab") as file:
        file.write(b"x" * 3 * READ_OF_A_MAIL)
    await desk.returns.look()
    assert len(desk.told(mail)) == 2


async def test_a_file_is_read_once_and_one_that_is_taken_away_meanwhile_is_no_trouble(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = await desk.send()
    desk.put("gone", mail, action="delayed")
    desk.put("kept", mail)
    await desk.returns.look()
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read again"))
    await desk.returns.look()
    os.utime(desk.mailbox / "new" / "gone", (7, 7))

    def gone(*_: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "open", gone)
    await desk.returns.look()
    assert desk.fates == {"returned": 1, "delayed": 1}


async def test_no_line_names_anybody(desk: Desk, lines: list[EventDict]) -> None:
    mail = await desk.send()
    desk.put("a", mail)
    await desk.returns.look()
    assert [line["event"] for line in lines] == ["mail returned", "address bounced"]
    assert "mueller" not in str(lines).lower() and person(1) not in str(lines)


async def test_what_is_over_is_not_asked_about_again(desk: Desk) -> None:
    """Nor is anything asked while the mailbox is empty: nobody keeps the database busy by waiting."""
    nobody = cast("ProjectionStore", None)
    await replace(desk.returns, projections=nobody).look()
    desk.put("a", await desk.send())
    await desk.returns.look()
    assert desk.fates == {"returned": 1}
    await replace(desk.returns, projections=nobody).look()
    assert desk.fates == {"returned": 1}


async def test_a_mailbox_that_is_away_is_waited_for(
    desk: Desk, lines: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.mailbox.returns.LOOK_SECONDS", 0.01)
    mail = await desk.send()
    desk.put("a", mail)
    (desk.mailbox / "cur").rmdir()
    looking = asyncio.create_task(desk.returns.keep_looking())
    await eventually(lambda: any(line["event"] == "mailbox waits" for line in lines), "a line that says so")
    (desk.mailbox / "cur").mkdir()
    await eventually(lambda: len(desk.told(mail)) == 2, "the report read")
    looking.cancel()
