"""Recommendations and council papers, each as a register with what may be said of it next."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from services.office.desk.documents import until_asked
from services.office.desk.forms.form import Body, Field, Form, Typed, named_by, one, short_name
from services.office.desk.forms.reading import Mistyped
from services.office.desk.meetings import council_papers
from services.office.desk.meetings import recommendations as steps
from services.office.desk.others import Problem
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document
from shared.documents import report


def _report(typed: Typed) -> Body:
    """A report's key is its day and paper."""
    on, _, paper = one(typed, "report").partition(" ")
    if not on:
        raise Mistyped("Bitte angeben.", "report")
    return {"on": on, **({"paper": paper} if paper else {})}


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
    at=dict.fromkeys(("RecommendationDraftedDifferently", "RecommendationIsOver"), "recommendation"),
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
    (steps.RECOMMENDATION, council_papers.COMMITTEE, council_papers.ON),
    at={"ReportLiesAhead": "on"},
)
SUBMIT_REPORT = Form(
    "meetings",
    "SubmitReport",
    "Bericht der Konferenz an den Ausschuss festhalten",
    "Bericht festhalten",
    "Der Bericht ist festgehalten.",
    (
        Field("on", "Tag des Berichts", "day"),
        Field("paper", "Vorlage", "choice", "Wenn sie hier erfasst und ausgegeben ist.", required=False),
    ),
    at={"CommitteeReportLiesAhead": "on"},
)
WITHDRAW_REPORT = Form(
    "meetings",
    "WithdrawReport",
    "Festgehaltenen Bericht zurücknehmen",
    "Zurücknehmen",
    "Der Bericht ist zurückgenommen; er ist wieder vorzulegen.",
    (Field("report", "Bericht", "choice", is_read=True), Field("reason", "Grund")),
    at={"LaterReportStands": "report", "ReportUnknown": "report"},
    read=_report,
)
FORMS = (DRAFT, SUBMIT, REPORT, SUBMIT_REPORT, WITHDRAW_REPORT, *steps.FORMS, *council_papers.FORMS)


async def registers(visit: Visit) -> Response:
    recommendations, papers, groups, sessions, owed, reports, draft = await together(
        visit.items("meetings", "/recommendations"),
        visit.items("meetings", "/papers"),
        visit.items("meetings", "/working-groups"),
        visit.items("meetings", "/sessions"),
        visit.items("meetings", "/obligations"),
        visit.items("meetings", "/committee-report"),
        _draft(visit) if visit.query.get("on") else nothing(),
    )
    return visit.page(
        "registers.html.j2",
        recommendations=recommendations,
        papers=papers,
        reports_due=[one["due_on"] for one in owed if one["obligation"] == "ReportDue"],
        draft=draft,
        on=visit.asked_day,
        reported=[(" ".join((one["on"], one.get("paper") or "")).strip(), one) for one in reports],
        issued=[(each["paper"], each["reference"]) for each in papers if each["issued_on"] and not each["successor"]],
        forms={form.command: form for form in FORMS},
        groups=[(each["working_group"], each["name"]) for each in groups],
        sessions=[
            (each["session"], each["title"])
            for each in sessions
            if each["kind"] == "plenary" and each["state"] in ("planned", "open")
        ],
        texts={each["paper"]: council_papers.typed(each) for each in papers},
        committees={each["paper"]: council_papers.committee(each) for each in papers},
        decided={each["paper"]: council_papers.decided(each) for each in papers},
        decided_items={each["paper"]: council_papers.decided_items(each) for each in papers},
    )


async def nothing() -> None:
    """A draft reads the whole year, so only on request."""


async def _draft(visit: Visit) -> Document | str:
    """The next report on the day in question, or the sentence that says why there is none."""
    try:
        return report.parts_of(await visit.ask("meetings", "/committee-report/draft", **until_asked(visit)))
    except Problem as no:
        if no.status != HTTPStatus.NOT_FOUND:
            raise
        return no.sentence
