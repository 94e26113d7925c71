"""What must come out in the end, counted from the data file alone, without a look at any service."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from deploy.demo.data import Data, Session, Step, successor_of

SUBJECTS = {
    "welcome": "Willkommen",
    "invitation": "Einladung",
    "update": "Neuer Termin",
    "cancellation": "Absage",
    "reminder": "Erinnerung",
    "minutes": "Niederschrift",
    "supplement": "Ergänzte Tagesordnung",
    "farewell": "Abschied und Dank",
    "answers": "Antworten fehlen",
}

HEADINGS = {
    **{heading: kind for kind, heading in SUBJECTS.items()},
    "Einladung in Vertretung": "invitation",
    "Einladung zur zweiten Sitzung": "invitation",
    "Berichtigte Niederschrift": "minutes",
    "Genehmigte Niederschrift": "minutes",
}
"""The beginnings of subjects, by kind of mail."""

OFFICE = "office"


MAKES_UNTRUE = {
    "update": {"invitation", "update", "reminder"},
    "cancellation": {"invitation", "update", "supplement", "reminder"},
    "minutes": {"minutes"},
    "farewell": {"welcome"},
}
"""By kind of mail, the older kinds whose due letter about the same subject it supersedes."""


@dataclass(slots=True)
class Mails:
    """The number of each kind: by e-mail, and on paper for people without an address.

    ``superseded`` are letters that a newer one made untrue before they were posted; ``due`` are those that could be, by
    what they are about and whom they are for.
    """

    emails: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    superseded: Counter[str] = field(default_factory=Counter)
    due: defaultdict[tuple[str | None, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def total(self) -> int:
        return self.emails.total() + self.letters.total() + self.superseded.total()

    def add(self, kind: str, about: str | None, recipients: Sequence[str], on_paper: frozenset[str]) -> None:
        papers = [recipient for recipient in recipients if recipient in on_paper]
        self.emails[kind] += len(recipients) - len(papers)
        for recipient in papers:
            due = self.due[about, recipient]
            untrue = Counter({older: due[older] for older in MAKES_UNTRUE.get(kind, ())})
            self.superseded += untrue
            self.letters -= untrue
            self.due[about, recipient] = due - untrue + Counter([kind])
            self.letters[kind] += 1

    def post(self) -> None:
        """All of them."""
        self.due.clear()


def expected_mails(data: Data, steps: Sequence[Step] | None = None) -> Mails:
    """After the first steps of the story that are given; by default after all of it."""
    mails = Mails()
    on_paper = frozenset(each.seat for each in data.invented.without_email)
    for step in data.story if steps is None else steps:
        if step.do == "post_letters":
            mails.post()
        for kind in MAILED_BY.get(step.do, ()):
            mails.add(kind, step.about, recipients_of(data, kind, step), on_paper)
    return mails


MAILED_BY = {
    "appoint": ("welcome",),
    "hand_over": ("welcome", "farewell"),
    "appoint_late": ("welcome", "invitation"),
    "invite": ("invitation",),
    "answer": ("invitation",),
    "supplement": ("supplement",),
    "move": ("update",),
    "cancel": ("cancellation",),
    "remind": ("reminder", "answers"),
    "send_minutes": ("minutes",),
    "correct_minutes": ("minutes",),
    "approve_minutes": ("minutes",),
}


def recipients_of(data: Data, kind: str, step: Step) -> list[str]:
    if step.about is None:
        return _of_the_roster(data, kind, step)
    session = data.session(step.about)
    if step.do == "answer":
        return [deputy_of(seat) for seat in data.deputies_at(session)]
    if step.do == "approve_minutes" and not session.texts:
        return []
    invited = [*data.invited_seats(session, step.at.date()), *session.guests, *session.late_guests]
    if step.at.date() > answered_on(data, session):
        invited += [deputy_of(seat) for seat in data.deputies_at(session)]
    match kind:
        case "answers":
            seats = data.invited_seats(session, step.at.date())
            are_silent = any(session.answer_of(seat) is None for seat in seats) or data.deputies_at(session)
            return [OFFICE] if are_silent else []
        case "reminder":
            return [name for name in invited if name not in session.decline]
        case _:
            return invited


def _of_the_roster(data: Data, kind: str, step: Step) -> list[str]:
    """A person who is appointed after an invitation is welcomed and invited at once."""
    match step.do:
        case "appoint":
            return data.filled
        case "hand_over":
            return [successor_of(one.seat) if kind == "welcome" else one.seat for one in data.invented.hand_overs]
        case _:
            return [one.seat for one in data.invented.late]


def answered_on(data: Data, session: Session) -> date:
    """The day on which its deputies were invited."""
    answered = (one.at.date() for one in data.story if (one.do, one.about) == ("answer", session.session))
    return next(answered, date.max)


def deputy_of(seat: str) -> str:
    return f"{seat}/deputy"


def expected_spending(data: Data) -> dict[str, int]:
    spent: Counter[str] = Counter()
    for expense in data.money.expenses:
        spent[expense.line] += expense.amount
    return dict(spent)


def expected_own_contribution(data: Data) -> int:
    """Quarters of hours times an hourly rate; every entry is a whole number of cents."""
    rate = data.money.hours.rate
    return sum(entry.quarter_hours * rate // 4 for entry in data.money.hours.entries)


def expected_states(data: Data) -> dict[str, str]:
    return {session.session: "cancelled" if session.cancelled_because else "closed" for session in data.sessions}


def expected_present(data: Data, session: Session) -> int:
    """Everybody who accepts comes, and so do the deputies; except at a session that misses its quorum."""
    accepted = sum(session.answer_of(seat) == "accept" for seat in data.invited_seats(session))
    return session.came or accepted + len(data.deputies_at(session))
