"""The interim proof: what was paid, worked and paid out in a budget year that ends within the period (ANBest-P 6.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from services.funding.domain.notice import AboutGrant
from services.funding.domain.proof import Accounts, nothing_must_wait
from shared.contracts.funding import BudgetYear, GrantAmended, GrantAwarded, InterimProofSubmitted, ProofLine
from shared.kernel.rejections import Rejected
from shared.kernel.time import local_day, months_after

# State

InterimProofs = Mapping[int, InterimProofSubmitted]
"""The interim proof that was submitted last, by budget year."""

# Commands


class SubmitInterimProof(AboutGrant):
    """Record that the interim proof for a budget year was sent to the grantor, with its present figures.

    It may be sent again after a booking or reversal in that year.
    """

    year: BudgetYear


# Rejections


class InterimProofNotAsked(Rejected):
    """Der Bescheid zur Zuwendung „{grant}“ verlangt für {year} keinen Zwischennachweis."""


class BudgetYearNotOver(Rejected):
    """Das Haushaltsjahr {year} ist noch nicht vorüber."""


# decide


def asked_by(awarded: GrantAwarded | GrantAmended) -> Mapping[int, date]:
    """The years that need an interim proof, with the due days: years that end before the period does."""
    months = awarded.conditions.interim_months
    if months is None:
        return {}
    years = range(awarded.period.start.year, awarded.period.until.year)
    return {year: months_after(date(year, 12, 31), months) for year in years}


def decide(proofs: InterimProofs, accounts: Accounts, submit: SubmitInterimProof) -> Sequence[InterimProofSubmitted]:
    due = asked_by(accounts.awarded).get(submit.year)
    if due is None:
        raise InterimProofNotAsked(grant=submit.grant, year=submit.year)
    today = local_day(submit.at)
    if today.year <= submit.year:
        raise BudgetYearNotOver(year=submit.year)
    proof, before = _figures(accounts, submit.year, today, due), proofs.get(submit.year)
    return [] if before and _says(before) == _says(proof) else [proof]


def _says(proof: InterimProofSubmitted) -> dict[str, object]:
    """Only the money counts: the plan and the due day follow from the notice."""
    spent = {line.line: line.spent for line in proof.lines if line.spent}
    return {"spent": spent, **proof.model_dump(include={"drawn", "own_contribution", "receipts"})}


def _figures(accounts: Accounts, year: int, today: date, due: date) -> InterimProofSubmitted:
    awarded, book = accounts.awarded, accounts.book
    nothing_must_wait(book, year)
    paid = [booked for booked in book.standing if booked.paid_on.year == year]
    spent = {line.line: sum(one.amount for one in paid if one.line == line.line) for line in awarded.lines}
    return InterimProofSubmitted(
        grant=awarded.grant,
        year=year,
        on=today,
        lines=tuple(ProofLine(line=line.line, planned=line.amount, spent=spent[line.line]) for line in awarded.lines),
        spent=sum(spent.values()),
        drawn=sum(payout.amount for payout in accounts.drawdowns.paid.values() if payout.on.year == year),
        own_contribution=sum(entry.amount for entry in accounts.own.standing if entry.on.year == year),
        receipts=len(paid),
        due=due,
        title=awarded.title or awarded.grant,
    )
