"""What is written reads back identical: by Python's own parser, and by one that knows nothing but the RFCs."""

from __future__ import annotations

import base64
import quopri
import re
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from services.notifications.letters import wire
from services.notifications.letters.letter import Letter, Paragraph
from services.notifications.letters.message import message
from services.notifications.letters.plain import plain
from services.notifications.letters.words import write
from shared.contracts.notifications import NotificationQueued
from shared.kernel.text import single_line
from tests.notifications.letterbox import APPOINTMENT, CANCELLATION, INVITATION, OFFICE, details, queued
from tests.notifications.test_letters import background

EMAIL = "eva.mueller@example.org"


def _may_be_typed(text: str) -> bool:
    try:
        single_line(text)
    except ValueError:
        return False
    return bool(text.strip())


HARD = [
    "Bürgermeister*in für Gleichstellung, Straßenbäume & Überlängen, Großgemeinde Schwäbisch-Gmünd-Süd (kommissarisch)",
    'Eva "die Gute" Müller, Dr.',
    "Müller, Eva <all@example.org>",
    "Александра Константинопольская-Преображенская",
    "שלום עולם, أهلاً وسهلاً",
    "e\u0301a\u0308 n\u0303 combining",
    "👩‍🦰".replace("\u200d", "") + "🏳️ 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
    "a=b_c?d =20 =C3=A4 _ ? =",
    ". .. .leading dots",
    " zwei  Blanks  ",
    "x" * 300,
    "ä" * 300,
    "\\back\\slashes; commas, colons: semi;",
    r"C:\Neu \N \n \\N \, \; ^n ^' ^^ %0A &#10; ",
    "From here",
    "=",
    "?=",
    "a\u00a0b\u3000c \u2003 d",
]
TEXT = st.text(
    st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=300
).filter(_may_be_typed)
LINES = st.one_of(st.sampled_from(HARD), TEXT).map(lambda text: unicodedata.normalize("NFC", text))


def sent(name: str, title: str, place: str, reason: str | None = None) -> tuple[bytes, str]:
    """An invitation or a cancellation as it is written, and its text before it was."""
    appointment = APPOINTMENT.model_copy(update={"title": title, "place": place})
    content = (
        INVITATION.model_copy(update={"appointment": appointment})
        if reason is None
        else CANCELLATION.model_copy(update={"appointment": appointment, "reason": reason})
    )
    about, to = queued(content), details(name=name)
    return message(about, to, EMAIL, OFFICE, background(about)), plain(write(about, to, OFFICE, background(about)))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Eva Mueller", ["Eva", "Mueller"]),
        ("Eva Müller", ["Eva", "=?utf-8?q?M=C3=BCller?="]),
        ("Юлия", ["=?utf-8?b?0K7Qu9C40Y8=?="]),
        ("Ä", ["=?utf-8?b?w4Q=?="]),
        ("Abcdefä", ["=?utf-8?q?Abcdef=C3=A4?="]),
        ("Anna, Maria,", ["=?utf-8?q?Anna=2C_Maria=2C?="]),
    ],
)
def test_a_name_is_encoded_word_by_word_and_as_shortly_as_can_be(name: str, written: list[str]) -> None:
    assert wire.mailbox(name, "e@x.example") == [*written, "<e@x.example>"]


def test_a_line_of_a_header_takes_what_fits() -> None:
    for length in (len("Subject:") + 2, wire.LONGEST_LINE - len("Subject: a ")):
        assert wire.header("Subject", ["a", "b" * length]).count("\r\n") == 0
    assert wire.header("Subject", ["a", "b" * (length + 1)]) == f"Subject: a\r\n {'b' * (length + 1)}"
    assert wire.header("Subject", ["a" * 60, "b" * 20, "c"]) == f"Subject: {'a' * 60}\r\n {'b' * 20} c"
    assert wire.header("Subject", ["b" * 200, "a"]) == f"Subject: {'b' * 200}\r\n a"


def test_an_encoded_word_takes_what_fits() -> None:
    most = wire.ENCODED_BYTES - len("ä".encode())
    assert [len(wire.unstructured(f"ä{'x' * more}")) for more in (most, most + 1)] == [1, 2]


def test_a_long_word_is_encoded_where_it_would_not_fit_its_line() -> None:
    most = wire.LONGEST_LINE - len("Subject: ")
    assert wire.unstructured("x" * most) == ["x" * most]
    assert len(wire.unstructured("x" * (most + 1))) > 1


@pytest.mark.parametrize(("name", "address"), [("Eva\nBcc: all", "e@x.example"), ("Eva", "e@x.example\r"), (" ", " ")])
def test_neither_name_nor_address_brings_a_line_of_its_own(name: str, address: str) -> None:
    with pytest.raises(ValueError, match="one line of text"):
        wire.mailbox(name, address)


def test_a_word_that_is_longer_than_a_line_stays_whole() -> None:
    assert f"\n{'x' * 99}\n" in plain(Letter("", "", (Paragraph(f"kurz {'x' * 99} kurz"),), ()))


def test_lines_stay_lines() -> None:
    written = wire.message([], [wire.Part("text/plain", "eins\nzwei ä\n")], "--=_b")
    assert b"\r\n\r\neins\r\nzwei =C3=A4\r\n\r\n" in written


def test_a_word_with_hyphens_is_kept_together() -> None:
    text = plain(Letter("", "", (Paragraph(f"{'x' * 60} Kommunale-Pflege-Konferenz"),), ()))
    assert "\nKommunale-Pflege-Konferenz" in text


@pytest.mark.parametrize("name", ["漢" * 300, "🎉" * 300, f"{'漢' * 149} {'🎉' * 150}"])
def test_no_name_makes_a_line_that_a_server_refuses(name: str) -> None:
    written, _ = sent(name, "Sitzung", "Rathaus")
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert _by_rfc(written)["to"] == (name, EMAIL)


@given(LINES, LINES, LINES, st.one_of(st.none(), LINES))
@settings(max_examples=60)
def test_what_is_written_reads_back_identical(name: str, title: str, place: str, reason: str | None) -> None:
    reads_back_identical(name, title, place, reason)


@pytest.mark.long
@pytest.mark.timeout(600)
@given(LINES, LINES, LINES, st.one_of(st.none(), LINES))
@settings(max_examples=3000)
def test_what_is_written_reads_back_identical_for_long(name: str, title: str, place: str, reason: str | None) -> None:
    reads_back_identical(name, title, place, reason)


@pytest.mark.parametrize("text", HARD)
def test_what_is_hard_reads_back_identical(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    reads_back_identical(text, text, text, text)


def reads_back_identical(name: str, title: str, place: str, reason: str | None) -> None:
    written, text = sent(name, title, place, reason)
    subject = f"{'Einladung' if reason is None else 'Absage'}: {title} am 23.04.2024"
    for read in (_by_python(written), _by_rfc(written)):
        assert read["subject"] == subject
        assert read["to"] == (re.sub(r"\s\s+", " ", name).strip(), EMAIL)
        assert read["text"] == text
        assert read["calendar"] == {"SUMMARY": title, "LOCATION": place}
        assert read["headers"] == 8
    assert _attendee(written) == (name, EMAIL)
    assert written.isascii() and b"\n" not in written.replace(b"\r\n", b"")
    assert max(map(len, written.split(b"\r\n"))) <= 998


def _by_python(written: bytes) -> dict[str, Any]:
    mail = message_from_bytes(written, policy=default)
    body = mail.get_body(("plain",))
    assert body is not None
    [to] = mail["To"].addresses
    [part] = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    [event] = Calendar.from_ical(part.get_content()).walk("VEVENT")
    return {
        "subject": str(mail["Subject"]),
        "to": (to.display_name, to.addr_spec),
        "text": str(body.get_content()).replace("\r\n", "\n"),
        "calendar": {key: str(event[key]) for key in ("SUMMARY", "LOCATION")},
        "headers": len(mail.keys()),
    }


# RFC 5322, 2047, 2045, 2046 and 5545, read by hand


def _by_rfc(written: bytes) -> dict[str, Any]:
    head, body = written.decode("ascii").split("\r\n\r\n", 1)
    headers = _headers(head)
    boundary = re.findall(r'boundary="([^"]+)"', headers["Content-Type"])[0]
    parts = dict(_parts(body, boundary))
    name, address = headers["To"].rsplit(" ", 1)
    lines = re.sub("\r\n[ \t]", "", parts["text/calendar"]).split("\r\n")
    values = dict(line.split(":", 1) for line in lines if line.startswith(("SUMMARY:", "LOCATION:")))
    return {
        "subject": _unencoded(headers["Subject"]),
        "to": (_unencoded(name), address.strip("<>")),
        "text": parts["text/plain"].replace("\r\n", "\n"),
        "calendar": {key: _unescaped(value) for key, value in values.items()},
        "headers": len(headers),
    }


def _attendee(written: bytes) -> tuple[str, str]:
    """RFC 5545 (3.2) and RFC 6868: a parameter knows no backslash, which the library's own reader takes for one."""
    head, body = written.decode("ascii").split("\r\n\r\n", 1)
    parts = dict(_parts(body, re.findall(r'boundary="([^"]+)"', _headers(head)["Content-Type"])[0]))
    [line] = re.findall("ATTENDEE[^\r]*", re.sub("\r\n[ \t]", "", parts["text/calendar"]))
    [(quoted, plain_name, address)] = re.findall(r'CN=(?:"([^"]*)"|([^";:,]*))[;:].*mailto:(.*)$', line)
    signs = {"n": "\n", "'": '"', "^": "^"}
    return re.sub(r"\^([n'^])", lambda found: signs[found[1]], quoted or plain_name), address


def _headers(head: str) -> dict[str, str]:
    lines = re.sub("\r\n(?=[ \t])", "", head).split("\r\n")
    return {name: value[1:] for name, value in (line.split(":", 1) for line in lines)}


def _unencoded(value: str) -> str:
    """RFC 2047: blanks between two encoded words are no part of the text."""
    value = re.sub(r"(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)", r"\1", value)
    return re.sub(r"=\?utf-8\?([bq])\?([^?]*)\?=", lambda found: _word(found[1], found[2]), value)


def _word(encoding: str, text: str) -> str:
    if encoding == "b":
        return base64.b64decode(text).decode()
    return quopri.decodestring(text.replace("_", " ").encode()).decode()


def _parts(body: str, boundary: str) -> Iterator[tuple[str, str]]:
    inner = f"\r\n{body}".split(f"\r\n--{boundary}--")[0]
    for part in inner.split(f"\r\n--{boundary}\r\n")[1:]:
        head, content = part.split("\r\n\r\n", 1)
        headers = _headers(head)
        decode = base64.b64decode if headers["Content-Transfer-Encoding"] == "base64" else quopri.decodestring
        yield headers["Content-Type"].partition(";")[0], decode(content.encode()).decode()


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


@pytest.mark.parametrize(
    "forged",
    [
        "Eva\r\nBcc: all@example.org",
        "Eva\nBcc: x",
        "Eva\rBcc: x",
        "Eva\x00",
        "Eva\x0bBcc: x",
        "=?utf-8?q?a=0D=0ABcc=3A?=",
    ],
)
@pytest.mark.parametrize("place", ["name", "title", "email"])
def test_nothing_forges_a_header(forged: str, place: str) -> None:
    """Also what came past the edge: the message is not made at all."""
    appointment = APPOINTMENT.model_copy(update={"title": forged} if place == "title" else {})
    about: NotificationQueued = queued(INVITATION.model_copy(update={"appointment": appointment}))
    to = details().model_copy(update={"name": forged} if place == "name" else {})
    email = f"{EMAIL}{forged}" if place == "email" else EMAIL
    with pytest.raises(ValueError, match=r"control|encoded word|cannot stand"):
        message(about, to, email, OFFICE, background(about))


@pytest.mark.parametrize("text", ["", " ", "a\r\nb", "a\x7f"])
def test_a_header_is_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        wire.unstructured(text)


@pytest.mark.parametrize("address", ["a b@x.org", "a@x.org>, <b@x.org", "ä@x.org", "a@x.org,b@x.org"])
def test_an_address_stays_one(address: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        wire.mailbox("Eva", address)
