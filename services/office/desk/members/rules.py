"""The conference itself: what it is called, and by which rules it works."""

from __future__ import annotations

from starlette.responses import Response

from services.office.desk.forms.form import Field, Form, named_by, short_name
from services.office.desk.forms.placed import Placed, of
from services.office.desk.paper import day
from services.office.desk.visit import Visit, together
from services.office.projections import CONFERENCES
from shared.declarations.projection import Document

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
    Field("rules.contact_months", "Kontaktdaten löschen: Monate nach dem Ausscheiden", "number", required=False),
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
    at={"RulesRunBackwards": "since", "RulesBeginEarlier": "since"},
    read=ESTABLISH.read,
)
OF_EARLIER = (
    Field("name", "Name der früheren Konferenz"),
    Field("since", "Von", "day"),
    Field("until", "Bis", "day"),
    Field("working_groups", "Arbeitsgruppen", "lines", "Eine je Zeile.", required=False),
    Field("document", "Wo die Ergebnisse stehen", hint="Zum Beispiel GRDrs 463/2022", required=False),
    Field("results", "Ergebnisse", "area", "Nichts über Personen.", required=False),
)
CARRY_OVER = Form(
    "members",
    "CarryOverConference",
    "Frühere Konferenz übernehmen",
    "Übernehmen",
    "Die frühere Konferenz ist übernommen. Es wird niemand angeschrieben.",
    (*OF_EARLIER, short_name("earlier", "dem Namen")),
    at={"EarlierConferenceNotOver": "until", "CarriedOverDifferently": "name"},
    read=named_by("earlier", "name"),
)
CORRECT_EARLIER = Form(
    "members",
    "CorrectEarlierConference",
    "Frühere Konferenz berichtigen",
    "Berichtigen",
    "Die Angaben zur früheren Konferenz sind berichtigt.",
    (Field("earlier", "Frühere Konferenz", "fixed"), *OF_EARLIER, REASON),
    at={"EarlierConferenceNotOver": "until"},
)
FORMS = (CORRECT, CHANGE, CARRY_OVER, CORRECT_EARLIER)
SHOWN = [(field.name.partition(".")[2], field.label) for field in RULES]


async def conference(visit: Visit) -> Response:
    known = await visit.desk.projections.get(CONFERENCES, visit.conference) or {}
    rules, earlier = await together(visit.items("members", "/rules"), visit.items("members", "/earlier-conferences"))
    versions = rules[::-1]
    return visit.page(
        "conference.html.j2",
        known=known,
        versions=versions,
        heads=["Regel", *(f"{one['rules_version']}. Fassung" for one in versions)],
        shown=SHOWN,
        earlier=[(one, _correcting(one)) for one in earlier],
        placed=[
            Placed(CHANGE, replaces=rules[-1]["rules"] if rules else None),
            Placed(CORRECT, known, replaces=of(known, *(field.name for field in CALLED))),
            Placed(CARRY_OVER),
        ],
    )


def _correcting(earlier: Document) -> Placed:
    told = {field.name: earlier.get(field.name) for field in OF_EARLIER}
    typed = {**told, "since": day(earlier["since"]), "until": day(earlier["until"])}
    typed |= {"working_groups": "\n".join(earlier["working_groups"])}
    shown = {name: value or "" for name, value in typed.items()}
    return Placed(CORRECT_EARLIER, shown, {"earlier": earlier["earlier"]}, replaces=told)
