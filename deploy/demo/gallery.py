"""Every kind of mail as its recipient sees it, on one page, with the demo's conference: ``make gallery``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from deploy.demo.data import Data, Session, person_id, read_data
from services.notifications.domain.correspondence import Background
from services.notifications.domain.course import alone
from services.notifications.domain.office import contact_of_office
from services.notifications.domain.told import BY_DAY, TOLD
from services.notifications.letters.letter import Letter as Written
from services.notifications.letters.office import AnswerLinks, Office
from services.notifications.letters.page import page
from services.notifications.letters.plain import plain
from services.notifications.letters.words import write
from shared.contracts.meetings import AgendaItem, Answer, Appointment, MinutesItem, Missed, Protocol
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
    VacantSeat,
    Welcome,
    Withdrawal,
)
from shared.contracts.people import PersonDetails
from shared.kernel.identifiers import derived_id
from shared.kernel.personal_links import LinkKeys

KEY = b"only for pictures of what mails look like"
WEEK = timedelta(days=7)
WRITTEN_AT = datetime(2024, 1, 15, 9, tzinfo=UTC)
TO = PersonDetails(name="Eva Müller", salutation="Sehr geehrte Frau Müller", email="e@example.org", postal_address=None)
STYLE = """
body { margin: 0 auto; max-width: 62rem; padding: 1rem 1.5rem 4rem; color: #1b1f24;
  font: 17px/1.5 "Segoe UI", Arial, sans-serif; }
h2 { margin: 3rem 0 .25rem; font-size: 1.25rem; }
p { margin: .25rem 0 .75rem; color: #4a5560; }
iframe { width: 100%; height: 64rem; border: 1px solid #9aa5b1; }
pre { padding: 1rem; border: 1px solid #9aa5b1; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class Example:
    """A mail and what its recipient knows at that time."""

    content: Content
    known: Appointment | None = None
    invitation: Invitation | None = None
    answer: Answer | None = None
    is_guest: bool = False


def gallery(data: Data) -> str:
    title = f"Schreiben: {escape(data.conference.name)}"
    shown = "".join(_part(example, _letter(example, _office(data))) for example in examples(data))
    return (
        f'<!doctype html>\n<html lang="de"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"</head><body><main><h1>{title}</h1>{shown}</main></body></html>\n"
    )


def examples(data: Data) -> Iterator[Example]:
    """At least one of each kind, in the order of a year."""
    plenary = next(one for one in data.sessions if one.kind == "plenary" and one.minutes)
    asked, before = _invitation(plenary), _appointment(plenary)
    later = before.model_copy(update={"starts": before.starts + WEEK, "ends": before.ends + WEEK, "revision": 1})
    about: Any = {"session": plenary.session, "appointment": before}
    yield Example(Welcome(group=data.groups[0].group, since=data.invented.seated_since))
    yield Example(asked)
    yield Example(asked.model_copy(update={"as_deputy": True}))
    yield Example(asked, is_guest=True)
    yield Example(asked.model_copy(update={"quorum": 3, "second_of": _missed(plenary)}))
    yield Example(_supplement(asked), known=before, invitation=asked)
    yield Example(Update(session=plenary.session, appointment=later), known=before, invitation=asked)
    yield Example(Reminder(**about), known=before, invitation=asked)
    yield Example(Reminder(**about), known=before, invitation=asked, answer="accept")
    yield Example(Withdrawal(**about), known=before, invitation=asked)
    yield Example(Cancellation(**about, reason="Unwetterwarnung"), known=before, invitation=asked)
    for minutes in _minutes(data, plenary):
        yield Example(minutes, invitation=asked)
    yield Example(ContactCorrection())
    yield Example(Farewell(group=data.groups[0].group, until=(before.ends + WEEK).date()))
    yield Example(MissingAnswers(**about, seats=tuple(plenary.silent)), invitation=asked)
    yield Example(_digest(data, plenary))


def _part(example: Example, letter: Written) -> str:
    """The page is in a frame without scripts; its plain text can be opened below."""
    subject, kind = escape(letter.subject), example.content.kind
    causes = [*((event.__name__, told) for event, told in TOLD.items()), *(("–", told) for told in BY_DAY.values())]
    named = [f"{cause}: an {told.to} ({told.why})" for cause, told in causes if told.kind == kind]
    why = "".join(f"<li>{escape(line)}</li>" for line in named)
    return (
        f"<section><h2>{subject}</h2><details><summary>Anlässe</summary><ul>{why}</ul></details>"
        f'<iframe sandbox title="{subject}" srcdoc="{escape(page(letter))}"></iframe>'
        f"<details><summary>Als Text</summary><pre>{escape(plain(letter))}</pre></details></section>"
    )


def _letter(example: Example, office: Office) -> Written:
    content = example.content
    queued = NotificationQueued(
        mail=derived_id("gallery", content.kind),
        person=person_id("gallery"),
        seat=None if example.is_guest else "city-seniors-council-1",
        cause=derived_id("gallery"),
        content=content,
        queued_at=WRITTEN_AT,
        useful_until=None,
    )
    background = Background(
        alone(queued), known=example.known, invitation=example.invitation, reminder_days=7, answer=example.answer
    )
    to = contact_of_office(office.email) if content.kind in ("answers", "digest") else TO
    return write(queued, to, office, background)


def _office(data: Data) -> Office:
    slug, domain = data.conference.slug, data.invented.mail_domain
    links = AnswerLinks(slug, f"https://antwort.{domain}/answers", LinkKeys((KEY,)))
    return Office(
        conference=data.conference.name,
        email=f"pflegekonferenz@{domain}",
        domain=domain,
        department=data.conference.office,
        phone="030 23125-100",
        group=data.groups[0].name,
        groups={group.group: group.name for group in data.groups},
        links=links,
    )


def _appointment(session: Session) -> Appointment:
    place = session.held_at
    return Appointment(title=session.title, starts=place.starts, ends=place.ends, place=place.place, revision=0)


def _agenda(session: Session) -> tuple[AgendaItem, ...]:
    return tuple(AgendaItem(number=n, title=title, public=True) for n, title in enumerate(session.agenda, start=1))


def _invitation(session: Session) -> Invitation:
    return Invitation(
        session=session.session,
        session_kind=session.kind,
        issue=1,
        appointment=_appointment(session),
        agenda=_agenda(session),
        voting_seats=49,
        quorum=0,
        short_notice=None,
    )


def _digest(data: Data, session: Session) -> Digest:
    return Digest(
        day=session.held_at.starts.date(),
        vacant=tuple(VacantSeat(seat=seat, since=data.invented.seated_since) for seat in data.invented.vacant),
        without_deputy=tuple(session.deputy),
        absent_twice=tuple(session.decline[:2]),
        undelivered=2,
        refused=1,
        letters=len(data.invented.without_email),
    )


def _missed(session: Session) -> Missed:
    return Missed(session=session.session, held_on=session.held_at.starts.date() - WEEK)


def _supplement(asked: Invitation) -> Supplement:
    added = (AgendaItem(number=len(asked.agenda) + 1, title="Termine des nächsten Jahres", public=True),)
    agenda = (*asked.agenda, *added)
    return Supplement(session=asked.session, appointment=asked.appointment, agenda=agenda, added=added)


def _minutes(data: Data, session: Session) -> Iterator[Minutes]:
    items = (MinutesItem(item=item, text="Die Konferenz berät.", outcome=None) for item in _agenda(session))
    protocol = Protocol(
        conference_name=data.conference.name,
        appointment=_appointment(session),
        seats_present=40,
        voting_seats=49,
        quorum=0,
        items=tuple(items),
    )
    assert session.minutes
    sent = Minutes(
        session=session.session,
        appointment=_appointment(session),
        document=session.minutes,
        protocol=protocol,
        edition=1,
        objections_until=(session.held_at.ends + 4 * WEEK).date(),
    )
    yield sent
    yield sent.model_copy(update={"edition": 2, "reason": "Zahl der anwesenden Sitze berichtigt"})
    yield sent.model_copy(update={"edition": 2, "objections_until": None, "approved": True})


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(gallery(read_data()), encoding="utf-8")
