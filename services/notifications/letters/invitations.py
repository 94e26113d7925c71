"""What people are told of a session that is to come: asked, moved, reminded, called off."""

from __future__ import annotations

from services.notifications.domain.correspondence import Background
from services.notifications.letters.letter import Block, Facts, Link, Paragraph, Points
from services.notifications.letters.office import Office
from services.notifications.letters.phrases import (
    Gathering,
    day_in_full,
    day_of_month,
    facts,
    gathering,
    period,
    sentence,
)
from shared.contracts.meetings import AgendaItem, Appointment
from shared.contracts.notifications import (
    Cancellation,
    Invitation,
    NotificationQueued,
    Reminder,
    Supplement,
    Update,
    Withdrawal,
)
from shared.kernel.time import days, local_day


def invitation(
    content: Invitation, queued: NotificationQueued, office: Office, background: Background
) -> tuple[Block, ...]:
    meeting = gathering(content.session_kind)
    if content.as_deputy:
        opening = (
            f"das Mitglied, das Sie in der Konferenz vertreten, kann {meeting.to} nicht kommen. "
            "Wir laden deshalb Sie herzlich ein, an seiner Stelle teilzunehmen:"
        )
    elif queued.seat is None:
        opening = "wir laden Sie als Gast, beratend und ohne Stimmrecht, herzlich ein:"
    elif content.issue > 1 and background.known is not None:
        opening = "wir laden Sie erneut ein; diese Einladung ersetzt die vorige:"
    else:
        opening = "wir laden Sie herzlich ein:"
    return (
        Paragraph(opening),
        facts(content.appointment, meeting),
        *_agenda(content.agenda),
        *_quorum(content, meeting),
        *([Paragraph(sentence(f"Grund der kurzen Frist: {content.short_notice}"))] if content.short_notice else []),
        *_answer(content, queued, office, background),
    )


def update(content: Update, queued: NotificationQueued, office: Office, background: Background) -> tuple[Block, ...]:
    now, before = content.appointment, background.known
    meeting = _meeting(background)
    if before is None:
        changed = f"für {meeting.accusative} „{now.title}“ gilt nun:"
        return Paragraph(changed), facts(now, meeting), *_answer(content, queued, office, background)
    time, place = differs(now, before)
    match time, place:
        case True, True:
            changed = f"Zeit und Ort {meeting.genitive} „{now.title}“ haben sich geändert:"
        case False, True:
            changed = f"{meeting.nominative} „{now.title}“ findet an einem anderen Ort statt; die Zeit bleibt:"
        case False, False:
            changed = (
                f"für {meeting.accusative} „{now.title}“ bleibt es bei Zeit und Ort, die Sie kennen. Der Termin war "
                "inzwischen anders geplant; deshalb bitten wir noch einmal um Ihre Antwort:"
            )
        case _:
            changed = f"{meeting.nominative} „{now.title}“ findet zu einer anderen Zeit statt; der Ort bleibt:"
    rows = (
        *(_changed("Zeit", period(now), period(before)) if time else (("Zeit", period(now)),)),
        *(_changed("Ort", now.place, before.place) if place else (("Ort", now.place),)),
    )
    return Paragraph(changed), Facts(rows), *_answer(content, queued, office, background)


def reminder(
    content: Reminder, queued: NotificationQueued, office: Office, background: Background
) -> tuple[Block, ...]:
    meeting = _meeting(background)
    agenda = background.invitation.agenda if background.invitation else ()
    match background.answer:
        case "accept":
            bid = Paragraph(
                "Sie haben zugesagt; wir freuen uns auf Sie. Sollten Sie doch verhindert sein, sagen Sie uns bitte "
                f"Bescheid: {_ways(office)}."
            )
            closing: tuple[Block, ...] = (bid, *_link(content, queued, office))
        case "deputy":
            closing = (
                Paragraph("Sie lassen sich vertreten. Bitte geben Sie Ihrer Vertretung diese Erinnerung weiter."),
            )
        case "decline" | None:
            closing = _answer(content, queued, office, background, opening="Ihre Antwort fehlt uns noch. ")
    return (
        Paragraph(f"wir erinnern Sie an {meeting.accusative}:"),
        facts(content.appointment, meeting),
        *_agenda(agenda),
        *closing,
    )


def cancellation(content: Cancellation, background: Background) -> tuple[Block, ...]:
    meeting = _meeting(background)
    return (
        Paragraph(f"leider müssen wir {meeting.accusative} absagen, {meeting.to_which} wir Sie eingeladen hatten:"),
        facts(content.appointment, meeting),
        Paragraph(sentence(f"Grund: {content.reason}")),
        Paragraph(
            "Wir bedauern das und bitten Sie um Verständnis. Sie müssen nichts weiter tun; gibt es einen Ersatztermin, "
            "erhalten Sie dazu eine neue Einladung."
        ),
    )


def withdrawal(content: Withdrawal, office: Office, background: Background) -> tuple[Block, ...]:
    meeting = _meeting(background)
    if content.as_deputy:
        return (
            Paragraph(
                f"wir hatten Sie in Vertretung {meeting.to} eingeladen. Das ist nicht mehr nötig; bitte streichen "
                "Sie den Termin:"
            ),
            facts(content.appointment, meeting),
            Paragraph(f"Vielen Dank für Ihre Bereitschaft. Bei Fragen erreichen Sie uns {office.reachable}."),
        )
    return (
        Paragraph(
            f"{meeting.nominative}, {meeting.to_which} wir Sie eingeladen hatten, betrifft Sie nach unseren "
            "Unterlagen nicht mehr. Wir nehmen die Einladung deshalb zurück; bitte streichen Sie den Termin:"
        ),
        facts(content.appointment, meeting),
        Paragraph(f"Sollte das ein Irrtum sein, sagen Sie uns bitte Bescheid: {office.reachable}."),
    )


def supplement(content: Supplement, background: Background) -> tuple[Block, ...]:
    meeting = _meeting(background)
    further = "einen weiteren Punkt" if len(content.added) == 1 else f"{len(content.added)} weitere Punkte"
    stays = background.known is None or not any(differs(content.appointment, background.known))
    when = "bleiben, wie Sie sie kennen" if stays else "sind nun"
    return (
        Paragraph(f"die Tagesordnung {meeting.genitive} hat {further}; Zeit und Ort {when}:"),
        facts(content.appointment, meeting),
        *_agenda(content.added, title="Neu auf der Tagesordnung", first=content.added[0].number),
        *_agenda(content.agenda, title="Die ganze Tagesordnung"),
    )


def _meeting(background: Background) -> Gathering:
    return gathering(background.invitation.session_kind if background.invitation else None)


def differs(now: Appointment, known: Appointment) -> tuple[bool, bool]:
    """In time, and in place. What lies between may never have reached the recipient."""
    return (now.starts, now.ends) != (known.starts, known.ends), now.place != known.place


def _changed(label: str, now: str, before: str) -> tuple[tuple[str, str], ...]:
    return ((f"{label} neu", now), (f"{label} bisher", before))


def _agenda(agenda: tuple[AgendaItem, ...], title: str = "Tagesordnung", first: int = 1) -> tuple[Block, ...]:
    if not agenda:
        return ()
    items = tuple(f"{item.title}{'' if item.public else ' (nicht öffentlich)'}" for item in agenda)
    return (Points(title, items, first),)


def _quorum(content: Invitation, meeting: Gathering) -> tuple[Block, ...]:
    if not content.quorum:
        none = "Eine Mindestzahl anwesender Sitze ist für Beschlüsse nicht vorgeschrieben."
        return (Paragraph(none),) if content.session_kind == "plenary" else ()
    needed = f"mindestens {content.quorum} von {content.voting_seats} Sitzen vertreten sind"
    if content.second_of:
        missed = f"Die Sitzung vom {day_of_month(content.second_of.held_on)} war nicht beschlussfähig."
        fewer = f"Diese zweite Sitzung ist über die dort nicht beschlossenen Punkte beschlussfähig, wenn {needed}."
        return (Paragraph(f"{missed} {fewer}"),)
    return (Paragraph(f"Beschlussfähig ist {meeting.nominative}, wenn {needed}."),)


Asks = Invitation | Update | Reminder


def _answer(
    content: Asks, queued: NotificationQueued, office: Office, background: Background, opening: str = ""
) -> tuple[Block, ...]:
    """How and until when; the day is that of the reminder, which is for those who have not answered by then."""
    until = local_day(content.appointment.starts) - days(background.reminder_days)
    is_ahead = background.reminder_days > 0 and until > local_day(queued.queued_at)
    when = f"bis {day_in_full(until)}," if is_ahead else "möglichst bald,"
    is_deputy = isinstance(queued.content, Invitation) and queued.content.as_deputy
    asks = (
        "" if queued.seat is None or is_deputy else " Können Sie nicht kommen, nennen Sie uns bitte, wer Sie vertritt."
    )
    bid = f"{opening}Bitte sagen Sie uns {when} ob Sie teilnehmen"
    return Paragraph(f"{bid}: {_ways(office)}.{asks}"), *_link(content, queued, office)


def _link(content: Asks, queued: NotificationQueued, office: Office) -> tuple[Block, ...]:
    if office.links is None:
        return ()
    return (Link("Jetzt antworten", office.links.to(content.session, content.appointment, queued.person)),)


def _ways(office: Office) -> str:
    """The link stands below: it is the recipient's alone."""
    return f"{'mit Ihrem persönlichen Link unten, ' if office.links else ''}{office.reachable}"
