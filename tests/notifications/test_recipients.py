"""Whom a mail goes to: the office at its own address, others by the contact as new as what the mail says of it."""

from __future__ import annotations

import pytest

from services.notifications.contacts import AwaitedContacts, Contact, Recipients
from services.notifications.domain.office import office_in
from services.notifications.steps import Awaited
from shared.contracts.notifications import Content
from shared.declarations.projection import Document
from shared.kernel.identifiers import derived_id, stream_name
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
ADDRESS = derived_id("address", person(1), "1")


def recipients(known: Contact = KNOWN, *, heard_all: bool = True) -> Recipients:
    async def find(who: str) -> Contact | None:
        return known if who == person(1) else None

    async def has_heard_all(_: str) -> bool:
        return heard_all

    async def is_suspended(conference: str, address: str) -> bool:
        return (conference, address) == (CONFERENCE, ADDRESS)

    async def name_address(*_: str) -> str:
        return ADDRESS

    people = AwaitedContacts(find, has_heard_all, lambda: 0.0)
    return Recipients(people, has_heard_all, is_suspended, name_address, OFFICE.email)


def mail_to(to: str, content: Content = WELCOME) -> Document:
    event = queued(content, person=to)
    mail = remembered(stream_name(CONFERENCE, "mail", event.mail), [event])
    return {**mail, "conference": CONFERENCE}


async def found(content: Content, to: str = person(1), *, heard_all: bool) -> Contact | Awaited | None:
    return await recipients(heard_all=heard_all).get(mail_to(to, content))


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


async def test_whether_an_address_is_suspended_is_asked_of_one_that_was_refused_once() -> None:
    suspended, other = Contact(details(), ADDRESS), Contact(details(), derived_id("address", person(1), "2"))
    assert await recipients(suspended).get(mail_to(person(1))) == Contact(details(), ADDRESS, is_suspended=True)
    assert await recipients(other).get(mail_to(person(1))) == other


async def test_the_address_of_the_office_is_never_suspended() -> None:
    """By mail to it the office would be told of it."""
    assert await recipients().name_address(mail_to(office_in(CONFERENCE)), OFFICE.email) is None
    assert await recipients().name_address(mail_to(person(1)), "eva.mueller@example.org") == ADDRESS
