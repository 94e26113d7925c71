"""What came of the story, read back by the office, and where it disagrees with the data file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from deploy.demo.data import Data, Session
from deploy.demo.expected import (
    HEADINGS,
    expected_mails,
    expected_own_contribution,
    expected_present,
    expected_spending,
    expected_states,
)
from deploy.demo.office import Document, Office
from deploy.demo.play import MailCounts, Play
from shared.kernel.money import euros


@dataclass(frozen=True, slots=True)
class MailFolder:
    """The mails that a real mail server accepted, by Message-ID, and how many arrived more than once."""

    kinds: Counter[str]
    copies: int

    @property
    def total(self) -> int:
        return self.kinds.total()


@dataclass(frozen=True, slots=True)
class Outcome:
    seats: list[Document]
    vacant: list[Document]
    sessions: list[Document]
    minutes: list[Document]
    """For the sessions with minutes in this system: editions and objections."""
    earlier: list[Document]
    recommendations: list[Document]
    papers: list[Document]
    owed: list[Document]
    """Open obligations from meetings and the grant, the earliest due day first."""
    budget: Document
    grant: Document
    mails: MailCounts
    tried_again: int
    folder: MailFolder


async def read_back(play: Play, mail_folder: Path) -> Outcome:
    office, data = play.office, play.data
    await office.until_views_are_current()
    grants = await office.items("funding", "/grants")
    mails = await office.items("notifications", "/mails")
    return Outcome(
        seats=await office.items("members", "/roster", on=data.story[-1].at.date().isoformat()),
        vacant=await office.items("members", "/vacancies"),
        sessions=await sessions_in_full(office, data),
        minutes=[await office.read("meetings", f"/sessions/{one.session}/minutes") for one in written_here(data)],
        earlier=await office.items("members", "/earlier-conferences"),
        recommendations=await office.items("meetings", "/recommendations"),
        papers=await office.items("meetings", "/papers"),
        owed=await owed(office),
        budget=await office.read("funding", f"/budget/{data.grant.grant}"),
        grant=next(grant for grant in grants if grant["grant"] == data.grant.grant),
        mails=await play.mails(),
        tried_again=sum(mail["attempts"] > 1 for mail in mails),
        folder=read_folder(mail_folder),
    )


async def owed(office: Office) -> list[Document]:
    found = [
        {**one, "service": service}
        for service in ("meetings", "funding")
        for one in await office.items(service, "/obligations")
    ]
    return sorted(found, key=lambda one: str(one["due_on"]))


def written_here(data: Data) -> list[Session]:
    return [session for session in data.sessions if session.texts]


async def sessions_in_full(office: Office, data: Data) -> list[Document]:
    names = [session["session"] for session in await office.items("meetings", "/sessions")]
    in_order = sorted(names, key=lambda name: data.session(name).held_at.starts)
    return [await office.read("meetings", f"/sessions/{name}") for name in in_order]


HEADERS = BytesHeaderParser(policy=default)


def read_folder(folder: Path) -> MailFolder:
    kinds: dict[str, str] = {}
    files = sorted(folder.glob("*.eml"))
    for file in files:
        mail = HEADERS.parsebytes(file.read_bytes())
        subject = str(mail["Subject"]).strip()
        kinds[str(mail["Message-ID"])] = HEADINGS.get(subject.partition(":")[0], subject)
    return MailFolder(Counter(kinds.values()), len(files) - len(kinds))


def disagreements(data: Data, outcome: Outcome) -> list[str]:
    return [
        *_seats(data, outcome),
        *_sessions(data, outcome),
        *_minutes(data, outcome),
        *_registers(data, outcome),
        *_mails(data, outcome),
        *_money(data, outcome),
    ]


def _seats(data: Data, outcome: Outcome) -> Iterable[str]:
    occupied = {seat["seat"] for seat in outcome.seats if seat["person"]}
    yield from _differs("Sitze", len(data.seats), len(outcome.seats))
    filled = data.filled_on(date.max)
    yield from _differs("besetzte Sitze", sorted(filled), sorted(occupied))
    vacant = sorted(seat["seat"] for seat in outcome.vacant)
    yield from _differs("unbesetzte Sitze", sorted({*data.seats} - {*filled}), vacant)
    since = {seat["seat"]: seat.get("since") for seat in outcome.seats}
    for taken in data.invented.hand_overs + data.invented.late:
        yield from _differs(f"{taken.seat} besetzt seit", taken.since.isoformat(), since[taken.seat])
    deputies = sorted(seat["seat"] for seat in outcome.seats if seat["deputy"])
    yield from _differs("Sitze mit Stellvertretung", sorted(data.invented.deputies.seats), deputies)


def _sessions(data: Data, outcome: Outcome) -> Iterable[str]:
    states = {session["session"]: session["state"] for session in outcome.sessions}
    yield from _differs("Sitzungen", expected_states(data), states)
    for found in outcome.sessions:
        wanted = data.session(found["session"])
        if found["state"] == "closed":
            invited = data.invited_seats(wanted) + data.deputies_at(wanted)
            present = expected_present(data, wanted)
            yield from _differs(f"Anwesende bei {wanted.session}", present, found["present"])
            guests = wanted.guests + wanted.late_guests
            yield from _differs(f"Eingeladene zu {wanted.session}", len(invited) + len(guests), found["invited"])
        items = len(wanted.agenda) + (wanted.supplement is not None)
        yield from _differs(f"Tagesordnungspunkte von {wanted.session}", items, len(found["agenda"]))
        first = (found.get("second_of") or {}).get("session")
        yield from _differs(f"zweite Sitzung zu: {wanted.session}", wanted.second_of, first)
        if wanted.kind == "plenary":
            quorum = found["quorum"] or {}
            yield from _differs(f"beschlussfähig: {wanted.session}", wanted.came is None, quorum.get("established"))


def _minutes(data: Data, outcome: Outcome) -> Iterable[str]:
    for session, found in zip(written_here(data), outcome.minutes, strict=True):
        yield from _differs(f"Niederschrift von {session.session}", "approved", found["state"])
        answers = [one["answer"] for one in found["objections"]]
        yield from _differs(f"Einwendungen zu {session.session}", ["corrected"] if session.objection else [], answers)
        yield from _differs(f"Fassungen zu {session.session}", 1 + len(answers), len(found["editions"]))


def _registers(data: Data, outcome: Outcome) -> Iterable[str]:
    found = {one["recommendation"]: one["state"] for one in outcome.recommendations}
    is_reported = any(step.do == "report_recommendation" for step in data.story)
    yield from _differs("Empfehlungen", {data.recommendation.recommendation: "reported"} if is_reported else {}, found)
    papers = {one["reference"]: one["state"] for one in outcome.papers}
    yield from _differs("Vorlagen", {data.paper.reference: "decided"}, papers)
    earlier = {one["earlier"]: one["working_groups"] for one in outcome.earlier}
    yield from _differs("frühere Konferenzen", {one.earlier: one.working_groups for one in data.earlier}, earlier)


def _mails(data: Data, outcome: Outcome) -> Iterable[str]:
    wanted = expected_mails(data)
    sent, letters = by_state(outcome.mails, "sent"), letters_of(outcome)
    yield from _differs("versandte E-Mails", +wanted.emails, sent)
    yield from _differs("Briefe", +wanted.letters, letters)
    are_posted = any(step.do == "post_letters" for step in data.story)
    due = by_state(outcome.mails, "letter")
    yield from _differs("Briefe, die noch fällig sind", Counter() if are_posted else +wanted.letters, due)
    superseded = by_state(outcome.mails, "superseded")
    yield from _differs("überholte Briefe", +wanted.superseded, superseded)
    others = outcome.mails.total() - sent.total() - letters.total() - superseded.total()
    yield from _differs("Schreiben in anderem Zustand", 0, others)
    yield from _differs("E-Mails im Postfach", +wanted.emails, outcome.folder.kinds)
    if outcome.folder.copies > outcome.tried_again:
        yield f"E-Mails doppelt zugestellt: {outcome.folder.copies}"


def letters_of(outcome: Outcome) -> Counter[str]:
    return by_state(outcome.mails, "letter") + by_state(outcome.mails, "posted")


def by_state(counts: MailCounts, wanted: str) -> Counter[str]:
    return Counter({kind: count for (kind, state), count in counts.items() if state == wanted})


def _money(data: Data, outcome: Outcome) -> Iterable[str]:
    spent = {line["line"]: line["booked"] - line["reversed"] for line in outcome.budget["lines"]}
    yield from _differs("Ausgaben", expected_spending(data), spent)
    planned = {line["line"]: line["planned"] for line in outcome.budget["lines"]}
    yield from _differs("Ansätze", {line.line: line.amount for line in data.grant.plan}, planned)
    yield from _differs("bewilligt", euros(data.grant.amount), euros(outcome.budget["awarded"]))
    own = euros(outcome.budget["own_contribution"])
    yield from _differs("Eigenanteil", euros(data.grant.own_contribution), own)
    yield from _differs("nachgewiesene Stunden", euros(expected_own_contribution(data)), own)
    drawn = sum(drawdown.amount for drawdown in data.money.drawdowns)
    yield from _differs("ausgezahlt", euros(drawn), euros(outcome.budget["drawn"]))
    yield from _proof(data, outcome.grant.get("proof") or {})


def _proof(data: Data, proof: Document) -> Iterable[str]:
    figures = {line["line"]: line["spent"] for line in proof.get("lines", [])}
    yield from _differs("Verwendungsnachweis", expected_spending(data), figures)
    yield from _differs("Belege im Verwendungsnachweis", len(data.money.expenses), proof.get("receipts"))


def _differs(what: str, wanted: object, found: object) -> Iterable[str]:
    if wanted != found:
        yield f"{what}: erwartet {wanted}, gefunden {found}"
