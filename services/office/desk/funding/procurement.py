"""How a contract came about, as it is typed: the way of award, who offered what, who got it and why."""

from __future__ import annotations

from dataclasses import replace

from services.office.desk.forms.form import Body, Field, Typed, one
from services.office.desk.forms.reading import Mistyped, cents, lines, slug
from services.office.desk.funding.notices import row
from shared.contracts.german import WAYS_OF_AWARD

OFFERS = "procurement.offers"


def procured(hint: str) -> tuple[Field, ...]:
    """The fields; ``hint`` says what an empty way of award means."""
    fields = (
        Field("procurement.way", "Vergabeart", "choice", hint, choices=tuple(WAYS_OF_AWARD.items())),
        Field("procurement.contract", "Auftragsnummer"),
        Field("procurement.contractor", "Auftragnehmer", hint="Kurzname wie beim Zahlungsempfänger"),
        Field(OFFERS, "Angebote", "area", "Eines je Zeile: Kurzname; Betrag. Zum Beispiel: kreditor-101; 29.750,00"),
        Field("procurement.reason", "Begründung der Vergabe"),
    )
    return tuple(replace(field, required=False, is_read=True) for field in fields)


def procurement(typed: Typed) -> Body:
    """None if none of its fields was typed."""
    names = ("way", "contract", "contractor", "reason")
    said: Body = {name: text for name in names if (text := one(typed, f"procurement.{name}"))}
    if offers := [_offer(text) for text in lines(one(typed, OFFERS))]:
        said["offers"] = offers
    if said and "way" not in said:
        raise Mistyped("Bitte wählen.", "procurement.way")
    return {"procurement": said} if said else {}


def _offer(text: str) -> Body:
    return row(text, OFFERS, "zwei Angaben Kurzname; Betrag", bidder=slug, amount=cents)
