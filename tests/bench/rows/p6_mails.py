"""P6: from an event to the mails that it leads to."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.embedded.service import Service, ServiceDescription
from services.notifications.contacts import Contacts
from services.notifications.service import SERVICE
from tests.bench import bare, invitations
from tests.bench.child import run_side
from tests.bench.machine import cpu_seconds
from tests.bench.mail_taker import MailTaker
from tests.bench.measured import Claim, Figures, Place
from tests.bench.row import PRODUCT, Row, Side
from tests.bench.servers import Servers, running, servers
from tests.bench.waiting import until

BARE, WRITING, POSTFIX, TWO = "bare aiosmtplib", "writing loop", "smtp-source", "two senders"
RATE, COST = "mails/s", "core ms a mail"
CONNECTIONS = 4
FROM = "pflegekonferenz@stuttgart.example.org"
DATABASE = "p6-notifications"


class NotAllSent(Exception):
    """More or fewer mails came than were wanted."""


@dataclass(frozen=True, slots=True)
class Post:
    """What every side sends to."""

    taker: MailTaker
    mails: int

    async def until_all_came(self, before: int) -> float:
        """The moment (monotonic) at which the last of them was accepted."""

        async def all_came() -> bool:
            return (await self.taker.taken())[0] >= before + self.mails

        await until(all_came)
        number, last = await self.taker.taken()
        if number > before + self.mails:
            raise NotAllSent(f"{number - before} mails came, {self.mails} were wanted")
        return last


class Mails(Row):
    id = "P6"
    title = "From an event to its mails"
    about = (
        "Invitations of 50 recipients each are published; the notifications service queues one mail for each "
        "recipient, journals the attempt before the connection is opened and the outcome after it, and sends over 4 "
        "connections that stay open. The clock ends when the mail server has accepted the last mail. The "
        "bare loop sends a mail of the same content over as many connections and writes nothing down. The mail server "
        "keeps nothing, so that it is not the limit; one that writes each mail to disk would bring them nearer. The "
        "writing loop writes each letter as the product does and makes the same three inserts, as many mails at once; "
        "it reads no topic, folds nothing, looks nothing up and keeps no order. Two senders: a second worker of "
        "the service. Core ms: of the service's processes and of mongod."
    )
    claims = (
        Claim("beside the writing loop", Place(PRODUCT, RATE), Place(WRITING, RATE), "at least", 0.6),
        Claim("core time of a mail, two senders beside one", Place(TWO, COST), Place(PRODUCT, COST), "at most", 1.1),
        Claim("two senders beside one", Place(TWO, RATE), Place(PRODUCT, RATE), "at least", 1.3),
        Claim("beside the bare loop", Place(PRODUCT, RATE), Place(BARE, RATE), "at least", None),
        Claim("beside smtp-source", Place(PRODUCT, RATE), Place(POSTFIX, RATE), "at least", None),
    )

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[Mapping[str, Side]]:
        sessions = self.size.part(100, 4)
        async with servers(self.folder) as ours:
            post = Post(MailTaker(ours.folder / "first-mail"), sessions * invitations.RECIPIENTS)
            async with ours.database(DATABASE) as database:
                await Contacts(database["contacts"]).hear(invitations.people())
            await invitations.establish(ours.bootstrap)
            service = _notifications(ours, post.taker, "all")
            async with running(post.taker), running(service):
                yield self._sides(ours, post, sessions, service)

    def _sides(self, ours: Servers, post: Post, sessions: int, service: Service) -> Mapping[str, Side]:
        sides: dict[str, Side] = {
            PRODUCT: partial(_product, ours, post, sessions, [service]),
            TWO: partial(_two_senders, ours, post, sessions, service),
            WRITING: partial(_writing, ours, post),
            BARE: partial(_bare, ours, post),
        }
        if shutil.which("smtp-source"):
            sides[POSTFIX] = partial(_postfix, post)
        else:
            self.result.notes.append("smtp-source (postfix) is not installed and was not measured.")
        return sides


async def _product(ours: Servers, post: Post, sessions: int, senders: Sequence[Service], name: str) -> Figures:
    await _divided_among(ours, len(senders))
    before, used = (await post.taker.taken())[0], _core_seconds(ours, senders)
    began = time.monotonic()
    await invitations.publish(ours.bootstrap, name, sessions)
    ended = await post.until_all_came(before)
    async with ours.database(DATABASE) as database:
        await invitations.must_be_recorded(database, name, post.mails)
    cost = (_core_seconds(ours, senders) - used) / post.mails
    return {RATE: post.mails / (ended - began), COST: cost * 1000}


async def _two_senders(ours: Servers, post: Post, sessions: int, service: Service, name: str) -> Figures:
    second = _notifications(ours, post.taker, "worker")
    async with running(second):
        return await _product(ours, post, sessions, [service, second], name)


async def _divided_among(ours: Servers, senders: int) -> None:
    """Whoever comes or leaves lets the group begin anew: no clock runs meanwhile."""
    async with bare.watched(ours.bootstrap, SERVICE.name) as group:

        async def all_are_in() -> bool:
            return await group.members() == senders and await group.has_partitions()

        await until(all_are_in)


def _core_seconds(ours: Servers, senders: Sequence[Service]) -> float:
    return sum(cpu_seconds(one.identity) for one in (ours.mongod, *senders))


async def _bare(ours: Servers, post: Post, name: str) -> Figures:
    given = {"port": post.taker.port, "mail": str(post.taker.first), "number": post.mails}
    return {RATE: post.mails / await run_side(f"{__name__}:bare_side", ours.folder / f"{name}.log", **given)}


async def _writing(ours: Servers, post: Post, name: str) -> Figures:
    given = {"uri": ours.uri, "name": name, "port": post.taker.port, "connections": CONNECTIONS}
    took = await run_side(
        "tests.bench.mail_loop:send_all", ours.folder / f"{name}.log", **given, sender=FROM, number=post.mails
    )
    return {RATE: post.mails / took}


async def bare_side(port: int, mail: str, number: int) -> float:
    mails = _copies(Path(mail), number)
    return (await bare.send_mails("127.0.0.1", port, CONNECTIONS, FROM, mails)).seconds


def _copies(mail: Path, number: int) -> list[tuple[str, bytes]]:
    content = mail.read_bytes()
    return [(f"person-{one}@example.org", content) for one in range(number)]


async def _postfix(post: Post, _: str) -> Figures:
    size, sessions = str(post.taker.first.stat().st_size), str(CONNECTIONS)
    command = ["smtp-source", "-d", "-s", sessions, "-m", str(post.mails), "-l", size, f"127.0.0.1:{post.taker.port}"]
    began = time.monotonic()
    child = await asyncio.create_subprocess_exec(*command)
    if await child.wait():
        raise NotAllSent("smtp-source failed")
    return {RATE: post.mails / (time.monotonic() - began)}


def _notifications(ours: Servers, taker: MailTaker, role: str) -> Service:
    settings = {
        **ours.settings,
        "KPK_MONGO_DATABASE": DATABASE,
        "KPK_SMTP_HOST": "127.0.0.1",
        "KPK_SMTP_PORT": str(taker.port),
        "KPK_SMTP_SECURITY": "none",
        "KPK_MAIL_FROM": FROM,
        "KPK_MAILS_PER_PERSON_AND_DAY": "1000000",
    }
    command = [sys.executable, "-m", "services.notifications", role]
    return Service(ServiceDescription("notifications", command), settings, ours.folder / f"notifications-{role}.log")
