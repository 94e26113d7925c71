"""What a calendar replies to an invitation is proposed, whole or not at all, and recorded by nobody but the office."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from icalendar import Calendar
from structlog.typing import EventDict

from services.notifications.contacts import Contact
from services.notifications.domain.reply import REPLY, DismissReply, ReplyUnknown
from services.notifications.letters.calendar import calendar_part
from services.notifications.mailbox.maildir import LARGEST_MAIL, MOST_MAILS, mails_in
from services.notifications.mailbox.nesting import MOST_NESTED
from services.notifications.mailbox.proposals import Asked, MailboxAway, Proposals, _read, proposed
from services.notifications.mailbox.reply import LARGEST_CALENDAR, LARGEST_NUMBER, Reply, reply_in
from services.notifications.projections import MAILS
from services.notifications.projections.replies import DISMISSED
from shared.contracts.notifications import Content, ReplyDismissed
from shared.declarations.projection import Document, Projection
from shared.kernel.identifiers import PersonId
from shared.kernel.time import days
from tests.kit.calendar_reply import mail_with, replied, reply_to
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, NOW, edge, person
from tests.notifications.letterbox import APPOINTMENT, AS_DEPUTY, INVITATION, OFFICE, UPDATE, details, queued
from tests.notifications.test_letters import background

EMAIL = "eva.mueller@example.org"


def request() -> str:
    event = queued(INVITATION)
    part = calendar_part(event, details(), EMAIL, OFFICE, background(event))
    assert part
    return part.text


REQUEST = request()
UID = f"{INVITATION.session}@{OFFICE.domain}"
ACCEPTED = Reply(UID, EMAIL, "accept", APPOINTMENT.starts, sequence=2)


@pytest.mark.parametrize(
    ("partstat", "answer"), [("ACCEPTED", "accept"), ("declined", "decline"), ("DELEGATED", "deputy")]
)
def test_a_reply_says_which_appointment_is_answered_how_and_by_which_address(partstat: str, answer: Any) -> None:
    assert reply_in(replied(REQUEST, partstat)) == replace(ACCEPTED, answer=answer)


ACCEPTS = reply_to(REQUEST, "ACCEPTED")
ATTENDEE = f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{EMAIL}"
START = "DTSTART:20240423T120000Z"


def with_(found: str, instead: str) -> bytes:
    assert ACCEPTS.count(found) == 1
    return mail_with(ACCEPTS.replace(found, instead))


def test_a_day_in_another_zone_is_the_same_moment_and_an_address_has_no_capitals() -> None:
    assert reply_in(with_(START, "DTSTART;TZID=Europe/Berlin:20240423T140000")) == ACCEPTED
    assert reply_in(with_(ATTENDEE, "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:Eva.Mueller@Example.org")) == ACCEPTED


@pytest.mark.parametrize(
    "email",
    [
        "eva?cc=ida@example.org",
        "eva#1@example.org",
        "a&b=c@example.org",
        "eva+kpk/a!$'*@example.org",
        "{eva}|`^~_-.x@example.org",
    ],
)
def test_an_address_reads_back_as_it_is_from_the_url_of_its_calendar(email: str) -> None:
    """RFC 6068: a sign of the address begins no header and no fragment of the URL."""
    event = queued(INVITATION)
    part = calendar_part(event, details(email=email), email, OFFICE, background(event))
    assert part
    [told] = Calendar.from_ical(part.text).walk("VEVENT")
    url = urlsplit(str(told["attendee"]))
    assert (url.scheme, unquote(url.path), url.query, url.fragment) == ("mailto", email, "", "")
    assert reply_in(replied(part.text, "ACCEPTED")) == replace(ACCEPTED, attendee=email)


def test_a_mail_may_be_nothing_but_the_calendar() -> None:
    head = b"Content-Type: text/calendar; method=REPLY; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert reply_in(head + ACCEPTS.encode()) == ACCEPTED


def wrapped(mail: bytes, times: int) -> bytes:
    """So deep in other parts."""
    for number in range(times):
        start = f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()
        mail = start + mail + f"\r\n--b{number}--\r\n".encode()
    return mail


AS_SENT = REQUEST.replace("METHOD:REQUEST", "METHOD:REPLY")
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "an invitation": mail_with(REQUEST),
    "an invitation that says that it is a reply": mail_with(AS_SENT),
    "an answer under the name of a request": with_("METHOD:REPLY", "METHOD:REQUEST"),
    "no method": with_("METHOD:REPLY\r\n", ""),
    "tentative": replied(REQUEST, "TENTATIVE"),
    "an answer that there is not": replied(REQUEST, "accept"),
    "no answer": with_("PARTSTAT=ACCEPTED", "X=ACCEPTED"),
    "no attendee": with_(f"{ATTENDEE}\r\n", ""),
    "two attendees": with_(ATTENDEE, f"{ATTENDEE}\r\nATTENDEE;PARTSTAT=DECLINED:mailto:ida@example.org"),
    "two events": with_("END:VCALENDAR", "BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\nEND:VCALENDAR"),
    "no event": with_("VEVENT\r\nSUMMARY", "VTODO\r\nSUMMARY").replace(b"END:VEVENT", b"END:VTODO"),
    "no address": with_(f"mailto:{EMAIL}", f"https://{EMAIL}"),
    "no start": with_(f"{START}\r\n", ""),
    "a whole day": with_(START, "DTSTART;VALUE=DATE:20240423"),
    "a floating hour": with_(START, START.removesuffix("Z")),
    "a day that there is not": with_(START, "DTSTART:20240231T120000Z"),
    "no calendar": mail_with("BEGIN:VCALENDAR"),
    "a calendar too long": with_("SUMMARY:", f"SUMMARY:{'x' * LARGEST_CALENDAR}"),
    "parts in parts": b"Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 3000,
    "a charset that there is not": b"Content-Type: text/calendar; charset=klingon\n\nBEGIN:VCALENDAR\n",
    "an encoding that is none": b"Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n%%%%\n",
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 8000,
    "a calendar too deep in parts": wrapped(mail_with(ACCEPTS), MOST_NESTED),
}


def test_parts_are_counted_and_no_calendar_is_too_long_at_its_limit() -> None:
    assert reply_in(wrapped(mail_with(ACCEPTS), MOST_NESTED - 2)) == ACCEPTED
    filled = "x" * (LARGEST_CALENDAR - len(ACCEPTS) - 1)
    assert reply_in(with_("SUMMARY:", f"SUMMARY:{filled}")) == ACCEPTED


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_whole_reply_is_none(mail: bytes) -> None:
    assert reply_in(mail) is None


@examples(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 40))
def test_no_mail_makes_the_reader_fail(some: bytes, place: int, length: int) -> None:
    whole = replied(REQUEST, "ACCEPTED")
    for mail in (some, b"Content-Type: text/calendar\n\n" + some, whole[:place] + some + whole[place + length :]):
        found = reply_in(mail)
        assert found is None or isinstance(found, Reply)


def test_of_an_unreadable_mail_only_the_kind_of_error_is_logged(lines: list[EventDict]) -> None:
    assert reply_in(HOSTILE["a charset that there is not"].replace(b"BEGIN", EMAIL.encode())) is None
    assert all(EMAIL not in str(line) and line["event"] == "mail unreadable" for line in lines)


# Whose it is


def asked(number: int = 1, email: str = EMAIL, **fields: Any) -> Asked:
    return replace(Asked(person(number), email, APPOINTMENT.starts, has_seat=True), **fields)


def proposals(replies: Sequence[Reply], *people: Asked) -> list[tuple[str, str]]:
    named = [(str(number), one) for number, one in enumerate(replies)]
    return [(one.person, one.answer) for one in proposed(people or (asked(),), named, CONFERENCE)]


def test_the_newest_reply_of_whoever_is_asked_is_proposed() -> None:
    declined = replace(ACCEPTED, answer="decline")
    assert proposals([declined, ACCEPTED]) == [(person(1), "decline")]
    assert proposals([ACCEPTED, declined]) == [(person(1), "accept")]
    other = replace(ACCEPTED, attendee="ida@example.org")
    both = (asked(), asked(2, other.attendee))
    assert proposals([other, ACCEPTED], *both) == [(person(2), "accept"), (person(1), "accept")]


def test_nobody_else_and_nothing_of_another_day_is_proposed() -> None:
    assert proposals([replace(ACCEPTED, attendee="stranger@example.org")]) == []
    moved = replace(ACCEPTED, starts=APPOINTMENT.starts + days(1))
    assert proposals([moved]) == [] and proposals([moved, ACCEPTED]) == [(person(1), "accept")]
    assert proposals([ACCEPTED], asked(), asked(2)) == [], "one address of two people"


@pytest.mark.parametrize(("answered", "revision", "counts"), [(0, 0, True), (1, 1, True), (3, 2, True), (1, 2, False)])
def test_a_reply_from_before_a_move_is_not_proposed_though_the_time_is_the_same(
    answered: int, revision: int, counts: bool
) -> None:
    found = proposals([replace(ACCEPTED, sequence=answered)], asked(revision=revision))
    assert found == ([(person(1), "accept")] if counts else [])


def test_a_reply_says_the_sequence_of_what_it_answers_and_none_means_the_first() -> None:
    told = re.search(r"SEQUENCE:(\d+)\r\n", ACCEPTS)
    assert told and reply_in(mail_with(ACCEPTS)) == replace(ACCEPTED, sequence=int(told[1]))
    assert reply_in(with_(told[0], "")) == replace(ACCEPTED, sequence=0)
    assert reply_in(with_(told[0], f"SEQUENCE:{LARGEST_NUMBER}\r\n")) == replace(ACCEPTED, sequence=LARGEST_NUMBER)


@pytest.mark.parametrize("odd", ["two", "", "-1", "1.5", str(LARGEST_NUMBER + 1), str(2**53 + 1), "2\r\nSEQUENCE:3"])
def test_a_reply_whose_sequence_no_request_has_is_none_and_no_failure(odd: str, lines: list[EventDict]) -> None:
    assert reply_in(with_("SEQUENCE:2\r\n", f"SEQUENCE:{odd}\r\n")) is None
    assert lines == []


@pytest.mark.parametrize("domain", ["straße-müller.de", "STRAßE-MÜLLER.de", "xn--strae-mller-y6a49a.de"])
def test_a_domain_in_unicode_and_in_punycode_is_the_same(domain: str) -> None:
    stored = details(email="eva@straße-müller.de").email
    found = reply_in(with_(ATTENDEE, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:eva@{domain}"))
    assert stored and found == replace(ACCEPTED, attendee=stored)


def test_an_address_that_nobody_can_have_answers_nothing(lines: list[EventDict]) -> None:
    assert reply_in(with_(ATTENDEE, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:eva")) is None
    assert lines == []


def test_only_who_has_a_seat_may_send_somebody_else() -> None:
    deputy = replace(ACCEPTED, answer="deputy")
    assert proposals([deputy]) == [(person(1), "deputy")]
    assert proposals([deputy, ACCEPTED], asked(has_seat=False)) == [], "the newest counts, and says nothing that can be"


def test_a_reply_is_known_by_its_mail_and_whose_it_is() -> None:
    names = [
        next(proposed([asked(number)], [(mail, ACCEPTED)], conference)).reply
        for number, mail, conference in (
            (1, "a", "stuttgart"),
            (2, "a", "stuttgart"),
            (1, "b", "stuttgart"),
            (1, "a", "ulm"),
        )
    ]
    assert len({*names}) == 4


# Of a session


class Shelf:
    """The projections that are asked, and the contacts of who is known."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Document]] = {MAILS.name: [], DISMISSED.name: []}
        self.people: dict[str, Contact] = {}

    async def find(self, projection: Projection, where: Document, sort: str | None = None) -> list[Document]:
        found = [
            one for one in self.kept[projection.name] if all(_fits(one.get(name), what) for name, what in where.items())
        ]
        return sorted(found, key=lambda one: str(one[sort])) if sort else found

    async def contact(self, person: PersonId) -> Contact | None:
        return self.people.get(person)

    def ask(self, number: int, content: Content = INVITATION, **fields: Any) -> None:
        event = queued(content, number, **fields)
        stream = f"{CONFERENCE}/mail/{event.mail}"
        [document] = folded(MAILS, [event], stream).values()
        self.kept[MAILS.name].append({**document, "conference": CONFERENCE})
        self.people.setdefault(
            person(number), Contact(details(email=EMAIL if number == 1 else f"p{number}@example.org"))
        )


def _fits(value: object, what: object) -> bool:
    return value in what["$in"] if isinstance(what, dict) else value == what


@pytest.fixture
def shelf() -> Shelf:
    shelf = Shelf()
    shelf.ask(1)
    return shelf


def of(shelf: Shelf, mailbox: Path | None) -> Proposals:
    return Proposals(mailbox, DOMAIN, shelf, shelf.contact)  # type: ignore[arg-type]  # it is asked no more than that


DOMAIN = "example.org"
HERE = f"UID:{INVITATION.session}@{CONFERENCE}.{DOMAIN}"


def reply(mailbox: Path, name: str, written: int, calendar: str = ACCEPTS) -> None:
    file = mailbox / "new" / name
    file.write_bytes(mail_with(calendar.replace(f"UID:{UID}", HERE)))
    os.utime(file, (written, written))


async def told(shelf: Shelf, mailbox: Path | None, conference: str = CONFERENCE) -> list[tuple[str, str]]:
    return [(one.person, one.answer) for one in await of(shelf, mailbox).of(conference, INVITATION.session)]


async def test_what_lies_in_the_mailbox_is_proposed_and_read_once(
    shelf: Shelf, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await told(shelf, None) == await told(shelf, mailbox) == []
    reply(mailbox, "a", 1)
    assert await told(shelf, mailbox) == [(person(1), "accept")]
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read again"))
    assert await told(shelf, mailbox) == [(person(1), "accept")]
    assert await told(shelf, mailbox, "ulm") == []


def test_a_reply_is_known_by_the_hash_of_its_mail(mailbox: Path) -> None:
    reply(mailbox, "a", 1)
    file = mailbox / "new" / "a"
    told = replace(ACCEPTED, uid=HERE.removeprefix("UID:"))
    assert _read(str(file), 1) == [(sha256(file.read_bytes()).hexdigest(), told)]
    file.write_bytes(b"nothing")
    assert _read(str(file), 2) == []


async def test_a_reply_to_another_session_or_another_conference_is_not_of_this_one(shelf: Shelf, mailbox: Path) -> None:
    for number, other in enumerate(
        ("UID:plenary-6@stuttgart.example.org", f"UID:{INVITATION.session}@ulm.example.org")
    ):
        reply(mailbox, str(number), number, ACCEPTS.replace(f"UID:{UID}", other))
    assert await told(shelf, mailbox) == []


async def test_the_appointment_is_that_of_the_last_mail_and_only_an_owner_of_a_seat_sends_a_deputy(
    shelf: Shelf, mailbox: Path
) -> None:
    later = APPOINTMENT.model_copy(update={"starts": APPOINTMENT.starts + days(1), "ends": APPOINTMENT.ends + days(1)})
    shelf.ask(1, UPDATE.model_copy(update={"appointment": later}), queued_at=NOW + days(1))
    reply(mailbox, "a", 1)
    assert await told(shelf, mailbox) == []
    sent = ACCEPTS.replace(START, "DTSTART:20240424T120000Z").replace("ACCEPTED", "DELEGATED")
    reply(mailbox, "b", 2, sent)
    assert await told(shelf, mailbox) == [(person(1), "deputy")]
    shelf.ask(2, AS_DEPUTY, seat="hospitals-2")
    shelf.ask(3, seat=None)
    for number in (2, 3):
        reply(
            mailbox,
            str(number),
            number,
            ACCEPTS.replace("ACCEPTED", "DELEGATED").replace(EMAIL, f"p{number}@example.org"),
        )
    assert await told(shelf, mailbox) == [(person(1), "deputy")]


async def test_who_is_erased_or_has_no_address_answers_nothing(shelf: Shelf, mailbox: Path) -> None:
    reply(mailbox, "a", 1)
    for contact in (Contact(None), Contact(details(email=None)), None):
        shelf.people[person(1)] = contact  # type: ignore[assignment]  # nothing has arrived
        assert await told(shelf, mailbox) == []


async def test_a_dismissed_reply_is_not_proposed_nor_is_an_older_one(shelf: Shelf, mailbox: Path) -> None:
    reply(mailbox, "a", 1)
    reply(mailbox, "b", 2, ACCEPTS.replace("ACCEPTED", "DECLINED"))
    [proposal] = await of(shelf, mailbox).of(CONFERENCE, INVITATION.session)
    dismiss = DismissReply(**edge(session=INVITATION.session, reply=proposal.reply))
    await of(shelf, mailbox).must_have(dismiss)
    for other in ({"reply": person(8)}, {"session": "plenary-6"}, {"conference": "ulm"}):
        with pytest.raises(ReplyUnknown):
            await of(shelf, mailbox).must_have(dismiss.model_copy(update=other))
    shelf.kept[DISMISSED.name].append({"conference": CONFERENCE, **dismiss.model_dump(include={"session", "reply"})})
    assert await told(shelf, mailbox) == []


async def test_a_mailbox_that_cannot_be_read_is_said_to_be_away(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(MailboxAway):
        await told(shelf, tmp_path / "nowhere")


async def test_a_mail_that_is_taken_away_meanwhile_is_no_trouble(
    shelf: Shelf, mailbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply(mailbox, "kept", 1)
    reply(mailbox, "gone", 2, ACCEPTS.replace("ACCEPTED", "DECLINED"))
    files = mails_in(mailbox)
    (mailbox / "new" / "gone").unlink()
    monkeypatch.setattr("services.notifications.mailbox.maildir.mails_in", lambda *_: files)
    assert await told(shelf, mailbox) == [(person(1), "accept")]


# The mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Path:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    return tmp_path


def names(mailbox: Path) -> list[str]:
    return [Path(path).name for _, path in mails_in(mailbox)]


def put(mailbox: Path, name: str, written: int, size: int = 1) -> None:
    file = mailbox / name
    file.write_bytes(b"x" * size)
    os.utime(file, (written, written))


def test_mails_are_read_the_newest_first_and_trashed_ones_not(mailbox: Path) -> None:
    for name, written in (("new/a", 2), ("cur/b:2,S", 3), ("cur/c:2,ST", 4), ("tmp/d", 5), ("new/eT", 1)):
        put(mailbox, name, written)
    assert names(mailbox) == ["b:2,S", "a", "eT"]


def test_what_is_too_large_or_no_file_is_left_out(mailbox: Path) -> None:
    put(mailbox, "new/large", 1, LARGEST_MAIL + 1)
    put(mailbox, "new/largest", 1, LARGEST_MAIL)
    (mailbox / "new" / "folder").mkdir()
    (mailbox / "new" / "secret").symlink_to("/etc/hostname")
    os.mkfifo(mailbox / "new" / "pipe")
    assert names(mailbox) == ["largest"]


def test_of_many_mails_the_oldest_are_left_out(mailbox: Path) -> None:
    for number in range(MOST_MAILS + 2):
        put(mailbox, f"new/{number}", number)
    assert names(mailbox) == [str(number) for number in range(MOST_MAILS + 1, 1, -1)]


def test_a_mailbox_that_is_away_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="new"):
        mails_in(tmp_path)


# Dismissed


def test_a_reply_is_dismissed_once() -> None:
    about = {"reply": person(8), "session": INVITATION.session}
    event, stream = ReplyDismissed(**about), f"{CONFERENCE}/reply/{person(8)}"
    given_of(REPLY)().when(DismissReply(**edge(**about))).then(event)
    [document] = folded(DISMISSED, [event], stream).values()
    assert document.items() >= about.items()
