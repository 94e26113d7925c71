"""S and P7: the mail server is in a mood, or its sender dies between an attempt and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from tests.campaign.fault import Fault, Site
from tests.campaign.faults.signs import mails
from tests.campaign.world.moods import Mood
from tests.campaign.world.scripted_mail import ScriptedMail
from tests.campaign.world.worlds import BadLines

SOME = 5
"""So many mails must meet with a mood before it passes."""
MEETS_WITHIN = 90.0
PROBED_WITHIN = 330.0
"""The longest time between two mails that probe, and what the mail itself takes."""
AFTER_A_PAUSE = timedelta(seconds=31)
AFTER_AN_ATTEMPT = timedelta(minutes=11)
FEW = "^zeisig[0-3]"
"""A quarter of all addresses: behind the name they go on in hexadecimal digits."""
AT_ONCE_AT_MOST = 40
"""Connections to a server that takes nothing, in ten seconds: those under way, not everybody's."""
LONGER_THAN_AN_ENVELOPE = 50.0


def mail_of(site: Site) -> ScriptedMail:
    assert isinstance(site.world, BadLines)
    return site.world.mail


async def met(site: Site, mood: Mood, number: int = SOME) -> None:
    """Plays the mood until so many have met with it."""
    mail = mail_of(site)
    goal = mail.did(mood.stage, mood.do) + number
    mail.play(mood)
    await site.until(lambda: mail.did(mood.stage, mood.do) >= goal, f"{number} meet with {mood.do}", MEETS_WITHIN)


async def arrives(site: Site, number: int = SOME, within: float = MEETS_WITHIN) -> None:
    mail = mail_of(site)
    goal = mail.copies().total() + number
    await site.until(lambda: mail.copies().total() >= goal, f"{number} further mails arrive", within)


async def put_off(site: Site, *, answer: str) -> None:
    await met(site, Mood("RCPT", "answer", answer, each=1))
    await site.clocks.advance(site.urls, AFTER_A_PAUSE)
    await arrives(site)


async def rejected(site: Site) -> None:
    """Each such mail ends at its first attempt; nobody else's does."""
    mail = mail_of(site)
    ended, refused = await mails(site, reason="rejected"), mail.did("RCPT", "answer")
    await met(site, Mood("RCPT", "answer", "550 5.1.1 no such user", to=FEW))
    await arrives(site)
    mail.play()

    async def one_each() -> bool:
        return await mails(site, reason="rejected") - ended == mail.did("RCPT", "answer") - refused

    await site.until(one_each, "as many mails are rejected as attempts were refused")


async def busy(site: Site) -> None:
    """One refused greeting is enough for everybody: the queue waits half a minute.

    The server starts anew: over the lines that stay open nobody is greeted.
    """
    mail, too_busy = mail_of(site), Mood("connect", "answer", "421 4.3.2 too busy")
    before = mail.did("connect", "answer")
    mail.play(too_busy)
    await site.kill("mail")
    await site.start("mail")
    await met(site, too_busy, number=1)
    await site.last(10)
    knocked = mail.did("connect", "answer") - before
    assert knocked <= AT_ONCE_AT_MOST, f"{knocked} connections to a server that takes nothing"
    mail.play()
    await arrives(site)


async def away(site: Site) -> None:
    """Whoever asks the service is told so meanwhile."""
    await site.kill("mail")
    await site.accepted(100)
    await site.until(lambda: is_degraded(site), "readiness tells of the mail server", MEETS_WITHIN)
    await site.start("mail")
    await arrives(site, within=PROBED_WITHIN)


async def is_degraded(site: Site) -> bool:
    told = await site.ask("notifications", "GET", "/health/ready", by="monitor")
    return any("mail server" in sentence for sentence in told["degraded"])


async def away_and_greylisting(site: Site) -> None:
    """Sessions are called, moved and called off while nothing goes out: what waited gives way, nothing is overtaken."""
    mail, once = mail_of(site), Mood("RCPT", "answer", "451 4.3.0 greylisted", each=1)
    superseded = await mails(site, state="superseded")
    await met(site, once)
    await site.kill("mail")
    await site.accepted(150)
    mail.play(once)
    await site.start("mail")
    await site.until(lambda: mail.did("RCPT", "answer") > SOME, "they are put off once more", PROBED_WITHIN)
    mail.play()
    await site.clocks.advance(site.urls, AFTER_A_PAUSE)
    await arrives(site, within=PROBED_WITHIN)

    async def some_gave_way() -> bool:
        return await mails(site, state="superseded") > superseded

    await site.until(some_gave_way, "what waited and is no longer true is not sent")


async def away_for_long(site: Site) -> None:
    """Six hours by the services' clock; nothing is given up, and everything goes out afterwards."""
    await site.kill("mail")
    for _ in range(6):
        await site.accepted(60)
        await site.clocks.advance(site.urls, timedelta(hours=1))
    await site.start("mail")
    await arrives(site, number=4 * SOME, within=PROBED_WITHIN)


async def dropped(site: Site) -> None:
    """Nothing was kept, and nobody can know: tried once more, when the ten minutes of an attempt are over."""
    await met(site, Mood("DATA", "drop", in_all=SOME))
    await site.clocks.advance(site.urls, AFTER_AN_ATTEMPT)
    await arrives(site)


async def kept_and_dropped(site: Site) -> None:
    """The mail is there, the answer is not: at most one copy more of each, under the same Message-ID.

    What has become untrue meanwhile, or whose recipient is erased, is not sent again.
    """
    before = doubled(site)
    await met(site, Mood("DATA", "keep and drop", in_all=SOME))
    await site.clocks.advance(site.urls, AFTER_AN_ATTEMPT)
    await site.until(lambda: doubled(site) > before, "these mails arrive a second time")
    assert doubled(site) - before <= SOME, "others were sent twice"


def doubled(site: Site) -> int:
    copies = mail_of(site).copies()
    return copies.total() - len(copies)


async def slow(site: Site) -> None:
    """An answer that comes late is an answer."""
    before = doubled(site)
    await met(site, Mood("DATA", "keep and wait", in_all=SOME, seconds=30))
    await site.last(35)
    await arrives(site)
    assert doubled(site) == before, "a mail was sent again while its answer was awaited"


async def dripping(site: Site) -> None:
    """An answer takes longer than anybody should wait; meanwhile other recipients get their mail."""
    await met(site, Mood("RCPT", "drip", in_all=2, seconds=10), number=2)
    await arrives(site, number=2 * SOME, within=LONGER_THAN_AN_ENVELOPE)
    await site.last(LONGER_THAN_AN_ENVELOPE)
    await site.clocks.advance(site.urls, AFTER_A_PAUSE)
    await arrives(site)


async def without_tls(site: Site, *, offered: bool) -> None:
    """Not one recipient is named to a server that cannot be spoken to in secret."""
    mail = mail_of(site)
    with site.told("notifications", KPK_SMTP_SECURITY="starttls"):
        mail.play(tls=offered)
        await site.restart("notifications")
        named, knocked = mail.did("RCPT", "serve"), mail.did("connect", "serve")
        await site.until(lambda: mail.did("connect", "serve") > knocked, "the sender knocks", MEETS_WITHIN)
        await site.until(lambda: mails(site, reason="tls_unavailable"), "the mail is put off")
        assert mail.did("RCPT", "serve") == named, "a recipient was named in the clear"
        mail.play()
    await site.restart("notifications")
    await arrives(site)


async def killed_while_answered(site: Site) -> None:
    """The mail server has them, the sender dies before it hears so: at most one copy more of each.

    Several, because one's recipient may be erased meanwhile: then it is not sent again.
    """
    before = doubled(site)
    await met(site, Mood("DATA", "keep and wait", in_all=SOME, seconds=20), number=3)
    await site.kill("notifications")
    mail_of(site).play()
    await site.start("notifications")
    await site.clocks.advance(site.urls, AFTER_AN_ATTEMPT)
    await site.until(lambda: doubled(site) > before, "what was under way is sent once more", MEETS_WITHIN)


def moody(name: str, sentence: str, inject: Callable[[Site], Awaitable[None]]) -> Fault:
    """Whatever becomes of it, the next fault meets a good server."""

    async def calmed(site: Site) -> None:
        try:
            await inject(site)
        finally:
            mail_of(site).play()

    return Fault(name, sentence, "mail", calmed, world=BadLines)


FAULTS = (
    moody(
        "S1",
        "each recipient is put off once (451, greylisting)",
        partial(put_off, answer="451 4.7.1 greylisted"),
    ),
    moody("S2", "a quarter of all recipients is refused for ever (550)", rejected),
    moody("S3", "the server is too busy to greet (421): nobody hammers at it", busy),
    moody(
        "S3-full",
        "each recipient's box is full once (452)",
        partial(put_off, answer="452 4.2.2 full"),
    ),
    moody("S3-away", "nobody listens on the mail server's port for a while", away),
    moody("S4", "the connection is dropped after the content, which is not kept", dropped),
    moody("S5", "the connection is dropped after the content, which is kept", kept_and_dropped),
    moody("S6", "the server answers after 30 s", slow),
    moody("S7", "the server answers some recipients a byte every 10 s", dripping),
    moody("S8", "the server offers no TLS where it is demanded", partial(without_tls, offered=False)),
    moody(
        "S8-certificate",
        "the server's certificate is vouched for by nobody",
        partial(without_tls, offered=True),
    ),
    moody("S10", "the mail server is away for six hours", away_for_long),
    moody(
        "S11",
        "the mail server puts off, is away and puts off again while sessions are called off",
        away_and_greylisting,
    ),
    moody(
        "P7-answer",
        "the sender is killed (SIGKILL) while the server has the mail and has not answered",
        killed_while_answered,
    ),
)
