"""Once a week the office is told what waits for it. No event leads to that mail, but a day; its name is the day's, so
that it is queued once, however often and by however many processes it is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime

import structlog

from services.notifications import queries
from services.notifications.domain.mail_commands import QueueNotification, mail_id
from services.notifications.domain.office import office_in
from services.notifications.projections import COURSES, MAILS, NAMES
from services.notifications.projections.announced import ANNOUNCED, announced_by
from services.notifications.projections.open import HELD, REFUSALS
from services.notifications.projections.owed import OWED, owed_by
from services.notifications.service import OPEN_POINTS
from shared.contracts.notifications import Digest, HeldUp, VacantSeat
from shared.contracts.occupancies import Seat, Seats, from_documents, seats_on
from shared.declarations.projection import Document
from shared.kernel.identifiers import ConferenceSlug, Slug, Uuid, derived_id, stream_name
from shared.kernel.time import days, iso, local_day, start_of
from shared.runtime.delivery.stores import ProjectionStore
from shared.runtime.mongo.driver import MongoUnavailable
from shared.runtime.observing.clock import Clock

log = structlog.get_logger()

LOOK_SECONDS, AGAIN_SECONDS = 60.0, 1.0
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REFUSED = (REFUSALS, OPEN_POINTS.projection)
NEVER = "never"
OWED_WITHIN = days(30)
"""Obligations that are due later are left out: their first stage is this long before their due day."""
Execute = Callable[[QueueNotification], Awaitable[object]]


async def send_digests(projections: ProjectionStore, execute: Execute, clock: Clock, weekday: str) -> None:
    while weekday != NEVER:
        try:
            await look(projections, execute, clock.now(), weekday)
            await asyncio.sleep(LOOK_SECONDS)
        except MongoUnavailable as error:
            log.warning("digest waits", error=type(error).__name__)
            await asyncio.sleep(AGAIN_SECONDS)


async def look(projections: ProjectionStore, execute: Execute, now: datetime, weekday: str) -> None:
    """Queues the digest of the last such day for every conference that lacks it, also late after a downtime."""
    day = last(weekday, local_day(now))
    for conference in await projections.find(NAMES, {"office": {"$ne": None}}):
        name = conference["conference"]
        cause = derived_id("digest", name, day.isoformat())
        if await projections.get(MAILS, _stream(name, cause)) is None:
            await execute(_queue(name, cause, await digest_of(projections, name, day, now), now))


def last(weekday: str, today: date) -> date:
    return today - days((today.weekday() - WEEKDAYS.index(weekday)) % len(WEEKDAYS))


def _stream(conference: ConferenceSlug, cause: Uuid) -> str:
    return stream_name(conference, "mail", mail_id(cause, "digest", office_in(conference)))


def _queue(conference: ConferenceSlug, cause: Uuid, content: Digest, now: datetime) -> QueueNotification:
    return QueueNotification(
        conference=conference,
        at=now,
        by="clock",
        person=office_in(conference),
        seat=None,
        cause=cause,
        content=content,
        useful_until=start_of(content.day + days(len(WEEKDAYS))),
    )


async def digest_of(projections: ProjectionStore, conference: ConferenceSlug, day: date, now: datetime) -> Digest:
    """The open obligations and points, for the digest of that day."""
    of = {"conference": conference}
    groups = await projections.find(COURSES, {**of, "seats": {"$ne": []}}, sort="stream")
    seats = seats_on(tuple(seat for group in groups for seat in from_documents(group["seats"])), local_day(now))
    failed = await projections.find(MAILS, {**of, "state": "failed"})
    held = await projections.find(HELD, {**of, "closed": True, "kind": "plenary"}, sort="starts")
    return Digest(
        day=day,
        vacant=tuple(_vacant(seat, local_day(now)) for seat in seats if not seat.holder(local_day(now))),
        without_deputy=_without_deputy(seats, local_day(now)),
        absent_twice=tuple(seat.seat for seat in seats if _is_missing(seat.seat, held)),
        undelivered=sum(_may_be_sent_again(mail, now) for mail in failed),
        refused=sum([len(await projections.find(one, {**of, "state": "open"})) for one in REFUSED]),
        letters=len(await projections.find(MAILS, {**of, "state": "letter"})),
        owed=tuple(owed_by(local_day(now) + OWED_WITHIN, await projections.find(OWED, of))) or None,
        due=tuple(announced_by(local_day(now) + OWED_WITHIN, await projections.find(ANNOUNCED, of))) or None,
        suspended=tuple(map(_held_up, await queries.suspended(projections, conference))) or None,
    )


def _held_up(suspended: Document) -> HeldUp:
    return HeldUp(seat=suspended["seat"], waiting=suspended["waiting"])


def _vacant(seat: Seat, day: date) -> VacantSeat:
    return VacantSeat(seat=seat.seat, since=seat.vacant_since(day))


def _without_deputy(seats: Seats, day: date) -> tuple[Slug, ...]:
    """Empty for a conference without any deputies."""
    filled = [seat for seat in seats if seat.holder(day)]
    lacking = tuple(seat.seat for seat in filled if not seat.holder(day, "deputy"))
    return lacking if len(lacking) < len(filled) else ()


def _is_missing(seat: Slug, held: Sequence[Document]) -> bool:
    """Whether nobody came for the seat to the last two sessions to which it was invited."""
    came = [seat in one["came"] for one in held if seat in _invited(one["invited"])]
    return len(came) > 1 and not any(came[-2:])


def _invited(places: Iterable[Sequence[str]]) -> set[str]:
    return {seat for _, seat in places}


def _may_be_sent_again(mail: Document, now: datetime) -> bool:
    return mail["reason"] != "erased" and (mail["useful_until"] is None or mail["useful_until"] > iso(now))
