"""An ex-officio seat follows a post: its holder changes with the post, and it is vacant while the post is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from services.members.domain.mandates import Appointing, SeatIsVacant, is_recorded, occupancy
from services.members.domain.periods import must_be_possible
from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group_state import AboutGroup, SeatGroup, must_be_open, must_have
from shared.contracts.members import MandateCorrected, PostHolderChanged, PostVacated
from shared.contracts.occupancies import Occupancy, Seat
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, day_before, german_day, local_day

# Events

PostEvent = PostHolderChanged | PostVacated | MandateCorrected

# Commands


class ChangePostHolder(Appointing):
    """Record who holds the post that an ex-officio seat follows. The holder before keeps it until the day before.

    ``reason`` is needed where this changes the recorded holder of a past day.
    """

    reason: Line | None = None


class VacatePost(AboutGroup):
    """Record that the post an ex-officio seat follows is vacant from a day on, and why.

    ``correction`` is needed where a holder is recorded for a past day.
    """

    seat: Slug
    since: Day
    reason: Literal["post_ended", "not_filled", "other"]
    correction: Line | None = None


PostCommand = ChangePostHolder | VacatePost

# Rejections


class SeatIsDelegated(Rejected):
    """Die Sitze der Gruppe „{group}“ werden durch Vorschlag besetzt und folgen keinem Amt."""


class PastIsRecorded(Rejected):
    """Am {since} war der Sitz besetzt, und der Tag ist vergangen: Ihn zu ändern braucht einen Grund („{field}“)."""


# decide


def decide(group: SeatGroup, command: PostCommand) -> Sequence[PostEvent]:
    match command:
        case ChangePostHolder():
            return _change(group, command)
        case VacatePost():
            return _vacate(group, command)
        case _:
            assert_never(command)


def _change(group: SeatGroup, change: ChangePostHolder) -> Sequence[PostEvent]:
    seat = _must_follow_post(group, change.group, change.seat)
    if is_recorded(seat, "principal", change):
        return []
    if not change.person_known:
        raise PersonUnknown
    must_be_possible(group, change.group, change.seat, occupancy("principal", change))
    if _changes_the_past(seat, change) and change.reason is None:
        raise PastIsRecorded(since=german_day(change.since), field="reason")
    changed = PostHolderChanged(
        group=change.group,
        seat=change.seat,
        person=change.person,
        since=change.since,
        until=change.until,
        group_name=group.name,
    )
    return [*_corrected(seat, change, change.reason), changed]


def _vacate(group: SeatGroup, vacate: VacatePost) -> Sequence[PostEvent]:
    seat = _must_follow_post(group, vacate.group, vacate.seat)
    vacant = Occupancy(
        person=None, role="principal", organisation=None, since=vacate.since, until=None, reason=vacate.reason
    )
    if vacant in seat.recorded:
        return []
    known = seat.on(vacate.since)
    if known and known.person is None:
        raise SeatIsVacant(seat=vacate.seat)
    must_be_possible(group, vacate.group, vacate.seat, vacant)
    if _changes_the_past(seat, vacate) and vacate.correction is None:
        raise PastIsRecorded(since=german_day(vacate.since), field="correction")
    vacated = PostVacated(group=vacate.group, seat=vacate.seat, since=vacate.since, reason=vacate.reason)
    return [*_corrected(seat, vacate, vacate.correction), vacated]


def _changes_the_past(seat: Seat, change: PostCommand) -> bool:
    """The day of a hand-over does not count: it is one's last day and the other's first."""
    held = seat.holder(change.since)
    return held is not None and held.until != change.since and change.since < local_day(change.at)


def _corrected(seat: Seat, change: PostCommand, reason: Line | None) -> list[PostEvent]:
    """Only a correction, with its reason, changes what is recorded of a past day."""
    held = seat.holder(change.since)
    if held is None or held.person is None or reason is None or not _changes_the_past(seat, change):
        return []
    return [
        MandateCorrected(
            group=change.group,
            seat=change.seat,
            role="principal",
            person=held.person,
            since=held.since,
            correct_since=held.since,
            correct_until=day_before(change.since),
            reason=reason,
        )
    ]


def _must_follow_post(group: SeatGroup, name: Slug, seat: Slug) -> Seat:
    must_be_open(group, name)
    if group.kind != "ex_officio":
        raise SeatIsDelegated(group=name)
    return must_have(group, name, seat)
