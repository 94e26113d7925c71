"""What must come out in the end, counted from the data file alone, without a look at any service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from deploy.demo.data import Data, Session, Step

SUBJECTS = {
    "welcome": "Willkommen",
    "invitation": "Einladung",
    "update": "Neuer Termin",
    "cancellation": "Absage",
    "reminder": "Erinnerung",
    "minutes": "Niederschrift",
    "answers": "Antworten fehlen",
}

NOTHING_TOLD = "nobody"
OFFICE = "office"


@dataclass(slots=True)
class Mails:
    """How many of each kind: by e-mail, and on paper for who has none."""

    emails: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.emails.total() + self.letters.total()

    def add(self, kind: str, recipients: Sequence[str], on_paper: frozenset[str]) -> None:
        papers = sum(recipient in on_paper for recipient in recipients)
        self.emails[kind] += len(recipients) - papers
        self.letters[kind] += papers


def expected_mails(data: Data, steps: Sequence[Step] | None = None) -> Mails:
    """After the given first steps of the story; by default after all of it."""
    mails = Mails()
    on_paper = frozenset(each.seat for each in data.invented.without_email)
    for step in data.story if steps is None else steps:
        for kind in MAILED_BY.get(step.do, ()):
            mails.add(kind, recipients_of(data, kind, step), on_paper)
    return mails


MAILED_BY = {
    "appoint": ("welcome",),
    "invite": ("invitation",),
    "move": ("update",),
    "cancel": ("cancellation",),
    "remind": ("reminder", "answers"),
    "send_minutes": ("minutes",),
}


def recipients_of(data: Data, kind: str, step: Step) -> list[str]:
    if kind == "welcome":
        return data.filled
    session = data.session(step.about or NOTHING_TOLD)
    invited = [*data.invited_seats(session), *session.guests, *session.late_guests]
    if kind == "answers":
        return [OFFICE] if session.silent else []
    if kind == "reminder":
        return [name for name in invited if name not in session.decline]
    return invited


def expected_spending(data: Data) -> dict[str, int]:
    spent: Counter[str] = Counter()
    for expense in data.money.expenses:
        spent[expense.line] += expense.amount
    return dict(spent)


def expected_own_contribution(data: Data) -> int:
    """Quarters of hours times a rate for the hour, in whole cents; every entry is a whole number of cents."""
    rate = data.money.hours.rate
    return sum(entry.quarter_hours * rate // 4 for entry in data.money.hours.entries)


def expected_states(data: Data) -> dict[str, str]:
    return {session.session: "cancelled" if session.cancelled_because else "closed" for session in data.sessions}


def expected_present(session: Session, invited: Sequence[str]) -> int:
    """Who accepts, comes."""
    return sum(session.answer_of(seat) == "accept" for seat in invited)
