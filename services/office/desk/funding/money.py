"""A grant's money by line, as a table and as a picture; what is booked, and what a second person approves."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from services.office import queries
from services.office.desk.forms.form import Body, Field, Form, Typed, one, short_name
from services.office.desk.forms.placed import Placed
from services.office.desk.forms.reading import Mistyped, slug
from services.office.desk.funding import charts, costs, notices
from services.office.desk.funding import grants as terms
from services.office.desk.funding.notices import ABOUT
from services.office.desk.visit import Visit, together
from shared.contracts.german import WAYS_OF_AWARD
from shared.declarations.projection import Document
from shared.runtime.http.problems import Refused

EXPENSE = Field("expense", "Ausgabe", "fixed")


def _booked(typed: Typed) -> Body:
    """An expense is shown by its receipt; its line says its purpose."""
    name = slug(one(typed, "expense") or one(typed, "receipt_number"))
    line, _, purpose = one(typed, "line").partition("|")
    if not name:
        raise Mistyped("Bitte angeben.", "receipt_number")
    if not purpose:
        raise Mistyped("Bitte wählen.", "line")
    return {"expense": name, "line": line, "purpose": purpose}


BOOK = Form(
    "funding",
    "BookExpense",
    "Ausgabe buchen",
    "Ausgabe buchen",
    "Die Ausgabe ist gebucht. Eine zweite Person gibt sie frei.",
    (
        Field("receipt_number", "Belegnummer"),
        Field("line", "Ansatz", "choice"),
        Field("amount", "Betrag in Euro", "euros", "Zum Beispiel 1.234,56"),
        Field("service_on", "Tag der Leistung", "day"),
        Field("paid_on", "Tag der Zahlung", "day"),
        Field(
            "payee",
            "Zahlungsempfänger",
            hint="Kurzname aus Kleinbuchstaben und Bindestrichen, nie ein Name einer Person",
        ),
        Field("commitment", "Auftrag", "choice", "Wenn damit ein Auftrag bezahlt wird.", required=False),
        Field(
            "receipt_amount", "Betrag des ganzen Belegs", "euros", "Nur bei einem Teil eines Belegs.", required=False
        ),
        Field("session", "Sitzung", "choice", "Wenn die Ausgabe zu einer gehört.", required=False),
        short_name("expense", "der Belegnummer"),
    ),
    ABOUT,
    at={
        "ReceiptAlreadyBooked": "receipt_number",
        "ExpenseBookedDifferently": "receipt_number",
        "ExpenseIsReversed": "expense",
        "LineExceeded": "amount",
        "GrantExceeded": "amount",
        "ExpenseOutsidePeriod": "service_on",
        "PurposeNotOfLine": "line",
        "ReceiptAmountDiffers": "receipt_amount",
        "ReceiptExceeded": "amount",
        "PartExceedsReceipt": "receipt_amount",
        "CommitmentExceeded": "commitment",
        "CommitmentOfAnotherLine": "commitment",
    },
    read=_booked,
)
APPROVE = Form(
    "funding",
    "ApproveExpense",
    "Ausgabe freigeben",
    "Freigeben",
    "Die Ausgabe ist freigegeben.",
    (EXPENSE,),
    ABOUT,
    "approver",
)
CORRECT = Form(
    "funding",
    "CorrectExpense",
    "Stornieren",
    "Stornieren",
    "Das Storno ist gebucht oder beantragt.",
    (EXPENSE, Field("reason", "Grund")),
    ABOUT,
)
APPROVE_REVERSAL = Form(
    "funding",
    "ApproveReversal",
    "Storno freigeben",
    "Storno freigeben",
    "Das Storno ist freigegeben.",
    (EXPENSE,),
    ABOUT,
    "approver",
)
CONTRACT_STATES = {
    "planned": ("beauftragt", "info"),
    "corrected": ("berichtigt", "info"),
    "consumed": ("ganz gezahlt", "success"),
    "cancelled": ("aufgehoben", "warning"),
}
"""The German word and the look for each state of a contract."""
FORMS = (BOOK, APPROVE, CORRECT, APPROVE_REVERSAL, *terms.FORMS)


async def grants(visit: Visit) -> Response:
    return visit.page("grants.html.j2", grants=await visit.items("funding", "/grants"), apply=notices.APPLY)


async def grant(visit: Visit) -> Response:
    name = visit.named["grant"]
    found = next((each for each in await visit.items("funding", "/grants") if each["grant"] == name), None)
    if found is None:
        raise Refused(404, "NotFound", "Diese Zuwendung gibt es nicht.")
    if found["awarded"] is None:
        return visit.page("grant.html.j2", grant=found, budget=None, placed=notices.before_notice(found))
    on = visit.asked_day
    budget, then, foreseen, expenses, contracts, sessions, entries = await together(
        visit.ask("funding", f"/budget/{name}"),
        _as_of(visit, name, on),
        visit.ask("funding", f"/budget/{name}/forecast"),
        visit.items("funding", f"/expenses/{name}"),
        visit.items("funding", f"/commitments/{name}"),
        visit.some("meetings", "/sessions"),
        queries.entries(visit.desk.projections, visit.conference, name),
    )
    shown = (then or budget)["lines"]
    lines = [(f"{each['line']}|{each['purpose']}", each["name"]) for each in budget["lines"]]
    return visit.page(
        "grant.html.j2",
        grant=found,
        budget=budget,
        on=on,
        bars=[{"warned": False, **line, "parts": charts.stacked(line)} for line in shown],
        totals=charts.totals(shown),
        foreseen=foreseen,
        costs=costs.by_group(expenses, sessions, visit.titles),
        totals_now=charts.totals(budget["lines"]),
        meter=charts.meter(budget["own_contribution"], budget["own_contribution_due"]),
        months=charts.by_month(expenses),
        course=charts.over_time(expenses, found["period"], budget["awarded"]),
        expenses=sorted(expenses, key=lambda each: each["paid_on"], reverse=True),
        contracts=sorted(contracts, key=lambda each: (each["on"], each["commitment"])),
        entries=[one for one in entries if one["what"] != "hours"],
        hours=[one for one in entries if one["what"] == "hours"],
        placed=[*booking(visit, found, lines, contracts), *terms.next_steps(found, budget, contracts, entries)],
        ways_of_award=WAYS_OF_AWARD,
        contract_states=CONTRACT_STATES,
        forms={form.command: form for form in FORMS},
    )


async def _as_of(visit: Visit, name: str, on: date | None) -> Document | None:
    """None if the address names no day."""
    return await visit.ask("funding", f"/budget/{name}/as-of", on=on.isoformat()) if on else None


def booking(visit: Visit, grant: Document, lines: list[tuple[str, str]], contracts: list[Document]) -> list[Placed]:
    if grant["state"] != "awarded":
        return []
    choices = {"line": lines, "commitment": terms.standing(contracts)}
    return [Placed(BOOK, choices={**choices, "session": visit.titles.each("session")})]
