"""A test installation writes to whom it may, and to nobody else: their mails wait, and it says so."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.notifications.mailserver.only_to import WAITS, OnlyTo, entries_of
from services.notifications.mailserver.outcomes import Outcome, Sent
from services.notifications.settings import NotificationsSettings
from tests.notifications.letterbox import details, queued
from tests.notifications.mailserver import Letterbox
from tests.notifications.world import World


@pytest.mark.parametrize(
    ("listed", "allowed"),
    [
        (None, ["anybody@example.org"]),
        ("", []),
        ("a@example.org", ["a@example.org", "A@Example.org"]),
        ("@example.org", ["a@example.org", "b@EXAMPLE.org"]),
        ("a@example.org; @test.example,@localhost", ["a@example.org", "x@test.example", "y@localhost"]),
    ],
)
def test_who_is_listed_may_be_written_to(listed: str | None, allowed: list[str]) -> None:
    only_to = OnlyTo(entries_of(listed))
    assert [email for email in allowed if not only_to.allows(email)] == []


@pytest.mark.parametrize(
    "email",
    ["b@example.org", "a@example.org.evil.example", "a@sub.example.net", "a@xexample.net", "example.net@example.com"],
)
def test_nobody_else_may(email: str) -> None:
    told: list[str] = []
    only_to = OnlyTo(entries_of("a@example.org, @example.net"), told.append)
    assert only_to.allows("a@example.org") and told == []
    assert not only_to.allows(email)
    assert told == [WAITS]


@pytest.mark.parametrize("wrong", ["example.org", "@", "a@", "@exa mple.org,@", "*@example.org@", "@example..org"])
def test_what_is_no_list_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValueError, match="addresses like"):
        entries_of(wrong)
    with pytest.raises(ValidationError) as refused:
        NotificationsSettings(**_required(), mail_only_to=wrong)
    assert "mail_only_to" in str(refused.value) and wrong not in str(refused.value).replace("@example.org", "")


@pytest.mark.parametrize("host", ["", "smtp://mail:25", "mail:25", "mail\r\nx", "u@mail", "a b"])
def test_a_mail_server_is_named_by_its_host_alone(host: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NotificationsSettings(**{**_required(), "smtp_host": host})
    assert ("smtp_host",) in [fault["loc"] for fault in refused.value.errors()]


def _required() -> dict[str, Any]:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": 25, "smtp_security": "none", "mail_from": "office@example.org"}
    return {**mail, "mongo_uri": "mongodb://127.0.0.1", "mongo_database": "x", "kafka_bootstrap": "127.0.0.1:9"}


async def test_what_may_not_be_sent_waits_and_the_others_go() -> None:
    world, tried, told = World(Letterbox()), list[str](), list[str]()

    async def send(_: object, __: str, to: str, ___: object) -> Outcome:
        tried.append(to)
        return Sent()

    sending = world.sending(send, only_to=OnlyTo(entries_of("@test.example"), told.append))
    real = world.queue(queued(number=1))
    test = world.queue(queued(number=2), details(email="eva@test.example"))
    await sending.start(world.documents())
    await sending.finish(within=30)
    assert tried == ["eva@test.example"]
    assert (world.told(real), world.told(test)) == (["Queued"], ["Queued", "Attempted", "Sent"])
    assert (sending.waiting, told) == ([real], [WAITS])
