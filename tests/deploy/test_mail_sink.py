"""A mail that was answered with 250 is a file, whatever happens to the server afterwards."""

import asyncio
import json
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.embedded.mail_sink import MailSink
from deploy.embedded.smtp_sink import file_name

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
