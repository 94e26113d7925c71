"""What somebody else has changed since a form was drawn is not overwritten unseen: members' commands that replace."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.members.domain.conference import CONFERENCE, ChangeRules, ConferenceCalled, CorrectConference
from services.members.domain.earlier_conference import CorrectEarlierConference, EarlierConference
from services.members.domain.entitlement import ChangeEntitlement, Entitled
from services.members.domain.nominations import CorrectOrganisation, OrganisationCalled
from services.members.domain.seat_group import SEAT_GROUP, CorrectSeatGroup, SeatGroupCalled
from services.members.domain.working_group import (
    WORKING_GROUP,
    CorrectWorkingGroup,
    Led,
    NameWorkingGroupLead,
    WorkingGroupCalled,
)
from shared.contracts.members import (
    ConferenceEstablished,
    EarlierConferenceCarriedOver,
    EntitlementChanged,
    OrganisationRegistered,
    RulesChanged,
    RulesOfProcedure,
    SeatGroupOpened,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeadNamed,
)
from shared.kernel.decider import Command, Decider, Event
from shared.kernel.values import Value
from tests.kit.given import given_of, whoever_is_late_is_told
from tests.kit.when import edge, person

ON = date(2024, 4, 23)
CALLED = {"name": "Pflegekonferenz", "reference": "GRDrs 905/2023", "office": "Sozialamt", "committee": "Ausschuss"}
GROUP = SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("h-1", "h-2"))
TOPICS: dict[str, Any] = {"name": "Personal", "topics": ("Wohnen", "Ausbildung")}
WORKING = WorkingGroupEstablished(working_group="ag-a", **TOPICS)
MORE = EntitlementChanged(group="hospitals", seats=("h-1", "h-2", "hospitals-3"), since=ON)
REASON = {"reason": "Schreibweise"}
STRICTER = RulesChanged(rules_version=2, rules=RulesOfProcedure(notice_days=21), since=ON, reason="Beschluss")
NORTH = OrganisationRegistered(organisation="north", name="Klinik Nord", group="hospitals")
JOINED = [WorkingGroupJoined(working_group="ag-a", person=person(number), seat=None) for number in (1, 2)]
LED = WorkingGroupLeadNamed(working_group="ag-a", person=person(1))

EARLIER: dict[str, Any] = {"name": "Erste Konferenz", "since": date(2021, 3, 1), "until": date(2022, 8, 31)}

CASES = [
    (
        CONFERENCE,
        [
            ConferenceEstablished(**CALLED, rules=RulesOfProcedure()),
            EarlierConferenceCarriedOver(earlier="first", **EARLIER, working_groups=("Wohnen",)),
        ],
        CorrectEarlierConference,
        {**EARLIER, "earlier": "first", "name": "Pflegekonferenz 1.0", **REASON},
        EarlierConference(**EARLIER, working_groups=("Wohnen",)),
        {"working_groups": ()},
        "„Wohnen“",
    ),
    (
        CONFERENCE,
        [ConferenceEstablished(**CALLED, rules=RulesOfProcedure())],
        CorrectConference,
        {**CALLED, "name": "Pflegekonferenz 2.0", **REASON},
        ConferenceCalled(**CALLED),
        {"office": "Jugendamt"},
        "„Sozialamt“",
    ),
    (
        SEAT_GROUP,
        [GROUP],
        CorrectSeatGroup,
        {"group": "hospitals", "number": 9, "name": "Krankenhäuser", **REASON},
        SeatGroupCalled(number=9, name="Kliniken"),
        {"name": "Spitäler"},
        "„Kliniken“",
    ),
    (
        SEAT_GROUP,
        [GROUP, MORE],
        ChangeEntitlement,
        {"group": "hospitals", "seats": 4, "since": ON},
        Entitled(seats=3),
        {"seats": 2},
        "3",
    ),
    (
        CONFERENCE,
        [ConferenceEstablished(**CALLED, rules=RulesOfProcedure()), STRICTER],
        ChangeRules,
        {"rules": RulesOfProcedure(notice_days=28), "since": ON, **REASON},
        STRICTER.rules,
        {"notice_days": 14},
        "die 2. Fassung, gültig ab 23.04.2024",
    ),
    (
        SEAT_GROUP,
        [GROUP, NORTH],
        CorrectOrganisation,
        {"group": "hospitals", "organisation": "north", "name": "Klinik Nord GmbH", **REASON},
        OrganisationCalled(name="Klinik Nord"),
        {"name": "Nordklinik"},
        "„Klinik Nord“",
    ),
    (
        WORKING_GROUP,
        [WORKING, *JOINED, LED],
        NameWorkingGroupLead,
        {"working_group": "ag-a", "person": person(2)},
        Led(person=person(1)),
        {"person": None},
        "eine andere Person",
    ),
    (
        WORKING_GROUP,
        [WORKING],
        CorrectWorkingGroup,
        {"working_group": "ag-a", "name": "Personal", "topics": ("Wohnen",), **REASON},
        WorkingGroupCalled(**TOPICS),
        {"topics": ()},
        "„Wohnen“; „Ausbildung“",
    ),
]


@pytest.mark.parametrize(("decider", "history", "kind", "told", "now", "otherwise", "said"), CASES)
def test_what_is_other_than_was_seen_is_said_and_stays(
    decider: Decider[Any, Any, Any],
    history: list[Event],
    kind: type[Command],
    told: dict[str, Any],
    now: Value,
    otherwise: dict[str, Any],
    said: str,
) -> None:
    seen = (now, now.model_copy(update=otherwise))
    done = whoever_is_late_is_told(decider, history, lambda **more: kind(**edge(**told, **more)), seen, said)
    assert len(done) == 1


def test_two_who_change_different_rules_are_not_in_each_others_way() -> None:
    history = [ConferenceEstablished(**CALLED, rules=RulesOfProcedure()), STRICTER]
    other = ChangeRules(
        **edge(rules=RulesOfProcedure(reminder_days=3), since=ON, **REASON, replaces=RulesOfProcedure())
    )
    both = STRICTER.rules.model_copy(update={"reminder_days": 3})
    changed = RulesChanged(rules_version=3, rules=both, since=ON, **REASON)
    given_of(CONFERENCE)(*history).when(other).then(changed)
