"""A grant from its proof of use to its end: frozen, submitted, audited, repaid, closed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.funding.activities import Activities
from shared.contracts.funding.notice import Amount, BudgetYear, OfGrant, Period, Total
from shared.kernel.identifiers import Slug
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import LeftOut, Value, counted_in

Revision = Annotated[int, Field(ge=1, le=1000), counted_in("revisions")]


class ProofLine(Value):
    """A line of the financing plan in the proof of use."""

    line: Slug
    """The line."""
    planned: Amount
    """How much was planned."""
    spent: Total
    """How much was spent."""


class InterimProofSubmitted(OfGrant):
    """The interim proof of grant {grant} for {year} is submitted on {on}: {spent} cents were spent.

    Said for each budget year that ends within the period, with what was paid, worked and paid out in that year; and
    again where it was submitted anew because that has changed.
    """

    german: ClassVar[str] = "Der Zwischennachweis der Zuwendung {grant} für {year} ist am {on} vorgelegt."
    not_public: ClassVar[str] = "its figures may still change until the proof of use"

    year: BudgetYear
    """The budget year."""
    on: date
    """The day that it went."""
    lines: tuple[ProofLine, ...]
    """Planned for the whole period and spent in that year, by plan line."""
    spent: Total
    """How much was spent."""
    drawn: Total
    """How much was paid out."""
    own_contribution: Total
    """How much the city has contributed itself."""
    receipts: Annotated[Total, counted_in("receipts")]
    """How many receipts stand for it."""
    due: date
    """The day that it was due."""
    title: Line
    """What the grant is called."""


class ProofOfUseFrozen(OfGrant):
    """The figures of grant {grant} are frozen: {spent} of {awarded} cents are spent.

    Said once, after the period; nothing is booked afterwards.
    """

    german: ClassVar[str] = "Die Zahlen der Zuwendung {grant} stehen fest: {spent} von {awarded} sind ausgegeben."

    lines: tuple[ProofLine, ...]
    """Planned and spent by plan line."""
    awarded: Amount
    """How much was granted."""
    spent: Total
    """How much was spent."""
    unspent: Total
    """How much is left of the grant."""
    drawn: Total
    """How much was paid out."""
    own_contribution_due: Total
    """How much the city has to contribute itself."""
    own_contribution: Total
    """How much it has contributed."""
    receipts: Annotated[Total, counted_in("receipts")]
    """How many receipts stand for it."""
    due: date
    """The day that the proof of use is due."""
    payable: LeftOut[Total | None] = None
    """What the grant pays of the spending: less than was spent where the own contribution falls short."""
    revision: LeftOut[Revision | None] = None
    """How often the figures were frozen by now."""
    activities: LeftOut[Activities | None] = None
    """What the conference did within the period. Not said by events of old."""


class ProofOfUseSubmitted(OfGrant):
    """The proof of use of grant {grant} is submitted on {on}.

    Said when it has gone to the grantor.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis der Zuwendung {grant} ist am {on} vorgelegt."

    on: date
    """The day that it went."""
    title: LeftOut[Line | None] = None
    """What the grant was for, in one line."""
    due: LeftOut[date | None] = None
    """The day that it was due."""


class ProofOfUseReopened(OfGrant):
    """The figures of grant {grant} are open again.

    Said when the grantor asks; they are frozen anew, as the next revision, and submitted again.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis der Zuwendung {grant} ist wieder offen."

    revision: Revision
    """The revision that no longer stands."""
    reason: Line
    """What the grantor has asked for."""


class ProofOfUseAudited(OfGrant):
    """The proof of use of grant {grant} is audited: {recognised} cents of it are recognised.

    Said once, when the grantor's answer has come; `reduced_by` 0 means that it was accepted as it is.
    """

    german: ClassVar[str] = "Der Verwendungsnachweis der Zuwendung {grant} ist geprüft: {recognised} sind anerkannt."

    on: Day
    """The day of the answer."""
    reduced_by: Total
    """How much of the spending the grantor does not recognise."""
    recognised: Total
    """What the grant pays in the end."""
    reason: LeftOut[Line | None] = None
    """Why it was reduced."""
    title: LeftOut[Line | None] = None
    """What the grant was for, in one line."""


class RepaymentRecorded(OfGrant):
    """{amount} cents of grant {grant} are paid back on {on}.

    Said for money that was paid out and not used, or not recognised.
    """

    german: ClassVar[str] = "{amount} der Zuwendung {grant} sind am {on} zurückgezahlt."

    repayment: Slug
    """The repayment."""
    amount: Amount
    """How much."""
    on: Day
    """The day that it was paid."""
    left: Total
    """How much is still to be paid back."""


class InterestClaimed(OfGrant):
    """{amount} cents of interest are claimed for grant {grant} by the grantor's letter of {on}.

    Said as the letter says it, for money that was used late or paid back late; it is no part of the grant.
    """

    german: ClassVar[str] = "Der Zuwendungsgeber fordert mit Schreiben vom {on} {amount} Zinsen zur Zuwendung {grant}."
    not_public: ClassVar[str] = "it lies between the grantor and the city"

    claim: Slug
    """The claim."""
    amount: Amount
    """How much, as the letter says."""
    period: Period
    """For which time."""
    on: Day
    """The day of the letter."""
    reference: Line
    """The letter's own reference."""


class InterestPaid(OfGrant):
    """The interest of claim {claim}, {amount} cents, is paid on {on}.

    Said once for each claim.
    """

    german: ClassVar[str] = "Die Zinsen der Forderung {claim}, {amount}, sind am {on} gezahlt."
    not_public: ClassVar[str] = "it lies between the grantor and the city"

    claim: Slug
    """The claim."""
    amount: Amount
    """How much."""
    on: Day
    """The day that it was paid."""


class GrantClosed(OfGrant):
    """Grant {grant} is closed: {paid} cents of it were kept.

    Said once, when it is audited and nothing is owed any more.
    """

    german: ClassVar[str] = "Die Zuwendung {grant} ist abgeschlossen: {paid} bleiben der Stadt."

    paid: Total
    """What the grantor has paid in the end: paid out less what was paid back."""
    title: LeftOut[Line | None] = None
    """What the grant was for, in one line."""
