"""What a mail server reports of a mail is read whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from structlog.typing import EventDict

from services.notifications.letters.message import message
from services.notifications.mailbox.nesting import MOST_NESTED
from services.notifications.mailbox.report import Claim, Report, report_in
from tests.kit.delivery_report import BOUNDARY, report_of, reported
from tests.notifications.letterbox import INVITATION, OFFICE, details, queued
from tests.notifications.test_letters import background

EMAIL = "eva.mueller@example.org"
QUEUED = queued(INVITATION)
MAIL = message(QUEUED, details(), EMAIL, OFFICE, background(QUEUED))
MESSAGE_ID = f"<{QUEUED.mail}@{OFFICE.domain}>"
REJECTED = Report(QUEUED.mail, OFFICE.domain, frozenset({EMAIL}), "rejected")
WHOLE = reported(MAIL, EMAIL)
HEADERS = MAIL.split(b"\r\n\r\n")[0] + b"\r\n"


def test_a_report_says_which_mail_to_whom_came_back() -> None:
    assert report_in(WHOLE) == report_in(WHOLE.replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")) == REJECTED


@pytest.mark.parametrize(
    "returned",
    [
        b"Content-Type: text/rfc822-headers\n\n" + HEADERS,
        b"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: quoted-printable\n\n"
        + HEADERS.replace(b"=", b"=3D"),
        b"Content-Type: message/rfc822\n\n" + HEADERS,
        b"Content-Type: message/rfc822\n\n" + MAIL[: len(HEADERS) + 30],
    ],
)
def test_the_headers_of_the_mail_are_enough(returned: bytes) -> None:
    block = {"Final-Recipient": f"rfc822;{EMAIL}", "Action": "failed", "Status": "5.1.1"}
    assert report_in(report_of(block, returned)) == REJECTED


def test_a_report_that_breaks_off_behind_the_mails_headers_is_whole_enough() -> None:
    assert report_in(WHOLE[: WHOLE.index(b"Message-ID") + 200]) == REJECTED


@pytest.mark.parametrize(
    ("status", "claim"),
    [
        ("5.1.1", "rejected"),
        ("5.1.10", "rejected"),
        ("5.2.1 (mailbox disabled)", "rejected"),
        ("5.2.2", "gave_up"),
        ("5.3.4", "content_refused"),
        ("5.4.7", "gave_up"),
        ("4.4.7", "gave_up"),
        ("4.1.1", "gave_up"),
        ("5.7.1", "refused_us"),
        ("5.1.8", "refused_us"),
    ],
)
def test_why_it_came_back_is_read_by_the_same_table_as_answers_of_our_own_server(status: str, claim: Claim) -> None:
    assert report_in(reported(MAIL, EMAIL, status)) == replace(REJECTED, claim=claim)


@pytest.mark.parametrize(
    ("diagnostic", "claim"),
    [
        (f"smtp; 550 5.1.1 <{EMAIL}>: user unknown", "rejected"),
        ("SMTP;550-No such user here", "rejected"),
        ("smtp; 550 relay not permitted", "refused_us"),
        ("smtp; 554 5.7.1 spam", "refused_us"),
        ("smtp; 552 5.2.2 over quota", "gave_up"),
        ("x-unix; user unknown", "gave_up"),
        ("", "gave_up"),
    ],
)
def test_a_status_that_is_about_nothing_is_as_good_as_what_the_server_was_told(diagnostic: str, claim: Claim) -> None:
    found = report_in(reported(MAIL, EMAIL, "5.0.0", diagnostic_code=diagnostic))
    assert found == replace(REJECTED, claim=claim)


def test_a_delay_is_one_whatever_its_status() -> None:
    assert report_in(reported(MAIL, EMAIL, "4.4.1", action="delayed")) == replace(REJECTED, claim="delayed")
    assert report_in(reported(MAIL, EMAIL, "5.1.1", action="Delayed")) == replace(REJECTED, claim="delayed")


def test_the_recipient_is_who_it_was_written_to_and_who_it_was_forwarded_to() -> None:
    found = report_in(reported(MAIL, EMAIL, final_recipient="RFC822; <Somebody@Example.net>"))
    assert found == replace(REJECTED, recipients=frozenset({EMAIL, "somebody@example.net"}))


def inside(mail: bytes) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: message/rfc822\n\n' + mail + b"\n--x--\n"


def without(name: str) -> bytes:
    return reported(MAIL, EMAIL, **{name: ""})


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "the mail itself": MAIL,
    "a report that somebody forwards": inside(WHOLE),
    "a report of another kind": WHOLE.replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
    "no kind of report": WHOLE.replace(b"report-type=delivery-status;", b""),
    "a mail of many parts": WHOLE.replace(b"multipart/report", b"multipart/mixed"),
    "no recipient": without("final_recipient"),
    "no action": without("action"),
    "no status": without("status"),
    "delivered": reported(MAIL, EMAIL, "2.0.0", action="delivered"),
    "relayed": reported(MAIL, EMAIL, action="relayed"),
    "a failure that succeeded": reported(MAIL, EMAIL, "2.0.0"),
    "a status that is none": reported(MAIL, EMAIL, "5.1"),
    "a status of many digits": reported(MAIL, EMAIL, "5.1.1111"),
    "two recipients": reported(MAIL, EMAIL, remote_mta="x\n\nFinal-Recipient: rfc822; a@b.org\nStatus: 5.1.1"),
    "no mail": report_of({"Final-Recipient": f"rfc822;{EMAIL}", "Action": "failed", "Status": "5.1.1"}, b"\n"),
    "two mails": WHOLE.replace(
        f"\n--{BOUNDARY}--".encode(), f"\n--{BOUNDARY}\nContent-Type: message/rfc822\n\n".encode() + HEADERS
    ),
    "no id": WHOLE.replace(b"Message-ID", b"X-Message-ID"),
    "an id of somebody else": WHOLE.replace(MESSAGE_ID.encode(), b"<1234@example.org>"),
    "an id with more": WHOLE.replace(MESSAGE_ID.encode(), f"{MESSAGE_ID} {MESSAGE_ID}".encode()),
    "parts in parts": WHOLE.replace(b"Content-Type: text/plain", b"X: " + b"boundary" * MOST_NESTED),
    "reports in reports": b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\n" * 3000,
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 8000,
    "statuses in statuses": b"Content-Type: message/delivery-status\n\n" * 8000,
    "a charset that there is not": WHOLE.replace(b"Status: 5.1.1", b"Status: =?klingon?b?5.1.1?="),
    "octets of no charset": WHOLE.replace(b"Status: 5.1.1", b"Status: \xff\xfe5.1.1"),
    "a kind that is no text": WHOLE.replace(b"report-type=delivery-status", b"report-type*=klingon'x'delivery-status"),
}


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_whole_report_is_none(mail: bytes) -> None:
    assert report_in(mail) is None


def test_a_report_without_an_address_names_nobody() -> None:
    for one in ("rfc822; everybody", f"x400; {EMAIL}", f"rfc822; {EMAIL}, {EMAIL}", "rfc822; " + "x" * 300 + "@a.org"):
        assert report_in(reported(MAIL, EMAIL, final_recipient=one, original_recipient="")) == replace(
            REJECTED, recipients=frozenset()
        )


@examples(st.binary(max_size=300), st.integers(0, len(WHOLE)), st.integers(0, 400))
def test_no_mail_makes_the_reader_fail(some: bytes, place: int, length: int) -> None:
    for mail in (some, WHOLE[:place], WHOLE[:place] + some + WHOLE[place + length :]):
        found = report_in(mail)
        assert found is None or isinstance(found, Report)


@examples(st.permutations(range(WHOLE.count(b"\n"))), st.integers(0, 60))
def test_no_order_of_lines_makes_the_reader_fail(order: Any, swapped: int) -> None:
    lines = WHOLE.split(b"\n")
    for one, other in zip(order[:swapped], order[swapped : 2 * swapped], strict=False):
        lines[one], lines[other] = lines[other], lines[one]
    found = report_in(b"\n".join(lines))
    assert found is None or found.mail == QUEUED.mail


def test_of_an_unreadable_mail_only_the_kind_of_error_is_logged(lines: list[EventDict]) -> None:
    assert report_in(HOSTILE["parts in parts"]) is None
    assert [(line["event"], line["error"]) for line in lines] == [("mail unreadable", "TooNested")]
