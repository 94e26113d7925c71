"""What a grant is answered for with: interim proofs, the proof of use, its audit, repayment, interest, closing."""

from __future__ import annotations

from services.office.desk.forms.form import Field, Form, named_by
from services.office.desk.funding.notices import ABOUT, AMOUNT, ON, REASON, START, UNTIL

REPAY = Form(
    "funding",
    "RecordRepayment",
    "Rückzahlung festhalten",
    "Rückzahlung festhalten",
    "Die Rückzahlung ist festgehalten.",
    (Field("repayment", "Kurzname", hint="Zum Beispiel rueckzahlung-1"), AMOUNT, ON),
    ABOUT,
    at={
        "RepaymentExceedsDebt": "amount",
        "DayLiesAhead": "on",
        "MoneyBeforeNotice": "on",
        "RepaymentRecordedDifferently": "repayment",
    },
    read=named_by("repayment", "repayment"),
)
INTERIM = Form(
    "funding",
    "SubmitInterimProof",
    "Zwischennachweis vorlegen",
    "Vorlage festhalten",
    "Der Zwischennachweis ist vorgelegt.",
    (Field("year", "Haushaltsjahr", "number"),),
    ABOUT,
    at={"InterimProofNotAsked": "year", "BudgetYearNotOver": "year"},
)
CLAIM = Field("claim", "Kurzname", hint="Zum Beispiel zinsen-1")
CLAIM_INTEREST = Form(
    "funding",
    "RecordInterestClaim",
    "Zinsforderung erfassen",
    "Forderung festhalten",
    "Die Zinsforderung ist festgehalten.",
    (
        CLAIM,
        AMOUNT,
        START,
        UNTIL,
        Field("on", "Schreiben vom", "day"),
        Field("reference", "Geschäftszeichen"),
    ),
    ABOUT,
    at={
        "DayLiesAhead": "on",
        "MoneyBeforeNotice": "on",
        "PeriodEndsBeforeItBegins": "period.until",
        "InterestClaimedDifferently": "claim",
    },
    read=named_by("claim", "claim"),
)
PAY_INTEREST = Form(
    "funding",
    "RecordInterestPayment",
    "Zinsen gezahlt",
    "Zahlung festhalten",
    "Die Zahlung ist festgehalten.",
    (Field("claim", "Forderung", "choice"), ON),
    ABOUT,
    at={"DayLiesAhead": "on", "InterestPaidDifferently": "on", "InterestPaidBeforeClaim": "on"},
)
INTEREST = (CLAIM_INTEREST, PAY_INTEREST)
FREEZE = Form(
    "funding",
    "FreezeProofOfUse",
    "Verwendungsnachweis abschließen",
    "Abschließen: danach wird nichts mehr gebucht",
    "Der Verwendungsnachweis ist abgeschlossen.",
    (),
    ABOUT,
)
SUBMIT = Form(
    "funding",
    "SubmitProofOfUse",
    "Verwendungsnachweis vorlegen",
    "Vorlage festhalten",
    "Der Verwendungsnachweis ist vorgelegt.",
    (),
    ABOUT,
)
REOPEN = Form(
    "funding",
    "ReopenProofOfUse",
    "Verwendungsnachweis wieder öffnen",
    "Wieder öffnen",
    "Der Verwendungsnachweis ist wieder geöffnet.",
    (REASON,),
    ABOUT,
    "approver",
)
AUDIT = Form(
    "funding",
    "RecordAudit",
    "Prüfbescheid",
    "Prüfbescheid festhalten",
    "Der Prüfbescheid ist festgehalten.",
    (
        ON,
        Field("reduced_by", "Nicht anerkannt in Euro", "euros", "Leer: alles ist anerkannt", required=False),
        Field("reason", "Grund der Kürzung", required=False),
    ),
    ABOUT,
    at={
        "ReductionExceedsSpending": "reduced_by",
        "ReductionWithoutReason": "reason",
        "AuditBeforeSubmission": "on",
        "DayLiesAhead": "on",
    },
)
CLOSE = Form(
    "funding",
    "CloseGrant",
    "Zuwendung abschließen",
    "Zuwendung abschließen",
    "Die Zuwendung ist abgeschlossen.",
    (),
    ABOUT,
    "approver",
)
FORMS = (REPAY, *INTEREST, INTERIM, FREEZE, SUBMIT, REOPEN, AUDIT, CLOSE)
