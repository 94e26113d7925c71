"""What became of the mails, the addresses that none is sent to, and whether any is sent at all."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from services.office.desk.forms.form import Field, Form
from services.office.desk.members.roster import names
from services.office.desk.visit import Visit, together
from shared.declarations.projection import Document

RESEND = Form(
    "notifications",
    "ResendNotification",
    "Schreiben erneut senden",
    "Erneut senden",
    "Das Schreiben wird erneut gesandt.",
    (Field("mail", "Schreiben", "fixed"),),
)
SUPPRESS = Form(
    "notifications",
    "SuppressNotification",
    "Zurückhalten",
    "Zurückhalten",
    "Das Schreiben wird zurückgehalten.",
    (
        Field("mail", "Schreiben", "fixed"),
        Field(
            "reason",
            "Grund",
            "choice",
            choices=(
                ("withdrawn", "zurückgezogen"),
                ("superseded", "durch ein neueres ersetzt"),
                ("told_otherwise", "anders mitgeteilt"),
            ),
        ),
    ),
)
POSTED = Form(
    "notifications",
    "MarkLetterPosted",
    "Brief ist zur Post gegeben",
    "Zur Post gegeben",
    "Der Brief ist zur Post gegeben.",
    (Field("mail", "Schreiben", "fixed"),),
)
OPEN_MAILS = frozenset({"failed", "letter", "queued", "deferred", "held"})
"""States of mails with which something can be done."""
RELEASE = Form(
    "notifications",
    "ReleaseAddress",
    "Adresse freigeben",
    "Freigeben",
    "Die Adresse ist freigegeben; was wartet, wird gesandt.",
    (
        Field("address", "Adresse", "fixed"),
        Field("reason", "Warum nimmt sie wieder E-Mail an?", hint="Ein Satz, ohne Angaben zu einer Person."),
    ),
)
STOP = Form(
    "notifications",
    "StopDispatch",
    "Versand anhalten",
    "Versand anhalten",
    "Der Versand ist angehalten: Alle Schreiben warten.",
    (Field("reason", "Warum soll nichts mehr hinausgehen?", hint="Ein Satz, ohne Angaben zu einer Person."),),
)
RESUME = Form(
    "notifications",
    "ResumeDispatch",
    "Versand wieder aufnehmen",
    "Versand wieder aufnehmen",
    "Die Schreiben gehen wieder hinaus.",
    (Field("reason", "Warum darf wieder versandt werden?", hint="Ein Satz, ohne Angaben zu einer Person."),),
)
FORMS = (RESEND, SUPPRESS, POSTED, RELEASE, STOP, RESUME)
PAGE = 100
STATES = (
    "failed",
    "held",
    "letter",
    "queued",
    "deferred",
    "attempting",
    "sent",
    "posted",
    "superseded",
    "suppressed",
)
"""The state that waits for the office comes first."""


def counts(counted: Document) -> dict[str, str]:
    """In words, for states that have mails; large numbers are not counted exactly."""
    found, most = counted.get("states", {}), counted.get("most", 0)
    return {state: str(number) if number < most else f"{number} oder mehr" for state, number in found.items() if number}


def first_of(numbers: Mapping[str, str]) -> str:
    """The state with which the page opens."""
    return next((state for state in STATES if state in numbers), STATES[0])


async def mails(visit: Visit) -> Response:
    numbers, before = counts(await visit.one("notifications", "/mails/states")), visit.query.get("before")
    state = visit.query.get("state") or first_of(numbers)
    page = {"before": before} if before else {}
    found, suspended, dispatch = await together(
        visit.some("notifications", "/mails", state=state, limit=PAGE, **page),
        visit.some("notifications", "/suspended-addresses"),
        visit.one("notifications", "/dispatch"),
    )
    return visit.page(
        "mails.html.j2",
        counts=numbers,
        states=STATES,
        state=state,
        mails=found,
        may_be_done=state in OPEN_MAILS,
        is_later=bool(before),
        earlier=found[-1]["mail"] if len(found) == PAGE else None,
        resend=RESEND,
        suppress=SUPPRESS,
        posted=POSTED,
        suspended=suspended,
        called=await names(visit, visit.today.isoformat()) if suspended else {},
        release=RELEASE,
        dispatch=dispatch,
        stop=STOP,
        resume=RESUME,
    )
