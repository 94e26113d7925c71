"""What is asked of a grantor, and what the notices say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from services.office.desk.forms.form import Body, Field, Form, Typed, named_by, one, short_name
from services.office.desk.forms.placed import Placed
from services.office.desk.forms.reading import Mistyped, cents, lines, slug
from services.office.desk.paper import day
from shared.declarations.projection import Document
from shared.kernel.money import euros

ABOUT = ("grant",)
AMOUNT, REASON = Field("amount", "Betrag in Euro", "euros", "Zum Beispiel 1.234,56"), Field("reason", "Grund")
START, UNTIL = Field("period.start", "Zeitraum von", "day"), Field("period.until", "bis", "day")
NOTICE, ON = Field("notice_on", "Bescheid vom", "day"), Field("on", "Am", "day")
PLAN = Field(
    "plan",
    "Finanzierungsplan",
    "area",
    "Ein Ansatz je Zeile: Kurzname; Zweck; Bezeichnung; Betrag. "
    "Zum Beispiel: begleitung; moderation; Externe Begleitung; 30.000,00",
    is_read=True,
)


def _purposes(typed: Typed) -> Body:
    return {**named_by("grant", "title")(typed), "purposes": [slug(line) for line in lines(one(typed, "purpose"))]}


def _plan(typed: Typed) -> Body:
    return {"lines": [_line(text) for text in lines(one(typed, "plan"))]}


def _line(text: str) -> Body:
    asked = "vier Angaben Kurzname; Zweck; Bezeichnung; Betrag"
    return row(text, "plan", asked, line=slug, purpose=slug, name=str, amount=cents)


def row(text: str, field: str, asked: str, **readers: Callable[[str], Any]) -> Body:
    """A line with several values, separated by semicolons; ``asked`` are their German names.

    The one that is read as it is, if there is one, may contain semicolons.
    """
    parts = [part.strip() for part in _split(text, [read is str for read in readers.values()])]
    if len(parts) != len(readers):
        raise Mistyped(f"„{text[:40]}“ hat nicht die {asked}.", field)
    try:
        return {name: read(part) for (name, read), part in zip(readers.items(), parts, strict=True)}
    except Mistyped as fault:
        raise Mistyped(f"„{text[:40]}“: {fault}", field) from None


def _split(text: str, is_free: Sequence[bool]) -> list[str]:
    """At each semicolon, but for those within the value that is free text."""
    if True not in is_free:
        return text.split(";")
    before = is_free.index(True)
    *parts, rest = text.split(";", before)
    return [*parts, *rest.rsplit(";", len(is_free) - before - 1)]


CONDITIONS = (
    Field("conditions.own_share_percent", "Eigenanteil in Prozent", "number", "Leer: 20", required=False),
    Field(
        "conditions.own_share_base",
        "Prozent wovon",
        "choice",
        "Leer: der Gesamtkosten",
        required=False,
        choices=(("total_cost", "der Gesamtkosten"), ("grant", "der Zuwendung")),
    ),
    Field(
        "conditions.line_tolerance_percent", "Überschreitung je Ansatz in Prozent", "number", "Leer: 20", required=False
    ),
    Field("conditions.early_start", "Vorzeitiger Beginn ab", "day", required=False),
    Field(
        "conditions.interim_months",
        "Zwischennachweis binnen Monaten",
        "number",
        "Nach jedem Haushaltsjahr. Leer: keiner verlangt",
        required=False,
    ),
    Field("conditions.offers.number", "Angebote je Auftrag", "number", "Leer: keine verlangt", required=False),
    Field("conditions.offers.from_amount", "Angebote verlangt ab", "euros", "Betrag des Auftrags", required=False),
)
AS_NOTICED = Field("as_noticed", "Steht so im Bescheid, auch wo es vom Antrag abweicht", "yes", required=False)
APPLY = Form(
    "funding",
    "ApplyForGrant",
    "Zuwendung beantragen",
    "Antrag festhalten",
    "Der Antrag ist festgehalten.",
    (
        Field("title", "Wofür"),
        Field("grantor", "Geber"),
        AMOUNT,
        START,
        UNTIL,
        Field("own_share_percent", "Eigenanteil in Prozent", "number"),
        Field("purpose", "Zwecke", "area", "Ein Zweck je Zeile.", is_read=True),
        Field("paper", "Vorlage", hint="Zum Beispiel GRDrs 905/2023"),
        Field("paper_key", "Kurzname der Vorlage", hint="Wenn sie hier erfasst ist.", required=False),
        short_name("grant", "dem Titel"),
    ),
    at={"PeriodEndsBeforeItBegins": "period.until", "GrantAppliedDifferently": "title", "GrantIsRefused": "title"},
    read=_purposes,
)
AWARD = Form(
    "funding",
    "RecordAward",
    "Bewilligung",
    "Bescheid festhalten",
    "Der Bescheid ist festgehalten.",
    (NOTICE, AMOUNT, START, UNTIL, PLAN, *CONDITIONS, AS_NOTICED),
    ABOUT,
    at={
        "PlanDoesNotAddUp": "plan",
        "PlanLineRepeated": "plan",
        "PurposeNotAppliedFor": "plan",
        "PeriodEndsBeforeItBegins": "period.until",
        "AwardDiffersFromApplication": "amount",
        "DayLiesAhead": "notice_on",
    },
    read=_plan,
)
REFUSAL = Form(
    "funding",
    "RecordRefusal",
    "Ablehnung",
    "Ablehnung festhalten",
    "Die Ablehnung ist festgehalten.",
    (NOTICE,),
    ABOUT,
    at={"DayLiesAhead": "notice_on"},
)
AMEND = replace(
    AWARD,
    command="AmendAward",
    title="Änderungsbescheid",
    fields=(NOTICE, AMOUNT, START, UNTIL, PLAN, *CONDITIONS, REASON),
    at={
        **AWARD.at,
        "AmendmentBeforeNotice": "notice_on",
        "AmendmentBelowSpending": "amount",
        "AmendedPlanLacksLine": "plan",
        "AmendedLineBelowSpending": "plan",
        "AmendedPeriodLeavesOut": "period.until",
    },
)
FORMS = (AWARD, REFUSAL, AMEND)


def before_notice(grant: Document) -> list[Placed]:
    if grant["state"] != "applied":
        return []
    return [Placed(AWARD, as_asked(grant, grant["applied"])), Placed(REFUSAL)]


def as_asked(grant: Document, amount: int) -> Document:
    period = grant["period"]
    return {"amount": typed_amount(amount), "period.start": day(period["start"]), "period.until": day(period["until"])}


def typed_amount(amount: int) -> str:
    return euros(amount).removesuffix(" EUR")
