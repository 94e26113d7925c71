"""A letter that is due to somebody who is erased is given up by itself, and nobody has to say that it was posted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from deploy.embedded.mongod import Mongod
from services.notifications import queries
from services.notifications.contacts import Contact
from services.notifications.domain.mail_commands import (
    DuePrintLetter,
    MarkLetterPosted,
    NoLetterDue,
    NothingToResend,
    ResendNotification,
)
from services.notifications.due_letters import DueLetters
from services.notifications.projections import MAILS
from services.notifications.service import SERVICE
from services.notifications.steps import Awaited
from shared.contracts.notifications import NotificationQueued
from shared.kernel.identifiers import PersonId
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.changes import Nudge
from shared.runtime.mongo.driver import connect
from tests.kit.eventually import eventually
from tests.kit.when import CONFERENCE, edge
from tests.notifications.letterbox import INVITATION, details
from tests.notifications.test_returns import Desk, stream_of

pytestmark = pytest.mark.infra

ON_PAPER, ERASED = Contact(details(email=None)), Contact(None)


class Office(Desk):
    """Of one person something may still come, or nothing any more."""

    answer: Contact | Awaited | None = ON_PAPER
    asked: Sequence[PersonId] = ()
    at_once = asking = 0

    async def awaited(self, person: PersonId) -> Contact | Awaited | None:
        self.asked, self.asking = [*self.asked, person], self.asking + 1
        self.at_once = max(self.at_once, self.asking)
        await asyncio.sleep(0)
        self.asking -= 1
        return self.answer

    @property
    def letters(self) -> DueLetters:
        return DueLetters(self.store, self.awaited, self.execute, cast("Any", self))

    async def print(self, number: int = 1, **fields: Any) -> NotificationQueued:
        mail = await self.queue(INVITATION, number, **fields)
        await self.execute(DuePrintLetter(**edge(mail=mail.mail)))
        return mail

    async def state(self, mail: NotificationQueued) -> tuple[str, str | None]:
        seen = await self.seen(mail)
        return seen["state"], seen["reason"]


@pytest.fixture
async def office(mongod: Mongod, tmp_path: Path) -> AsyncIterator[Office]:
    session = connect(mongod.uri, f"test_{uuid4().hex[:12]}")
    yield Office(ProjectionStore(session.database, SERVICE.projections), tmp_path)
    await session.close()


@pytest.mark.parametrize("answer", [ON_PAPER, Awaited()])
async def test_a_letter_to_somebody_who_is_known_or_awaited_stays_due(office: Office, answer: Any) -> None:
    mail, office.answer = await office.print(), answer
    await office.letters.look()
    assert await office.state(mail) == ("letter", None)


@pytest.mark.parametrize(("answer", "reason"), [(ERASED, "erased"), (None, "no_contact")])
async def test_a_letter_to_nobody_is_given_up_and_nothing_waits_for_the_office(
    office: Office, answer: Any, reason: str
) -> None:
    mail, office.answer = await office.print(), answer
    await office.letters.look()
    assert await office.state(mail) == ("failed", reason)
    assert (await queries.states(office.store, CONFERENCE))["states"]["letter"] == 0
    with pytest.raises(NoLetterDue):
        await office.execute(MarkLetterPosted(**edge(mail=mail.mail)))
    with pytest.raises(NothingToResend):
        await office.execute(ResendNotification(**edge(mail=mail.mail)))


async def test_of_many_letters_everybody_is_asked_for_once_and_together(office: Office) -> None:
    """So a contact that is written costs a few questions, however many letters are due."""
    mails = [await office.print(number) for number in (1, 2)]
    mails.append(await office.print(2, mail=str(uuid4())))
    office.answer = ERASED
    await office.letters.look()
    assert (sorted(office.asked), office.at_once) == (sorted({mail.person for mail in mails}), 2)
    assert {await office.state(mail) for mail in mails} == {("failed", "erased")}


async def test_a_letter_that_was_posted_a_moment_ago_stays_posted(office: Office) -> None:
    """The projection does not know it yet."""
    mail, office.answer = await office.print(), ERASED
    await office.execute(MarkLetterPosted(**edge(mail=mail.mail)))
    await office.store.collection(MAILS).update_one({"_id": stream_of(mail)}, {"$set": {"state": "letter"}})
    before = list(office.journal[stream_of(mail)])
    await office.letters.look()
    assert office.journal[stream_of(mail)] == before


async def test_it_looks_whenever_a_contact_is_written(office: Office) -> None:
    mail, nudge = await office.print(), Nudge()
    looking = asyncio.create_task(office.letters.keep_looking(nudge))
    office.answer = ERASED
    nudge.give()

    async def is_given_up() -> bool:
        return await office.state(mail) == ("failed", "erased")

    await eventually(is_given_up, "it is given up")
    looking.cancel()
