"""A conference: established once, with rules that it may set, and guests that it invites."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.members.domain.conference import (
    CONFERENCE,
    ChangeRules,
    ConferenceEstablishedDifferently,
    ConferenceNotEstablished,
    CorrectConference,
    EstablishConference,
    GuestPoolInvitedDifferently,
    InviteGuestPool,
    RulesBeginEarlier,
    RulesRunBackwards,
)
from services.members.domain.person import (
    PERSON,
    AnnounceCorrection,
    AnnouncePerson,
    ErasePerson,
    PersonIsErased,
    PersonOfAnotherConference,
    PersonUnknown,
    RecordPerson,
)
from services.members.projections import ERASED
from shared.contracts.members import (
    ConferenceCorrected,
    ConferenceEstablished,
    ContactCorrected,
    GuestPoolInvited,
    PersonErased,
    PersonRecorded,
    RulesChanged,
    RulesOfProcedure,
)
from shared.contracts.people import PersonDetails
from shared.contracts.registry import decode
from shared.kernel.rejections import Kind
from tests.kit.delivered import folded
from tests.kit.given import given_of
from tests.kit.when import edge, person

given = given_of(CONFERENCE)
given_person = given_of(PERSON)

TOLD = {"name": "Pflegekonferenz", "reference": "GRDrs 905/2023", "office": "Sozialamt", "committee": "Ausschuss"}
ESTABLISHED = ConferenceEstablished(**TOLD, rules=RulesOfProcedure())
POOL = GuestPoolInvited(pool="guests", name="Gäste")
ERASURE = PersonErased(person=person(1))
RECORDED = PersonRecorded(person=person(1))
DETAILS = PersonDetails(name="Eva", salutation="Guten Tag", email=None, postal_address=None)


def establish(**fields: Any) -> EstablishConference:
    return EstablishConference(**edge(**{**TOLD, **fields}))


def invite(pool: str = "guests") -> InviteGuestPool:
    return InviteGuestPool(**edge(pool=pool, name="Gäste"))


def erase(elsewhere: bool = False) -> ErasePerson:
    return ErasePerson(**edge(person=person(1), belongs_elsewhere=elsewhere))


def test_a_conference_is_established_once() -> None:
    given().when(establish()).then(ESTABLISHED)
    given(ESTABLISHED).when(establish()).then_nothing()
    for field in (*TOLD, "rules"):
        other = RulesOfProcedure(notice_days=21) if field == "rules" else "anders"
        given(ESTABLISHED).when(establish(**{field: other})).rejected(
            ConferenceEstablishedDifferently, conference="stuttgart"
        )


def test_rules_that_nobody_sets_are_those_of_the_paper_s_time_which_names_no_quorum() -> None:
    rules = RulesOfProcedure()
    assert (rules.notice_days, rules.shortest_notice_days, rules.reminder_days) == (14, 10, 7)
    assert (rules.quorum_percent, rules.minutes_days, rules.report_months) == (None, 30, 12)


def test_a_conference_may_name_the_paper_that_meetings_knows() -> None:
    named = ESTABLISHED.model_copy(update={"paper_key": "grdrs-905-2023"})
    given().when(establish(paper_key="grdrs-905-2023")).then(named)


def test_a_conference_may_have_a_quorum_or_say_that_there_is_none() -> None:
    for quorum in (None, 1, 100):
        rules = RulesOfProcedure(quorum_percent=quorum)
        given().when(establish(rules=rules)).then(ConferenceEstablished(**TOLD, rules=rules))


def test_a_conference_of_before_has_the_quorum_that_it_had() -> None:
    """What the first version left out was half of the seats; what is asked for again is compared with that."""
    name = "kpk.members.ConferenceEstablished.v1"
    of_before = [decode(name, json.dumps({**TOLD, "rules": rules})) for rules in ({}, {"quorum_percent": 50})]
    half = RulesOfProcedure(quorum_percent=50)
    assert of_before == [ConferenceEstablished(**TOLD, rules=half)] * 2
    given(of_before[0]).when(establish(rules=half)).then_nothing()
    given(of_before[0]).when(establish()).rejected(ConferenceEstablishedDifferently)


@pytest.mark.parametrize(
    "beyond",
    [{"notice_days": 367}, {"notice_days": -1}, {"quorum_percent": 0}, {"quorum_percent": 101}, {"report_months": 61}],
)
def test_rules_have_bounds(beyond: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        RulesOfProcedure(**beyond)


def test_a_pool_of_guests_is_invited_once_by_a_conference_that_is_there() -> None:
    given().when(invite()).rejected(ConferenceNotEstablished, conference="stuttgart")
    assert ConferenceNotEstablished.kind is Kind.NOT_FOUND
    given(ESTABLISHED).when(invite()).then(POOL)
    given(ESTABLISHED, POOL).when(invite()).then_nothing()
    given(ESTABLISHED, POOL).when(invite("press")).then(GuestPoolInvited(pool="press", name="Gäste"))
    given(ESTABLISHED, POOL).when(establish()).then_nothing()


def test_a_person_is_erased_once_and_not_recorded_again() -> None:
    record = RecordPerson(**edge(person=person(1), details=DETAILS))
    given_person().when(record).then_nothing()
    given_person().when(erase()).then(ERASURE)
    given_person(ERASURE).when(erase()).then_nothing()
    given_person(ERASURE).when(record).rejected(PersonIsErased)
    assert PersonUnknown.kind is Kind.NOT_FOUND
    assert ErasePerson.given_by == "admin"


def test_a_person_is_announced_once_and_nobody_who_is_erased() -> None:
    announce = AnnouncePerson(**edge(person=person(1)))
    given_person().when(announce).then(RECORDED)
    given_person(RECORDED).when(announce).then_nothing()
    given_person(ERASURE).when(announce).then_nothing()
    given_person(RECORDED).when(erase()).then(ERASURE)
    given_person(RECORDED, ERASURE).when(announce).then_nothing()
    assert AnnouncePerson.given_by == "service"


def test_a_correction_is_announced_each_time_of_who_is_recorded() -> None:
    announce = AnnounceCorrection(**edge(person=person(1)))
    assert PERSON.decide(PERSON.fold([RECORDED]), announce) == [ContactCorrected(person=person(1))]
    for history in ((), (ERASURE,), (RECORDED, ERASURE)):
        given_person(*history).when(announce).then_nothing()
    assert AnnounceCorrection.given_by == "service"


def test_a_person_of_another_conference_is_not_erased() -> None:
    given_person().when(erase(elsewhere=True)).rejected(PersonOfAnotherConference)
    assert PersonOfAnotherConference.kind is Kind.FORBIDDEN


def test_who_has_to_be_gone_is_known_by_the_person() -> None:
    assert [*folded(ERASED, [ERASURE], f"stuttgart/person/{person(1)}")] == [person(1)]


def test_what_the_conference_is_called_is_corrected() -> None:
    told = {**TOLD, "name": "Kommunale Pflegekonferenz"}
    correct = CorrectConference(**edge(**told, reason="Name wie in der Vorlage"))
    corrected = ConferenceCorrected(**told, reason="Name wie in der Vorlage")
    given().when(correct).rejected(ConferenceNotEstablished)
    given(ESTABLISHED).when(correct).then(corrected)
    given(ESTABLISHED).when(CorrectConference(**edge(**TOLD, reason="nichts"))).then_nothing()
    given(ESTABLISHED, corrected).when(CorrectConference(**edge(**TOLD, reason="doch"))).then(
        ConferenceCorrected(**TOLD, reason="doch")
    )
    for field in ("name", "reference", "office", "committee"):
        other = {**TOLD, field: "Anderes"}
        again = CorrectConference(**edge(**other, reason="noch einmal"))
        given(ESTABLISHED, ConferenceCorrected(**other, reason="Beschluss")).when(again).then_nothing()


def test_a_pool_of_another_name_is_refused_and_not_left_out() -> None:
    other = InviteGuestPool(**edge(pool="guests", name="Stadtrat"))
    given(ESTABLISHED, POOL).when(other).rejected(GuestPoolInvitedDifferently, pool="guests")


def changed(version: int, since: date, **rules: Any) -> RulesChanged:
    return RulesChanged(rules_version=version, rules=RulesOfProcedure(**rules), since=since, reason="Beschluss")


def change_rules(since: date = date(2024, 1, 1), **rules: Any) -> ChangeRules:
    return ChangeRules(**edge(rules=RulesOfProcedure(**rules), since=since, reason="Beschluss"))


def test_rules_have_versions_and_what_is_not_named_stays() -> None:
    half = changed(2, date(2024, 1, 1), quorum_percent=50)
    given(ESTABLISHED).when(change_rules(quorum_percent=50)).then(half)
    both = changed(3, date(2024, 2, 1), quorum_percent=50, notice_days=21)
    given(ESTABLISHED, half).when(change_rules(date(2024, 2, 1), notice_days=21)).then(both)
    none = changed(4, date(2024, 2, 1), notice_days=21)
    given(ESTABLISHED, half, both).when(change_rules(date(2024, 2, 1), quorum_percent=None)).then(none)


def test_rules_that_say_the_same_are_no_version() -> None:
    given(ESTABLISHED, changed(2, date(2024, 1, 1), quorum_percent=50)).when(
        change_rules(quorum_percent=50)
    ).then_nothing()
    given(ESTABLISHED).when(change_rules()).then_nothing()


def test_rules_that_are_yet_to_come_are_put_off_only_by_the_former_ones() -> None:
    """The day of the commands is 15 January 2024."""
    for since, is_refused in ((date(2024, 1, 16), True), (date(2024, 1, 15), False)):
        history = (ESTABLISHED, changed(2, since, quorum_percent=50))
        when = given(*history).when(change_rules(date(2024, 9, 1), quorum_percent=50))
        when.rejected(RulesBeginEarlier, since="16.01.2024") if is_refused else when.then_nothing()
    first_day = change_rules(date(2024, 6, 1), quorum_percent=50)
    given(ESTABLISHED, changed(2, date(2024, 6, 1), quorum_percent=50)).when(first_day).then_nothing()
    ahead = (ESTABLISHED, changed(2, date(2024, 6, 1), quorum_percent=50), changed(3, date(2024, 6, 1)))
    later = changed(4, date(2024, 9, 1), quorum_percent=50)
    given(*ahead).when(change_rules(date(2024, 9, 1), quorum_percent=50)).then(later)


def test_a_rule_is_put_off_from_the_day_on_which_it_begins_itself_whatever_else_changes_then() -> None:
    in_september = date(2024, 9, 1)
    two = (
        ESTABLISHED,
        changed(2, date(2024, 6, 1), quorum_percent=50),
        changed(3, date(2024, 7, 1), quorum_percent=50, notice_days=21),
    )
    quorum, notice = change_rules(in_september, quorum_percent=50), change_rules(in_september, notice_days=21)
    given(*two).when(quorum).rejected(RulesBeginEarlier, since="01.06.2024")
    given(*two).when(notice).rejected(RulesBeginEarlier, since="01.07.2024")
    in_force = (
        ESTABLISHED,
        changed(2, date(2024, 1, 1), quorum_percent=50),
        changed(3, date(2024, 7, 1), quorum_percent=50, notice_days=21),
    )
    given(*in_force).when(quorum).then_nothing()
    given(*in_force).when(notice).rejected(RulesBeginEarlier, since="01.07.2024")
    always = change_rules(in_september, shortest_notice_days=ESTABLISHED.rules.shortest_notice_days)
    given(*in_force).when(always).then_nothing()
    taken_back = (ESTABLISHED, changed(2, date(2024, 6, 1), quorum_percent=50), changed(3, date(2024, 6, 1)))
    given(*taken_back).when(change_rules(in_september, quorum_percent=None)).then_nothing()


def test_rules_change_forwards_and_of_a_conference_that_there_is() -> None:
    earlier = change_rules(date(2023, 12, 31), quorum_percent=30)
    given(ESTABLISHED, changed(2, date(2024, 1, 1), quorum_percent=50)).when(earlier).rejected(RulesRunBackwards)
    same = change_rules(date(2023, 12, 31), quorum_percent=50)
    given(ESTABLISHED, changed(2, date(2024, 1, 1), quorum_percent=50)).when(same).rejected(RulesRunBackwards)
    given().when(change_rules(quorum_percent=50)).rejected(ConferenceNotEstablished)
