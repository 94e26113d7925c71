"""What a report to the committee would say of a period, from what is remembered of sessions, groups and papers.

Numbers and names of groups, never of persons: a seat counts once a session, for its group, whoever filled it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.meetings import queries
from services.meetings.domain.committee_report import COMMITTEE_REPORT, Reporting, reporting_of
from services.meetings.projections import PAPERS, RECOMMENDATIONS, ROSTER, SESSIONS, WORKING_GROUPS
from shared.declarations.projection import Document
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.time import day_after, german_day, local_day
from shared.runtime.commands.execute import Executor
from shared.runtime.delivery.stores import ProjectionStore


class NothingToReportYet(Rejected):
    """Zu berichten ist erst ab dem {since}."""

    kind = Kind.NOT_FOUND


@dataclass(frozen=True)
class Period:
    """Both days included."""

    since: date
    until: date

    def has(self, day: str | None) -> bool:
        return day is not None and self.since.isoformat() <= day <= self.until.isoformat()


@dataclass(frozen=True)
class Remembered:
    """Everything known of a conference, of all days."""

    conference: Document
    roster: Sequence[Document]
    working_groups: Sequence[Document]
    sessions: Sequence[Document]
    recommendations: Sequence[Document]
    papers: Sequence[Document]

    @property
    def group_names(self) -> Mapping[Slug, str]:
        return {one["working_group"]: one["name"] for one in self.working_groups}

    @property
    def days(self) -> Mapping[Slug, str]:
        """Days of sessions."""
        return {one["session"]: _day_of(one) for one in self.sessions}


async def report_draft(projections: ProjectionStore, executor: Executor, conference: str, until: date) -> Document:
    """On the time since the last report before that day, or since the conference was established.

    Raises ``ConferenceUnknown`` and ``NothingToReportYet``.
    """
    found = await queries.known(projections, conference)
    reporting = await executor.state(COMMITTEE_REPORT, reporting_of(conference))
    period = period_of(queries.established_on(found), reporting, until)
    of = {"conference": conference}
    remembered = Remembered(
        conference=found,
        roster=await projections.find(ROSTER, of, sort="number"),
        working_groups=await projections.find(WORKING_GROUPS, of),
        sessions=await projections.find(SESSIONS, of),
        recommendations=await projections.find(RECOMMENDATIONS, of),
        papers=await projections.find(PAPERS, of),
    )
    return draft(remembered, period)


def period_of(established: date, reporting: Reporting, until: date) -> Period:
    """A report includes its own day; the next one begins on the day after."""
    reported = [day_after(report.on) for report in reporting.submitted if report.on < until]
    since = max([established, *reported])
    if until < since:
        raise NothingToReportYet(since=german_day(since))
    return Period(since, until)


def draft(remembered: Remembered, period: Period) -> Document:
    """Days as JSON has them; each list in the order of its days."""
    found = remembered.conference
    recommendations = [_recommendation(remembered, one, period) for one in remembered.recommendations]
    issued = [one for one in recommendations if period.has(one["on"])]
    return {
        "conference": found["conference"],
        "name": found["name"],
        "committee": found["committee"],
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "sessions": _in_order(_session(remembered, one) for one in _held(remembered.sessions, period)),
        "working_groups": [_working_group(one) for one in remembered.working_groups if _is_of(one, period)],
        "recommendations": _in_order(issued),
        "answers": _in_order(_answers([one for one in recommendations if one not in issued], period)),
        "overdue": sorted(_overdue(recommendations), key=lambda one: (one["due_on"], one["recommendation"])),
        "papers": _in_order(_papers(remembered.papers, period)),
        "earlier": _earlier(found) if period.since.isoformat() == found.get("established") else [],
    }


def _earlier(conference: Document) -> list[Document]:
    """Earlier conferences, in the first report only: later reports are about the time since the last one."""
    return sorted(conference.get("earlier", {}).values(), key=lambda one: (one["since"], one["earlier"]))


def _in_order(found: Any) -> list[Document]:
    return sorted(found, key=lambda one: one["on"])


def _day_of(session: Document) -> str:
    return local_day(datetime.fromisoformat(session["starts"])).isoformat()


# Sessions


def _held(sessions: Sequence[Document], period: Period) -> list[Document]:
    return [one for one in sessions if one["state"] == "closed" and period.has(_day_of(one))]


def _session(remembered: Remembered, session: Document) -> Document:
    """``seats`` and ``guests`` count everybody who came, also those who left early."""
    came = {stay["seat"] for stay in session["attendance"] if stay["seat"]}
    guests = {stay["person"] for stay in session["attendance"] if not stay["seat"]}
    return {
        "session": session["session"],
        "kind": session["kind"],
        "working_group": remembered.group_names.get(session["working_group"], session["working_group"]),
        "title": session["title"],
        "on": _day_of(session),
        "seats": len(came),
        "groups": _by_group(remembered.roster, came),
        "guests": len(guests),
        "quorum": session["quorum"] if session["quorum_needed"] else None,
        "decisions": [_decision(session, one) for one in sorted(session["decisions"], key=lambda one: one["item"])],
    }


def _by_group(roster: Sequence[Document], came: set[str]) -> list[Document]:
    """In the council paper's order. A group whose seats are not known here has the name of its seats."""
    known = [(group["name"], came & {seat["seat"] for seat in group["seats"]}) for group in roster]
    others = came.difference(*(seats for _, seats in known))
    unknown = Counter(seat.rpartition("-")[0] for seat in sorted(others))
    counted = [*((name, len(seats)) for name, seats in known), *unknown.items()]
    return [{"name": name, "seats": seats} for name, seats in counted if seats]


def _decision(session: Document, decision: Document) -> Document:
    item: Document = next((one for one in session["agenda"] if one["number"] == decision["item"]), {})
    is_vote = decision["by"] == "vote"
    return {
        "item": decision["item"],
        "title": decision.get("title") or item.get("title"),
        "public": decision["public"] if decision.get("public") is not None else bool(item.get("public")),
        "outcome": ("carried" if decision["carried"] else "rejected") if is_vote else "consensus",
        "votes": [decision["yes"], decision["no"], decision["abstentions"]] if is_vote else [],
        "recommendation": decision["recommendation"],
    }


# Working groups


def _is_of(group: Document, period: Period) -> bool:
    return period.has(group.get("established")) or period.has(group.get("closed_on"))


def _working_group(group: Document) -> Document:
    told = {name: group.get(name) for name in ("established", "closed_on", "results", "document")}
    return {"working_group": group["working_group"], "name": group["name"], "topics": group["topics"], **told}


# Recommendations and papers


def _recommendation(remembered: Remembered, one: Document, period: Period) -> Document:
    """``on`` is the day of the session that adopted it, null if it is not adopted."""
    group, until = one["working_group"], period.until.isoformat()
    on = remembered.days.get(one["session"]) if one["adopted_by"] else None
    owes = on is not None and on <= until and not one.get("successor")
    return {
        "recommendation": one["recommendation"],
        "title": one["title"],
        "working_group": remembered.group_names.get(group, group),
        "on": on,
        "by": one["adopted_by"],
        "successor": one.get("successor"),
        "addressees": [_addressee(addressee, until, owes=owes) for addressee in one["addressees"]],
    }


def _addressee(addressee: Document, until: str, *, owes: bool) -> Document:
    """As it was on that day: later answers do not count."""
    has_answered = addressee["on"] is not None and addressee["on"] <= until
    told = {name: addressee[name] if has_answered else None for name in ("on", "answer", "reasons")}
    is_overdue = owes and not has_answered and addressee["due_on"] < until
    return {"name": addressee["name"], "due_on": addressee["due_on"], **told, "overdue": is_overdue}


def _answers(recommendations: Sequence[Document], period: Period) -> Iterator[Document]:
    """Answers within this time to earlier recommendations."""
    for one in recommendations:
        for addressee in one["addressees"]:
            if one["by"] and period.has(addressee["on"]):
                yield {"recommendation": one["recommendation"], "title": one["title"], **addressee}


def _overdue(recommendations: Sequence[Document]) -> Iterator[Document]:
    for one in recommendations:
        for addressee in one["addressees"]:
            if addressee["overdue"]:
                told = {"name": addressee["name"], "due_on": addressee["due_on"]}
                yield {"recommendation": one["recommendation"], "title": one["title"], **told}


def _papers(papers: Sequence[Document], period: Period) -> Iterator[Document]:
    for one in papers:
        for decision in one["decisions"]:
            if period.has(decision["on"]):
                about = {name: one[name] for name in ("paper", "reference", "title")}
                yield {**about, **{name: decision[name] for name in ("committee", "on", "decision")}}
