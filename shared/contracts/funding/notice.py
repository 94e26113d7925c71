"""A grant until its notice: what is applied for and what is granted, by which terms."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.kernel.decider import Event
from shared.kernel.identifiers import Slug
from shared.kernel.money import IN_CENTS, Percent
from shared.kernel.text import Line
from shared.kernel.time import Day
from shared.kernel.values import LeftOut, Value, counted_in

Amount = Annotated[int, Field(ge=1, le=10**11, **IN_CENTS)]
Total = Annotated[int, Field(ge=0, le=10**15, **IN_CENTS)]
"""A sum that was computed: never typed by anybody."""
Share = Annotated[int, Field(ge=0, le=99), counted_in("percent")]
Months = Annotated[int, Field(ge=1, le=120), counted_in("months")]
BudgetYear = Annotated[int, Field(ge=1990, le=2200, description="Haushaltsjahr, z. B. 2024"), counted_in("year")]
"""Of a city in Germany it is the calendar year (§ 79 GemO BW)."""


class Period(Value):
    """Both days belong to it."""

    start: Day
    """The first day."""
    until: Day
    """The last day."""

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.until


class PlanLine(Value):
    """A line of the financing plan. Expenses on it serve its purpose and no other."""

    line: Slug
    """The line."""
    purpose: Slug
    """What its money is for."""
    name: Line
    """What the line is called."""
    amount: Amount
    """How much is planned."""


class OffersAsked(Value):
    """From which price on a contract asks for how many offers."""

    number: Annotated[int, Field(ge=1, le=20), counted_in("offers")]
    """So many at least."""
    from_amount: Amount
    """For contracts of this amount or more."""


class Conditions(Value):
    """What the notice lays down. The council paper names none of it but the 20 percent: these are usual defaults."""

    own_share_percent: Share = 20
    """The own contribution's share."""
    own_share_base: Literal["total_cost", "grant"] = "total_cost"
    """Of what it is a share: of grant and own contribution together, or of the grant."""
    line_tolerance_percent: Percent = 20
    """By so much a line may be exceeded while the total holds."""
    warn_percent: Annotated[int, Field(ge=1, le=100), counted_in("percent")] = 80
    """When so much of a line is spent, a warning is said."""
    drawdown_months: Months = 2
    """So soon after a payout its money has to be used."""
    proof_months: Months = 6
    """So soon after the period the proof of use is due."""
    early_start: Day | None = None
    """From this day commitments are allowed though the notice came later; null: from the notice."""
    interim_months: LeftOut[Months | None] = None
    """So soon after each budget year that ends within the period an interim proof is due; null: none is asked."""
    offers: LeftOut[OffersAsked | None] = None
    """How many offers a contract asks for; null: the notice says nothing of it."""


class OfGrant(Event):
    """Something happens to one grant."""

    grant: Slug
    """The grant: the last part of the stream's name."""


class GrantApplied(OfGrant):
    """Grant {grant} is applied for: {amount} cents from {grantor}.

    Said once for each grant, before anything else of it.
    """

    german: ClassVar[str] = "Die Zuwendung {grant} ist beantragt: {amount} von {grantor}."

    title: Line
    """What the grant is for, in one line."""
    grantor: Line
    """Who is asked for the money."""
    amount: Amount
    """How much is applied for; what is granted may differ."""
    purposes: tuple[Slug, ...]
    """What the money may be spent on."""
    period: Period
    """The days that expenses are to lie in."""
    own_share_percent: Share
    """The own contribution's share."""
    paper: Line
    """The council paper that decides to apply, as the council quotes it."""
    paper_key: LeftOut[Slug | None] = None
    """The same paper's key, as `paper` in the events of meetings."""


class GrantAwarded(OfGrant):
    """Grant {grant} is awarded: {amount} cents by the notice of {notice_on}.

    Said once, when the notice grants the money.
    """

    german: ClassVar[str] = "Die Zuwendung {grant} ist bewilligt: {amount} mit Bescheid vom {notice_on}."

    amount: Amount
    """How much is granted."""
    period: Period
    """The days that expenses have to lie in."""
    lines: tuple[PlanLine, ...]
    """The financing plan; its amounts add up to the grant."""
    conditions: Conditions
    """What the notice lays down."""
    notice_on: Day
    """The day of the notice."""
    own_contribution_due: Total
    """How much the city has to contribute itself."""
    proof_due: date
    """The day that the proof of use is due."""
    title: LeftOut[Line | None] = None
    """What the grant is for, in one line."""
    grantor: LeftOut[Line | None] = None
    """Who grants the money."""


class GrantAmended(OfGrant):
    """Grant {grant} is amended: {amount} cents, until the end of its period as the notice of {notice_on} says.

    Said for each further notice; what it says stands in place of all that was said before.
    """

    german: ClassVar[str] = "Die Zuwendung {grant} ist mit Bescheid vom {notice_on} geändert: {amount}."

    amendment: Annotated[int, Field(ge=1, le=1000), counted_in("amendments")]
    """Its number: 1, 2, 3 …"""
    amount: Amount
    """How much is granted in all."""
    period: Period
    """The days that expenses have to lie in."""
    lines: tuple[PlanLine, ...]
    """The financing plan; its amounts add up to the grant."""
    conditions: Conditions
    """What the notice lays down."""
    notice_on: Day
    """The day of the notice."""
    own_contribution_due: Total
    """How much the city has to contribute itself."""
    proof_due: date
    """The day that the proof of use is due."""
    reason: Line
    """Why it was amended."""
    title: LeftOut[Line | None] = None
    """What the grant is for, in one line."""
    grantor: LeftOut[Line | None] = None
    """Who grants the money."""


class GrantRefused(OfGrant):
    """Grant {grant} is refused by the notice of {notice_on}.

    Said once, when the notice refuses the money.
    """

    german: ClassVar[str] = "Die Zuwendung {grant} ist abgelehnt, Bescheid vom {notice_on}."

    notice_on: Day
    """The day of the notice."""
    title: LeftOut[Line | None] = None
    """What the grant was to be for, in one line."""
    grantor: LeftOut[Line | None] = None
    """Who refuses the money."""
    amount: LeftOut[Amount | None] = None
    """How much was applied for."""
