"""The conference itself: what it is called, and by which rules it works."""

from __future__ import annotations

from starlette.responses import Response

from services.office.desk.forms import Field, Form
from services.office.desk.placed import Placed, of
from services.office.desk.visit import Visit
from services.office.projections import CONFERENCES

CALLED = (
    Field("name", "Name der Konferenz"),
    Field("reference", "Vorlage des Gemeinderats", hint="Zum Beispiel GRDrs 905/2023"),
    Field("office", "Geschäftsstelle"),
    Field("committee", "Ausschuss, dem berichtet wird"),
)
REASON = Field("reason", "Grund")
RULES = (
    Field("rules.notice_days", "Einladungsfrist in Tagen", "number", required=False),
    Field("rules.shortest_notice_days", "Kürzeste Frist ohne Begründung in Tagen", "number", required=False),
    Field("rules.quorum_percent", "Quorum in Prozent der Sitze", "number", required=False),
    Field("rules.reminder_days", "Erinnerung so viele Tage vorher", "number", required=False),
    Field("rules.minutes_days", "Niederschrift innerhalb von Tagen", "number", required=False),
    Field("rules.objection_days", "Einwendungen gegen die Niederschrift innerhalb von Tagen", "number", required=False),
    Field("rules.report_months", "Bericht an den Ausschuss alle … Monate", "number", required=False),
    Field("rules.second_quorum", "Quorum der zweiten Sitzung in Sitzen", "number", required=False),
    Field("rules.second_notice_days", "Kürzeste Frist der zweiten Sitzung in Tagen", "number", required=False),
)
ESTABLISH = Form(
    "members",
    "EstablishConference",
    "Konferenz einrichten",
    "Konferenz einrichten",
    "Die Konferenz ist eingerichtet.",
    (
        Field(
            "conference", "Kurzname", hint="Steht in Adressen und kann nicht geändert werden, zum Beispiel stuttgart"
        ),
        *CALLED,
        Field("paper_key", "Kurzname der Vorlage", hint="Wenn sie hier erfasst ist.", required=False),
        *RULES,
    ),
    read=lambda typed: (
        {} if any(name.startswith("rules.") and typed[name] != [""] for name in typed) else {"rules": {}}
    ),
)
CORRECT = Form(
    "members",
    "CorrectConference",
    "Bezeichnungen berichtigen",
    "Berichtigen",
    "Die Bezeichnungen sind berichtigt.",
    (*CALLED, REASON),
)
CHANGE = Form(
    "members",
    "ChangeRules",
    "Geschäftsordnung ändern",
    "Geschäftsordnung ändern",
    "Die Geschäftsordnung ist geändert. Für Sitzungen, zu denen schon eingeladen ist, gilt die bisherige.",
    (Field("since", "Ab", "day"), *RULES, REASON),
    at={"RulesRunBackwards": "since"},
    read=ESTABLISH.read,
)
FORMS = (CORRECT, CHANGE)
SHOWN = [(field.name.partition(".")[2], field.label) for field in RULES]


async def conference(visit: Visit) -> Response:
    known = await visit.desk.projections.get(CONFERENCES, visit.conference) or {}
    versions = (await visit.items("members", "/rules"))[::-1]
    return visit.page(
        "conference.html.j2",
        known=known,
        versions=versions,
        heads=["Regel", *(f"{one['rules_version']}. Fassung" for one in versions)],
        shown=SHOWN,
        placed=[
            Placed(CHANGE),
            Placed(CORRECT, known, replaces=of(known, *(field.name for field in CALLED))),
        ],
    )
