"""What the clients want: few orders, but such that repeating one, losing one or mixing two up would show."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.meetings.domain.session_answers import AnswerInvitation
from services.meetings.domain.session_invitation import IssueInvitation
from services.meetings.domain.session_planning import ChangeAgenda, RescheduleSession, ScheduleSession
from services.meetings.domain.session_roster import Roster
from services.members.domain.conference import EstablishConference
from services.members.domain.mandates import AppointDelegate, EndMandate
from services.members.domain.nominations import NominateDelegate, RegisterOrganisation
from services.members.domain.person import ErasePerson, RecordPerson
from services.members.domain.posts import ChangePostHolder
from services.members.domain.seat_group import OpenSeatGroup
from services.members.domain.working_group import EstablishWorkingGroup, JoinWorkingGroup, LeaveWorkingGroup
from shared.contracts.meetings import AgendaItem, Recipient
from shared.contracts.members import ConferenceEstablished, DelegateAppointed, RulesOfProcedure, SeatGroupOpened
from shared.contracts.people import PersonDetails
from shared.kernel.decider import Command, Event
from tests.kit.when import CONFERENCE, NOW, person
from tests.storms.deployment import NOTEBOOK, Order

Script = Sequence[tuple[type[Command], dict[str, Any]]]
SESSION = "plenary-1"
STARTS = NOW + timedelta(days=7, minutes=4)
"""So that the reminder falls due while the storm lasts."""

BEGINS, ENDS = date(2024, 2, 1), date(2024, 2, 10)
"""Of mandates: who ends one is invited to no session a month later."""

PAPER = {"name": "Konferenz", "reference": "GRDrs 905/2023", "office": "Büro", "committee": "SGA"}
SEATS = tuple(f"hospitals-{number}" for number in (1, 2))
TOLD_BEFORE: Mapping[str, Sequence[Event]] = {
    f"{CONFERENCE}/conference/{CONFERENCE}": [ConferenceEstablished(**PAPER, rules=RulesOfProcedure())],
    f"{CONFERENCE}/seat-group/hospitals": [
        SeatGroupOpened(group="hospitals", number=9, name="Kliniken", kind="delegated", seats=SEATS),
        *(
            DelegateAppointed(group="hospitals", seat=seat, person=person(number), organisation="k", since=NOW.date())
            for number, seat in enumerate(SEATS, 1)
        ),
    ],
}


@dataclass(frozen=True, slots=True)
class Story:
    """``services`` are the two that run; ``known`` are people whose details were published before."""

    services: tuple[str, str]
    clients: dict[str, list[Order]]
    known: Sequence[int] = ()
    told_before: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    """By stream what members had said, where it does not run."""


def details(number: int, address: str = "a") -> PersonDetails:
    """The address is the canary: it may stand nowhere but where it belongs."""
    return PersonDetails(
        name=f"Person {number}",
        salutation="Guten Tag",
        email=f"{address}{number}.canary@example.org",
        postal_address=None,
    )


def told(chance: random.Random) -> Story:
    return chance.choice((_seats, _session))(chance)


def _seats(chance: random.Random) -> Story:
    group = {"group": "hospitals"}
    establish = (EstablishConference, {**PAPER})
    open_group = (OpenSeatGroup, {**group, "number": 9, "name": "Kliniken", "kind": "delegated", "seats": 2})
    first: Script = [
        establish,
        (RecordPerson, {"person": person(1), "details": details(1)}),
        open_group,
        (RegisterOrganisation, {**group, "organisation": "hospital-1", "name": "Klinik 1"}),
        _nominate(1),
        _appoint(1, 1),
        (EndMandate, {**group, "seat": "hospitals-1", "until": ENDS, "reason": "resigned"}),
        _appoint(1, 1, ENDS + timedelta(days=1)),
    ]
    second: Script = [
        establish,
        (RecordPerson, {"person": person(2), "details": details(2)}),
        open_group,
        (RegisterOrganisation, {**group, "organisation": "hospital-1", "name": "Klinik 1"}),
        _nominate(2),
        _appoint(2, 2),
    ]
    third: Script = [
        *((RecordPerson, {"person": person(who), "details": details(who, how)}) for how in "bcd" for who in (1, 2)),
        (ErasePerson, {"person": person(2)}),
    ]
    return Story(("members", "notifications"), _orders("members", chance, first, second, third))


def _nominate(number: int) -> tuple[type[Command], dict[str, Any]]:
    return NominateDelegate, {"group": "hospitals", "person": person(number), "organisation": "hospital-1"}


def _appoint(seat: int, number: int, since: date = BEGINS) -> tuple[type[Command], dict[str, Any]]:
    seated = {"seat": f"hospitals-{seat}", "person": person(number), "since": since}
    return AppointDelegate, {"group": "hospitals", "person_known": True, **seated}


def _session(chance: random.Random) -> Story:
    first: Script = [
        (ScheduleSession, _schedule(SESSION)),
        _agenda("A"),
        (IssueInvitation, {"session": SESSION, "reason": "Eile", "roster": ROSTER}),
        _answer("accept"),
        _agenda("B"),
        (RescheduleSession, {"session": SESSION, **_times(1), "place": "Rathaus", "reason": "Eile"}),
        _answer("decline"),
    ]
    second: Script = [
        (ScheduleSession, _schedule(NOTEBOOK)),
        (ScheduleSession, _schedule(SESSION)),
        _agenda("C"),
        _agenda("A"),
        _answer("decline"),
        _agenda("C"),
    ]
    return Story(
        ("meetings", "notifications"), _orders("meetings", chance, first, second), known=(1, 2), told_before=TOLD_BEFORE
    )


def known_facts(chance: random.Random) -> Story:
    """People change places; sessions are invited to by whoever changed them, and by somebody who names nothing."""
    first: Script = [
        (EstablishConference, {**PAPER}),
        *((OpenSeatGroup, _group(group)) for group in ("posts", "houses")),
        *((RecordPerson, {"person": person(who), "details": details(who)}) for who in (1, 2, 3)),
        _holds("posts", 1, 1),
        *_invites("a", None),
        _holds("houses", 1, 2),
        (EndMandate, {"group": "posts", "seat": "posts-1", "until": ENDS, "reason": "recalled"}),
        *_invites("b", None),
        _holds("posts", 2, 3),
        *_invites("c", None),
    ]
    second: Script = [
        (EstablishConference, {**PAPER}),
        (EstablishWorkingGroup, {"working_group": "care", "name": "Pflege", "topics": ()}),
        *((RecordPerson, {"person": person(who), "details": details(who)}) for who in (4, 5)),
        (JoinWorkingGroup, {"working_group": "care", "person": person(4), "seat": None}),
        *_invites("d", "care"),
        (LeaveWorkingGroup, {"working_group": "care", "person": person(4)}),
        (JoinWorkingGroup, {"working_group": "care", "person": person(5), "seat": None}),
        *_invites("e", "care"),
    ]
    third: Script = [one for name in "fghi" for one in _invites(name, chance.choice((None, None, "care")))]
    clients = {
        f"client-{number}": [
            Order(_service(command), f"{number}-{place}", command, fields, names_answers=number != ASKS_ONLY)
            for place, (command, fields) in enumerate(script, 1)
        ]
        for number, script in enumerate((first, second, third), 1)
    }
    return Story(("members", "meetings"), clients)


ASKS_ONLY = 3


def _service(command: type[Command]) -> str:
    return command.__module__.split(".")[1]


def _group(group: str) -> dict[str, Any]:
    return {"group": group, "number": 1, "name": group, "kind": "ex_officio", "seats": 2}


def _holds(group: str, seat: int, who: int) -> tuple[type[Command], dict[str, Any]]:
    seated = {"seat": f"{group}-{seat}", "person": person(who), "since": BEGINS}
    return ChangePostHolder, {"group": group, **seated}


def _invites(name: str, working_group: str | None) -> Script:
    """To a session of its own, in the same breath."""
    kind = "working_group" if working_group else "plenary"
    about = {"session": name, "kind": kind, "working_group": working_group, "title": name, "place": "Rathaus"}
    agenda = (AgendaItem(number=1, title="A", public=True),)
    return [
        (ScheduleSession, {**about, **_times(30)}),
        (ChangeAgenda, {"session": name, "agenda": agenda}),
        (IssueInvitation, {"session": name, "reason": "Eile"}),
    ]


ROSTER = Roster(
    voting_seats=2,
    recipients=tuple(Recipient(person=person(number), seat=f"hospitals-{number}") for number in (1, 2)),
    notice_days=14,
    shortest_notice_days=10,
    reminder_days=7,
    quorum_percent=50,
)


def _times(days: int) -> dict[str, Any]:
    return {"starts": STARTS + timedelta(days=days), "ends": STARTS + timedelta(days=days, hours=2)}


def _schedule(session: str) -> dict[str, Any]:
    what = {"session": session, "kind": "plenary", "working_group": None, "title": "Sitzung", "place": "Rathaus"}
    return {**what, **_times(0)}


def _agenda(title: str) -> tuple[type[Command], dict[str, Any]]:
    return ChangeAgenda, {"session": SESSION, "agenda": (AgendaItem(number=1, title=title, public=True),)}


def _answer(answer: str) -> tuple[type[Command], dict[str, Any]]:
    return AnswerInvitation, {"session": SESSION, "person": person(1), "answer": answer}


def _orders(service: str, chance: random.Random, *scripts: Script) -> dict[str, list[Order]]:
    """Each client follows its script; some leave out a step, but for the first of all, whose name letters wait for."""
    return {
        f"client-{number}": [
            Order(service, f"{number}-{place}", command, fields)
            for place, (command, fields) in enumerate(script, 1)
            if chance.random() < 0.95 or command is EstablishConference
        ]
        for number, script in enumerate(scripts, 1)
    }
