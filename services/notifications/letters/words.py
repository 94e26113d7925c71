"""The German words, for mail and paper alike."""

from __future__ import annotations

from typing import assert_never

from services.notifications.domain.correspondence import Background
from services.notifications.letters.for_the_office import digest, missing_answers
from services.notifications.letters.invitations import (
    cancellation,
    differs,
    invitation,
    reminder,
    supplement,
    update,
    withdrawal,
)
from services.notifications.letters.letter import Block, Facts, Letter, Paragraph
from services.notifications.letters.membership import contact_correction, farewell, welcome
from services.notifications.letters.office import Office
from services.notifications.letters.phrases import clock_time, day_in_full, gathering, sentence
from shared.contracts.meetings import Appointment
from shared.contracts.notifications import (
    Cancellation,
    ContactCorrection,
    Content,
    Digest,
    Farewell,
    Invitation,
    Minutes,
    MissingAnswers,
    NotificationQueued,
    Reminder,
    Supplement,
    Update,
    Welcome,
    Withdrawal,
)
from shared.contracts.people import PersonDetails
from shared.kernel.time import german_day, local_day


def write(queued: NotificationQueued, to: PersonDetails, office: Office, background: Background) -> Letter:
    content = background.content
    return Letter(
        subject=_subject(content, office, background.known),
        salutation=f"{_salutation(to)},",
        blocks=_blocks(content, queued, to, office, background),
        signature=office.signature,
    )


def _salutation(to: PersonDetails) -> str:
    """Nobody is greeted without a name, also where the office wrote down none in the salutation."""
    is_named = any(part in to.salutation for part in to.name.split())
    return to.salutation if is_named else f"Guten Tag {to.name}"


def _subject(content: Content, office: Office, known: Appointment | None) -> str:
    match content:
        case Welcome():
            return f"Willkommen: {office.conference}"
        case Farewell():
            return f"Abschied und Dank: {office.conference}"
        case ContactCorrection():
            return f"Ihre Kontaktdaten sind geändert: {office.conference}"
        case MissingAnswers():
            return f"Antworten fehlen: {_about(content.appointment)}"
        case Digest():
            return f"Was offen ist, {german_day(content.day)}: {office.conference}"
        case Invitation():
            return f"{_invites(content)}: {_about(content.appointment)}"
        case Update():
            return f"{_changes(content.appointment, known)}: {_about(content.appointment)}"
        case Cancellation():
            return f"Absage: {_about(content.appointment)}"
        case Withdrawal():
            return f"Einladung zurückgenommen: {_about(content.appointment)}"
        case Supplement():
            return f"Ergänzte Tagesordnung: {_about(content.appointment)}"
        case Reminder():
            return f"Erinnerung: {_about(content.appointment)}"
        case Minutes():
            return f"{_minutes_called(content)}: {_about(content.appointment)}"
        case _:
            assert_never(content)


def _changes(now: Appointment, known: Appointment | None) -> str:
    """A session may be moved and moved back before its recipient was told of it."""
    time, place = (True, True) if known is None else differs(now, known)
    if time:
        return "Neuer Termin"
    return "Neuer Ort" if place else "Termin bestätigt"


def _invites(content: Invitation) -> str:
    session = " zur zweiten Sitzung" if content.second_of else ""
    return f"Einladung{session}{' in Vertretung' if content.as_deputy else ''}"


def _minutes_called(content: Minutes) -> str:
    if content.approved:
        return "Genehmigte Niederschrift"
    return "Berichtigte Niederschrift" if content.reason else "Niederschrift"


def _about(appointment: Appointment) -> str:
    return f"{appointment.title} am {german_day(local_day(appointment.starts))}"


def _blocks(
    content: Content, queued: NotificationQueued, to: PersonDetails, office: Office, background: Background
) -> tuple[Block, ...]:
    match content:
        case Welcome():
            return welcome(content, office, background.letter.occasion.until)
        case Farewell():
            return farewell(content, office)
        case ContactCorrection():
            return contact_correction(to, office)
        case MissingAnswers():
            return missing_answers(content, office, background)
        case Digest():
            return digest(content, office)
        case Invitation():
            return invitation(content, queued, office, background)
        case Update():
            return update(content, queued, office, background)
        case Cancellation():
            return cancellation(content, background)
        case Withdrawal():
            return withdrawal(content, office, background)
        case Supplement():
            return supplement(content, background)
        case Reminder():
            return reminder(content, queued, office, background)
        case Minutes():
            return _minutes(content, office, background)
        case _:
            assert_never(content)


def _minutes(minutes: Minutes, office: Office, background: Background) -> tuple[Block, ...]:
    appointment = minutes.appointment
    kind = background.invitation.session_kind if background.invitation else None
    held = f"{day_in_full(local_day(appointment.starts))}, {clock_time(appointment.starts)} Uhr"
    about = f"die Niederschrift {gathering(kind).genitive} „{appointment.title}“ vom {held},"
    return (
        Paragraph(f"{about} {_became(minutes)}"),
        Facts((("Niederschrift", minutes.document),)),
        Paragraph(
            "Sie liegt diesem Schreiben bei." if minutes.protocol else "Auf Wunsch senden wir sie Ihnen gerne zu."
        ),
        *([] if minutes.approved else [Paragraph(_objections(minutes, office))]),
    )


def _became(minutes: Minutes) -> str:
    if minutes.approved:
        return "ist genehmigt."
    return f"ist berichtigt (Fassung {minutes.edition}): {sentence(minutes.reason)}" if minutes.reason else "liegt vor."


def _objections(minutes: Minutes, office: Office) -> str:
    day = minutes.objections_until
    until = f"bis {day_in_full(day)}" if day else "bis zur nächsten Sitzung"
    return f"Einwendungen gegen die Niederschrift richten Sie bitte {until} an die Geschäftsstelle: {office.reachable}."
