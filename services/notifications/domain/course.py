"""What happened around one session, one seat group or one person that people were written to about, in its order.

Every mail about it is one letter of a correspondence: with one person about one subject, be it a session's
appointment, its minutes, a seat, or how to write to them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import assert_never

from services.notifications.domain.mail_commands import mail_id
from shared.contracts.meetings import Answer, Appointment, Count
from shared.contracts.notifications import (
    Cancellation,
    ContactCorrection,
    Content,
    Digest,
    Farewell,
    Invitation,
    MailId,
    Minutes,
    MissingAnswers,
    NotificationQueued,
    Reminder,
    Supplement,
    Update,
    Welcome,
    Withdrawal,
)
from shared.contracts.occupancies import Seats, seat_of
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.kernel.time import UtcTime
from shared.kernel.values import Value

Ends = Cancellation | Withdrawal
OnCalendar = Invitation | Update | Ends
AboutAppointment = OnCalendar | Supplement | Reminder
AboutSeat = Welcome | Farewell
AboutSession = AboutAppointment | Minutes | MissingAnswers


class Occasion(Value):
    """Event number ``order`` of its stream, of which ``recipients`` are told; their seats, None for guests.

    ``until`` is the last day of the time on a seat that begins with it; None: until further notice.
    """

    order: int
    cause: Uuid
    at: UtcTime
    content: Content
    recipients: dict[PersonId, Slug | None]
    reminder_days: Count = 0
    until: date | None = None


class Answered(Value):
    order: int
    person: PersonId
    answer: Answer
    seat: Slug | None = None


class Course(Value):
    """The occasions of one stream as far as it is known: later events only add to it.

    ``seats`` are a seat group's seats as known now; a welcome states the first day as known now.
    """

    occasions: tuple[Occasion, ...] = ()
    answers: tuple[Answered, ...] = ()
    seats: Seats = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a correspondence. ``dropped``: the recipient is no longer invited, and the session takes place."""

    mail: MailId
    occasion: Occasion
    stamp: datetime
    dropped: bool = False

    @property
    def content(self) -> Content:
        return self.occasion.content

    @property
    def appointment(self) -> Appointment | None:
        return self.content.appointment if isinstance(self.content, AboutSession) else None


def letters_to(course: Course, person: PersonId, about: Content, seat: Slug | None) -> list[Letter]:
    """The correspondence of a mail about ``about``, in order, as far as it is known.

    A cancellation also goes to people whom an earlier invitation named and the last one did not, unless it was
    withdrawn from them. Stamps are whole seconds, each used once (DTSTAMP, RFC 5545, 3.8.7.2).
    """
    found = list(_occasions(course, person, about, seat))
    return [
        Letter(
            mail=mail_id(one.cause, one.content.kind, person),
            occasion=one,
            stamp=stamp,
            dropped=person not in one.recipients or isinstance(one.content, Withdrawal),
        )
        for one, stamp in zip(found, _stamps(found), strict=True)
    ]


def alone(queued: NotificationQueued) -> Letter:
    """A correspondence with only this mail."""
    named = {queued.person: queued.seat}
    one = Occasion(order=1, cause=queued.cause, at=queued.queued_at, content=queued.content, recipients=named)
    return Letter(queued.mail, one, stamp=next(iter(_stamps([one]))))


def _occasions(course: Course, person: PersonId, about: Content, seat: Slug | None) -> Iterable[Occasion]:
    was_named = False
    for one in course.occasions:
        is_named = person in one.recipients
        if _is_of(one, about, person, seat) and (is_named or (was_named and isinstance(one.content, Cancellation))):
            yield one
        was_named = (was_named or is_named) and not (is_named and isinstance(one.content, Withdrawal))


def _is_of(one: Occasion, about: Content, person: PersonId, seat: Slug | None) -> bool:
    match about:
        case Welcome() | Farewell():
            return isinstance(one.content, AboutSeat) and one.recipients.get(person) == seat
        case Minutes() | MissingAnswers() | ContactCorrection() | Digest():
            return isinstance(one.content, type(about))
        case _:
            return isinstance(one.content, AboutAppointment)


def _stamps(occasions: Iterable[Occasion]) -> Iterable[datetime]:
    second = timedelta(seconds=1)
    whole = (one.at.replace(microsecond=0) for one in occasions)
    return accumulate(whole, lambda before, now: max(now, before + second))


def dropped_from(course: Course, cancellation: Uuid) -> dict[PersonId, Slug | None]:
    """People whom an invitation named before a session was cancelled, and whom the cancellation does not name.

    People from whom it was withdrawn know already.
    """
    named: dict[PersonId, Slug | None] = {}
    for one in course.occasions:
        if one.cause == cancellation:
            return {person: seat for person, seat in named.items() if person not in one.recipients}
        if isinstance(one.content, Withdrawal):
            named = {person: seat for person, seat in named.items() if person not in one.recipients}
        elif isinstance(one.content, AboutAppointment):
            named |= one.recipients
    return {}


def is_withdrawn(course: Course, letter: Letter, person: PersonId, seat: Slug | None, today: date) -> bool:
    """Whether what a mail announces is over although no newer mail says so. One row for each kind of mail.

    Seats decide on welcomes, the newest invitation on everything that asks to a session; a person who has answered
    needs no reminder, and where all seats have, the office is asked nothing. Minutes stay worth reading. A cancellation
    stays true until another mail says otherwise.
    """
    match letter.content:
        case Welcome():
            return _is_not_on(course.seats, seat, person, letter.content.since, today)
        case Farewell():
            return _is_back(course.seats, seat, person, letter.content.until)
        case Invitation() | Update() | Supplement():
            return _is_uninvited(course, letter, person)
        case Reminder():
            return _is_uninvited(course, letter, person) or _has_answered(course, letter, person)
        case MissingAnswers():
            return _is_settled(course, letter, letter.content)
        case Cancellation() | Withdrawal() | Minutes() | ContactCorrection() | Digest():
            return False
        case _:
            assert_never(letter.content)


def _is_not_on(seats: Seats, name: Slug | None, person: PersonId, since: date, today: date) -> bool:
    """Whether the time on the seat that began, or begins, on that day is over or was never the person's.

    False for a seat that is not known here.
    """
    seat = seat_of(seats, name) if name else None
    if seat is None:
        return False
    times = [one for one in seat.periods("principal") if (one.person, one.since) == (person, since)]
    return not seat.exists(max(today, since)) or all(one.until is not None and one.until < today for one in times)


def _is_back(seats: Seats, name: Slug | None, person: PersonId, until: date) -> bool:
    """Whether that day is not the person's last on the seat any more. False for a seat that is not known here."""
    seat = seat_of(seats, name) if name else None
    if seat is None:
        return False
    return not any((one.person, one.until) == (person, until) for one in seat.periods("principal"))


def _is_settled(course: Course, letter: Letter, missing: MissingAnswers) -> bool:
    """Whether the session was moved or called off since, or all of the seats have answered."""
    if any(isinstance(one.content, Update | Cancellation) and _is_after(letter, one) for one in course.occasions):
        return True
    return set(missing.seats) <= {one.seat for one in course.answers if _is_after(letter, one)}


def _has_answered(course: Course, letter: Letter, person: PersonId) -> bool:
    return any(one.person == person and _is_after(letter, one) for one in course.answers)


def _is_uninvited(course: Course, letter: Letter, person: PersonId) -> bool:
    """A copy for a late guest has the number of its original, and uninvites nobody."""
    issues = [(one, one.content.issue) for one in course.occasions if isinstance(one.content, Invitation)]
    present = max((issue for one, issue in issues if not _is_after(letter, one)), default=0)
    last = max((issue for _, issue in issues), default=0)
    return last > present and not any(person in one.recipients for one, issue in issues if issue == last)


def _is_after(letter: Letter, other: Occasion | Answered) -> bool:
    return other.order > letter.occasion.order
