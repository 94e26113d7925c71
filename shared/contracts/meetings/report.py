"""The conference reports to the council's committee, so often as its rules of procedure say."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from shared.contracts.members import Months
from shared.contracts.not_public import NOT_AGREED, THE_OFFICE
from shared.contracts.obligations import ObligationDue
from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import LeftOut


class ReportingRequired(Event):
    """The committee {committee} is to be reported to every {report_months} months, next by {due_on}.

    Said when the conference is known here, and whenever its rules or the name of its committee have become others.
    """

    german: ClassVar[str] = "Alle {report_months} Monate ist zu berichten, das nächste Mal bis {due_on}: {committee}."
    not_public: ClassVar[str] = THE_OFFICE

    committee: Line
    """The committee."""
    report_months: Months
    """So often."""
    due_on: date
    """The day by which the next report is owed."""


class ReportSubmitted(Event):
    """The committee {committee} is reported to on {on}.

    Said for each report of the conference as a whole.
    """

    german: ClassVar[str] = "Dem Ausschuss ist am {on} berichtet: {committee}."
    not_public: ClassVar[str] = NOT_AGREED

    committee: Line
    """The committee."""
    on: Day
    """The day of the report."""
    next_due: date
    """The day by which the next report is owed."""
    paper: LeftOut[Slug | None] = None
    """The council paper that is the report, where it is recorded here."""


class ReportWithdrawn(Event):
    """The report to the committee {committee} on {on} is taken back: {reason}.

    Said when it was recorded by mistake; what was owed before it is owed again.
    """

    german: ClassVar[str] = "Der Bericht vom {on} ist zurückgenommen: {reason}."
    not_public: ClassVar[str] = NOT_AGREED

    committee: Line
    """The committee."""
    on: Day
    """The day that the report was recorded for."""
    next_due: date
    """The day by which the next report is owed."""
    paper: LeftOut[Slug | None] = None
    """The council paper that it was recorded with."""
    reason: Line
    """Why; nothing about a person."""


class ReportDue(ObligationDue):
    """The next report to the committee is owed by {due_on}.

    Said at each stage, until it is submitted.
    """

    german: ClassVar[str] = "Der Bericht an den Ausschuss ist bis {due_on} vorzulegen."
    not_public: ClassVar[str] = THE_OFFICE
