"""A conference in the midst of its work, told in commands: what most of them need is there, under the name ``a``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.meetings.domain.session_protocol import Terms
from services.meetings.domain.session_roster import Roster
from services.meetings.domain.session_second import First
from shared.contracts.meetings import AgendaItem, Appointment, Recipient
from tests.kit.when import person

FACTS: Mapping[str, object] = {
    "person_known": True,
    "roster": Roster(
        voting_seats=51,
        recipients=(Recipient(person=person(1), seat="a-1"), Recipient(person=person(2), seat="a-2")),
        notice_days=14,
        shortest_notice_days=10,
        reminder_days=7,
        quorum_percent=1,
    ),
    "terms": Terms(conference_name="Konferenz", objection_days=14),
    "first": First(
        appointment=Appointment(
            title="Sitzung",
            starts=datetime(2024, 1, 15, 12, 0, tzinfo=UTC),
            ends=datetime(2024, 1, 15, 15, 0, tzinfo=UTC),
            place="Rathaus",
            revision=0,
        ),
        is_without_quorum=True,
        undecided=(AgendaItem(number=1, title="Begrüßung", public=True),),
    ),
}
"""What the service would know."""

_DETAILS = {
    "name": "Eva Müller",
    "salutation": "Sehr geehrte Frau Müller",
    "email": "eva.mueller@example.org",
    "postal_address": "Hauptstraße 1, 70173 Stuttgart",
}
_TEXTS = {"title": "Sitzung", "place": "Rathaus"}
_WHEN = {**_TEXTS, "starts": "2024-04-23T12:00:00Z", "ends": "2024-04-23T15:00:00Z"}
_TODAY = {**_TEXTS, "starts": "2024-01-15T12:00:00Z", "ends": "2024-01-15T15:00:00Z"}
_PERIOD = {"start": "2023-11-01", "until": "2024-12-31"}
_LINE = {"line": "a", "purpose": "a", "name": "Begleitung", "amount": 4_000_000}
_APPLIED = {"title": "Zuwendung", "grantor": "Land", "amount": 4_000_000, "purposes": ["a"], "period": _PERIOD}
_AWARDED = {"amount": 4_000_000, "period": _PERIOD, "lines": [_LINE], "notice_on": "2023-10-20"}
_SOON = [{"line": "a", "amount": 100, "on": "2024-01-31"}]
_EXPENSE = {"line": "a", "purpose": "a", "service_on": "2024-01-10", "paid_on": "2024-01-10", "payee": "a"}
_HOURS = {
    "role": "a",
    "on": "2024-01-10",
    "quarter_hours": 4,
    "activity": "Sitzung",
    "rate": 100,
    "rate_source": "KGSt",
}


def _invited(session: str, when: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("ScheduleSession", {"session": session, "kind": "plenary", "working_group": None, **when}),
        ("ChangeAgenda", {"session": session, "agenda": [{"number": 1, "title": "Begrüßung", "public": True}]}),
        ("IssueInvitation", {"session": session, "reason": "Eile"}),
    ]


def _held(session: str) -> list[tuple[str, dict[str, Any]]]:
    return [*_invited(session, _TODAY), ("RecordArrival", {"session": session, "person": person(1)})]


FOUNDING: list[tuple[str, dict[str, Any]]] = [
    ("EstablishConference", {"name": "Konferenz", "reference": "GRDrs", "office": "Amt", "committee": "Ausschuss"}),
    ("RecordPerson", {"person": person(1), "details": _DETAILS}),
    ("OpenSeatGroup", {"group": "a", "number": 1, "name": "Kliniken", "kind": "delegated", "seats": 50}),
    ("OpenSeatGroup", {"group": "b", "number": 2, "name": "Amtsleitung", "kind": "ex_officio", "seats": 1}),
    ("RegisterOrganisation", {"group": "a", "organisation": "a", "name": "Klinik"}),
    ("NominateDelegate", {"group": "a", "person": person(1), "organisation": "a"}),
    ("NominateDelegate", {"group": "a", "person": person(2), "organisation": "a"}),
    ("AppointDelegate", {"group": "a", "seat": "a-1", "person": person(1), "since": "2024-01-01"}),
    ("EstablishWorkingGroup", {"working_group": "a", "name": "Personal", "topics": ["Wohnen"]}),
    ("JoinWorkingGroup", {"working_group": "a", "person": person(1), "seat": "a-1"}),
    *_invited("a", _WHEN),
    *_held("b"),
    ("OpenSession", {"session": "b"}),
    *_held("z" * 77),
    ("OpenSession", {"session": "z" * 77}),
    ("CloseSession", {"session": "z" * 77}),
    ("DraftMinutes", {"session": "z" * 77, "document": "Niederschrift", "items": [{"number": 1, "text": "Gut."}]}),
    ("DraftRecommendation", {"recommendation": "a", "working_group": "a", "title": "Wohnen"}),
    ("SubmitRecommendation", {"recommendation": "a", "session": "b"}),
    ("DraftPaper", {"paper": "a", "reference": "GRDrs", "title": "Vorlage", "kind": "decision"}),
    ("RequestCoSignature", {"paper": "a", "department": "a"}),
    ("DraftPaper", {"paper": "b", "reference": "GRDrs", "title": "Vorlage", "kind": "decision"}),
    ("IssuePaper", {"paper": "b", "on": "2024-01-10"}),
    ("ApplyForGrant", {"grant": "b", "own_share_percent": 20, "paper": "GRDrs", **_APPLIED}),
    ("ApplyForGrant", {"grant": "a", "own_share_percent": 20, "paper": "GRDrs", **_APPLIED}),
    ("RecordAward", {"grant": "a", **_AWARDED}),
    ("BookExpense", {"grant": "a", "expense": "a", "amount": 100, "receipt_number": "1", **_EXPENSE}),
    ("RegisterCommitment", {"grant": "a", "commitment": "a", "line": "a", "amount": 100, "on": "2024-01-10"}),
    ("RequestDrawdown", {"grant": "a", "drawdown": "a", "amount": 100, "payments_due": _SOON}),
    ("RecordStaffHours", {"grant": "a", "entry": "a", **_HOURS}),
]
