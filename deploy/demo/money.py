"""The grant: applied for, granted, drawn, spent under four eyes, and proved."""

from __future__ import annotations

from deploy.demo.expected import expected_own_contribution
from deploy.demo.money_data import Expense
from deploy.demo.office import Refusal, Written
from deploy.demo.play import Play
from shared.kernel.money import euros
from shared.kernel.time import local_day


async def apply_for_grant(play: Play) -> str:
    grant = play.data.grant
    asked = {"grant", "title", "grantor", "amount", "own_share_percent", "period", "purposes", "paper"}
    fields = grant.model_dump(mode="json", include=asked)
    await play.office.send("funding", "ApplyForGrant", grant.grant, paper_key=play.data.paper.paper, **fields)
    return f"Zuwendung über {euros(grant.amount)} beantragt"


async def record_award(play: Play) -> str:
    grant = play.data.grant
    fields = grant.model_dump(mode="json", include={"grant", "amount", "period", "notice_on"})
    lines = [line.model_dump() for line in grant.plan]
    conditions = {"own_share_percent": grant.own_share_percent}
    await play.office.send("funding", "RecordAward", grant.grant, lines=lines, conditions=conditions, **fields)
    return f"Bescheid: {euros(grant.amount)} bewilligt, Eigenanteil {euros(grant.own_contribution)}"


async def commit(play: Play) -> str:
    wanted = play.data.money.commitment
    await play.office.send(
        "funding",
        "RegisterCommitment",
        wanted.commitment,
        grant=play.data.grant.grant,
        commitment=wanted.commitment,
        line=wanted.line,
        amount=wanted.amount,
        on=wanted.day.isoformat(),
        **({"procurement": wanted.procurement} if wanted.procurement else {}),
    )
    return f"Externe Begleitung beauftragt: {euros(wanted.amount)}"


async def request_drawdown(play: Play, name: str) -> str:
    drawdown = play.data.drawdown(name)
    fields = {"grant": play.data.grant.grant, "drawdown": name, "amount": drawdown.amount}
    due = [{"line": one.line, "amount": one.amount, "on": one.day.isoformat()} for one in drawdown.due]
    await play.office.send("funding", "RequestDrawdown", name, payments_due=due, **fields)
    return f"{euros(drawdown.amount)} abgerufen"


async def record_payout(play: Play, name: str) -> str:
    drawdown = play.data.drawdown(name)
    fields = {"grant": play.data.grant.grant, "drawdown": name, "amount": drawdown.amount}
    await play.office.send("funding", "RecordPayout", name, on=drawdown.paid_on.isoformat(), **fields)
    return f"{euros(drawdown.amount)} ausgezahlt"


async def book_expenses(play: Play) -> str:
    """Everything paid until now. An expense that is booked already is the same request again, and changes nothing."""
    assert play.office.now
    today = local_day(play.office.now)
    due = [expense for expense in play.data.money.expenses if expense.day <= today]
    for expense in due:
        await book(play, expense)
    return f"{len(due)} Ausgaben gebucht, zusammen {euros(sum(expense.amount for expense in due))}"


async def book(play: Play, expense: Expense) -> Written:
    purposes = {line.line: line.purpose for line in play.data.grant.plan}
    return await play.office.send(
        "funding",
        "BookExpense",
        expense.expense,
        grant=play.data.grant.grant,
        expense=expense.expense,
        line=expense.line,
        purpose=purposes[expense.line],
        amount=expense.amount,
        service_on=expense.day.isoformat(),
        paid_on=expense.day.isoformat(),
        payee=expense.payee,
        receipt_number=expense.receipt,
        **({"commitment": expense.commitment} if expense.commitment else {}),
        **({"session": expense.session} if expense.session else {}),
    )


async def approve_expenses(play: Play) -> str:
    for expense in play.data.money.expenses:
        about = {"grant": play.data.grant.grant, "expense": expense.expense}
        await play.office.send_as("approver", "funding", "ApproveExpense", expense.expense, **about)
    return f"{len(play.data.money.expenses)} Ausgaben von einer zweiten Person freigegeben"


async def record_hours(play: Play) -> str:
    hours = play.data.money.hours
    paid = {"grant": play.data.grant.grant, "rate": hours.rate, "rate_source": hours.rate_source}
    for entry in hours.entries:
        fields = entry.model_dump(include={"entry", "role", "quarter_hours", "activity"})
        await play.office.send("funding", "RecordStaffHours", entry.entry, on=entry.day.isoformat(), **fields, **paid)
    return f"Arbeitsstunden nachgewiesen: Eigenanteil {euros(expected_own_contribution(play.data))}"


class NotRefused(Exception):
    """A rule that the story relies on did not refuse."""


async def refuse_expense(play: Play) -> str:
    refused = play.data.money.refused
    try:
        await book(play, refused.expense)
    except Refusal as no:
        if no.rule == refused.rule:
            return f"Zurückgewiesen: {no.sentence}"
        raise
    raise NotRefused(f"Die Ausgabe {refused.expense.expense} wurde gebucht, erwartet war {refused.rule}")


async def freeze_proof(play: Play) -> str:
    grant = play.data.grant.grant
    await play.office.send("funding", "FreezeProofOfUse", grant, grant=grant)
    return "Verwendungsnachweis abgeschlossen; es wird nichts mehr gebucht"


async def submit_proof(play: Play) -> str:
    grant = play.data.grant.grant
    await play.office.send("funding", "SubmitProofOfUse", grant, grant=grant)
    return "Verwendungsnachweis vorgelegt"
