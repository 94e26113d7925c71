"""What becomes of a recommendation: its words, its end, and who is to answer it by when."""

from __future__ import annotations

from services.office.desk.forms.form import Body, Field, Form, Typed, one
from services.office.desk.forms.reading import Mistyped, own_slug
from services.office.desk.paper import STATES

RECOMMENDATION = Field("recommendation", "Empfehlung", "fixed")
SESSION = Field("session", "Sitzung", "fixed")
REASON = Field("reason", "Begründung")
WORDS = (
    Field("text", "Wortlaut", "area", required=False),
    Field("reasons", "Begründung der Empfehlung", "area", required=False),
)
ANSWERS = tuple((answer, STATES[answer]) for answer in ("considered", "partly", "not"))


ANSWER = (
    Field("on", "Am", "day"),
    Field("answer", "Ergebnis", "choice", choices=ANSWERS),
    Field("reasons", "Begründung", "area"),
)


def _addressee(typed: Typed) -> Body:
    """By its name: of two of one short name the second would take the first one's place."""
    name = own_slug(one(typed, "name"))
    if not name:
        raise Mistyped("Bitte angeben.", "name")
    return {"addressee": name}


REVISE = Form(
    "meetings",
    "ReviseRecommendation",
    "Wortlaut ändern",
    "Ändern",
    "Der neue Wortlaut ist festgehalten.",
    (RECOMMENDATION, Field("title", "Titel"), *WORDS, Field("reason", "Grund der Änderung")),
)
REFER_BACK = Form(
    "meetings",
    "ReferBackRecommendation",
    "An die Arbeitsgruppe zurückverweisen",
    "Zurückverweisen",
    "Die Empfehlung ist zurückverwiesen.",
    (RECOMMENDATION, SESSION, REASON),
)
REJECT = Form(
    "meetings",
    "RejectRecommendation",
    "Ablehnung festhalten",
    "Abgelehnt",
    "Die Ablehnung ist festgehalten.",
    (RECOMMENDATION, SESSION, REASON),
)
WITHDRAW = Form(
    "meetings",
    "WithdrawRecommendation",
    "Zurückziehen",
    "Zurückziehen",
    "Die Empfehlung ist zurückgezogen.",
    (RECOMMENDATION, REASON),
)
SUPERSEDE = Form(
    "meetings",
    "SupersedeRecommendation",
    "Durch eine andere ersetzen",
    "Ersetzen",
    "Die Empfehlung ist ersetzt.",
    (RECOMMENDATION, Field("successor", "Neue Empfehlung", "choice"), REASON),
)
ADDRESS = Form(
    "meetings",
    "AddressRecommendation",
    "Um Stellungnahme bitten",
    "Um Stellungnahme bitten",
    "Um Stellungnahme ist gebeten.",
    (RECOMMENDATION, Field("name", "Wer antworten soll"), Field("due_on", "Bis", "day")),
    read=_addressee,
)
RESPOND = Form(
    "meetings",
    "RecordResponse",
    "Stellungnahme festhalten",
    "Festhalten",
    "Die Stellungnahme ist festgehalten.",
    (RECOMMENDATION, Field("addressee", "Von", "choice"), *ANSWER),
)
NOT_ASKED = Form(
    "meetings",
    "WithdrawAddressee",
    "Nicht mehr um Stellungnahme bitten",
    "Nicht mehr bitten",
    "Um diese Stellungnahme wird nicht mehr gebeten.",
    (RECOMMENDATION, Field("addressee", "Wen", "choice"), REASON),
)
CORRECT = Form(
    "meetings",
    "CorrectResponse",
    "Stellungnahme berichtigen",
    "Berichtigen",
    "Die Stellungnahme ist berichtigt.",
    (RECOMMENDATION, Field("addressee", "Von", "fixed"), *ANSWER, Field("reason", "Grund der Berichtigung")),
)
FORMS = (REVISE, REFER_BACK, REJECT, WITHDRAW, SUPERSEDE, ADDRESS, NOT_ASKED, RESPOND, CORRECT)
