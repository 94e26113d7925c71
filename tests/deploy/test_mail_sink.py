"""A mail that was answered with 250 is a file, whatever happens to the server afterwards."""

import asyncio
import errno
import json
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.smtp import Envelope

from deploy.embedded.mail_sink import MailSink
from deploy.embedded.smtp_sink import NO_ROOM, Keeper, Mailbox, file_name

pytestmark = pytest.mark.infra


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[MailSink]:
    sink = MailSink(tmp_path / "mail")
    await sink.start()
    yield sink
    await sink.stop()


async def test_an_accepted_mail_lies_in_a_file_of_its_own(sink: MailSink) -> None:
    await deliver(sink, "<invitation-1@kpk>", "to@example.org")
    mail = sink.folder / "000001-invitation-1@kpk.eml"
    assert "Grüße" in mail.read_bytes().decode()
    assert [(row["message_id"], row["recipient"], row["file"]) for row in accepted(sink)] == [
        ("<invitation-1@kpk>", "to@example.org", mail.name)
    ]


async def test_accepted_mails_survive_a_kill_and_are_counted_on(sink: MailSink) -> None:
    await deliver(sink, "<a@kpk>", "to@example.org")
    await sink.kill()
    await sink.start()
    await deliver(sink, "<b@kpk>", "to@example.org")
    assert sorted(mail.name for mail in sink.folder.glob("*.eml")) == ["000001-a@kpk.eml", "000002-b@kpk.eml"]


async def test_one_line_for_each_recipient_of_the_envelope(sink: MailSink) -> None:
    await deliver(sink, "<a@kpk>", "one@example.org", "two@example.org")
    assert [row["recipient"] for row in accepted(sink)] == ["one@example.org", "two@example.org"]


async def test_it_ends_by_itself_when_asked(sink: MailSink) -> None:
    await sink.stop()
    assert sink.exit_code == 0


@pytest.mark.parametrize(
    ("message_id", "name"),
    [
        ("<a.b@c>", "a.b@c"),
        ("", "without-id"),
        ("<../../etc/passwd>", ".._.._etc_passwd"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_message_id_never_leaves_the_folder(message_id: str, name: str) -> None:
    assert file_name(message_id) == name


def test_a_full_disk_refuses_no_mail_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer has to begin with 4: with 5 the sender gives the mail up."""

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    envelope, keeper = Envelope(), Keeper(Mailbox(tmp_path))
    envelope.original_content, envelope.rcpt_tos = b"Message-ID: <a@kpk>\r\n\r\n", ["to@example.org"]
    monkeypatch.setattr("os.fsync", full)
    assert answered(keeper, envelope) == NO_ROOM
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    assert answered(keeper, envelope).startswith("250 ")
    assert [mail.name for mail in tmp_path.glob("*.eml")] == ["000002-a@kpk.eml"]


def answered(keeper: Keeper, envelope: Envelope) -> str:
    return asyncio.run(keeper.handle_DATA(cast("Any", None), cast("Any", None), envelope))


async def deliver(sink: MailSink, message_id: str, *recipients: str) -> None:
    mail = EmailMessage()
    mail["Message-ID"], mail["From"], mail["To"] = message_id, "from@example.org", ", ".join(recipients)
    mail.set_content("Mit freundlichen Grüßen, schöne Grüße", cte="8bit")
    await asyncio.to_thread(send, sink.port, mail)


def send(port: int, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(mail)


def accepted(sink: MailSink) -> list[dict[str, str]]:
    return [json.loads(line) for line in (sink.folder / "accepted.jsonl").read_text().splitlines()]
