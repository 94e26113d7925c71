"""Dates decide who has a seat, not the day of typing; what has passed changes only by a correction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from services.meetings.projections import ROSTER
from services.members.domain.entitlement import (
    ChangeEntitlement,
    EntitlementBelowFilledSeats,
    EntitlementRunsBackwards,
    NoSeatNamesLeft,
)
from services.members.domain.mandate_corrections import CorrectMandate, Lasts, MandateUnknown, WithdrawMandate
from services.members.domain.mandates import (
    AnnounceVacancy,
    AppointDelegate,
    AppointDeputy,
    EndMandate,
    MandateEndsBeforeItBegan,
    MandateIsOver,
    SeatIsVacant,
)
from services.members.domain.nominations import NominateDelegate
from services.members.domain.periods import (
    EndsBeforeItBegins,
    HolderAndDeputyAtOnce,
    SeatAlreadyFilled,
    SeatDoesNotExistThen,
    SitsAlready,
)
from services.members.domain.person import PersonUnknown
from services.members.domain.posts import ChangePostHolder, PastIsRecorded, VacatePost
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.seat_group_state import SeatGroup
from services.members.projections import SEATS
from shared.contracts.members import (
    DeputyAppointed,
    DeputyEnded,
    EntitlementChanged,
    MandateCorrected,
    MandateEnded,
    MandateWithdrawn,
    PostHolderChanged,
    PostVacated,
    SeatGroupOpened,
    SeatVacated,
)
from shared.contracts.occupancies import Seats, SeatsAreReadAnew, from_documents, seats_in
from shared.kernel.decider import Command, Event
from shared.kernel.rejections import Rejected
from shared.kernel.replacing import ChangedMeanwhile
from shared.kernel.time import days, german_day
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person
from tests.members.test_seat_group import OPENED, REGISTERED, appoint, appointed, nominated

given = given_of(SEAT_GROUP)

TODAY = NOW.date()
SEAT = {"group": "hospitals", "seat": "hospitals-1"}
POST: dict[str, Any] = {"group": "head", "seat": "head-1"}
HEAD = SeatGroupOpened(group="head", number=31, name="Amtsleitung", kind="ex_officio", seats=("head-1", "head-2"))
READY = (OPENED, REGISTERED, nominated(1), nominated(2))
TERM = appointed(1, since=date(2023, 11, 1), until=date(2027, 12, 31))
TYPED = "Tippfehler"


def end(until: date, **fields: Any) -> EndMandate:
    return EndMandate(**edge(**{**SEAT, "until": until, "reason": "resigned", **fields}))


def ended(number: int, until: date) -> MandateEnded:
    return MandateEnded(**SEAT, person=person(number), until=until, reason="resigned", group_name=OPENED.name)


def deputise(number: int, since: date = TODAY, **fields: Any) -> AppointDeputy:
    return AppointDeputy(**edge(**{**SEAT, "person": person(number), "since": since, "person_known": True, **fields}))


def deputy(number: int, since: date = TODAY, **dates: Any) -> DeputyAppointed:
    return DeputyAppointed.model_validate({**SEAT, "person": person(number), "since": since, **dates})


def change(number: int, since: date, **fields: Any) -> ChangePostHolder:
    told = {**POST, "person": person(number), "since": since, "person_known": True, **fields}
    return ChangePostHolder(**edge(**told))


def changed(number: int, since: date, until: date | None = None) -> PostHolderChanged:
    return PostHolderChanged(**POST, person=person(number), since=since, until=until, group_name=HEAD.name)


def correct(number: int, since: date, new: date, until: date | None = None, **fields: Any) -> CorrectMandate:
    told = {**SEAT, "person": person(number), "since": since, "reason": TYPED, **fields}
    return CorrectMandate(**edge(**told, correct_since=new, correct_until=until))


def corrected(number: int, since: date, new: date, until: date | None = None, **fields: Any) -> MandateCorrected:
    told = {**SEAT, "role": "principal", "person": person(number), "since": since, "reason": TYPED, **fields}
    return MandateCorrected.model_validate({**told, "correct_since": new, "correct_until": until})


def withdraw(number: int, since: date, **fields: Any) -> WithdrawMandate:
    told = {**SEAT, "person": person(number), "since": since, "reason": TYPED, "person_known": True, **fields}
    return WithdrawMandate(**edge(**told))


def test_the_end_of_a_mandate_that_was_changed_meanwhile_is_said_and_stays() -> None:
    ended = correct(1, TODAY, TODAY, until=TODAY + days(9), replaces=Lasts(until=None))
    given(*READY, appointed(1, since=TODAY)).when(ended).then(corrected(1, TODAY, TODAY, until=TODAY + days(9)))
    shorter = appointed(1, since=TODAY, until=TODAY + days(5))
    told = (TODAY + days(5)).strftime("%d.%m.%Y")
    given(*READY, shorter).when(ended).rejected(ChangedMeanwhile, now=told)


def test_a_mandate_may_be_for_a_term_in_the_past_or_yet_to_come() -> None:
    for since, until in ((TODAY, None), (date(2028, 1, 1), date(2030, 12, 31)), (date(2020, 1, 1), date(2020, 6, 30))):
        told: dict[str, Any] = {"since": since, "until": until}
        given(*READY).when(appoint(1, **told)).then(appointed(1, **told))
    given(*READY).when(appoint(1, since=TODAY, until=TODAY - days(1))).rejected(EndsBeforeItBegins)


def test_no_two_people_have_a_seat_on_one_day() -> None:
    history = (*READY, TERM)
    for since, until in (
        (date(2027, 12, 30), None),
        (date(2020, 1, 1), None),
        (date(2020, 1, 1), date(2024, 1, 1)),
        (date(2024, 1, 1), date(2024, 1, 2)),
        (date(2023, 11, 1), date(2023, 11, 1)),
    ):
        told = appoint(2, since=since, until=until)
        given(*history).when(told).rejected(SeatAlreadyFilled, period="vom 01.11.2023 bis 31.12.2027")
    for since, until in ((date(2028, 1, 1), None), (date(2020, 1, 1), date(2023, 10, 31))):
        given(*history).when(appoint(2, since=since, until=until)).then(appointed(2, since=since, until=until))


def test_on_the_day_of_a_hand_over_the_successor_has_the_seat() -> None:
    last = date(2027, 12, 31)
    given(*READY, TERM).when(appoint(2, since=last)).then(appointed(2, since=last))
    seat = SEAT_GROUP.fold([*READY, TERM, appointed(2, since=last)]).seats[0]
    assert [seat.holder(day).person for day in (last - days(1), last)] == [person(1), person(2)]  # type: ignore[union-attr]
    given(*READY, appointed(1, since=last, until=last)).when(appoint(2, since=last)).rejected(SeatAlreadyFilled)


def test_a_person_has_one_seat_of_a_group_at_a_time() -> None:
    given(*READY, TERM, nominated(1)).when(appoint(1, "hospitals-2", since=TODAY)).rejected(SitsAlready)
    later: dict[str, Any] = {"since": date(2028, 1, 1), "until": None}
    given(*READY, TERM, nominated(1)).when(appoint(1, "hospitals-2", **later)).then(
        appointed(1, "hospitals-2", **later)
    )


def test_an_end_that_lies_ahead_may_be_moved_and_one_that_has_passed_may_not() -> None:
    for until in (date(2026, 6, 30), date(2029, 6, 30), date(2024, 1, 1)):
        given(*READY, TERM).when(end(until)).then(ended(1, until))
    past = ended(1, date(2024, 1, 1))
    given(*READY, TERM, past).when(end(date(2023, 12, 31))).rejected(MandateIsOver, until="01.01.2024")
    given(*READY, TERM, past).when(end(date(2024, 1, 1), reason="recalled")).rejected(MandateIsOver)
    given(*READY, TERM, past).when(end(date(2024, 1, 2))).rejected(SeatIsVacant)
    given(*READY).when(end(TODAY)).rejected(SeatIsVacant)
    given(*READY, TERM, appointed(2, since=date(2028, 1, 1))).when(end(date(2028, 6, 30), person=person(1))).rejected(
        SeatAlreadyFilled
    )


def test_an_end_is_moved_to_a_later_day_as_if_appointed_for_it() -> None:
    next_seat = appointed(1, "hospitals-2", since=date(2028, 1, 1))
    given(*READY, TERM, next_seat).when(end(date(2028, 6, 30), person=person(1))).rejected(SitsAlready)
    given(*READY, TERM, next_seat).when(end(date(2028, 1, 1))).then(ended(1, date(2028, 1, 1)))
    own_deputy = (*READY, TERM, deputy(1, date(2028, 1, 1)))
    given(*own_deputy).when(end(date(2028, 1, 1))).rejected(HolderAndDeputyAtOnce)
    fewer = EntitlementChanged(group="hospitals", seats=("hospitals-2",), since=date(2028, 1, 1))
    given(*READY, TERM, fewer).when(end(date(2028, 1, 1))).rejected(SeatDoesNotExistThen)
    for history in ((next_seat,), (own_deputy[-1],), (fewer,)):
        given(*READY, TERM, *history).when(end(date(2026, 6, 30))).then(ended(1, date(2026, 6, 30)))


def test_whose_mandate_ends_is_whoever_has_begun_by_then_or_is_named() -> None:
    later = appointed(2, since=date(2028, 1, 1))
    given(*READY, TERM, later).when(end(date(2028, 6, 30))).then(ended(2, date(2028, 6, 30)))
    given(*READY, TERM, later).when(end(date(2024, 6, 30))).then(ended(1, date(2024, 6, 30)))
    for told in ({}, {"person": person(2)}):
        given(*READY, later).when(end(TODAY, **told)).rejected(MandateEndsBeforeItBegan, since="01.01.2028")
    given(*READY, later).when(end(TODAY, person=person(1))).rejected(SeatIsVacant)


def test_a_post_goes_from_holder_to_holder() -> None:
    first, today = changed(3, date(2023, 11, 1)), TODAY
    given(HEAD, first).when(change(4, today)).then(changed(4, today))
    given(HEAD, first).when(change(4, date(2028, 1, 1))).then(changed(4, date(2028, 1, 1)))
    given(HEAD, first).when(change(3, today)).rejected(SeatAlreadyFilled)
    given(HEAD, first).when(change(4, date(2023, 11, 1))).rejected(SeatAlreadyFilled)
    given(HEAD, first).when(change(4, date(2023, 1, 1))).rejected(SeatAlreadyFilled)
    given(HEAD, first).when(change(4, date(2023, 1, 1), until=date(2023, 10, 31))).then(
        changed(4, date(2023, 1, 1), date(2023, 10, 31))
    )


def test_the_holder_on_a_day_that_has_passed_changes_only_by_a_correction_that_says_why() -> None:
    first, yesterday = changed(3, date(2023, 11, 1)), TODAY - days(1)
    given(HEAD, first).when(change(4, yesterday)).rejected(PastIsRecorded, since="14.01.2024")
    given(HEAD, first).when(change(4, yesterday, reason="spät gemeldet")).then(
        corrected(3, date(2023, 11, 1), date(2023, 11, 1), yesterday - days(1), **POST, reason="spät gemeldet"),
        changed(4, yesterday),
    )
    handed_over = changed(3, date(2023, 11, 1), yesterday)
    given(HEAD, handed_over).when(change(4, yesterday)).then(changed(4, yesterday))


def test_a_post_may_be_vacant_for_a_reason() -> None:
    vacate = VacatePost(**edge(**POST, since=TODAY, reason="post_ended"))
    vacated = PostVacated(**POST, since=TODAY, reason="post_ended")
    first = changed(3, date(2023, 11, 1))
    given(HEAD).when(vacate).then(vacated)
    given(HEAD, first).when(vacate).then(vacated)
    given(HEAD, vacated).when(vacate.model_copy(update={"reason": "other"})).rejected(SeatIsVacant)
    given(HEAD, first, vacated).when(change(4, TODAY + days(9))).then(changed(4, TODAY + days(9)))
    given(HEAD, first).when(vacate.model_copy(update={"since": TODAY - days(1)})).rejected(PastIsRecorded)
    late = vacate.model_copy(update={"since": TODAY - days(1), "correction": TYPED})
    given(HEAD, first).when(late).then(
        corrected(3, date(2023, 11, 1), date(2023, 11, 1), TODAY - days(2), **POST),
        PostVacated(**POST, since=TODAY - days(1), reason="post_ended"),
    )
    other_post = VacatePost(**edge(group="head", seat="head-2", since=TODAY, reason="other"))
    given(HEAD, vacated).when(other_post).then(PostVacated(group="head", seat="head-2", since=TODAY, reason="other"))


def test_a_seat_has_one_standing_deputy_who_does_not_have_it() -> None:
    given(*READY, TERM).when(deputise(5)).then(deputy(5))
    given(*READY, TERM).when(deputise(5, person_known=False)).rejected(PersonUnknown)
    given(*READY, TERM).when(deputise(1)).rejected(HolderAndDeputyAtOnce, seat="hospitals-1")
    given(*READY, deputy(1)).when(appoint(1, since=TODAY)).rejected(HolderAndDeputyAtOnce)
    given(*READY, deputy(5)).when(deputise(6, TODAY + days(9))).rejected(SeatAlreadyFilled)
    given(*READY, deputy(5)).when(end(TODAY, role="deputy")).then(
        DeputyEnded(**SEAT, person=person(5), until=TODAY, reason="resigned")
    )
    given(*READY, deputy(5, until=TODAY)).when(deputise(6, TODAY + days(1))).then(deputy(6, TODAY + days(1)))


def test_what_was_recorded_by_mistake_is_corrected_or_withdrawn() -> None:
    since = date(2023, 11, 1)
    history = (*READY, appointed(1), ended(1, date(2023, 12, 31)))
    given(*history).when(correct(1, since, since, date(2023, 11, 30))).then(
        corrected(1, since, since, date(2023, 11, 30))
    )
    given(*history).when(correct(1, since, since, date(2023, 12, 31))).then_nothing()
    given(*history).when(correct(1, TODAY, since)).rejected(MandateUnknown, since="15.01.2024")
    follower = appointed(2, since=date(2024, 1, 1))
    given(*history, follower).when(correct(1, since, since, date(2024, 1, 2))).rejected(SeatAlreadyFilled)
    given(*history, follower).when(withdraw(2, date(2024, 1, 1))).then(
        MandateWithdrawn(**SEAT, role="principal", person=person(2), since=date(2024, 1, 1), reason=TYPED),
        nominated(2),
    )
    given(*history).when(withdraw(2, since)).rejected(MandateUnknown)


def test_the_nomination_for_a_mandate_that_never_was_stands_again() -> None:
    since, died = date(2024, 1, 1), ended(1, date(2024, 1, 10)).model_copy(update={"reason": "deceased"})
    gone = MandateWithdrawn(**SEAT, role="principal", person=person(1), since=since, reason=TYPED)
    held = (*READY, appointed(1, since=since))
    given(*held).when(withdraw(1, since)).then(gone, nominated(1))
    given(*held, gone, nominated(1)).when(appoint(1, "hospitals-2", since=since)).then(
        appointed(1, "hospitals-2", since=since)
    )
    by_another = nominated(1).model_copy(update={"organisation": "hospital-south"})
    given(*held, by_another).when(withdraw(1, since)).then(gone)
    for no_more in (withdraw(1, since, person_known=False), withdraw(1, since)):
        given(*held, *([died] if no_more.person_known else [])).when(no_more).then(gone)
    given(*held, died, corrected(1, since, since)).when(withdraw(1, since)).then(gone, nominated(1))
    as_deputy = MandateWithdrawn(**SEAT, role="deputy", person=person(1), since=since, reason=TYPED)
    told = (OPENED, REGISTERED, deputy(1, since=since))
    given(*told).when(withdraw(1, since, role="deputy")).then(as_deputy)


def test_a_holder_of_a_post_goes_on_when_the_successor_was_a_mistake() -> None:
    history = (HEAD, changed(3, date(2023, 11, 1)), changed(4, date(2028, 1, 1)))
    withdrawn = MandateWithdrawn(**POST, role="principal", person=person(4), since=date(2028, 1, 1), reason=TYPED)
    given(*history).when(withdraw(4, date(2028, 1, 1), **POST)).then(withdrawn)
    [seat, _] = SEAT_GROUP.fold([*history, withdrawn]).seats
    assert (held := seat.holder(date(2030, 1, 1))) and held.person == person(3)
    given(*history).when(correct(3, date(2023, 11, 1), date(2023, 10, 1), **POST)).then(
        corrected(3, date(2023, 11, 1), date(2023, 10, 1), **POST)
    )


def test_a_group_has_never_fewer_seats_than_are_filled() -> None:
    def entitle(seats: int, since: date = TODAY) -> ChangeEntitlement:
        return ChangeEntitlement(**edge(group="hospitals", seats=seats, since=since))

    def entitled(*seats: str, since: date = TODAY) -> EntitlementChanged:
        return EntitlementChanged(group="hospitals", seats=seats, since=since)

    given(OPENED).when(entitle(2)).then_nothing()
    given(OPENED).when(entitle(1)).then(entitled("hospitals-1"))
    given(*READY, appointed(1, "hospitals-2")).when(entitle(1)).then(entitled("hospitals-2"))
    both = (*READY, TERM, deputy(6, seat="hospitals-2"))
    given(*both).when(entitle(1)).rejected(EntitlementBelowFilledSeats, seats="hospitals-1, hospitals-2")
    for filled in ({"until": TODAY}, {"since": TODAY + days(30)}):
        second = appointed(2, "hospitals-2", **filled)
        given(*READY, TERM, second).when(entitle(1)).rejected(EntitlementBelowFilledSeats, filled=2)
    gone = appointed(2, "hospitals-2", until=TODAY - days(1))
    given(*READY, TERM, gone).when(entitle(1)).then(entitled("hospitals-1"))
    fewer = entitled("hospitals-1")
    given(OPENED, fewer).when(entitle(3, TODAY + days(9))).then(
        entitled("hospitals-1", "hospitals-3", "hospitals-4", since=TODAY + days(9))
    )
    given(OPENED, fewer).when(entitle(3, TODAY - days(1))).rejected(EntitlementRunsBackwards)
    more = entitled("hospitals-1", "hospitals-3", since=TODAY + days(9))
    last = german_day(TODAY + days(9))
    given(OPENED, fewer, more).when(entitle(3, TODAY + days(8))).rejected(EntitlementRunsBackwards, since=last)
    given(OPENED, fewer).when(entitle(50)).rejected(NoSeatNamesLeft)
    given(*READY, fewer).when(appoint(1, "hospitals-2", since=TODAY)).rejected(SeatDoesNotExistThen)
    given(*READY, fewer).when(appoint(1, "hospitals-2", since=TODAY - days(9))).rejected(SeatDoesNotExistThen)
    before = {"since": TODAY - days(9), "until": TODAY - days(1)}
    given(*READY, fewer).when(appoint(1, "hospitals-2", **before)).then(appointed(1, "hospitals-2", **before))


def test_the_end_of_a_term_is_told_on_its_day_and_once() -> None:
    announce = AnnounceVacancy(**edge(**SEAT, since=date(2028, 1, 1)))
    vacated = SeatVacated(**SEAT, since=date(2028, 1, 1))
    given(*READY, TERM).when(announce).then(vacated)
    for not_vacant in ((*READY, TERM, appointed(2, since=date(2028, 1, 1))), READY, (*READY, appointed(1))):
        given(*not_vacant).when(announce).then_nothing()


def test_what_an_earlier_version_wrote_is_no_answer() -> None:
    """A projection is rebuilt before the worker listens; until then its documents look as they did."""
    place = {"seat": "hospitals-1", "person": person(1)}
    for of_old in ({"group": "hospitals", "occupancies": []}, {"group": "hospitals", "seats": [place]}):
        with pytest.raises(SeatsAreReadAnew):
            seats_in(of_old)


# Random histories

FIRST = date(2024, 1, 1)
PROBED = [FIRST + days(number) for number in range(-1, 13)]
DAYS = st.integers(0, 10).map(lambda number: FIRST + days(number))
SOMEBODY = st.integers(1, 3).map(person)
ENDS = st.none() | DAYS
GROUPS = {"hospitals": OPENED, "head": HEAD}


ROLE = st.sampled_from(["principal", "deputy"])


def commands(group: str) -> st.SearchStrategy[tuple[type[Command], dict[str, Any]]]:
    seat = {"group": st.just(group), "seat": st.sampled_from(GROUPS[group].seats)}
    times = {**seat, "person": SOMEBODY, "since": DAYS, "until": ENDS, "person_known": st.just(True)}
    why = {
        "reason": st.just(TYPED),
        "role": ROLE,
        "person": SOMEBODY,
        "since": DAYS,
    }
    kinds: dict[type[Command], dict[str, st.SearchStrategy[Any]]] = {
        AppointDelegate: times,
        AppointDeputy: times,
        ChangePostHolder: {**times, "reason": st.none() | st.just(TYPED)},
        VacatePost: {**seat, "since": DAYS, "reason": st.just("other"), "correction": st.none() | st.just(TYPED)},
        EndMandate: {**seat, "until": DAYS, "reason": st.just("resigned"), "person": st.none() | SOMEBODY}
        | {"role": ROLE},
        CorrectMandate: {**seat, **why, "correct_since": DAYS, "correct_until": ENDS},
        WithdrawMandate: {**seat, **why, "person_known": st.just(True)},
        ChangeEntitlement: {"group": st.just(group), "seats": st.integers(1, 4), "since": DAYS},
        NominateDelegate: {"group": st.just(group), "person": SOMEBODY, "organisation": st.just("hospital-north")}
        | {"person_known": st.just(True)},
    }
    return st.sampled_from([*kinds]).flatmap(
        lambda kind: st.fixed_dictionaries(kinds[kind]).map(lambda fields: (kind, fields))
    )


@cache
def histories(group: str) -> st.SearchStrategy[list[tuple[Any, date]]]:
    return st.lists(st.tuples(commands(group), DAYS), max_size=25)


def sitting(seats: Seats, day: date) -> dict[tuple[str, str], str | None]:
    return {
        (seat.seat, role): held.person if (held := seat.holder(day, role)) else None
        for seat in seats
        if seat.exists(day)
        for role in ("principal", "deputy")
    }


def given_once(group: SeatGroup, kind: type[Command], fields: dict[str, Any], today: date) -> list[Event]:
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    try:
        return [*SEAT_GROUP.decide(group, kind.model_validate(edge(**fields, at=at)))]  # type: ignore[arg-type]  # one of its own
    except Rejected:
        return []


def may_change(before: str | None, after: str | None, told: list[Event]) -> bool:
    """Of a day that has passed: what was open may turn out to have ended or to have been filled; else a correction."""
    said = any(isinstance(one, MandateCorrected | MandateWithdrawn) for one in told)
    return said or before == after or before is None or after is None


@pytest.mark.parametrize("group", [*GROUPS])
@settings(max_examples=60)
@drawn(data=st.data())
def test_every_service_reads_the_same_roster_of_every_day(group: str, data: st.DataObject) -> None:
    history: list[Event] = [GROUPS[group], *([REGISTERED, nominated(1), nominated(2)] if group == "hospitals" else [])]
    before = SEAT_GROUP.fold(history)  # type: ignore[arg-type]
    for (kind, fields), today in data.draw(histories(group)):
        told = given_once(before, kind, fields, today)
        after = SEAT_GROUP.fold(told, before)  # type: ignore[arg-type]
        for day in PROBED:
            was, now = sitting(before.seats, day), sitting(after.seats, day)
            if day < today and not any(isinstance(one, EntitlementChanged) for one in told):
                assert all(may_change(was[place], now[place], told) for place in was)
            people = [who for (_, role), who in now.items() if who and role == "principal"]
            assert len(people) == len(set(people)), "nobody has two seats of a group"
        history += told
        before = after
        again = given_once(after, kind, fields, today)
        assert not told or not again, "the same once more changes nothing"
    stream = f"stuttgart/seat-group/{group}"
    [[kept], [heard]] = ([*folded(one, history, stream).values()] for one in (SEATS, ROSTER))
    seats = SEAT_GROUP.fold(history).seats  # type: ignore[arg-type]
    for day in PROBED:
        told_by = [sitting(from_documents(one["seats"]), day) for one in (kept, heard)]
        assert told_by == [sitting(seats, day)] * 2
    for seat in seats:
        for one in (*seat.periods("principal"), *seat.periods("deputy")):
            assert one.until is None or one.since <= one.until, "no time runs backwards"
