"""A grant is applied for, and a notice answers once: what was applied for is not what was granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, assert_never

from pydantic import Field

from services.funding.domain.plan import must_add_up, must_plan_what_was_applied_for, must_run_forward
from services.funding.domain.terms import must_not_lie_ahead, own_contribution_due
from shared.contracts.funding import (
    Amount,
    Conditions,
    GrantAmended,
    GrantApplied,
    GrantAwarded,
    GrantRefused,
    Period,
    PlanLine,
    Share,
)
from shared.kernel.decider import Command
from shared.kernel.identifiers import Slug, stream_name
from shared.kernel.money import euros
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line
from shared.kernel.time import Day, german_day, months_after
from shared.kernel.values import Value

# Events

NoticeEvent = GrantApplied | GrantAwarded | GrantAmended | GrantRefused

# State


@dataclass(frozen=True, slots=True)
class Notice:
    applied: GrantApplied | None = None
    answer: GrantAwarded | GrantRefused | None = None
    amendments: tuple[GrantAmended, ...] = ()


def evolve(notice: Notice, event: NoticeEvent) -> Notice:
    match event:
        case GrantApplied():
            return replace(notice, applied=event)
        case GrantAwarded() | GrantRefused():
            return replace(notice, answer=event)
        case GrantAmended():
            return replace(notice, amendments=(*notice.amendments, event))
        case _:
            assert_never(event)


# Commands


class AboutGrant(Command):
    grant: Slug

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "grant", self.grant)


class ApplyForGrant(AboutGrant):
    """Apply for a grant (GRDrs 905/2023, motion items 2 and 3)."""

    title: Line
    grantor: Line
    amount: Amount
    purposes: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=20)]
    period: Period
    own_share_percent: Share
    paper: Line
    paper_key: Slug | None = None


class _Granting(AboutGrant):
    """The content of a notice that grants money."""

    amount: Amount
    period: Period
    lines: Annotated[tuple[PlanLine, ...], Field(min_length=1, max_length=50)]
    conditions: Conditions = Conditions()
    notice_on: Day


class RecordAward(_Granting):
    """Record the notice that grants the money: its amount, period, financing plan and conditions.

    ``as_noticed`` confirms that the notice grants more, or by another share, than was applied for.
    """

    as_noticed: bool = False


class Noticed(Value):
    """The number of the notice in force: 0 for the first one, then 1, 2, 3 … for its amendments."""

    amendment: Annotated[int, Field(ge=0)]


class AmendAward(_Granting):
    """Record a further notice, which replaces everything that the earlier ones say."""

    reason: Line
    replaces: Noticed | None = None


class RecordRefusal(AboutGrant):
    """Record the notice that refuses the grant."""

    notice_on: Day


NoticeCommand = ApplyForGrant | RecordAward | RecordRefusal

# Rejections


class GrantNotApplied(Rejected):
    """Die Zuwendung „{grant}“ ist nicht beantragt."""

    kind = Kind.NOT_FOUND


class GrantNotAwarded(Rejected):
    """Die Zuwendung „{grant}“ ist nicht bewilligt."""


class GrantAppliedDifferently(Rejected):
    """Die Zuwendung „{grant}“ ist bereits mit anderen Angaben beantragt."""


class GrantIsRefused(Rejected):
    """Die Zuwendung „{grant}“ ist am {notice_on} abgelehnt; ein neuer Antrag bekommt einen anderen Namen."""


class GrantAnsweredDifferently(Rejected):
    """Zur Zuwendung „{grant}“ ist bereits ein anderer Bescheid vom {notice_on} erfasst."""


class AwardDiffersFromApplication(Rejected):
    """Der Bescheid weicht vom Antrag ab: beantragt {applied} bei {share} %. Steht es so darin, gilt „as_noticed“."""


class PlanLineUnknown(Rejected):
    """Der Finanzierungsplan hat keinen Ansatz „{line}“."""

    kind = Kind.NOT_FOUND


# decide


def decide(notice: Notice, command: NoticeCommand) -> Sequence[NoticeEvent]:
    match command:
        case ApplyForGrant():
            return _apply(notice, command)
        case RecordAward():
            return _award(notice, command)
        case RecordRefusal():
            return _refuse(notice, command)
        case _:
            assert_never(command)


def awarded_in(notice: Notice, grant: Slug) -> GrantAwarded:
    """The award with its last amendment. Its day stays that of the first notice: contracts are allowed from then on."""
    applied_in(notice, grant)
    if not isinstance(notice.answer, GrantAwarded):
        raise GrantNotAwarded(grant=grant)
    return _amended(notice.answer, notice.amendments[-1]) if notice.amendments else notice.answer


def _amended(awarded: GrantAwarded, by: GrantAmended) -> GrantAwarded:
    told = {name: getattr(by, name) for name in GrantAwarded.model_fields if name not in ("grant", "notice_on")}
    return awarded.model_copy(update={name: value for name, value in told.items() if value is not None})


def line_of(awarded: GrantAwarded, name: Slug) -> PlanLine:
    for line in awarded.lines:
        if line.line == name:
            return line
    raise PlanLineUnknown(line=name)


def _apply(notice: Notice, apply: ApplyForGrant) -> Sequence[NoticeEvent]:
    must_run_forward(apply.period)
    applied = GrantApplied(
        grant=apply.grant,
        title=apply.title,
        grantor=apply.grantor,
        amount=apply.amount,
        purposes=apply.purposes,
        period=apply.period,
        own_share_percent=apply.own_share_percent,
        paper=apply.paper,
        paper_key=apply.paper_key,
    )
    if notice.applied not in (None, applied):
        raise GrantAppliedDifferently(grant=apply.grant)
    if isinstance(notice.answer, GrantRefused):
        raise GrantIsRefused(grant=apply.grant, notice_on=german_day(notice.answer.notice_on))
    return [] if notice.applied else [applied]


def _award(notice: Notice, award: RecordAward) -> Sequence[NoticeEvent]:
    applied = applied_in(notice, award.grant)
    must_be_sound(applied, award)
    _must_be_meant(applied, award)
    return _answer(notice, GrantAwarded(**granted_by(applied, award)))


def _refuse(notice: Notice, refuse: RecordRefusal) -> Sequence[NoticeEvent]:
    applied = applied_in(notice, refuse.grant)
    must_not_lie_ahead(refuse.notice_on, refuse.at)
    refused = GrantRefused(
        grant=refuse.grant,
        notice_on=refuse.notice_on,
        title=applied.title,
        grantor=applied.grantor,
        amount=applied.amount,
    )
    return _answer(notice, refused)


def _answer(notice: Notice, answer: GrantAwarded | GrantRefused) -> Sequence[NoticeEvent]:
    if notice.answer is None:
        return [answer]
    if not _is_same(notice.answer, answer):
        raise GrantAnsweredDifferently(grant=answer.grant, notice_on=german_day(notice.answer.notice_on))
    return []


def _is_same(known: GrantAwarded | GrantRefused, answer: GrantAwarded | GrantRefused) -> bool:
    """Old answers lack what the application says anyway."""
    said = known.model_fields_set & answer.model_fields_set
    return type(known) is type(answer) and known.model_dump(include=said) == answer.model_dump(include=said)


def applied_in(notice: Notice, grant: Slug) -> GrantApplied:
    if notice.applied is None:
        raise GrantNotApplied(grant=grant)
    return notice.applied


def granted_by(applied: GrantApplied, told: RecordAward | AmendAward) -> dict[str, Any]:
    """What is granted from then on: the notice, and the amounts that follow from its terms."""
    return {
        "grant": told.grant,
        "amount": told.amount,
        "period": told.period,
        "lines": told.lines,
        "conditions": told.conditions,
        "notice_on": told.notice_on,
        "own_contribution_due": own_contribution_due(told.amount, told.conditions),
        "proof_due": months_after(told.period.until, told.conditions.proof_months),
        "title": applied.title,
        "grantor": applied.grantor,
    }


def _must_be_meant(applied: GrantApplied, award: RecordAward) -> None:
    """More than was applied for, or another share, is usually a typing error."""
    other_share = award.conditions.own_share_percent != applied.own_share_percent
    if (award.amount > applied.amount or other_share) and not award.as_noticed:
        raise AwardDiffersFromApplication(applied=euros(applied.amount), share=applied.own_share_percent)


def must_be_sound(applied: GrantApplied, told: RecordAward | AmendAward) -> None:
    must_not_lie_ahead(told.notice_on, told.at)
    must_run_forward(told.period)
    must_plan_what_was_applied_for(applied, told.lines)
    must_add_up(told.lines, told.amount)
