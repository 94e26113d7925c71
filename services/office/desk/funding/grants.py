"""A grant while it runs: contracts, draw-downs, hours; and what may be done in each of its states."""

from __future__ import annotations

from collections.abc import Mapping

from services.office.desk.forms.form import Body, Field, Form, Typed, named_by, one
from services.office.desk.forms.placed import Placed
from services.office.desk.forms.reading import Mistyped, cents, day, lines, slug
from services.office.desk.funding import grant_proofs, notices
from services.office.desk.funding.grant_proofs import AUDIT, CLOSE, FREEZE, INTEREST, INTERIM, REOPEN, REPAY, SUBMIT
from services.office.desk.funding.notices import ABOUT, AMEND, AMOUNT, ON, REASON, as_asked, row, typed_amount
from services.office.desk.funding.procurement import procured, procurement
from shared.declarations.projection import Document

LINE = Field("line", "Ansatz", "choice")
PROCURED_AT = dict.fromkeys(("TooFewOffers", "ContractorMadeNoOffer", "BidderRepeated"), "procurement.offers")
COMMIT = Form(
    "funding",
    "RegisterCommitment",
    "Auftrag erfassen",
    "Auftrag erfassen",
    "Der Auftrag ist erfasst.",
    (Field("commitment", "Kurzname", hint="Zum Beispiel vertrag-begleitung"), LINE, AMOUNT, ON, *procured("")),
    ABOUT,
    at={
        **PROCURED_AT,
        "CommitmentBeforeStart": "on",
        "DayLiesAhead": "on",
        "CommitmentRegisteredDifferently": "commitment",
        "CommitmentIsCancelled": "commitment",
        "GrantExceeded": "amount",
        "LineExceeded": "amount",
    },
    read=lambda typed: named_by("commitment", "commitment")(typed) | procurement(typed),
)
PERMIT = Form(
    "funding",
    "PermitOverrun",
    "Überschreitung eines Ansatzes zulassen",
    "Zulassen",
    "Die Überschreitung ist zugelassen.",
    (LINE, Field("limit", "Höchstens in Euro", "euros", "Der ganze Ansatz, zum Beispiel 4.200,00"), REASON),
    ABOUT,
    "approver",
    at={"OverrunNeedsNoPermission": "limit", "OverrunExceedsGrant": "limit"},
    seen_by=("line",),
)
COMMITMENT = Field("commitment", "Auftrag", "choice")
CORRECT_COMMITMENT = Form(
    "funding",
    "CorrectCommitment",
    "Auftrag berichtigen",
    "Berichtigen",
    "Der Auftrag ist berichtigt.",
    (COMMITMENT, AMOUNT, REASON, *procured("Leer: wie erfasst. Sonst gilt alles Folgende an seiner Stelle.")),
    ABOUT,
    at={
        **PROCURED_AT,
        "CommitmentBelowPayments": "amount",
        "CommitmentIsCancelled": "commitment",
        "GrantExceeded": "amount",
        "LineExceeded": "amount",
    },
    read=procurement,
    seen_by=("commitment",),
)
CANCEL_COMMITMENT = Form(
    "funding",
    "CancelCommitment",
    "Auftrag aufheben",
    "Aufheben",
    "Der Auftrag ist aufgehoben.",
    (COMMITMENT, REASON),
    ABOUT,
    at={"CommitmentCancelledDifferently": "reason"},
)
PAYMENTS = Field(
    "payments",
    "Bald fällige Zahlungen",
    "area",
    "Eine je Zeile: Ansatz; Betrag; fällig am. Zum Beispiel: material; 1.200,00; 30.04.2024",
    required=False,
    is_read=True,
)


def _called(typed: Typed) -> Body:
    due = [_payment(text) for text in lines(one(typed, "payments"))]
    return {**named_by("drawdown", "drawdown")(typed), "payments_due": due}


def _payment(text: str) -> Body:
    asked = "drei Angaben Ansatz; Betrag; fällig am"
    return row(text, "payments", asked, line=slug, amount=cents, on=lambda typed: day(typed).isoformat())


REQUEST = Form(
    "funding",
    "RequestDrawdown",
    "Mittel abrufen",
    "Abruf festhalten",
    "Der Abruf ist festgehalten.",
    (Field("drawdown", "Kurzname", hint="Zum Beispiel abruf-1"), AMOUNT, PAYMENTS),
    ABOUT,
    at={
        "DrawdownExceedsGrant": "amount",
        "DrawdownNotNeeded": "amount",
        "DrawdownRequestedDifferently": "drawdown",
        "PaymentNotDueSoon": "payments",
        "PlanLineUnknown": "payments",
    },
    read=_called,
)
PAYOUT = Form(
    "funding",
    "RecordPayout",
    "Auszahlung festhalten",
    "Auszahlung festhalten",
    "Die Auszahlung ist festgehalten.",
    (Field("drawdown", "Abruf", "choice"), AMOUNT, ON),
    ABOUT,
    at={
        "PayoutExceedsDrawdown": "amount",
        "DayLiesAhead": "on",
        "MoneyBeforeNotice": "on",
        "PayoutRecordedDifferently": "drawdown",
    },
)

CORRECT_PAYOUT = Form(
    "funding",
    "CorrectPayout",
    "Auszahlung berichtigen",
    "Berichtigen",
    "Die Auszahlung ist berichtigt.",
    (Field("drawdown", "Abruf", "choice"), AMOUNT, ON, REASON),
    ABOUT,
    at={
        "PayoutExceedsDrawdown": "amount",
        "PayoutIsPaidBack": "amount",
        "PayoutCalledAgain": "amount",
        "DayLiesAhead": "on",
        "MoneyBeforeNotice": "on",
        "PayoutIsProved": "drawdown",
    },
    seen_by=("drawdown",),
)


def _quarters(typed: Typed) -> Body:
    """``7,5`` hours are 30 quarters."""
    hundredths = cents(one(typed, "hours")) if one(typed, "hours") else 0
    if not hundredths or hundredths % 25:
        raise Mistyped("Erwartet werden Stunden und Viertelstunden, zum Beispiel 7,5.", "hours")
    return {**named_by("entry", "entry")(typed), "quarter_hours": hundredths // 25}


HOURS = Form(
    "funding",
    "RecordStaffHours",
    "Arbeitsstunden erfassen",
    "Stunden erfassen",
    "Die Stunden sind erfasst.",
    (
        Field("entry", "Kurzname", hint="Zum Beispiel stunden-01"),
        Field("role", "Rolle", hint="Kurzname der Aufgabe, nie ein Name einer Person"),
        ON,
        Field("hours", "Stunden", hint="Zum Beispiel 7,5", is_read=True),
        Field("activity", "Tätigkeit"),
        Field("rate", "Stundensatz in Euro", "euros"),
        Field("rate_source", "Quelle des Stundensatzes"),
    ),
    ABOUT,
    at={
        "StaffHoursOutsidePeriod": "on",
        "DayLiesAhead": "on",
        "TooManyStaffHours": "hours",
        "StaffHoursRecordedDifferently": "entry",
        "StaffHoursAreReversed": "entry",
    },
    read=_quarters,
)
REVERSE_HOURS = Form(
    "funding",
    "ReverseStaffHours",
    "Arbeitsstunden stornieren",
    "Stunden stornieren",
    "Die Stunden sind storniert.",
    (Field("entry", "Nachweis", "choice"), REASON),
    ABOUT,
    at={"StaffHoursReversedDifferently": "reason"},
)
RUNNING = (COMMIT, CORRECT_COMMITMENT, CANCEL_COMMITMENT, REQUEST, PAYOUT, CORRECT_PAYOUT, HOURS, REVERSE_HOURS, PERMIT)
BY_STATE: Mapping[str, tuple[Form, ...]] = {
    "awarded": (*RUNNING, AMEND, REPAY, *INTEREST, INTERIM, FREEZE),
    "proof_frozen": (SUBMIT, REOPEN, REPAY, *INTEREST),
    "proof_submitted": (AUDIT, REOPEN, REPAY, *INTEREST),
    "audited": (REPAY, *INTEREST, CLOSE),
}
FORMS = (*notices.FORMS, *RUNNING, *grant_proofs.FORMS)


def next_steps(grant: Document, budget: Document, contracts: list[Document], entries: list[Document]) -> list[Placed]:
    choices = {
        "line": [(line["line"], line["name"]) for line in budget["lines"]],
        "commitment": standing(contracts),
        "drawdown": those(entries, "drawdown", "requested"),
        "entry": those(entries, "hours", "recorded"),
        "claim": those(entries, "interest", "claimed"),
    }
    of_payout = {**choices, "drawdown": those(entries, "drawdown", "paid")}
    plan = "\n".join(
        f"{line['line']}; {line['purpose']}; {line['name']}; {typed_amount(line['planned'])}"
        for line in budget["lines"]
    )
    values = {"AmendAward": {**as_asked(grant, budget["awarded"]), "plan": plan}}
    seen = _seen(grant, budget, contracts, entries)
    return [
        Placed(
            form,
            values.get(form.command, {}),
            {},
            of_payout if form == CORRECT_PAYOUT else choices,
            seen.get(form.command),
        )
        for form in BY_STATE.get(grant["state"], ())
    ]


def _seen(grant: Document, budget: Document, contracts: list[Document], entries: list[Document]) -> dict[str, Document]:
    """What each command replaces; for contracts, payouts and lines, by name."""
    return {
        AMEND.command: {"amendment": grant.get("amendment", 0)},
        CORRECT_COMMITMENT.command: {
            each["commitment"]: {"amount": each["amount"], "procurement": each["procurement"]} for each in contracts
        },
        CORRECT_PAYOUT.command: {
            name: {"amount": each["amount"], "on": each["on"]}
            for each in entries
            for name, _ in those([each], "drawdown", "paid")
        },
        PERMIT.command: {line["line"]: {"limit": line.get("permitted")} for line in budget["lines"]},
    }


def standing(contracts: list[Document]) -> list[tuple[str, str]]:
    return [(each["commitment"], each["commitment"]) for each in contracts if each["state"] != "cancelled"]


def those(entries: list[Document], what: str, state: str) -> list[tuple[str, str]]:
    return [(each["name"], each["name"]) for each in entries if each["what"] == what and each["state"] == state]
