"""Recommendations and council papers, each as a register with what may be said of it next."""

from __future__ import annotations

from starlette.responses import Response

from services.office.desk import recommendations as steps
from services.office.desk.forms import Body, Field, Form, Typed, named_by, one, short_name, slug
from services.office.desk.visit import Visit, together

PAPER = Field("paper", "Vorlage", "fixed")
COMMITTEE, ON = Field("committee", "Ausschuss"), Field("on", "Am", "day")


ASKED = Field("department", "Stelle", "choice")


def _department(typed: Typed) -> Body:
    return {"department": slug(one(typed, "department"))}


DRAFT = Form(
    "meetings",
    "DraftRecommendation",
    "Empfehlung entwerfen",
    "Entwurf aufnehmen",
    "Die Empfehlung ist aufgenommen.",
    (
        Field("title", "Titel"),
        Field("working_group", "Arbeitsgruppe", "choice"),
        *steps.WORDS,
        short_name("recommendation", "dem Titel"),
    ),
    read=named_by("recommendation", "title"),
)
SUBMIT = Form(
    "meetings",
    "SubmitRecommendation",
    "In eine Sitzung einbringen",
    "Einbringen",
    "Die Empfehlung ist eingebracht.",
    (steps.RECOMMENDATION, Field("session", "Sitzung", "choice")),
)
REPORT = Form(
    "meetings",
    "ReportRecommendation",
    "Dem Ausschuss berichten",
    "Bericht festhalten",
    "Der Bericht ist festgehalten.",
    (steps.RECOMMENDATION, COMMITTEE, ON),
)
DRAFT_PAPER = Form(
    "meetings",
    "DraftPaper",
    "Vorlage entwerfen",
    "Vorlage aufnehmen",
    "Die Vorlage ist aufgenommen.",
    (
        Field("reference", "Nummer", hint="Zum Beispiel GRDrs 905/2023"),
        Field("title", "Titel"),
        Field("kind", "Art", "choice"),
        short_name("paper", "der Nummer"),
    ),
    read=named_by("paper", "reference"),
)
DECIDE = Form(
    "meetings",
    "RecordCommitteeDecision",
    "Entscheidung festhalten",
    "Entscheidung festhalten",
    "Die Entscheidung ist festgehalten.",
    (PAPER, COMMITTEE, ON, Field("decision", "Entscheidung", "choice")),
    at={"DecidedBeforeIssued": "on"},
)
ISSUE = Form(
    "meetings",
    "IssuePaper",
    "Vorlage ausgeben",
    "Ausgeben",
    "Die Vorlage ist ausgegeben.",
    (PAPER, ON),
)
REQUEST = Form(
    "meetings",
    "RequestCoSignature",
    "Um Mitzeichnung bitten",
    "Um Mitzeichnung bitten",
    "Um Mitzeichnung ist gebeten.",
    (PAPER, Field("department", "Stelle", hint="Kürzel, zum Beispiel AKR")),
    read=_department,
)
COSIGN = Form(
    "meetings",
    "CoSign",
    "Mitzeichnung festhalten",
    "Mitgezeichnet",
    "Die Mitzeichnung ist festgehalten.",
    (PAPER, ASKED, Field("note", "Hinweis", required=False)),
    at={"CoSignatureNotRequested": "department"},
)
REFUSE = Form(
    "meetings",
    "RefuseCoSignature",
    "Mitzeichnung verweigert",
    "Verweigert",
    "Die Verweigerung ist festgehalten.",
    (PAPER, ASKED),
    at={"CoSignatureNotRequested": "department"},
)
FORMS = (DRAFT, SUBMIT, REPORT, *steps.FORMS, DRAFT_PAPER, ISSUE, DECIDE, REQUEST, COSIGN, REFUSE)
DECISIONS = [
    ("adopted", "beschlossen"),
    ("rejected", "abgelehnt"),
    ("postponed", "vertagt"),
    ("noted", "zur Kenntnis genommen"),
]
KINDS = [("decision", "Beschlussvorlage"), ("information", "Mitteilungsvorlage")]


async def registers(visit: Visit) -> Response:
    recommendations, papers, groups, sessions = await together(
        visit.items("meetings", "/recommendations"),
        visit.items("meetings", "/papers"),
        visit.items("meetings", "/working-groups"),
        visit.items("meetings", "/sessions"),
    )
    return visit.page(
        "registers.html.j2",
        recommendations=recommendations,
        papers=papers,
        forms={form.command: form for form in FORMS},
        groups=[(each["working_group"], each["name"]) for each in groups],
        sessions=[
            (each["session"], each["title"])
            for each in sessions
            if each["kind"] == "plenary" and each["state"] in ("planned", "open")
        ],
        decisions=DECISIONS,
        kinds=KINDS,
    )
