"""The mail server's moods, played by a real one: sent, later, never, and what nobody knows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.embedded import certificates
from services.notifications.domain.patience import ANSWER_WITHIN, CONTENT_WITHIN
from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.mailserver.smtp import CONTENT_SECONDS, ENVELOPE_SECONDS, SmtpSender
from tests.notifications.mailserver import HOST, Letterbox, listening, scripted

OFFICE = "office@example.org"
EVA = "eva@example.org"
MESSAGE = b"Subject: Einladung\r\n\r\n.\r\nGuten Tag\r\n"

Open = Callable[..., SmtpSender]


@pytest.fixture
async def sender() -> AsyncIterator[Open]:
    """Makes senders and closes their connections at the end."""
    made: list[SmtpSender] = []

    def make(port: int, **fields: Any) -> SmtpSender:
        made.append(SmtpSender(HOST, port, **{"security": "none", **fields}))
        return made[-1]

    yield make
    for one in made:
        await one.close()
    await asyncio.sleep(0.01)


async def outcome_of(sender: Open, box: Letterbox, **fields: Any) -> Outcome:
    async with listening(box) as port:
        return await sender(port, **fields).send(MESSAGE, OFFICE, EVA)


async def test_a_message_arrives_as_it_was_sent(sender: Open) -> None:
    box = Letterbox()
    assert await outcome_of(sender, box) == Sent()
    assert box.arrived == [(OFFICE, [EVA], MESSAGE)]


async def test_connections_are_used_again_but_only_so_many_at_once(sender: Open) -> None:
    box = Letterbox(delay=0.01)
    async with listening(box) as port:
        smtp = sender(port, connections=2)
        assert await asyncio.gather(*(smtp.send(MESSAGE, OFFICE, EVA) for _ in range(6))) == [Sent()] * 6
    assert len(box.arrived) == 6
    assert len(box.sessions) == 2


async def test_a_connection_on_which_a_content_was_refused_is_used_again(sender: Open) -> None:
    box = Letterbox(answers={"DATA": "554 5.6.0 not this content"})
    async with listening(box) as port:
        smtp = sender(port)
        assert [await smtp.send(MESSAGE, OFFICE, EVA) for _ in range(3)] == [Never("content_refused")] * 3
    assert len(box.sessions) == 1


async def test_four_connections_are_enough_where_nothing_else_is_said(sender: Open) -> None:
    box = Letterbox(delay=0.05)
    async with listening(box) as port:
        smtp = sender(port)
        assert await asyncio.gather(*(smtp.send(MESSAGE, OFFICE, EVA) for _ in range(6))) == [Sent()] * 6
    assert len(box.sessions) == 4


async def test_a_connection_that_went_away_meanwhile_is_replaced(sender: Open) -> None:
    box = Letterbox()
    async with listening(box) as port:
        smtp = sender(port)
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
        await smtp._idle[0].quit()
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
    assert len(box.sessions) == 2


async def test_a_connection_whose_line_is_broken_is_closed_and_replaced(sender: Open) -> None:
    class Broken:
        is_closed = False

        async def rset(self) -> None:
            raise ConnectionResetError

        def close(self) -> None:
            self.is_closed = True

    broken = Broken()
    async with listening(box := Letterbox()) as port:
        smtp = sender(port)
        smtp._idle.append(cast("Any", broken))
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
    assert broken.is_closed and len(box.sessions) == 1


async def test_a_connection_that_the_server_does_not_want_used_again_is_closed_and_replaced(sender: Open) -> None:
    box = Letterbox(answers={"RSET": "421 closing"})
    async with listening(box) as port:
        smtp = sender(port)
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
        [first] = smtp._idle
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
        assert not first.is_connected
    assert len(box.sessions) == 2


async def test_what_is_no_answer_to_the_content_tells_nothing_of_it(sender: Open) -> None:
    yes = b"250 OK\r\n"
    async with scripted(b"220 mail\r\n", yes, yes, yes, b"354 go on\r\n", b"no answer by RFC 5321\r\n") as port:
        assert await sender(port).send(MESSAGE, OFFICE, EVA) == Unanswered()


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"RCPT": "451 greylisted"}, Later("try_later")),
        ({"RCPT": "452 full"}, Later("try_later")),
        ({"RCPT": "421 closing"}, Later("refused_us", sign="421")),
        ({"RCPT": "550 no such user"}, Never("rejected")),
        ({"RCPT": "554 5.7.1 Client host rejected"}, Later("refused_us", sign="x.7")),
        ({"RCPT": "552 5.2.2 full"}, Later("mailbox_full")),
        ({"MAIL": "421 4.3.2 closing"}, Later("busy")),
        ({"MAIL": "550 not you"}, Later("server_refused")),
        ({"DATA": "451 later"}, Later("try_later")),
        ({"DATA": "554 not this"}, Never("content_refused")),
    ],
)
async def test_refusals_are_sorted(sender: Open, answers: dict[str, str], outcome: Outcome) -> None:
    box = Letterbox(answers=answers)
    assert await outcome_of(sender, box) == outcome
    assert box.arrived == []


async def test_when_its_time_is_over_no_content_goes_out_and_the_connection_serves_the_next(sender: Open) -> None:
    """Asked when the server has accepted the recipient: a sender may be stopped at any moment before."""
    box = Letterbox()
    async with listening(box) as port:
        smtp = sender(port)
        asked: list[int] = []

        def too_late() -> bool:
            asked.append(len(box.sessions))
            return False

        assert await smtp.send(MESSAGE, OFFICE, EVA, too_late) == Later("timed_out")
        assert (asked, box.arrived) == ([1], [])
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
    assert (len(box.arrived), len(box.sessions)) == (1, 1)


async def test_a_refused_recipient_is_nobody_elses_trouble(sender: Open) -> None:
    box = Letterbox(answers={"gone@example.org": "550 no such user"})
    async with listening(box) as port:
        smtp = sender(port, connections=1)
        assert await smtp.send(MESSAGE, OFFICE, "gone@example.org") == Never("rejected")
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
    assert [to for _, to, _ in box.arrived] == [[EVA]]
    assert len(box.sessions) == 1


async def test_nobody_listening_means_later(sender: Open) -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        port = unused.getsockname()[1]
    assert await sender(port).send(MESSAGE, OFFICE, EVA) == Later("unreachable")


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_connection_lost_after_the_content_leaves_the_outcome_open(sender: Open, arrives: bool) -> None:
    box = Letterbox(drop=True, answers={} if arrives else {"DATA": "451 later"})
    assert await outcome_of(sender, box) == Unanswered()
    assert len(box.arrived) == int(arrives)


async def test_no_answer_to_the_content_in_time_leaves_the_outcome_open(sender: Open) -> None:
    assert await outcome_of(sender, Letterbox(delay=0.3), content_seconds=0.05) == Unanswered()


async def test_a_slow_answer_is_waited_for(sender: Open) -> None:
    assert await outcome_of(sender, Letterbox(delay=0.2), envelope_seconds=0.1) == Sent()


async def test_a_server_that_drips_is_left(sender: Open) -> None:
    async with scripted(b"220 mail.example.org ESMTP\r\n") as port:
        assert await sender(port, envelope_seconds=0.05).send(MESSAGE, OFFICE, EVA) == Later("unreachable")


GREETING = (b"220 mail\r\n", b"250 mail\r\n", b"250 sender\r\n")


async def test_a_server_that_hears_a_recipient_and_goes_silent_concerns_that_one(sender: Open) -> None:
    async with scripted(*GREETING) as port:
        assert await sender(port, envelope_seconds=0.2).send(MESSAGE, OFFICE, EVA) == Later("timed_out")


async def test_a_server_that_hears_a_recipient_and_hangs_up_may_mean_that_one(sender: Open) -> None:
    async with scripted(*GREETING, hangs_up=True) as port:
        assert await sender(port).send(MESSAGE, OFFICE, EVA) == Later("refused_us", sign="broken off")


async def test_a_server_that_answers_a_recipient_with_what_is_no_answer_may_mean_that_one(sender: Open) -> None:
    async with scripted(*GREETING, b"no answer at all\r\n") as port:
        assert await sender(port).send(MESSAGE, OFFICE, EVA) == Later("refused_us", sign="broken off")


async def test_waiting_for_a_free_connection_counts(sender: Open) -> None:
    async with listening(Letterbox(delay=0.2)) as port:
        smtp = sender(port, connections=1, envelope_seconds=0.1)
        outcomes = await asyncio.gather(*(smtp.send(MESSAGE, OFFICE, EVA) for _ in range(2)))
        assert outcomes == [Sent(), Later("timed_out")]


async def test_a_refused_greeting_is_our_fault(sender: Open) -> None:
    async with scripted(b"554 go away\r\n") as port:
        assert await sender(port).send(MESSAGE, OFFICE, EVA) == Later("server_refused")


async def test_nothing_goes_out_in_plain_text_when_it_should_not(sender: Open) -> None:
    box = Letterbox()
    assert await outcome_of(sender, box, security="starttls") == Later("tls_unavailable")
    assert await outcome_of(sender, box, security="tls") == Later("tls_unavailable")
    assert box.sessions == []


async def test_tls_that_does_not_come_about_is_no_tls(sender: Open) -> None:
    answers = (b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"220 go\r\n", b"no handshake\r\n" * 9)
    async with scripted(*answers) as port:
        smtp = sender(port, security="starttls", envelope_seconds=10)
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Later("tls_unavailable")


async def test_a_login_travels_over_tls_only(sender: Open) -> None:
    with pytest.raises(ValueError, match="TLS only"):
        sender(25, username="office", password="secret")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a server that this process trusts."""
    authority, certificate = tmp_path / "ca.pem", tmp_path / "server.pem"
    certificates.make(authority, certificate, "mail")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    return certificate


async def outcome_of_login(sender: Open, box: Letterbox, certificate: Path, password: str | None) -> Outcome:
    async with listening(box, certificate, {b"office": b"secret"}) as port:
        smtp = sender(port, security="starttls", username="office", password=password)
        return await smtp.send(MESSAGE, OFFICE, EVA)


@pytest.mark.parametrize(
    ("password", "outcome"), [("secret", Sent()), ("wrong", Later("login_refused")), (None, Later("login_refused"))]
)
async def test_a_login_is_said_before_the_mail(
    sender: Open, certificate: Path, password: str | None, outcome: Outcome
) -> None:
    box = Letterbox()
    assert await outcome_of_login(sender, box, certificate, password) == outcome
    assert len(box.arrived) == (outcome == Sent())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("535 5.7.8 Authentication credentials invalid", Later("login_refused")),
        ("454 4.7.0 Temporary authentication failure", Later("busy")),
        ("", Later("unreachable")),
    ],
)
async def test_a_server_that_cannot_judge_a_login_now_has_not_refused_it(
    sender: Open, certificate: Path, answer: str, outcome: Outcome
) -> None:
    """``""``: it breaks the connection off."""
    assert await outcome_of_login(sender, Letterbox(answers={"AUTH": answer}), certificate, "secret") == outcome


async def test_a_forged_envelope_never_reaches_the_wire(sender: Open) -> None:
    box = Letterbox()
    async with listening(box) as port:
        smtp = sender(port)
        with pytest.raises(ValueError, match="control character"):
            await smtp.send(MESSAGE, OFFICE, f"{EVA}\x00")
        assert await smtp.send(MESSAGE, OFFICE, EVA) == Sent()
    assert [to for _, to, _ in box.arrived] == [[EVA]]


def test_a_sender_that_begins_in_its_minute_is_done_before_anybody_else_may_act() -> None:
    """Ten seconds are left for whatever takes longer than it should."""
    assert ENVELOPE_SECONDS < CONTENT_WITHIN.total_seconds() == 60
    assert CONTENT_WITHIN.total_seconds() + CONTENT_SECONDS == ANSWER_WITHIN.total_seconds() - 10 == 590
