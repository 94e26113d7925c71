"""The committee is reported to every so many months: from when the conference is established, then from each report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, ClassVar, assert_never

from pydantic import Field

from shared.contracts.meetings import ReportDue, ReportingRequired, ReportSubmitted, ReportWithdrawn
from shared.contracts.members import Months
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day, local_day, months_after
from shared.kernel.values import Supplied

# Events

ReportEvent = ReportingRequired | ReportSubmitted | ReportWithdrawn | ReportDue

# State


@dataclass(frozen=True, slots=True)
class Reporting:
    required: ReportingRequired | None = None
    submitted: tuple[ReportSubmitted, ...] = ()
    """In the order of their recording, without withdrawn ones."""
    due_on: date | None = None
    """The day by which the next report is owed."""
    announced: frozenset[ReportDue] = frozenset()
    """The announced stages, each with its due day."""


def evolve(reporting: Reporting, event: ReportEvent) -> Reporting:
    match event:
        case ReportingRequired():
            return replace(reporting, required=event, due_on=event.due_on)
        case ReportSubmitted():
            return replace(reporting, submitted=(*reporting.submitted, event), due_on=event.next_due)
        case ReportWithdrawn():
            return replace(reporting, submitted=_without(reporting, event), due_on=event.next_due)
        case ReportDue():
            return replace(reporting, announced=reporting.announced | {event})
        case _:
            assert_never(event)


def _without(reporting: Reporting, report: ReportWithdrawn | WithdrawReport) -> tuple[ReportSubmitted, ...]:
    return tuple(one for one in reporting.submitted if (one.on, one.paper) != (report.on, report.paper))


# Commands


def reporting_of(conference: str) -> str:
    """The stream of a conference's reports."""
    return stream_name(conference, "committee-report", conference)


class _OfConference(Command):
    @property
    def stream(self) -> str:
        return reporting_of(self.conference)


class RequireReporting(_OfConference):
    """State the committee to report to and the interval, by the conference's rules; ``since`` it is established."""

    given_by: ClassVar[GivenBy] = "service"

    committee: Line
    report_months: Months
    since: Day


class SubmitReport(_OfConference):
    """Record a report to the committee, with its paper if that is recorded here."""

    on: Day
    paper: Slug | None = None


class WithdrawReport(_OfConference):
    """Withdraw a report that was recorded for a wrong day or with a wrong paper; ``paper`` as it was recorded.

    The conference is established ``since`` that day.
    """

    on: Day
    paper: Slug | None = None
    reason: Line
    since: Supplied[Day]


class AnnounceReport(_OfConference):
    """Announce the stages that the due report has reached."""

    given_by: ClassVar[GivenBy] = "service"

    says: Annotated[tuple[ReportDue, ...], Field(min_length=1)]


ReportCommand = RequireReporting | SubmitReport | WithdrawReport | AnnounceReport

# Rejections


class ReportingNotRequired(Rejected):
    """An welchen Ausschuss zu berichten ist, ist hier noch nicht bekannt. Bitte versuchen Sie es gleich noch einmal."""


class CommitteeReportLiesAhead(Rejected):
    """Der Bericht vom {on} liegt in der Zukunft; festgehalten wird, was berichtet ist."""

    kind = Kind.INVALID


class ReportUnknown(Rejected):
    """Ein Bericht vom {on} ist so nicht festgehalten."""

    kind = Kind.NOT_FOUND


class LaterReportStands(Rejected):
    """Auf den Bericht vom {on} folgt der vom {later}; zurückgenommen wird zuerst der spätere."""


# decide


def decide(reporting: Reporting, command: ReportCommand) -> Sequence[ReportEvent]:
    match command:
        case RequireReporting():
            return _require(reporting, command)
        case SubmitReport():
            return _submit(reporting, command)
        case WithdrawReport():
            return _withdraw(reporting, command)
        case AnnounceReport():
            return [event for event in command.says if _is_to_say(reporting, event)]
        case _:
            assert_never(command)


def _require(reporting: Reporting, require: RequireReporting) -> Sequence[ReportEvent]:
    since = max([require.since, *(report.on for report in reporting.submitted)])
    wanted = ReportingRequired(
        committee=require.committee,
        report_months=require.report_months,
        due_on=months_after(since, require.report_months),
    )
    if reporting.required and _same(reporting.required, wanted):
        return []
    return [wanted]


def _same(required: ReportingRequired, wanted: ReportingRequired) -> bool:
    return (required.committee, required.report_months) == (wanted.committee, wanted.report_months)


def _submit(reporting: Reporting, submit: SubmitReport) -> Sequence[ReportEvent]:
    """A report for an earlier day, recorded later, does not bring the next due day forward."""
    required, due_on = reporting.required, reporting.due_on
    if required is None or due_on is None:
        raise ReportingNotRequired
    if submit.on > local_day(submit.at):
        raise CommitteeReportLiesAhead(on=german_day(submit.on))
    if any((report.on, report.paper) == (submit.on, submit.paper) for report in reporting.submitted):
        return []
    next_due = max(due_on, months_after(submit.on, required.report_months))
    return [ReportSubmitted(committee=required.committee, on=submit.on, next_due=next_due, paper=submit.paper)]


def _withdraw(reporting: Reporting, withdraw: WithdrawReport) -> Sequence[ReportEvent]:
    """The next due day becomes what it was without the report, as in ``_require``."""
    required, remaining = reporting.required, _without(reporting, withdraw)
    if required is None or remaining == reporting.submitted:
        raise ReportUnknown(on=german_day(withdraw.on))
    _must_be_last(reporting, withdraw)
    since = max([withdraw.since, *(report.on for report in remaining)])
    return [
        ReportWithdrawn(
            committee=required.committee,
            on=withdraw.on,
            next_due=months_after(since, required.report_months),
            paper=withdraw.paper,
            reason=withdraw.reason,
        )
    ]


def _must_be_last(reporting: Reporting, withdraw: WithdrawReport) -> None:
    """A later report that was recorded afterwards begins where this one ended, so this one must stay."""
    recorded = [(report.on, report.paper) for report in reporting.submitted]
    after = reporting.submitted[recorded.index((withdraw.on, withdraw.paper)) + 1 :]
    for later in after:
        if later.on > withdraw.on:
            raise LaterReportStands(on=german_day(withdraw.on), later=german_day(later.on))


def _is_to_say(reporting: Reporting, event: ReportDue) -> bool:
    return event.due_on == reporting.due_on and event not in reporting.announced


COMMITTEE_REPORT = Decider("committee_report", Reporting(), evolve, decide)
