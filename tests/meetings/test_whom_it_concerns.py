"""What a session's roster is made of: every rule, seat and member as members has told them, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from services.meetings import queries
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_roster import Roster
from services.meetings.domain.session_state import Session
from services.meetings.projections import CONFERENCE as CONFERENCES
from services.meetings.projections import GONE, ROSTER, WORKING_GROUPS
from shared.contracts.meetings import GuestAdmitted, Recipient
from shared.contracts.members import (
    ConferenceEstablished,
    DelegateAppointed,
    DeputyAppointed,
    DeputyEnded,
    MandateCorrected,
    MandateEnded,
    MandateWithdrawn,
    PersonErased,
    Role,
    RulesChanged,
    RulesOfProcedure,
    SeatGroupOpened,
    WorkingGroupEstablished,
    WorkingGroupJoined,
)
from shared.declarations.projection import Key, Projection
from shared.kernel.decider import Event
from shared.kernel.time import days
from tests.kit.delivered import folded
from tests.kit.projected import Projected
from tests.kit.when import CONFERENCE, person
from tests.kit.world import World
from tests.meetings.stuttgart import NAME, OF_GROUP, SCHEDULED, invited

SINCE, DAY = date(2023, 11, 1), date(2024, 4, 23)
RULES = RulesOfProcedure(
    notice_days=21,
    shortest_notice_days=15,
    quorum_percent=40,
    reminder_days=5,
    minutes_days=28,
    second_quorum=4,
    second_notice_days=6,
    objection_days=12,
)
STARTED = ConferenceEstablished(
    name="Konferenz", reference="GRDrs 905/2023", office="Amt", committee="SGA", rules=RulesOfProcedure()
)
CHANGED = RulesChanged(rules_version=2, rules=RULES, since=DAY, reason="Beschluss")


def opened(group: str, number: int) -> SeatGroupOpened:
    return SeatGroupOpened(
        group=group, number=number, name=group.upper(), kind="delegated", seats=(f"{group}-1", f"{group}-2")
    )


def appointed(group: str, seat: int, number: int) -> DelegateAppointed:
    return DelegateAppointed(
        group=group, seat=f"{group}-{seat}", person=person(number), organisation="north", since=SINCE
    )


def stands_in(group: str, seat: int, number: int) -> DeputyAppointed:
    return DeputyAppointed(group=group, seat=f"{group}-{seat}", person=person(number), since=SINCE)


def joined(number: int, seat: str | None = None) -> WorkingGroupJoined:
    return WorkingGroupJoined(working_group="staff", person=person(number), seat=seat)


STREAMS: list[tuple[Projection, str, Iterable[Event]]] = [
    (CONFERENCES, f"conference/{CONFERENCE}", (STARTED, CHANGED)),
    (ROSTER, "seat-group/b", (opened("b", 1), appointed("b", 1, 1), stands_in("b", 1, 11), stands_in("b", 2, 12))),
    (ROSTER, "seat-group/a", (opened("a", 2), appointed("a", 1, 2), appointed("a", 2, 3))),
    (GONE, f"person/{person(12)}", (PersonErased(person=person(12)),)),
    (GONE, f"person/{person(90)}", (PersonErased(person=person(90)),)),
    (GONE, f"person/{person(99)}", (PersonErased(person=person(99)),)),
    (
        WORKING_GROUPS,
        "working-group/staff",
        (
            WorkingGroupEstablished(working_group="staff", name="Personal", topics=("Wohnen",)),
            *(joined(2, "a-1"), joined(11, "b-1"), joined(4, "a-2"), joined(5)),
        ),
    ),
]


def remembered(*further: tuple[Projection, str, Iterable[Event]]) -> Projected:
    """Of another conference there is the same with another seat group."""
    world = World()
    elsewhere = (ROSTER, "seat-group/c", (opened("c", 1), appointed("c", 1, 7)))
    for conference, streams in ((CONFERENCE, [*STREAMS, *further]), ("ulm", [*STREAMS[1:], elsewhere])):
        for projection, stream, history in streams:
            for key, document in folded(projection, history, f"{conference}/{stream}").items():
                kept = {**document, "conference": conference}
                world.documents["meetings"][Key(projection.name, key)] = kept
    return Projected(world)


def planned(*history: Any) -> Session:
    return SESSION.fold(history)


@pytest.mark.parametrize("role", ["principal", "deputy"])
async def test_whoever_died_is_gone_be_it_as_holder_or_as_deputy_until_that_is_corrected(role: Role) -> None:
    """Person 2 is a guest who has, or stands in for, a seat of another group; the last word on their end counts."""
    told: dict[str, Any] = {"group": "c", "seat": "c-1", "person": person(2), "since": SINCE}
    sat = stands_in("c", 1, 2) if role == "deputy" else appointed("c", 1, 2)
    ends = DeputyEnded if role == "deputy" else MandateEnded
    about: dict[str, Any] = {"group": "c", "seat": "c-1", "person": person(2), "until": SINCE}

    def ended(reason: str) -> Event:
        return ends.model_validate({**about, "reason": reason})

    def corrected(until: date | None) -> Event:
        days = {"correct_since": SINCE, "correct_until": until}
        return MandateCorrected.model_validate({**told, **days, "role": role, "reason": "Irrtum"})

    never = MandateWithdrawn.model_validate({**told, "role": role, "reason": "Irrtum"})
    died, follows = ended("deceased"), sat.model_copy(update={"person": person(9), "since": DAY})
    for said, gone in (
        ((), False),
        ((died,), True),
        ((ended("resigned"),), False),
        ((died, ended("resigned")), False),
        ((died, corrected(None)), False),
        ((died, corrected(None), follows), False),
        ((died, corrected(DAY)), True),
        ((died, follows), True),
        ((died, never), False),
    ):
        known = remembered((ROSTER, "seat-group/c", (opened("c", 3), sat, *said)))
        found = await queries.roster_for(known, planned(SCHEDULED, invited(to(2, "a-1"))), CONFERENCE)
        assert (person(2) in found.gone) == gone


async def roster(*history: Event) -> Roster:
    return await queries.roster_for(remembered(), planned(*history), CONFERENCE)


BY_THE_RULES: dict[str, Any] = {
    "notice_days": 21,
    "shortest_notice_days": 15,
    "reminder_days": 5,
    "quorum_percent": 40,
    "minutes_days": 28,
    "rules_version": 2,
    "second_quorum": 4,
    "second_notice_days": 6,
    "voting_seats": 4,
    "conference_name": "Konferenz",
}


def to(number: int, seat: str | None) -> Recipient:
    return Recipient(person=person(number), seat=seat)


async def test_a_plenary_concerns_every_holder_and_knows_every_deputy() -> None:
    assert await roster(SCHEDULED) == Roster(
        **BY_THE_RULES,
        recipients=(to(1, "b-1"), to(2, "a-1"), to(3, "a-2")),
        deputies=(to(11, "b-1"), to(12, "b-2")),
        gone=(person(12),),
        edition=0,
    )


async def test_who_is_gone_is_looked_for_among_guests_and_whoever_is_invited() -> None:
    guest = GuestAdmitted(session=NAME, person=person(90))
    asked = invited(to(99, "a-1"))
    found = await roster(SCHEDULED, guest, asked)
    assert (found.gone, found.edition) == (tuple(sorted((person(12), person(90), person(99)))), 1)


async def test_a_working_group_concerns_its_members_as_long_as_they_have_their_seat_or_its_deputy() -> None:
    assert await roster(OF_GROUP) == Roster(
        **BY_THE_RULES,
        recipients=(to(2, "a-1"), to(11, "b-1"), to(5, None)),
        edition=0,
        group_name="Personal",
    )


@pytest.mark.parametrize("kind", [MandateEnded, DeputyEnded])
async def test_whoever_died_before_the_session_has_no_seat_also_where_that_mandate_was_not_ended(
    kind: type[MandateEnded | DeputyEnded],
) -> None:
    """Persons 2 and 11, who have a seat and a deputyship in other groups."""
    for last, number in ((DAY - days(1), 2), (DAY, 2), (DAY - days(1), 11)):
        told = {"group": "c", "seat": "c-1", "person": person(number), "until": last, "reason": "deceased"}
        sat = appointed("c", 1, number) if kind is MandateEnded else stands_in("c", 1, number)
        known = remembered((ROSTER, "seat-group/c", (opened("c", 3), sat, kind.model_validate(told))))
        plenary, working = [
            {one.person for one in (await queries.roster_for(known, planned(session), CONFERENCE)).recipients}
            for session in (SCHEDULED, OF_GROUP)
        ]
        sits = last == DAY
        assert (person(number) in plenary, person(number) in working) == (sits and number == 2, sits)


@pytest.mark.parametrize("kind", [MandateEnded, DeputyEnded])
async def test_whoever_works_in_a_group_without_a_seat_and_died_is_not_invited(
    kind: type[MandateEnded | DeputyEnded],
) -> None:
    told = {"group": "c", "seat": "c-1", "person": person(5), "until": SINCE, "reason": "deceased"}
    sat = appointed("c", 1, 5) if kind is MandateEnded else stands_in("c", 1, 5)
    known = remembered((ROSTER, "seat-group/c", (opened("c", 3), sat, kind.model_validate(told))))
    found = await queries.roster_for(known, planned(OF_GROUP), CONFERENCE)
    assert found.recipients == (to(2, "a-1"), to(11, "b-1"))


async def test_rules_that_name_nothing_for_second_sessions_leave_what_is_usual() -> None:
    early = SCHEDULED.appointment.model_copy(
        update={name: getattr(SCHEDULED.appointment, name).replace(month=3) for name in ("starts", "ends")}
    )
    found = await roster(SCHEDULED.model_copy(update={"appointment": early}))
    usual = Roster.model_fields
    assert (found.rules_version, found.notice_days) == (1, 14)
    assert (found.second_quorum, found.second_notice_days) == (
        usual["second_quorum"].default,
        usual["second_notice_days"].default,
    )


async def test_seats_are_shown_in_the_papers_order_with_who_has_them_on_the_day() -> None:
    shown = await queries.roster(remembered(), CONFERENCE, DAY)
    assert [(group["group"], group["name"]) for group in shown] == [("b", "B"), ("a", "A")]
    assert [seat for group in shown for seat in group["seats"]] == [
        {"seat": "b-1", "person": person(1), "deputy": person(11)},
        {"seat": "b-2", "person": None, "deputy": person(12)},
        {"seat": "a-1", "person": person(2), "deputy": None},
        {"seat": "a-2", "person": person(3), "deputy": None},
    ]
    before = await queries.roster(remembered(), CONFERENCE, date(2023, 10, 31))
    assert {seat["person"] for group in before for seat in group["seats"]} == {None}


def test_a_sessions_roster_waits_for_the_streams_that_it_is_made_of() -> None:
    rules = ["stuttgart/conference/stuttgart", "stuttgart/seat-group/"]
    guest = GuestAdmitted(session=NAME, person=person(90))
    assert queries.invites_by(planned(SCHEDULED), CONFERENCE) == rules
    assert queries.invites_by(planned(OF_GROUP, guest), CONFERENCE) == [
        *rules,
        "stuttgart/working-group/staff",
        f"stuttgart/person/{person(90)}",
    ]
    assert queries.invites_by(planned(SCHEDULED, guest), CONFERENCE) == [*rules, f"stuttgart/person/{person(90)}"]


async def test_minutes_say_the_conferences_name() -> None:
    terms = await queries.terms(remembered(), CONFERENCE, DAY)
    assert (terms.conference_name, terms.objection_days) == ("Konferenz", 12)
