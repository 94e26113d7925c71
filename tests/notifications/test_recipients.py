"""Whom a mail goes to: the office at its own address, others by the contact as new as what the mail says of it."""

from __future__ import annotations

import pytest

from services.notifications.contacts import AwaitedContacts, Contact, Recipients
from services.notifications.domain.office import office_in
from services.notifications.steps import Awaited
from shared.contracts.notifications import Content
from shared.kernel.identifiers import stream_name
from tests.kit.when import CONFERENCE, person
from tests.notifications.letterbox import (
    CORRECTED_CONTACT,
    DIGEST,
    MISSING,
    OFFICE,
    WELCOME,
    details,
    queued,
    remembered,
)

KNOWN = Contact(details())


async def found(content: Content, to: str = person(1), *, heard_all: bool) -> Contact | Awaited | None:
    async def find(who: str) -> Contact | None:
        return KNOWN if who == person(1) else None

    async def has_heard_all(_: str) -> bool:
        return heard_all

    event = queued(content, person=to)
    mail = remembered(stream_name(CONFERENCE, "mail", event.mail), [event])
    people = AwaitedContacts(find, has_heard_all, lambda: 0.0)
    recipients = Recipients(people, has_heard_all, OFFICE.email)
    return await recipients.get({**mail, "conference": CONFERENCE})


async def test_a_corrected_contact_is_not_told_by_the_one_before() -> None:
    assert await found(CORRECTED_CONTACT, heard_all=False) == Awaited()
    assert await found(CORRECTED_CONTACT, heard_all=True) == KNOWN


async def test_other_mails_go_by_what_is_known() -> None:
    assert await found(WELCOME, heard_all=False) == KNOWN


@pytest.mark.parametrize("content", [MISSING, DIGEST])
async def test_the_office_is_in_no_register_and_has_its_own_address(content: Content) -> None:
    office = await found(content, office_in(CONFERENCE), heard_all=False)
    assert isinstance(office, Contact) and office.details and office.details.email == OFFICE.email
    assert await found(content, office_in("ulm"), heard_all=False) == Awaited(), "another conference's"
