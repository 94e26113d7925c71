"""What meetings remembers of members: rules, seats with their occupants, working groups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from services.meetings.domain.session import SESSION
from services.meetings.projections.roster import CONFERENCE as CONFERENCE_VIEW
from services.meetings.projections.roster import GUEST_POOLS, PEOPLE, ROSTER, WORKING_GROUPS
from services.meetings.queries import WorkingGroupUnknown, on_the_list, roster_for, rules_on, terms
from shared.contracts.members import (
    ConferenceEstablished,
    DelegateAppointed,
    GuestPoolJoined,
    GuestPoolLeft,
    MandateEnded,
    PersonErased,
    PersonRecorded,
    PostHolderChanged,
    RulesChanged,
    RulesOfProcedure,
    SeatGroupOpened,
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.contracts.occupancies import from_documents
from shared.declarations.projection import Document, Projection
from shared.runtime.delivery.stores import ProjectionStore
from tests.kit.delivered import delivered, folded
from tests.kit.projected import Projected
from tests.kit.when import CONFERENCE, person
from tests.kit.world import World
from tests.meetings.stuttgart import OF_GROUP, shown
from tests.meetings.test_reporting import established

HOSPITALS = "stuttgart/seat-group/hospitals"
STAFF = "stuttgart/working-group/staff"
SINCE = date(2023, 11, 1)
GROUP_OPENED = SeatGroupOpened(
    group="hospitals", number=9, name="Kliniken", kind="delegated", seats=("hospitals-1", "hospitals-2")
)
APPOINTED = DelegateAppointed(
    group="hospitals", seat="hospitals-1", person=person(1), organisation="hospital-north", since=SINCE
)
ESTABLISHED = WorkingGroupEstablished(working_group="staff", name="Personal", topics=("Wohnen",))


def seats(*events: Any, on: date = SINCE) -> dict[str, str | None]:
    known = from_documents(shown(ROSTER, events, HOSPITALS)["seats"])
    return {seat.seat: held.person if (held := seat.holder(on)) else None for seat in known}


def members(*events: Any) -> list[Document]:
    found: list[Document] = shown(WORKING_GROUPS, (ESTABLISHED, *events), STAFF)["members"]
    return found


def joined(number: int, seat: str | None = None) -> WorkingGroupJoined:
    return WorkingGroupJoined(working_group="staff", person=person(number), seat=seat)


def test_of_people_nothing_is_remembered_but_that_they_are_known_or_erased() -> None:
    recorded, erased = PersonRecorded(person=person(1)), PersonErased(person=person(1))
    for events, is_erased in (((recorded,), False), ((recorded, erased), True), ((erased,), True)):
        [(key, document)] = folded(PEOPLE, events, f"stuttgart/person/{person(1)}").items()
        assert (key, document["person"], document["erased"]) == (f"stuttgart/{person(1)}", person(1), is_erased)


def test_a_conference_is_remembered_with_its_rules() -> None:
    established = ConferenceEstablished(
        name="Kommunale Pflegekonferenz 2.0",
        reference="GRDrs 905/2023",
        office="Abteilung Sozialplanung",
        committee="Sozial- und Gesundheitsausschuss",
        rules=RulesOfProcedure(reminder_days=3, quorum_percent=None),
    )
    document = shown(CONFERENCE_VIEW, [established], "stuttgart/conference/stuttgart")
    assert document["_id"] == CONFERENCE
    assert document["name"] == "Kommunale Pflegekonferenz 2.0"
    assert document["committee"] == "Sozial- und Gesundheitsausschuss"
    assert document["rules"]["reminder_days"] == 3
    assert document["rules"]["quorum_percent"] is None


def test_a_conference_keeps_what_the_runtime_keeps() -> None:
    established = ConferenceEstablished(
        name="Konferenz", reference="GRDrs 905/2023", office="Büro", committee="SGA", rules=RulesOfProcedure()
    )
    folded = CONFERENCE_VIEW.fold(
        {"_id": CONFERENCE, "sequence": 1}, *delivered(established, "stuttgart/conference/stuttgart")
    )
    assert (folded["_id"], folded["sequence"], folded["name"]) == (CONFERENCE, 1, "Konferenz")


def test_a_new_group_has_vacant_seats() -> None:
    document = shown(ROSTER, [GROUP_OPENED], HOSPITALS)
    assert (document["group"], document["number"], document["kind"]) == ("hospitals", 9, "delegated")
    assert seats(GROUP_OPENED) == {"hospitals-1": None, "hospitals-2": None}


def test_seats_are_filled_and_become_vacant() -> None:
    ended = MandateEnded(
        group="hospitals", seat="hospitals-1", person=person(1), until=date(2024, 6, 30), reason="resigned"
    )
    assert seats(GROUP_OPENED, APPOINTED) == {"hospitals-1": person(1), "hospitals-2": None}
    assert seats(GROUP_OPENED, APPOINTED, ended) == {"hospitals-1": person(1), "hospitals-2": None}
    after = seats(GROUP_OPENED, APPOINTED, ended, on=date(2024, 7, 1))
    assert after == {"hospitals-1": None, "hospitals-2": None}


def test_a_seat_follows_its_post() -> None:
    changed = PostHolderChanged(group="hospitals", seat="hospitals-2", person=person(2), since=SINCE)
    assert seats(GROUP_OPENED, APPOINTED, changed) == {"hospitals-1": person(1), "hospitals-2": person(2)}


def test_people_join_and_leave_a_working_group() -> None:
    first, second = joined(1, "hospitals-1"), joined(2)
    left = WorkingGroupLeft(working_group="staff", person=person(1))
    assert members(first, second) == [
        {"person": person(1), "seat": "hospitals-1"},
        {"person": person(2), "seat": None},
    ]
    assert members(first, second, left) == [{"person": person(2), "seat": None}]


def test_who_joins_again_is_a_member_once() -> None:
    assert members(joined(1), joined(1, "hospitals-1")) == [{"person": person(1), "seat": "hospitals-1"}]


def test_a_working_group_is_active_until_it_is_closed() -> None:
    closed = WorkingGroupClosed(working_group="staff")
    assert shown(WORKING_GROUPS, [ESTABLISHED], STAFF)["state"] == "active"
    corrected = WorkingGroupCorrected(
        working_group="staff", name="Pflegekräfte", topics=("Anwerbung",), reason="Beschluss"
    )
    renamed = shown(WORKING_GROUPS, [ESTABLISHED, corrected], STAFF)
    assert (renamed["name"], renamed["topics"], renamed["state"]) == ("Pflegekräfte", ["Anwerbung"], "active")
    assert shown(WORKING_GROUPS, [ESTABLISHED, closed], STAFF)["state"] == "closed"


def test_on_each_day_the_newest_version_of_the_rules_holds() -> None:
    about = {"name": "Pflegekonferenz", "reference": "GRDrs", "office": "Amt", "committee": "Ausschuss"}
    half = RulesOfProcedure(quorum_percent=50)
    changes = [
        RulesChanged(rules_version=version, rules=rules, since=since, reason="Beschluss")
        for version, rules, since in (
            (2, half, date(2024, 1, 1)),
            (3, RulesOfProcedure(quorum_percent=30), date(2024, 6, 1)),
            (4, RulesOfProcedure(notice_days=21), date(2024, 6, 1)),
        )
    ]
    established = ConferenceEstablished(**about, rules=RulesOfProcedure())
    found = shown(CONFERENCE_VIEW, (established, *changes), f"{CONFERENCE}/conference/{CONFERENCE}")
    assert rules_on(found, date(2023, 12, 31)) == (1, RulesOfProcedure())
    assert rules_on(found, date(2024, 5, 31)) == (2, half)
    assert rules_on(found, date(2024, 6, 1)) == (4, RulesOfProcedure(notice_days=21))


class Kept(ProjectionStore):
    """What has been folded, by its id."""

    def __init__(self, *documents: Document) -> None:
        self._kept = {document["_id"]: document for document in documents}

    async def get(self, projection: Projection, key: str) -> Document | None:
        del projection
        return self._kept.get(key)

    async def load(self, projection: Projection, keys: Sequence[str]) -> dict[str, Document]:
        del projection
        return {key: self._kept[key] for key in keys if key in self._kept}


async def test_minutes_follow_the_rules_of_their_day() -> None:
    about = {"name": "Pflegekonferenz", "reference": "GRDrs", "office": "Amt", "committee": "Ausschuss"}
    longer = RulesChanged(
        rules_version=2, rules=RulesOfProcedure(objection_days=28), since=date(2024, 6, 1), reason="Beschluss"
    )
    established = ConferenceEstablished(**about, rules=RulesOfProcedure(objection_days=14))
    found = folded(CONFERENCE_VIEW, [established, longer], f"{CONFERENCE}/conference/{CONFERENCE}")
    kept = Kept(*({**document, "_id": CONFERENCE} for document in found.values()))
    for day, days in ((date(2024, 5, 31), 14), (date(2024, 6, 1), 28)):
        assert (await terms(kept, CONFERENCE, day)).objection_days == days


async def test_of_a_list_of_guests_nobody_erased_is_admitted() -> None:
    joined = [GuestPoolJoined(pool="academia", person=person(number)) for number in (1, 2, 3)]
    left = GuestPoolLeft(pool="academia", person=person(3))
    [pool] = folded(GUEST_POOLS, [*joined, left], f"{CONFERENCE}/guest-pool/academia").values()
    people = [
        *folded(PEOPLE, [PersonRecorded(person=person(1))], f"{CONFERENCE}/person/{person(1)}").values(),
        *folded(PEOPLE, [PersonErased(person=person(2))], f"{CONFERENCE}/person/{person(2)}").values(),
    ]
    assert await on_the_list(Kept(pool, *people), CONFERENCE, "academia") == (person(1),)
    assert await on_the_list(Kept(), CONFERENCE, "academia") == ()


async def test_nobody_is_invited_of_a_working_group_that_is_not_there() -> None:
    world = World()
    await established(world)
    with pytest.raises(WorkingGroupUnknown) as no:
        await roster_for(Projected(world), SESSION.fold([OF_GROUP]), CONFERENCE)
    assert no.value.facts == {"working_group": "staff"}
