"""Working groups: set up once, joined by known people, left, and closed for good."""

from __future__ import annotations

from typing import Any

from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group import SEAT_GROUP
from services.members.domain.working_group import (
    WORKING_GROUP,
    CloseWorkingGroup,
    CorrectWorkingGroup,
    EstablishWorkingGroup,
    JoinWorkingGroup,
    LeadIsNoMember,
    LeaveWorkingGroup,
    Led,
    NameWorkingGroupLead,
    SeatOfSomebodyElse,
    WorkingGroupEstablishedDifferently,
    WorkingGroupIsClosed,
    WorkingGroupUnknown,
    WorksForAnotherSeat,
)
from services.members.projections import WORKING_GROUPS
from services.members.public import seat_group, working_group
from shared.contracts.members import (
    EntitlementChanged,
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeadNamed,
    WorkingGroupLeft,
)
from shared.contracts.public import members as public
from shared.kernel.rejections import Kind
from shared.kernel.replacing import ChangedMeanwhile
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import NOW, edge, person

given = given_of(WORKING_GROUP)

ABOUT = {"working_group": "ag-a"}
SET_UP = WorkingGroupEstablished(working_group="ag-a", name="Personal", topics=("Wohnen", "Ausbildung"))
CLOSED = WorkingGroupClosed(working_group="ag-a", name=SET_UP.name)


def joined(number: int, seat: str | None = "hospitals-1") -> WorkingGroupJoined:
    return WorkingGroupJoined(working_group="ag-a", person=person(number), seat=seat)


def left(number: int) -> WorkingGroupLeft:
    return WorkingGroupLeft(working_group="ag-a", person=person(number))


def establish(**fields: Any) -> EstablishWorkingGroup:
    told = {"name": "Personal", "topics": ("Wohnen", "Ausbildung"), **fields}
    return EstablishWorkingGroup(**edge(**ABOUT, **told))


def join(number: int, seat: str | None = "hospitals-1", known: bool = True) -> JoinWorkingGroup:
    return JoinWorkingGroup(**edge(**ABOUT, person=person(number), seat=seat, person_known=known))


def leave(number: int) -> LeaveWorkingGroup:
    return LeaveWorkingGroup(**edge(**ABOUT, person=person(number)))


def close() -> CloseWorkingGroup:
    return CloseWorkingGroup(**edge(**ABOUT))


def test_a_group_is_set_up_once() -> None:
    given().when(establish()).then(SET_UP)
    given(SET_UP).when(establish()).then_nothing()
    for other in ({"name": "Andere"}, {"topics": ("Wohnen",)}):
        given(SET_UP).when(establish(**other)).rejected(WorkingGroupEstablishedDifferently, working_group="ag-a")
    given(SET_UP, joined(1), CLOSED).when(establish()).rejected(WorkingGroupIsClosed, working_group="ag-a")


def test_known_people_join_once() -> None:
    given(SET_UP).when(join(1)).then(joined(1))
    given(SET_UP).when(join(1, seat=None)).then(joined(1, seat=None))
    given(SET_UP, joined(1)).when(join(1)).then_nothing()
    given(SET_UP, joined(1)).when(join(2)).then(joined(2))
    given(SET_UP).when(join(1, known=False)).rejected(PersonUnknown)
    assert SeatOfSomebodyElse.kind is Kind.CONFLICT


def test_who_has_left_may_come_back() -> None:
    given(SET_UP, joined(1)).when(leave(1)).then(left(1))
    given(SET_UP, joined(1), joined(2), left(1)).when(leave(1)).then_nothing()
    given(SET_UP, joined(1), joined(2), left(1)).when(leave(2)).then(left(2))
    given(SET_UP, joined(1), left(1)).when(join(1)).then(joined(1))


def test_a_group_that_is_not_set_up_is_not_found() -> None:
    for command in (join(1), leave(1), close()):
        given().when(command).rejected(WorkingGroupUnknown, working_group="ag-a")
    assert WorkingGroupUnknown.kind is Kind.NOT_FOUND


def test_a_closed_group_takes_nobody_and_holds_nobody() -> None:
    given(SET_UP, joined(1)).when(close()).then(CLOSED)
    given(SET_UP, CLOSED).when(close()).then_nothing()
    given(SET_UP, CLOSED).when(join(1)).rejected(WorkingGroupIsClosed, working_group="ag-a")
    given(SET_UP, joined(1), CLOSED).when(leave(1)).then(left(1))


def test_the_office_sees_who_works_in_a_group() -> None:
    history = [SET_UP, joined(1), joined(2, seat=None), joined(3), left(1), CLOSED]
    [group] = folded(WORKING_GROUPS, history, "stuttgart/working-group/ag-a").values()
    assert group["members"] == [{"person": person(2), "seat": None}, {"person": person(3), "seat": "hospitals-1"}]
    assert (group["working_group"], group["name"], group["closed"]) == ("ag-a", "Personal", True)
    assert group["topics"] == ["Wohnen", "Ausbildung"]
    [new] = folded(WORKING_GROUPS, [SET_UP], "stuttgart/working-group/ag-a").values()
    assert (new["members"], new["closed"]) == ([], False)


def test_with_its_end_stands_what_came_of_it_and_nothing_else_changes() -> None:
    history = [SET_UP, joined(1), WorkingGroupLeadNamed(working_group="ag-a", person=person(1))]
    stream = "stuttgart/working-group/ag-a"
    [before] = folded(WORKING_GROUPS, history, stream).values()
    said = CLOSED.model_copy(update={"results": "Ein Leitfaden.", "document": "Drs. 7/2024"})
    [after] = folded(WORKING_GROUPS, [*history, said], stream).values()
    assert before["lead"] == person(1) and (before["results"], before["document"]) == (None, None)
    told = {"closed": True, "results": "Ein Leitfaden.", "document": "Drs. 7/2024", "sequence": len(history) + 1}
    assert after == {**before, **told}


def test_what_a_group_is_called_is_corrected() -> None:
    about = {**ABOUT, "name": "Fachkräfte", "topics": ("Wohnen",), "reason": "Tippfehler"}
    corrected = WorkingGroupCorrected.model_validate(about)
    given().when(CorrectWorkingGroup(**edge(**about))).rejected(WorkingGroupUnknown)
    given(SET_UP).when(CorrectWorkingGroup(**edge(**about))).then(corrected)
    [shown] = folded(WORKING_GROUPS, [SET_UP, joined(1), corrected], "stuttgart/working-group/ag-a").values()
    assert (shown["name"], shown["topics"], len(shown["members"])) == ("Fachkräfte", ["Wohnen"], 1)


def test_who_works_there_for_another_seat_is_not_left_out_silently() -> None:
    given(SET_UP, joined(1)).when(join(1, seat="hospitals-2")).rejected(WorksForAnotherSeat)
    given(SET_UP, joined(1, seat=None)).when(join(1)).rejected(WorksForAnotherSeat, seat="als Gast")


def name_lead(number: int) -> NameWorkingGroupLead:
    return NameWorkingGroupLead(**edge(**ABOUT, person=person(number)))


def leads(number: int) -> WorkingGroupLeadNamed:
    return WorkingGroupLeadNamed(working_group="ag-a", person=person(number))


def test_a_member_leads_until_somebody_else_does_or_it_leaves() -> None:
    given(SET_UP, joined(1), joined(2)).when(name_lead(1)).then(leads(1))
    given(SET_UP, joined(1), joined(2), leads(1)).when(name_lead(2)).then(leads(2))
    given(SET_UP, joined(1), leads(1)).when(name_lead(1)).then_nothing()
    given(SET_UP, joined(1), leads(1), left(1), joined(1)).when(name_lead(1)).then(leads(1))


def test_a_group_of_which_nothing_else_is_known_is_called_by_its_key_in_public() -> None:
    assert working_group(WORKING_GROUP.initial, CLOSED) == public.WorkingGroupClosed(working_group="ag-a", name="ag-a")
    changed = EntitlementChanged(group="hospitals", seats=("hospitals-1",), since=NOW.date())
    told = public.EntitlementChanged(group="hospitals", name="hospitals", seats=1, since=NOW.date())
    assert seat_group(SEAT_GROUP.initial, changed) == told


def test_who_is_late_to_name_a_lead_is_told_that_there_is_none() -> None:
    late = NameWorkingGroupLead(**edge(**ABOUT, person=person(2), replaces=Led(person=person(1))))
    given(SET_UP, joined(1), joined(2)).when(late).rejected(ChangedMeanwhile, now="niemand")


def test_the_lead_is_shown_until_that_one_leaves() -> None:
    led = [SET_UP, joined(1), joined(2), leads(1)]
    for gone, lead in ((2, person(1)), (1, None)):
        [shown] = folded(WORKING_GROUPS, [*led, left(gone)], "stuttgart/working-group/ag-a").values()
        assert shown["lead"] == lead and [one["person"] for one in shown["members"]] == [person(3 - gone)]


def test_nobody_else_leads_and_none_that_is_closed() -> None:
    given(SET_UP, joined(1)).when(name_lead(2)).rejected(LeadIsNoMember, working_group="ag-a")
    given(SET_UP, joined(1), left(1)).when(name_lead(1)).rejected(LeadIsNoMember, working_group="ag-a")
    given(SET_UP, joined(1), CLOSED).when(name_lead(1)).rejected(WorkingGroupIsClosed, working_group="ag-a")
    given().when(name_lead(1)).rejected(WorkingGroupUnknown, working_group="ag-a")


def test_a_group_ends_with_its_results_and_says_no_others_later() -> None:
    told = {"results": "Drei Empfehlungen.", "document": "GRDrs 310/2025"}
    ended = WorkingGroupClosed(working_group="ag-a", name=SET_UP.name, **told)
    given(SET_UP).when(CloseWorkingGroup(**edge(**ABOUT, **told))).then(ended)
    given(SET_UP, ended).when(CloseWorkingGroup(**edge(**ABOUT, **told))).then_nothing()
    for other in ({}, {**told, "results": None}, {**told, "document": None}, {**told, "results": "Keine."}):
        differently = CloseWorkingGroup(**edge(**ABOUT, **other))
        given(SET_UP, ended).when(differently).rejected(WorkingGroupIsClosed, working_group="ag-a")
    [document] = folded(WORKING_GROUPS, (SET_UP, joined(1), leads(1), ended), "stuttgart/working-group/ag-a").values()
    assert (document["lead"], document["closed"], document["document"]) == (person(1), True, "GRDrs 310/2025")
    [document] = folded(WORKING_GROUPS, (SET_UP, joined(1), leads(1), left(1)), "stuttgart/working-group/ag-a").values()
    assert (document["lead"], document["members"], document["results"]) == (None, [], None)
