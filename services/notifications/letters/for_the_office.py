"""What the office is told of what it has to see to. Seats are named, never people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from services.notifications.domain.correspondence import Background
from services.notifications.letters.letter import Block, Facts, Paragraph, Points
from services.notifications.letters.office import Office
from services.notifications.letters.phrases import day_of_month, facts, gathering
from shared.contracts.notifications import Digest, HeldUp, MissingAnswers, Owed, OwedOfGrant, VacantSeat


def missing_answers(content: MissingAnswers, office: Office, background: Background) -> tuple[Block, ...]:
    meeting = gathering(background.invitation.session_kind if background.invitation else None)
    number = len(content.seats)
    missing = "Für einen Sitz fehlt noch die Antwort" if number == 1 else f"Für {number} Sitze fehlen noch Antworten"
    return (
        Paragraph(f"{meeting.nominative} beginnt bald. {missing} auf die Einladung."),
        facts(content.appointment, meeting),
        Points("Ohne Antwort", tuple(office.seat_called(seat) for seat in content.seats)),
        Paragraph("Wer eingeladen ist und nicht abgesagt hat, ist mit dieser Nachricht zugleich erinnert worden."),
    )


def digest(content: Digest, office: Office) -> tuple[Block, ...]:
    return (
        Paragraph("das ist offen und wartet auf Sie:"),
        Facts(
            (
                ("Offene Punkte", str(content.refused)),
                ("Nicht zugestellt", str(content.undelivered)),
                ("Briefe fällig", str(content.letters)),
            )
        ),
        *_points("Sitze, die frei sind", (_vacant(one, office) for one in content.vacant)),
        *_seats("Sitze ohne Stellvertretung", content.without_deputy, office),
        *_seats("Sitze, die zweimal nacheinander fehlten", content.absent_twice, office),
        *_points("Gesperrte Adressen", (_held_up(one, office) for one in content.suspended or ())),
        *_points("Pflichten aus Zuwendungen", (_owed(one, content.day) for one in content.owed or ())),
        *_points("Weitere Fristen", (_due(one, content.day) for one in content.due or ())),
        Paragraph("Was zu tun ist, zeigt Ihnen der Schreibtisch der Geschäftsstelle."),
    )


OWED = {
    "proof_of_use": "Verwendungsnachweis",
    "drawn_money": "Verwendung des abgerufenen Geldes",
    "own_contribution": "fehlende Eigenleistung",
}


DUE = {
    "answer": "Antwort von {by} auf „{about}“",
    "co_signature": "Mitzeichnung von {by} zu {about}",
    "minutes_draft": "Entwurf der Niederschrift zu „{about}“",
    "report": "Bericht an den Ausschuss",
    "interim_proof": "Zwischennachweis für {year}, {about}",
}


def _owed(owed: OwedOfGrant, day: date) -> str:
    return f"{_by(owed.due_on, day)}: {OWED[owed.what]}, {owed.title}"


def _due(due: Owed, day: date) -> str:
    return f"{_by(due.due_on, day)}: {DUE[due.what].format(about=due.about, by=due.by, year=due.year)}"


def _by(due_on: date, day: date) -> str:
    return f"{day_of_month(due_on)}{' (überfällig)' if due_on < day else ''}"


def _held_up(held_up: HeldUp, office: Office) -> str:
    whose = office.seat_called(held_up.seat) if held_up.seat else "Gast"
    return f"{whose}: {held_up.waiting} {'Schreiben wartet' if held_up.waiting == 1 else 'Schreiben warten'}"


def _vacant(vacant: VacantSeat, office: Office) -> str:
    since = f"seit {day_of_month(vacant.since)}" if vacant.since else "noch nie besetzt"
    return f"{office.seat_called(vacant.seat)}: {since}"


def _seats(title: str, seats: Sequence[str], office: Office) -> tuple[Block, ...]:
    return _points(title, (office.seat_called(seat) for seat in seats))


def _points(title: str, items: Iterable[str]) -> tuple[Block, ...]:
    told = tuple(items)
    return (Points(title, told),) if told else ()
