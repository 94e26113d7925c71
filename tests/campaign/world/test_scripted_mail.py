"""The server with moods, met by our own sender: what it was told to do is what the sender finds out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from shutil import which

import pytest

from services.notifications.mailserver.outcomes import Later, Never, Outcome, Sent, Unanswered
from services.notifications.mailserver.smtp import Security, SmtpSender
from tests.campaign.world.moods import Mood
from tests.campaign.world.scripted_mail import ScriptedMail

pytestmark = pytest.mark.infra

OFFICE, EVA, TOM = "office@example.org", "eva@example.org", "tom@example.org"

Send = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def mail(tmp_path: Path) -> AsyncIterator[ScriptedMail]:
    mail = ScriptedMail(tmp_path / "mail")
    await mail.start()
    yield mail
    await mail.stop()


@pytest.fixture
async def send(mail: ScriptedMail) -> AsyncIterator[Send]:
    """Each on a connection of its own."""
    senders: list[SmtpSender] = []

    async def send(number: int, to: str = EVA, security: Security = "none", seconds: float = 5.0) -> Outcome:
        content = f"Message-ID: <{number}@example.org>\r\nSubject: x\r\n\r\nGuten Tag\r\n".encode()
        sender = SmtpSender("127.0.0.1", mail.port, security, envelope_seconds=seconds, content_seconds=seconds)
        senders.append(sender)
        return await sender.send(content, OFFICE, to)

    yield send
    for sender in senders:
        await sender.close()
    await asyncio.sleep(0.01)


async def test_without_moods_it_is_a_good_server(mail: ScriptedMail, send: Send) -> None:
    assert await send(1) == Sent()
    assert mail.copies() == {"<1@example.org>": 1}


async def test_greylisting_refuses_each_recipient_once(mail: ScriptedMail, send: Send) -> None:
    mail.play(Mood("RCPT", "answer", "451 greylisted", each=1))
    assert [await send(1), await send(2, to=TOM)] == [Later("try_later")] * 2
    assert [await send(1), await send(2, to=TOM)] == [Sent()] * 2
    assert mail.did("RCPT", "answer") == 2


async def test_a_refused_recipient_is_refused_alone(mail: ScriptedMail, send: Send) -> None:
    mail.play(Mood("RCPT", "answer", "550 no such user", to="^tom"))
    assert await send(1, to=TOM) == Never("rejected")
    assert await send(2) == Sent()


async def test_a_busy_server_greets_nobody(mail: ScriptedMail, send: Send) -> None:
    mail.play(Mood("connect", "answer", "421 too busy"))
    assert await send(1) == Later("busy")
    mail.play()
    assert await send(1) == Sent()


@pytest.mark.parametrize(("deed", "copies"), [("drop", 0), ("keep and drop", 1)])
async def test_a_dropped_content_is_kept_or_not_and_nobody_knows(
    mail: ScriptedMail, send: Send, deed: str, copies: int
) -> None:
    mail.play(Mood("DATA", deed, in_all=1))  # type: ignore[arg-type]  # pytest hands over a str
    assert await send(1) == Unanswered()
    assert mail.copies().total() == copies
    assert await send(1) == Sent()
    assert mail.copies() == {"<1@example.org>": copies + 1}


async def test_a_late_answer_comes_for_who_waits(mail: ScriptedMail, send: Send) -> None:
    mail.play(Mood("DATA", "keep and wait", seconds=0.5))
    assert await send(1, seconds=0.2) == Unanswered()
    assert await send(2) == Sent()
    assert mail.copies().total() == 2


@pytest.mark.parametrize(("stage", "told"), [("connect", "unreachable"), ("RCPT", "timed_out")])
async def test_a_dripping_server_costs_the_sender_his_patience(
    mail: ScriptedMail, send: Send, stage: str, told: str
) -> None:
    mail.play(Mood(stage, "drip", seconds=0.5))  # type: ignore[arg-type]  # pytest hands over a str
    assert await send(1, seconds=1) == Later(told)  # type: ignore[arg-type]  # pytest hands over a str
    assert mail.copies().total() == 0


@pytest.mark.parametrize("offered", [False, True])
async def test_without_a_certificate_to_trust_nothing_is_said(mail: ScriptedMail, send: Send, offered: bool) -> None:
    if offered and not which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")
    mail.play(tls=offered)
    assert await send(1, security="starttls") == Later("tls_unavailable")
    assert mail.did("RCPT", "serve") == 0


async def test_what_was_kept_is_counted_on_after_a_kill(mail: ScriptedMail, send: Send) -> None:
    assert await send(1) == Sent()
    await mail.kill()
    assert await send(2) == Later("unreachable")
    await mail.start()
    assert await send(2) == Sent()
    assert mail.copies() == {"<1@example.org>": 1, "<2@example.org>": 1}
