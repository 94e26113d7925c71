"""What only the office's digest asks: who came to a session, which refusals are open, what grants oblige to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.notifications.projections.open import HELD, REFUSALS
from services.notifications.projections.owed import OWED, owed_by
from shared.contracts import funding, meetings, members
from shared.contracts.funding import GrantClosed, ProofOfUseReopened, ProofOfUseSubmitted, RepaymentRecorded
from shared.contracts.meetings import AttendanceCorrected, AttendanceWithdrawn, SessionClosed
from shared.contracts.notifications import OwedOfGrant
from shared.kernel.decider import Event
from shared.kernel.time import days, iso
from tests.funding.stuttgart import (
    APPLIED,
    AWARDED,
    GRANT_NAME,
    PERIOD,
    amendment,
    booked,
    paid,
    rendered,
    reversed_,
)
from tests.funding.stuttgart import STREAM as GRANT
from tests.kit.delivered import folded
from tests.kit.when import person
from tests.meetings.stuttgart import (
    GUEST,
    INVITED,
    LATER,
    MOVED,
    NAME,
    OF_GROUP,
    PLANNED,
    SCHEDULED,
    STARTS,
    STREAM,
    arrived,
    extended,
    invited,
    seated,
    withdrawn,
)

POINT = "stuttgart/open-point/a"
REFUSED = {
    "point": person(7),
    "reaction": "concerned",
    "reacted_to": "stuttgart/session/x:1",
    "command": "CoverSeat",
    "about": "stuttgart/session/x",
    "rule": "SeatNotCovered",
}


def held(*history: Event) -> dict[str, Any]:
    [document] = folded(HELD, history, STREAM).values()
    return document


def place(number: int) -> list[str]:
    return [person(number), f"hospitals-{number}"]


def test_a_session_is_held_in_the_plenary_when_it_begins() -> None:
    assert (held(SCHEDULED)["kind"], held(SCHEDULED)["starts"]) == ("plenary", iso(STARTS))
    assert held(OF_GROUP)["kind"] == "working_group"
    moved = held(*INVITED, MOVED)
    assert (moved["starts"], moved["kind"], moved["closed"]) == (iso(LATER["starts"]), "plenary", False)
    assert held(*INVITED, SessionClosed(session=NAME))["closed"]


def test_seats_are_invited_as_the_last_invitation_and_its_changes_say() -> None:
    assert (held(*PLANNED)["invited"], held(*PLANNED)["came"]) == ([], [])
    first = [*PLANNED, invited(seated(1), seated(2), GUEST)]
    assert held(*first)["invited"] == [place(1), place(2)], "a guest has no seat"
    assert held(*first, extended(seated(3)))["invited"] == [place(1), place(2), place(3)]
    assert held(*first, extended(seated(3)), withdrawn(seated(1)))["invited"] == [place(2), place(3)]
    assert held(*first, invited(seated(4)))["invited"] == [place(4)]


def test_who_is_not_invited_any_more_did_not_come() -> None:
    document = held(*INVITED, arrived(1), arrived(2), withdrawn(seated(1)))
    assert (document["came"], document["attended"]) == (["hospitals-2"], [place(2)])


def test_somebody_came_for_a_seat_until_that_is_withdrawn() -> None:
    both = [*INVITED, arrived(1), arrived(2)]
    assert held(*both)["came"] == ["hospitals-1", "hospitals-2"]
    guest = meetings.ArrivalRecorded(session=NAME, person=GUEST.person, seat=None)
    assert held(*both, guest)["came"] == ["hospitals-1", "hospitals-2"]
    told = {"session": NAME, "person": person(1), "seat": "hospitals-1"}
    corrected = AttendanceCorrected(**told, arrived_at=STARTS, left_at=None, reason="verlesen")
    assert held(*INVITED, corrected)["came"] == ["hospitals-1"]
    gone = AttendanceWithdrawn(**told, reason="verwechselt")
    assert held(*both, gone)["came"] == ["hospitals-2"]
    deputy = meetings.ArrivalRecorded(session=NAME, person=person(11), seat="hospitals-1")
    assert held(*both, deputy, gone)["came"] == ["hospitals-1", "hospitals-2"], "somebody else came for it"
    assert held(*both, deputy, corrected, gone)["attended"] == [place(2), [person(11), "hospitals-1"]]


@pytest.mark.parametrize("of", [members, meetings, funding])
def test_a_refusal_of_each_service_is_open_until_the_office_has_settled_it(of: Any) -> None:
    refused, settled = of.ReactionRefused(**REFUSED), of.OpenPointSettled(point=person(7), reason="erledigt")
    states = [
        [one["state"] for one in folded(REFUSALS, told, POINT).values()] for told in ([refused], [refused, settled])
    ]
    assert states == [["open"], ["settled"]]


LONG, PROOF_DUE = date(2030, 1, 1), AWARDED.proof_due
HOURS = rendered(amount=AWARDED.own_contribution_due)


def owed(history: Sequence[Event], last: date = LONG) -> list[tuple[str, date]]:
    found = owed_by(last, folded(OWED, history, GRANT).values())
    assert all(one.title == APPLIED.title for one in found)
    return [(one.what, one.due_on) for one in found]


def test_a_grant_obliges_to_its_proof_and_to_own_hours_until_each_is_there() -> None:
    proof, own = ("proof_of_use", PROOF_DUE), ("own_contribution", PERIOD.until)
    assert owed([APPLIED, AWARDED]) == [own, proof]
    assert owed([APPLIED, AWARDED, HOURS]) == [proof]
    short = rendered(amount=AWARDED.own_contribution_due - 1)
    assert owed([APPLIED, AWARDED, short]) == [own, proof]
    assert owed([APPLIED, AWARDED, short, rendered("hours-2", amount=1)]) == [proof]
    taken_back = funding.OwnContributionReversed(grant=GRANT_NAME, entry="hours-1", amount=1, reason="falscher Tag")
    assert owed([APPLIED, AWARDED, HOURS, taken_back]) == [own, proof]
    submitted = ProofOfUseSubmitted(grant=GRANT_NAME, on=PROOF_DUE, title=APPLIED.title, due=PROOF_DUE)
    assert owed([APPLIED, AWARDED, submitted]) == []
    reopened = ProofOfUseReopened(grant=GRANT_NAME, revision=1, reason="Belege nachgefordert")
    assert owed([APPLIED, AWARDED, HOURS, submitted, reopened]) == [proof]


def test_what_is_due_later_than_asked_is_left_out_and_an_amendment_moves_it() -> None:
    assert owed([APPLIED, AWARDED, HOURS], PROOF_DUE) == [("proof_of_use", PROOF_DUE)]
    assert owed([APPLIED, AWARDED, HOURS], PROOF_DUE - days(1)) == []
    longer = amendment(own_contribution_due=AWARDED.own_contribution_due + 1)
    moved = [("own_contribution", longer.period.until), ("proof_of_use", longer.proof_due)]
    assert owed([APPLIED, AWARDED, HOURS, longer]) == moved


def test_money_is_used_in_the_order_in_which_it_was_drawn() -> None:
    first, second = paid("call-1", 100_000), paid("call-2", 50_000, use_by=date(2024, 8, 1))
    drawn = [APPLIED, AWARDED, HOURS, first, second]
    proof, due_first, due_second = (
        ("proof_of_use", PROOF_DUE),
        ("drawn_money", first.use_by),
        ("drawn_money", second.use_by),
    )
    assert owed(drawn) == [due_first, due_second, proof]
    almost, rest = (
        booked(amount=99_999),
        RepaymentRecorded(grant=GRANT_NAME, repayment="back-1", amount=1, on=PROOF_DUE, left=0),
    )
    assert owed([*drawn, almost]) == [due_first, due_second, proof]
    assert owed([*drawn, almost, rest]) == [due_second, proof]
    more = booked("expense-2", amount=50_000)
    assert owed([*drawn, almost, rest, more]) == [proof]
    assert owed([*drawn, almost, rest, more, reversed_(more)]) == [due_second, proof]
    assert owed([*drawn, GrantClosed(grant=GRANT_NAME, paid=0, title=APPLIED.title)]) == []


def test_a_grant_without_a_title_is_called_by_its_name_and_the_earliest_comes_first() -> None:
    plain = AWARDED.model_copy(update={"title": None, "own_contribution_due": 0})
    grants = [*folded(OWED, [plain], GRANT).values(), *folded(OWED, [AWARDED, HOURS, paid()], GRANT).values()]
    assert owed_by(LONG, grants) == [
        OwedOfGrant(what="drawn_money", title=APPLIED.title, due_on=paid().use_by),
        OwedOfGrant(what="proof_of_use", title=APPLIED.title, due_on=PROOF_DUE),
        OwedOfGrant(what="proof_of_use", title=GRANT_NAME, due_on=PROOF_DUE),
    ]
    same_day = [*grants[1:], *folded(OWED, [AWARDED, HOURS, paid(use_by=PROOF_DUE)], GRANT).values()]
    on_it = [one.what for one in owed_by(LONG, same_day) if one.due_on == PROOF_DUE]
    assert on_it == ["drawn_money", "proof_of_use", "proof_of_use"]
    kept = [*folded(OWED, [AWARDED, plain], GRANT).values()]
    assert {one.title for one in owed_by(LONG, kept)} == {APPLIED.title}, "an amendment may leave it out"
