"""I10: everybody gets each mail that an event means for him, once; a second copy only where an answer was lost."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.kernel.identifiers import derived_id
from tests.campaign.dump import Mail
from tests.campaign.evidence import Decided, Evidence, Violation

ENDS = (
    "NotificationSent",
    "NotificationFailed",
    "NotificationSuppressed",
    "NotificationSuperseded",
    "PrintLetterDue",
    "NotificationHeld",
)

Expected = tuple[str, str, str]
"""Event id, person, kind of mail."""

TO_ONE = {
    "DelegateAppointed": "welcome",
    "PostHolderChanged": "welcome",
    "HolderLeft": "farewell",
    "ContactCorrected": "contact",
}
TO_THE_OFFICE = {"AnswersMissing": "answers"}
TO_MANY = {
    "InvitationIssued": "invitation",
    "InvitationExtended": "invitation",
    "GuestInvited": "invitation",
    "DeputyInvited": "invitation",
    "InvitationWithdrawn": "withdrawal",
    "AgendaSupplemented": "supplement",
    "SessionRescheduled": "update",
    "SessionCancelled": "cancellation",
    "DeadlineStageReached": "reminder",
    "MinutesSent": "minutes",
    "MinutesCorrected": "minutes",
    "ApprovedMinutesSent": "minutes",
}
# How a mail may end without arriving. The others mean that a fault has cost somebody his mail.
GOOD_REASONS = frozenset({"erased", "expired", "rejected", "content_refused", "unanswered"})
WITHHELD = frozenset({"never_told", "withdrawn"})
ABOUT_AN_APPOINTMENT = frozenset({"invitation", "withdrawal", "supplement", "update", "cancellation", "reminder"})


def expected_mails(decided: list[Decided]) -> set[Expected]:
    """From the events alone: who is to hear of what."""
    mails: set[Expected] = set()
    for event in decided:
        name, told = event.type.split(".")[2], json.loads(event.data)
        if name in TO_ONE and not told.get("long_ago"):
            mails.add((event.id, told["person"], TO_ONE[name]))
        if name in TO_THE_OFFICE:
            mails.add((event.id, derived_id("office", event.stream.partition("/")[0]), TO_THE_OFFICE[name]))
        if name in TO_MANY:
            mails |= {(event.id, to["person"], TO_MANY[name]) for to in told["recipients"]}
    return mails | _dropped(decided)


def _dropped(decided: list[Decided]) -> set[Expected]:
    """Who was invited once, and not by the last invitation, hears of the end too, unless it was withdrawn from him."""
    mails: set[Expected] = set()
    invited: dict[str, set[str]] = defaultdict(set)
    for event in sorted(decided, key=lambda one: (one.stream, one.sequence)):
        name, told = event.type.split(".")[2], json.loads(event.data)
        if TO_MANY.get(name) in ABOUT_AN_APPOINTMENT:
            people = {to["person"] for to in told["recipients"]}
            if name == "SessionCancelled" and people:
                mails |= {(event.id, person, "cancellation") for person in invited[event.stream] - people}
            is_over = name == "InvitationWithdrawn"
            invited[event.stream] = invited[event.stream] - people if is_over else invited[event.stream] | people
    return mails


@dataclass
class Life:
    """A mail as its stream tells it."""

    about: Expected
    attempts: int = 0
    ambiguous: int = 0
    unanswered: int = 0
    end: str = ""
    reason: str = ""
    by: str = ""
    address: str = ""
    copies: list[Mail] = field(default_factory=list)


def everybody_is_written_to_once(run: Evidence) -> Iterator[Violation]:
    lives = _lives(run)
    for mail in run.dump.mails:
        name = mail.id.strip("<>").partition("@")[0]
        if name in lives:
            lives[name].copies.append(mail)
        else:
            yield Violation("I10", "a mail was sent that nobody queued", mail.id)
    queued: dict[Expected, int] = defaultdict(int)
    for life in lives.values():
        queued[life.about] += 1
    expected = expected_mails(run.decided)
    for about in sorted(expected | queued.keys()):
        if queued[about] != (about in expected):
            yield Violation("I10", f"{queued[about]} mails are queued where one is meant or none", " ".join(about))
    for name, life in lives.items():
        yield from _ended_well(run, name, life)
        yield from _gave_way(lives, name, life)
    yield from _nothing_is_overtaken(run, lives)


def _lives(run: Evidence) -> dict[str, Life]:
    lives: dict[str, Life] = {}
    for event in run.decided:
        if event.service == "notifications" and event.stream.split("/")[1] == "mail":
            told, name = json.loads(event.data), event.type.split(".")[2]
            if name == "NotificationQueued":
                about = (told["cause"], told["person"], told["content"]["kind"])
                lives[told["mail"]] = Life(about)
            else:
                _lived(lives[told["mail"]], name, told)
    return lives


def _lived(life: Life, name: str, told: dict[str, Any]) -> None:
    if name == "NotificationAttempted":
        life.attempts += 1
        life.unanswered += 1
        life.ambiguous += told["ambiguous"]
    elif name == "NotificationDeferred":
        life.unanswered -= 1
    elif name == "NotificationRequeued":
        life.end, life.reason, life.by = "", "", ""
    elif name in ENDS:
        life.end, life.reason, life.by = name, told.get("reason", ""), told.get("by", "")
        life.address = told.get("address", "")


def _ended_well(run: Evidence, name: str, life: Life) -> Iterator[Violation]:
    copies, person = len(life.copies), run.people.get(life.about[1])
    if life.end == "NotificationSent" and copies == 0:
        yield Violation("I10", "a mail is said to be sent and never arrived", name)
    if life.end == "NotificationHeld" and life.address not in _suspended(run):
        yield Violation("I10", "a mail waits for an address that is not suspended", name)
    if not life.end or (life.end == "NotificationFailed" and life.reason not in GOOD_REASONS):
        yield Violation("I10", f"a mail did not come to a good end: {life.end} {life.reason}".strip(), name)
    if life.reason == "unanswered" and copies == 0:
        yield Violation("I10", "a mail was given up for want of an answer and never arrived", name)
    if life.end == "PrintLetterDue" and person and person["email"]:
        yield Violation("I10", "a letter is printed for somebody with an address", name)
    if copies - 1 > life.ambiguous:
        yield Violation("I10", f"{copies} copies with {life.ambiguous} ambiguous attempts", name)
    if copies > life.attempts:
        yield Violation("I10", "a mail was sent without an attempt being told first", name)
    if len({mail.sha for mail in life.copies}) > 1:
        yield Violation("I10", "two copies of a mail differ", name)
    if person and any(mail.to != person["email"] for mail in life.copies):
        yield Violation("I10", "a mail went to somebody else", name)


def _suspended(run: Evidence) -> set[str]:
    """Addresses that nobody has released."""
    found: set[str] = set()
    for event in sorted(run.decided, key=lambda one: (one.stream, one.sequence)):
        match event.type.split(".")[2]:
            case "AddressSuspended":
                found.add(json.loads(event.data)["address"])
            case "AddressReleased":
                found.discard(json.loads(event.data)["address"])
            case _:
                pass
    return found


def _gave_way(lives: Mapping[str, Life], name: str, life: Life) -> Iterator[Violation]:
    if life.end == "NotificationSuppressed" and life.reason not in WITHHELD:
        yield Violation("I10", f"a mail was held back that nobody held back: {life.reason}", name)
    if life.end == "NotificationSuppressed" and len(life.copies) > life.unanswered:
        yield Violation("I10", "a mail was held back and arrived", name)
    if life.end == "NotificationSuperseded":
        newer = lives.get(life.by)
        if newer is None or newer.about[1] != life.about[1]:
            yield Violation("I10", "a mail gave way to one that is not to the same person", name)


def _nothing_is_overtaken(run: Evidence, lives: Mapping[str, Life]) -> Iterator[Violation]:
    """To one person about one session, by the order of the events that the mails are about."""
    causes = {event.id: event for event in run.decided}
    arrived: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for name, life in lives.items():
        cause, person, kind = life.about
        if kind in ABOUT_AN_APPOINTMENT and cause in causes:
            event = causes[cause]
            arrived[event.stream, person] += [(event.sequence, copy.at, name) for copy in life.copies]
    for copies in arrived.values():
        latest = 0
        for _, at, name in sorted(copies):
            if at < latest:
                yield Violation("I10", "a mail was overtaken by a newer one to the same person", name)
            latest = max(latest, at)
