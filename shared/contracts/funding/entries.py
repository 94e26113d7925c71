"""What a grant's money and the own contribution go through while the grant runs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.funding.notice import Amount, OfGrant, Total
from shared.contracts.not_public import A_RECEIPT, A_WORKER, THE_OFFICE
from shared.kernel.identifiers import CallerName, Slug
from shared.kernel.money import Percent
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import LeftOut, Value, counted_in

Rate = Annotated[
    int,
    Field(
        ge=1,
        le=100_000,
        description="Stundensatz in Cent, z. B. 4000 für 40,00 EUR",
        json_schema_extra={"unit": "cents"},
    ),
]
QuarterHours = Annotated[
    int,
    Field(ge=1, le=96, description="Viertelstunden, z. B. 6 für anderthalb Stunden"),
    counted_in("quarter hours"),
]


class ExpenseBooked(OfGrant):
    """Expense {expense} of {amount} cents is booked on {line}.

    Said for each paid receipt; somebody else has to approve it.
    """

    german: ClassVar[str] = "Die Ausgabe {expense} über {amount} ist auf {line} gebucht."
    not_public: ClassVar[str] = A_RECEIPT

    expense: Slug
    """The expense."""
    line: Slug
    """The plan line that it is paid from."""
    purpose: Slug
    """What it serves."""
    amount: Amount
    """How much was paid."""
    service_on: Day
    """The day that the service was rendered."""
    paid_on: Day
    """The day that it was paid."""
    payee: Slug
    """Who was paid: an opaque reference."""
    receipt_number: Line
    """The number of the receipt."""
    booked_by: CallerName
    """The account that has booked it."""
    commitment: LeftOut[Slug | None] = None
    """The contract that it pays, where there is one."""
    receipt_amount: LeftOut[Amount | None] = None
    """The whole receipt, where only a part of it is paid by this expense."""
    session: LeftOut[Slug | None] = None
    """The session or workshop that it was for, as `session` in the events of meetings."""


class ExpenseApproved(OfGrant):
    """Expense {expense} of {amount} cents on {line} is approved.

    Said when somebody else than its booker has looked at it.
    """

    german: ClassVar[str] = "Die Ausgabe {expense} über {amount} auf {line} ist freigegeben."
    not_public: ClassVar[str] = A_RECEIPT

    expense: Slug
    """The expense."""
    line: Slug
    """The plan line that it is paid from."""
    amount: Amount
    """How much was paid."""
    approved_by: CallerName
    """The account that has approved it."""
    payee: LeftOut[Slug | None] = None
    """Who was paid: an opaque reference."""
    receipt_number: LeftOut[Line | None] = None
    """The number of the receipt."""
    paid_on: LeftOut[Day | None] = None
    """The day that it was paid."""


class ExpenseReversalRequested(OfGrant):
    """Somebody asks to reverse approved expense {expense}; somebody else has to approve it.

    Said for approved expenses only; others are reversed at once.
    """

    german: ClassVar[str] = "Die Ausgabe {expense} soll storniert werden; jemand anderes muss dem zustimmen."
    not_public: ClassVar[str] = A_RECEIPT

    expense: Slug
    """The expense."""
    reason: Line
    """Why it is to be reversed."""
    requested_by: CallerName
    """The account that asks."""


class ExpenseReversed(OfGrant):
    """Expense {expense} is reversed: {amount} cents return to {line}.

    Said when an expense no longer counts; its receipt may be booked anew.
    """

    german: ClassVar[str] = "Die Ausgabe {expense} ist storniert: {amount} gehen an {line} zurück."
    not_public: ClassVar[str] = A_RECEIPT

    expense: Slug
    """The expense."""
    line: Slug
    """The plan line that the money returns to."""
    amount: Amount
    """How much no longer counts as spent."""
    was_approved: bool
    """Whether it was approved before."""
    reason: Line
    """Why it is reversed."""
    approved_by: LeftOut[CallerName | None] = None
    """Who has approved the reversal, where the expense was approved."""
    commitment: LeftOut[Slug | None] = None
    """The contract of which this much is unpaid again, where there is one that stands."""


class BudgetLineWarned(OfGrant):
    """Budget line {line} passes its warning mark: {spent} of {planned} cents are spent.

    Said once for each line, when so much of it is spent as the notice's ``warn_percent`` says.
    """

    german: ClassVar[str] = "{line} hat die Warngrenze überschritten: {spent} von {planned} sind ausgegeben."
    not_public: ClassVar[str] = THE_OFFICE

    line: Slug
    """The plan line."""
    planned: Amount
    """How much is planned."""
    spent: Total
    """How much is spent."""
    name: LeftOut[Line | None] = None
    """What the line is called."""
    warn_percent: LeftOut[Percent | None] = None
    """The share of the line at which a warning is said, as the notice lays it down."""


class OverrunPermitted(OfGrant):
    """Budget line {line} may reach {limit} cents instead of {planned}.

    Said when a second person permits what goes beyond the notice's tolerance; an amended notice ends it.
    """

    german: ClassVar[str] = "{line} darf statt {planned} bis zu {limit} erreichen."
    not_public: ClassVar[str] = THE_OFFICE

    line: Slug
    """The plan line."""
    planned: Amount
    """How much is planned."""
    limit: Amount
    """How much it may reach."""
    reason: Line
    """Why."""
    permitted_by: CallerName
    """The account that has permitted it."""


class OwnContributionRecorded(OfGrant):
    """{role} renders {quarter_hours} quarter hours on {on}, worth {amount} cents.

    Said for each entry of staff hours; nobody is named.
    """

    german: ClassVar[str] = "{role} leistet am {on} {quarter_hours} Viertelstunden im Wert von {amount}."
    not_public: ClassVar[str] = A_WORKER

    entry: Slug
    """The entry."""
    role: Slug
    """The role that has worked."""
    on: Day
    """The day of the work."""
    quarter_hours: QuarterHours
    """How long."""
    activity: Line
    """What was done."""
    rate: Rate
    """What an hour is worth."""
    rate_source: Line
    """Where the rate is taken from."""
    amount: Total
    """What the hours are worth, rounded half up to a cent."""


class OwnContributionReversed(OfGrant):
    """Entry {entry} of the own contribution no longer counts: {amount} cents less.

    Said when hours were recorded wrongly; they may be recorded anew by another entry.
    """

    german: ClassVar[str] = "Der Stundennachweis {entry} über {amount} zählt nicht mehr."
    not_public: ClassVar[str] = A_WORKER

    entry: Slug
    """The entry."""
    amount: Total
    """What the hours were worth."""
    reason: Line
    """Why it is reversed."""


class PaymentDue(Value):
    """A payment that is soon to be made."""

    line: Slug
    """The plan line that it will be paid from."""
    amount: Amount
    """How much."""
    on: Day
    """The day that it is due."""


class DrawdownRequested(OfGrant):
    """{amount} cents of grant {grant} are called by {drawdown}.

    Said when a part of the granted money is called for.
    """

    german: ClassVar[str] = "{amount} der Zuwendung {grant} sind mit {drawdown} abgerufen."
    not_public: ClassVar[str] = "what is called for is public when it is paid out"

    drawdown: Slug
    """The draw-down."""
    amount: Amount
    """How much is called."""
    payments_due: LeftOut[tuple[PaymentDue, ...] | None] = None
    """What it is to pay, beside what was paid already."""


class PayoutRecorded(OfGrant):
    """{amount} cents are paid out for {drawdown} on {on}, to be used by {use_by}.

    Said when the money has arrived.
    """

    german: ClassVar[str] = "{amount} sind am {on} auf {drawdown} ausgezahlt, zu verwenden bis {use_by}."

    drawdown: Slug
    """The draw-down that it answers."""
    amount: Amount
    """How much has arrived."""
    on: Day
    """The day that it arrived."""
    use_by: date
    """The day until which it has to be used."""


class PayoutReversed(OfGrant):
    """The payout of {amount} cents for {drawdown} on {on} no longer counts: {reason}.

    Said when its amount or day was recorded wrongly. Right after it the payout is recorded anew.
    """

    german: ClassVar[str] = "Die Auszahlung von {amount} auf {drawdown} am {on} zählt nicht mehr: {reason}."

    drawdown: Slug
    """The draw-down that it answers."""
    amount: Amount
    """How much was recorded."""
    on: Day
    """The day that was recorded."""
    use_by: date
    """The day until which it had to be used."""
    reason: Line
    """Why it is reversed."""
