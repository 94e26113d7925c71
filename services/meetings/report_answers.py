"""What meetings answers about reports to the committee."""

from __future__ import annotations

from datetime import date

from services.meetings.answers import Quorum
from shared.contracts.meetings import SessionKind
from shared.kernel.identifiers import Slug
from shared.runtime.http.app import Shown


class SubmittedReport(Shown):
    """``next_due`` as it was recorded with the report."""

    committee: str
    on: date
    next_due: date
    paper: Slug | None = None


class Seats(Shown):
    """The number of a group's seats that came."""

    name: str
    seats: int


class Outcome(Shown):
    """``outcome``: consensus, carried or rejected; ``votes`` are yes, no and abstentions of a vote."""

    item: int
    title: str | None
    public: bool
    outcome: str
    votes: list[int]
    recommendation: Slug | None


class HeldSession(Shown):
    """``quorum`` is null if none is required; ``guests`` have no seat."""

    session: Slug
    kind: SessionKind
    working_group: str | None
    title: str
    on: date
    seats: int
    groups: list[Seats]
    guests: int
    quorum: Quorum | None
    decisions: list[Outcome]


class GroupsWork(Shown):
    working_group: Slug
    name: str
    topics: list[str]
    established: date | None
    closed_on: date | None
    results: str | None
    document: str | None


class Asked(Shown):
    """``answer`` on the last day: considered, partly, not, or null if there was none."""

    name: str
    due_on: date
    on: date | None
    answer: str | None
    reasons: str | None
    overdue: bool


class Recommended(Shown):
    recommendation: Slug
    title: str
    working_group: str
    on: date
    by: str
    successor: Slug | None
    addressees: list[Asked]


class Answer(Asked):
    recommendation: Slug
    title: str


class Overdue(Shown):
    recommendation: Slug
    title: str
    name: str
    due_on: date


class PaperDecision(Shown):
    paper: Slug
    reference: str
    title: str
    committee: str
    on: date
    decision: str


class CarriedOver(Shown):
    """An earlier conference."""

    earlier: Slug
    name: str
    since: date
    until: date
    working_groups: list[str]
    document: str | None = None
    results: str | None = None


class ReportDraft(Shown):
    """On the days from ``since`` to ``until``; ``answers`` are to earlier recommendations.

    Only the first report has ``earlier`` conferences.
    """

    conference: str
    name: str
    committee: str
    since: date
    until: date
    sessions: list[HeldSession]
    working_groups: list[GroupsWork]
    recommendations: list[Recommended]
    answers: list[Answer]
    overdue: list[Overdue]
    papers: list[PaperDecision]
    earlier: list[CarriedOver]
