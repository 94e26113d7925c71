"""What people are told of their seat and of what is kept about them."""

from __future__ import annotations

from datetime import date

from services.notifications.letters.letter import Block, Facts, Paragraph
from services.notifications.letters.office import Office
from services.notifications.letters.phrases import day_of_month
from shared.contracts.notifications import Farewell, Welcome
from shared.contracts.people import PersonDetails

NONE = "nicht hinterlegt"


def welcome(content: Welcome, office: Office, until: date | None) -> tuple[Block, ...]:
    """``until`` is the last day, where one was set when the seat was filled."""
    assert office.group, "a mail waits for the name of its group"
    group, since = office.group, day_of_month(content.since)
    if office.by_post:
        role = f"Ab dem {since} gehören Sie kraft Ihres Amtes der Pflegekonferenz an: {group}."
        lasts = f", längstens bis zum {day_of_month(until)}" if until else ""
        term = f"Ihr Sitz ist an dieses Amt gebunden und bleibt Ihnen, solange Sie es innehaben{lasts}."
    else:
        role = f"Ab dem {since} gehören Sie der Pflegekonferenz an und vertreten dort die Gruppe „{group}“."
        lasts = f" bis zum {day_of_month(until)}. Es endet vorher, wenn" if until else ", bis"
        term = f"Ihr Mandat gilt{lasts} die entsendende Stelle jemand anderen benennt oder Sie es niederlegen."
    return (
        Paragraph(f"herzlich willkommen! {role} {term}"),
        Paragraph(
            "Zu jeder Sitzung erhalten Sie eine eigene Einladung mit Tagesordnung. "
            "Können Sie einmal nicht kommen, nennen Sie uns bitte, wer Sie vertritt."
        ),
        Paragraph(
            f"Bitte teilen Sie uns mit, wenn sich Ihre Anschrift oder E-Mail-Adresse ändert: {office.reachable}."
        ),
        Paragraph(
            "Zum Datenschutz: Ihren Namen und Ihre Kontaktdaten verwenden wir nur, um Ihnen in Angelegenheiten der "
            "Konferenz zu schreiben. Auskunft, Berichtigung und Löschung können Sie jederzeit bei uns verlangen."
        ),
    )


def farewell(content: Farewell, office: Office) -> tuple[Block, ...]:
    assert office.group, "a mail waits for the name of its group"
    until = day_of_month(content.until)
    if office.by_post:
        over = f"mit dem {until} endete Ihr Amt und damit Ihr Sitz in der Pflegekonferenz: {office.group}."
    else:
        over = f"am {until} endete Ihr Mandat in der Pflegekonferenz für die Gruppe „{office.group}“."
    return (
        Paragraph(f"{over} Für Ihre Mitarbeit danken wir Ihnen herzlich und wünschen Ihnen alles Gute."),
        Paragraph("Ihre Kontaktdaten löschen wir, sobald wir sie nicht mehr brauchen; auf Wunsch auch gleich."),
        Paragraph(f"Sollte das ein Irrtum sein, sagen Sie uns bitte Bescheid: {office.reachable}."),
    )


def contact_correction(to: PersonDetails, office: Office) -> tuple[Block, ...]:
    """As they are now, whoever asked for the change."""
    address = ", ".join(line.strip(" ,") for line in (to.postal_address or "").split("\n") if line.strip(" ,"))
    rows = (("Name", to.name), ("E-Mail", to.email or NONE), ("Anschrift", address or NONE))
    return (
        Paragraph("Ihre Kontaktdaten bei der Pflegekonferenz haben sich geändert. So schreiben wir Ihnen künftig:"),
        Facts(rows),
        Paragraph(f"Stimmt etwas nicht, sagen Sie uns bitte Bescheid: {office.reachable}."),
    )
