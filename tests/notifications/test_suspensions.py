"""What waits for an address goes on when it is put right, and only what matters still."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from deploy.embedded.mongod import Mongod
from services.notifications import queries
from services.notifications.contacts import REPORTS_COME, Contact, Contacts
from services.notifications.domain.address import ADDRESS, AddressEvent, LiftSuspension, ReleaseAddress, SuspendAddress
from services.notifications.domain.mail_commands import (
    HoldNotification,
    MailCommand,
    RecordAttempt,
    RecordFailure,
    SupersedeNotification,
)
from services.notifications.domain.mail_state import MailEvent
from services.notifications.projections.addresses import ADDRESSES
from services.notifications.reactions import suspend
from services.notifications.service import SERVICE
from services.notifications.steps import Awaited
from services.notifications.suspensions import Suspensions
from shared.contracts.notifications import AddressBounced, AddressReleased, Content, NotificationQueued
from shared.contracts.people import PersonContact
from shared.kernel.identifiers import PersonId, Uuid, derived_id
from shared.runtime.delivery.state_copy import State
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import Database, connect
from tests.kit.delivered import folded
from tests.kit.eventually import eventually
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.notifications.letterbox import INVITATION, REMINDER, WELCOME, details
from tests.notifications.test_returns import EMAIL, Desk

pytestmark = pytest.mark.infra

NAME = derived_id("address", person(1), "1")
THERE, ELSEWHERE = Contact(details(email=EMAIL), NAME), Contact(details(email="new@example.org"), version=2)


class Office(Desk):
    """With the journal of one address beside those of the mails."""

    def __init__(self, store: ProjectionStore, mailbox: Path) -> None:
        super().__init__(store, mailbox)
        self.said: list[AddressEvent] = []
        self.lost: set[PersonId] = set()
        self.suspensions = self.looking(self)

    def looking(self, clock: object) -> Suspensions:
        return Suspensions(self.store, self.awaited, self.name_address, self.about, self.execute, cast("Any", clock))

    async def awaited(self, person: PersonId) -> Contact | Awaited | None:
        """``lost``: everything is read, and nothing will come."""
        return await self.contact(person) or (None if person in self.lost else Awaited())

    async def about(self, command: SuspendAddress | LiftSuspension | ReleaseAddress) -> Sequence[AddressEvent]:
        before = [one for one in self.said if one.address == command.address]
        events = ADDRESS.decide(ADDRESS.fold(before), command)
        self.said += events
        if events:
            [document] = folded(ADDRESSES, [*before, *events], command.stream).values()
            await self.store.write(ADDRESSES, [(document, len(before) or None)])
        return events

    async def suspend(self) -> None:
        await self.about(SuspendAddress(**edge(address=NAME, person=person(1), seat="hospitals-1")))
        self.people[person(1)] = THERE

    async def hold(self, *args: Any, **fields: Any) -> NotificationQueued:
        mail = await self.queue(*args, **fields)
        await self.execute(HoldNotification(**edge(mail=mail.mail, address=NAME)))
        return mail

    async def refuse(self, *args: Any, **fields: Any) -> NotificationQueued:
        mail = await self.queue(*args, **fields)
        await self.execute(RecordAttempt(**edge(mail=mail.mail, attempt=1)))
        await self.execute(RecordFailure(**edge(mail=mail.mail, reason="rejected", address=NAME)))
        return mail

    async def states(self, *mails: NotificationQueued) -> list[str]:
        return [(await self.seen(mail))["state"] for mail in mails]


@pytest.fixture
async def office(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Office]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    yield Office(ProjectionStore(session.database, SERVICE.projections), tmp_path)
    await session.close()


async def test_while_an_address_is_suspended_nothing_goes_on(office: Office) -> None:
    await office.suspend()
    mails = [await office.refuse(), await office.hold(INVITATION)]
    await office.suspensions.look()
    assert await office.states(*mails) == ["failed", "held"]
    [seen] = await queries.suspended(office.store, CONFERENCE)
    assert (seen["address"], seen["seat"], seen["waiting"]) == (NAME, "hospitals-1", 1)


async def test_another_address_releases_by_itself_and_what_waits_or_was_refused_is_queued_again(
    office: Office,
) -> None:
    await office.suspend()
    mails = [await office.refuse(), await office.hold(INVITATION)]
    office.people[person(1)] = ELSEWHERE
    await office.suspensions.look()
    assert office.said[-1] == AddressReleased(
        address=NAME, person=person(1), seat="hospitals-1", because="other_address"
    )
    assert await office.states(*mails) == ["queued", "queued"]
    assert await queries.suspended(office.store, CONFERENCE) == []


async def test_a_corrected_name_releases_nothing_and_of_whom_nothing_is_known_yet_nothing_has_changed(
    office: Office,
) -> None:
    await office.suspend()
    mail = await office.hold()
    for contact in (Contact(details(name="Eva Neu", email=EMAIL), NAME), None):
        office.people[person(1)] = cast("Contact", contact)
        await office.suspensions.look()
        assert await office.states(mail) == ["held"] and len(office.said) == 1


async def test_the_office_releases_the_same_address(office: Office) -> None:
    await office.suspend()
    mails = [await office.refuse(), await office.hold(INVITATION)]
    await office.about(ReleaseAddress(**edge(address=NAME, reason="Das Postfach ist wieder da.")))
    await office.suspensions.look()
    assert await office.states(*mails) == ["queued", "queued"]


async def test_what_was_superseded_or_has_become_useless_stays_so(office: Office) -> None:
    await office.suspend()
    useless = await office.refuse(REMINDER, useful_until=NOW + timedelta(seconds=1))
    superseded, mail = await office.hold(INVITATION), await office.hold()
    await office.execute(SupersedeNotification(**edge(mail=superseded.mail, superseded_by=mail.mail)))
    office.people[person(1)] = ELSEWHERE
    await office.looking(Later()).look()
    assert await office.states(useless, superseded, mail) == ["failed", "superseded", "queued"]


class Later:
    def now(self) -> Any:
        return NOW + timedelta(hours=1)


async def test_with_an_erased_person_the_suspension_goes_and_what_was_refused_is_not_sent_again(
    office: Office,
) -> None:
    await office.suspend()
    refused, held = await office.refuse(WELCOME), await office.hold(INVITATION)
    office.people[person(1)] = Contact(None)
    await office.suspensions.look()
    assert isinstance(office.said[-1], AddressReleased) and office.said[-1].because == "erased"
    assert await office.states(refused, held) == ["failed", "queued"], "whoever sends gives it up"
    office.given.clear()
    await office.suspensions.look()
    assert not office.given, "and it is not asked again"


async def test_with_a_person_of_whom_nothing_will_come_the_suspension_goes_too(office: Office) -> None:
    """The copy missed the null, and was taken anew from a topic that has nothing of the person any more."""
    await office.suspend()
    refused, held = await office.refuse(WELCOME), await office.hold(INVITATION)
    del office.people[person(1)]
    await office.suspensions.look()
    assert len(office.said) == 1, "it may still come"
    office.lost.add(person(1))
    await office.suspensions.look()
    assert isinstance(office.said[-1], AddressReleased) and office.said[-1].because == "erased"
    assert await office.states(refused, held) == ["failed", "queued"], "whoever sends gives it up"


async def test_of_an_address_that_is_not_remembered_yet_nothing_is_released(office: Office) -> None:
    mail = await office.hold()
    await office.suspensions.look()
    assert await office.states(mail) == ["held"]


async def test_the_mails_of_somebody_else_and_of_another_address_stay(office: Office) -> None:
    await office.suspend()
    other = await office.queue(number=2)
    await office.execute(HoldNotification(**edge(mail=other.mail, address=derived_id("address", person(2), "x"))))
    office.people[person(1)] = ELSEWHERE
    await office.suspensions.look()
    assert await office.states(other) == ["held"]


async def test_it_looks_by_itself(office: Office) -> None:
    await office.suspend()
    mail, nudge = await office.hold(), Nudge()
    looking = asyncio.create_task(office.suspensions.keep_looking(nudge))
    office.people[person(1)] = ELSEWHERE
    nudge.give()

    async def is_queued() -> bool:
        return await office.states(mail) == ["queued"]

    await eventually(is_queued, "it is queued again")
    looking.cancel()


class Copied(Office):
    """With the real copy of contacts. ``stated`` is what its topic holds of the person, of each version the details."""

    def __init__(self, store: ProjectionStore, mailbox: Path, database: Database) -> None:
        super().__init__(store, mailbox)
        self.copy, self.database = database["contacts"], database
        self.contacts = Contacts(self.copy, lambda people: queries.suspended_of(store, people), self.now)
        self.stated: list[State] = []

    async def contact(self, who: PersonId) -> Contact | None:
        return await self.contacts.get(who)

    async def name_address(self, who: PersonId, email: str) -> Uuid | None:
        return await self.contacts.name_address(who, email)

    async def execute(self, command: MailCommand) -> Sequence[MailEvent]:
        """The reaction hears of a refusal."""
        events = await super().execute(command)
        for event in events:
            if isinstance(event, AddressBounced):
                for suspending in suspend.react(event, cast("Any", Said())):
                    await self.about(cast("SuspendAddress", suspending))
        return events

    @property
    def email(self) -> Any:
        return self.stated[-1][2].email

    async def tell(self, *, keeps_since: bool = True, is_heard: bool = True, **changed: Any) -> None:
        """As members publishes it: of old without the version that the address came with."""
        version = len(self.stated) + 1
        before = self.stated[-1][2] if self.stated else PersonContact(**dict(details(email=EMAIL)))
        same = self.stated and changed.get("email", before.email) == before.email
        since = before.email_since if same else version if keeps_since else None
        told = before.model_copy(update={**changed, "email_since": since})
        self.stated.append((person(1), version, told))
        if is_heard:
            await self.contacts.hear(self.stated[-1:])

    async def lose(self, *, is_compacted: bool) -> None:
        await self.copy.drop()
        for state in self.stated[-1:] if is_compacted else self.stated:
            await self.contacts.hear([state])
            if not is_compacted:
                await self.suspensions.look()

    async def attempt(self, content: Content = INVITATION) -> tuple[NotificationQueued, str]:
        """To which address it goes out."""
        mail, email = await self.queue(content), self.email
        await self.execute(RecordAttempt(**edge(mail=mail.mail, attempt=1)))
        return mail, email

    async def answered(self, mail: NotificationQueued, email: str) -> None:
        """The server refuses the address for good."""
        address = await self.name_address(person(1), email)
        await self.execute(RecordFailure(**edge(mail=mail.mail, reason="rejected", address=address)))

    async def is_suspended(self) -> bool:
        await self.suspensions.look()
        contact = await self.contact(person(1))
        address = contact and contact.address
        return bool(address and await queries.is_suspended(self.store, CONFERENCE, address))


class Said:
    conference, time = CONFERENCE, NOW


@pytest.fixture
async def copied(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Copied]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    desk = Copied(ProjectionStore(session.database, SERVICE.projections), tmp_path, session.database)
    await desk.opened(CONFERENCE)
    yield desk
    await session.close()


@pytest.mark.parametrize("answer_comes", ["before", "behind"])
@pytest.mark.parametrize("corrected", ["new@example.org", None])
async def test_what_was_refused_while_the_contact_was_corrected_is_queued_again(
    copied: Copied, answer_comes: str, corrected: Any
) -> None:
    await copied.tell()
    mail, email = await copied.attempt()
    if answer_comes == "before":
        await copied.answered(mail, email)
        await copied.tell(email=corrected)
    else:
        await copied.tell(email=corrected)
        await copied.answered(mail, email)
    assert not await copied.is_suspended()
    assert await copied.states(mail) == ["queued"]


async def test_a_report_that_comes_behind_a_correction_is_taken_for_a_week(copied: Copied) -> None:
    await copied.tell()
    mails = [await copied.send(), await copied.send(INVITATION)]
    await copied.tell(email="new@example.org")
    copied.put("1", mails[0])
    await copied.returns.look()
    assert copied.fates == {"returned": 1} and not await copied.is_suspended()
    assert await copied.states(*mails) == ["queued", "sent"]
    await copied.contacts.forget_earlier(NOW + REPORTS_COME + timedelta(seconds=1))
    copied.put("2", mails[1])
    await copied.returns.look()
    assert copied.fates["other_recipient"] == 1 and EMAIL not in str(await copied.copy.find_one())


async def test_a_report_behind_several_corrections_is_taken_too(copied: Copied) -> None:
    await copied.tell()
    mails = [await copied.send(), await copied.send(INVITATION)]
    for email in ("second@example.org", "third@example.org", None, "fourth@example.org"):
        await copied.tell(email=email)
    copied.put("1", mails[0])
    await copied.returns.look()
    assert copied.fates == {"returned": 1} and not await copied.is_suspended()
    assert await copied.states(*mails) == ["queued", "sent"]


async def test_each_address_of_before_is_forgotten_in_its_time(copied: Copied) -> None:
    for days, email in enumerate((EMAIL, "second@example.org", "third@example.org")):
        copied.contacts._now = lambda days=days: NOW + timedelta(days=days)
        await copied.tell(email=email)
    await copied.contacts.forget_earlier(NOW + REPORTS_COME + timedelta(days=1, seconds=1))
    kept = str(await copied.copy.find_one())
    assert EMAIL not in kept and "second@example.org" in kept


async def test_the_one_address_that_a_copy_of_before_kept_stays_with_those_of_today(copied: Copied) -> None:
    await copied.tell(email="second@example.org")
    await copied.copy.update_one({}, {"$set": {"earlier": {"email": EMAIL, "until": "2024-02-01T00:00:00.000Z"}}})
    await copied.tell(email="third@example.org")
    contact = await copied.contacts.get(person(1))
    assert contact and contact.emails == ["third@example.org", EMAIL, "second@example.org"]


async def test_where_no_reports_are_read_no_earlier_address_is_kept(copied: Copied) -> None:
    contacts = Contacts(copied.copy)
    for version, email in enumerate((EMAIL, "new@example.org"), 1):
        await contacts.hear([(person(1), version, details(email=email))])
    assert EMAIL not in str(await copied.copy.find_one())


async def test_an_erased_person_has_no_earlier_address(copied: Copied) -> None:
    await copied.tell()
    await copied.tell(email="new@example.org")
    assert EMAIL in str(await copied.copy.find_one())
    await copied.contacts.hear([(person(1), 3, None)])
    assert "example.org" not in str(await copied.copy.find_one())


@pytest.mark.parametrize("keeps_since", [True, False], ids=["today", "of old"])
@pytest.mark.parametrize("seed", range(12))
async def test_an_address_is_suspended_while_the_last_that_is_known_of_it_is_a_refusal(
    copied: Copied, seed: int, keeps_since: bool
) -> None:
    """Whatever becomes of the copy of contacts. Of old nothing said which address a lost copy had had."""
    chance, suspended, sent = random.Random(seed), False, list[tuple[NotificationQueued, str]]()
    await copied.tell(keeps_since=keeps_since)
    steps = ["name", "email", "refused", "sent", "returned", "lost", "read again", "released"]
    for step in range(20):
        content = INVITATION.model_copy(update={"issue": step + 1})
        match chance.choice([*steps, "corrected unheard"] if keeps_since else steps):
            case "name":
                await copied.tell(keeps_since=keeps_since, name=f"Eva {step}")
            case "email":
                await copied.tell(keeps_since=keeps_since, email=f"{step}@example.org")
                suspended = False
            case "corrected unheard":
                changed: dict[str, Any] = chance.choice([{"name": f"Eva {step}"}, {"email": f"{step}@example.org"}])
                await copied.tell(is_heard=False, **changed)
                await copied.lose(is_compacted=True)
                suspended = suspended and "email" not in changed
            case "refused" if not suspended:
                await copied.answered(*await copied.attempt(content))
                suspended = True
            case "sent":
                sent.append((await copied.send(content), copied.email))
            case "returned" if sent:
                mail, email = sent.pop()
                copied.put(f"{step}", mail, to=email)
                await copied.returns.look()
                suspended = suspended or email == copied.email
            case "lost":
                await copied.lose(is_compacted=True)
            case "read again":
                await copied.lose(is_compacted=False)
            case "released" if suspended:
                contact = await copied.contact(person(1))
                assert contact
                await copied.about(ReleaseAddress(**edge(address=contact.address, reason="Wieder da.")))
                suspended = False
            case _:
                continue
        assert await copied.is_suspended() is suspended, step
