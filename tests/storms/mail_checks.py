"""I10, read off the evidence alone: which mails were wanted, which batch, and what became of the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.contracts.notifications import NotificationHeld
from shared.contracts.registry import decode
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from tests.kit.when import CONFERENCE
from tests.storms.case import Case, Place

FINISHED = (
    "NotificationSent",
    "PrintLetterDue",
    "NotificationFailed",
    "NotificationSuperseded",
    "NotificationSuppressed",
)
DUE = "PrintLetterDue"
NOT_POSTED = ("NotificationSuperseded", "NotificationSuppressed", "NotificationFailed")
"""So a letter that was due may end: a newer mail makes it untrue, the office holds it back, its recipient is erased."""
HELD = "NotificationHeld"
"""So a mail may stand at the end as well, where nobody has released its address."""
GOOD_REASONS = (None, "expired", "erased", "unanswered", "rejected", "gave_up", "never_told", "withdrawn")
ABOUT_AN_APPOINTMENT = ("invitation", "update", "reminder")
AFTER_ERASURE = 12.0
"""Seconds: longer than all stops and lags of one storm between reading an address and using it."""


def every_mail_is_sent_once(case: Case) -> Iterable[str]:
    if "notifications" not in case.evidence.services:
        return
    expected = dict(mails_expected(case))
    copies = Counter(message.split()[0].decode() for message in (copy.message for copy in case.evidence.copies))
    streams = defaultdict[str, list[Place]](list)
    for place in case.events["notifications"]:
        streams[place.stream.rpartition("/")[2]].append(place)
    yield from (f"mail {mail} was sent and nobody asked for it" for mail in copies.keys() - expected.keys())
    for mail, events in streams.items():
        ambiguous = sum(bool(getattr(decode(place.type, place.data), "ambiguous", False)) for place in events)
        if copies[mail] - 1 > ambiguous:
            yield f"mail {mail} was sent {copies[mail]} times, with {ambiguous} attempts known to be ambiguous"
    for mail, person in expected.items():
        yield from mail_is_finished(case, mail, person, streams[mail], copies[mail])
    yield from contents_are_one(case)
    yield from nothing_is_overtaken(case)
    yield from the_newer_mail_is_there(streams, expected)
    yield from nothing_after_erasure(case)


def mail_is_finished(case: Case, mail: str, person: str, events: Sequence[Place], copies: int) -> Iterable[str]:
    types, ends = [_kind(place) for place in events], ends_of(events)
    if types[:1] != ["NotificationQueued"] or len(ends) != 1:
        yield f"mail {mail} to {person} has the history {types}"
        return
    reason = getattr(decode(ends[0].type, ends[0].data), "reason", None)
    if _kind(ends[0]) == "NotificationSent" and not copies:
        yield f"mail {mail} is said to be sent and never batch"
    if reason not in GOOD_REASONS:
        yield f"mail {mail} was given up: {reason}"
    if types[-1] == HELD and not _is_suspended(case, decode(ends[0].type, ends[0].data)):
        yield f"mail {mail} waits for an address that is not suspended"
    was_refused = any(mail.encode() in copy.message for copy in case.evidence.refused)
    if reason == "rejected" and not was_refused:
        yield f"mail {mail} is said to be rejected, and no server did"


def ends_of(events: Sequence[Place]) -> list[Place]:
    """How a mail ended after it was last queued: once, if all is well."""
    again = [number for number, place in enumerate(events) if _kind(place) == "NotificationRequeued"]
    last = events[max(again, default=0) :]
    ends = [place for place in last if _kind(place) in FINISHED or (_kind(place) == HELD and place is events[-1])]
    was_due = len(ends) == 2 and _kind(ends[0]) == DUE and _kind(ends[1]) in NOT_POSTED
    return ends[1:] if was_due else ends


def _kind(place: Place) -> str:
    return place.type.split(".")[2]


def _is_suspended(case: Case, held: Event) -> bool:
    """Whether nobody has released the address that a mail waits for."""
    stream = f"/address/{held.address}" if isinstance(held, NotificationHeld) else "/"
    said = [_kind(place) for place in case.events["notifications"] if place.stream.endswith(stream)]
    return said[-1:] == ["AddressSuspended"]


def contents_are_one(case: Case) -> Iterable[str]:
    """All copies of a mail are for one person, whatever address they had at the time."""
    told = defaultdict[bytes, set[bytes]](set)
    for copy in case.evidence.copies:
        mail, *what, _ = copy.message.split()
        told[mail].add(b" ".join(what))
    yield from (
        f"mail {mail.decode()} was sent with {len(found)} contents" for mail, found in told.items() if len(found) > 1
    )


def nothing_is_overtaken(case: Case) -> Iterable[str]:
    """To one person about one session, by the order of the events that the mails are about; copies may repeat one."""
    places = {place.id: place for service in case.evidence.services for place in case.events[service]}
    last: dict[tuple[str, str], int] = {}
    for copy in sorted(case.evidence.copies, key=lambda one: one.at):
        mail, cause, kind, person, *_ = copy.message.decode().split()
        if kind not in ABOUT_AN_APPOINTMENT or cause not in places:
            continue
        about, order = (places[cause].stream, person), places[cause].sequence
        if order < last.get(about, 0):
            yield f"mail {mail} to {person} was overtaken by one about event {last[about]} of {about[0]}"
        last[about] = max(order, last.get(about, 0))


def the_newer_mail_is_there(streams: Mapping[str, Sequence[Place]], expected: Mapping[str, str]) -> Iterable[str]:
    for mail, events in streams.items():
        for place in events:
            newer = getattr(decode(place.type, place.data), "by", None)
            if newer is not None and (newer not in streams or expected.get(newer) != expected.get(mail)):
                yield f"mail {mail} gave way to {newer}, which is not to the same person or not there"


def nothing_after_erasure(case: Case) -> Iterable[str]:
    for copy in case.evidence.copies:
        person = copy.message.split()[3].decode()
        if copy.at > case.evidence.erased_at.get(person, copy.at) + AFTER_ERASURE:
            yield f"{person} was written to {copy.at - case.evidence.erased_at[person]:.1f} s after the erasure"


def mails_expected(case: Case) -> Iterable[tuple[str, str]]:
    """Which mails the events ask for, and to whom: said once more, in another way than the service does."""
    kinds = {
        "DelegateAppointed": "welcome",
        "InvitationIssued": "invitation",
        "InvitationExtended": "invitation",
        "InvitationWithdrawn": "withdrawal",
        "GuestInvited": "invitation",
        "DeputyInvited": "invitation",
        "SessionRescheduled": "update",
        "DeadlineStageReached": "reminder",
        "HolderLeft": "farewell",
        "ContactCorrected": "contact",
        "AnswersMissing": "answers",
    }
    for service in case.events.keys() - {"notifications"}:
        for place in case.events[service]:
            kind = kinds.get(_kind(place))
            if kind is not None:
                event: Any = decode(place.type, place.data)
                for to in _to(kind, event):
                    yield derived_id("mail", place.id, kind, to), to


def _to(kind: str, event: Any) -> set[str]:
    match kind:
        case "welcome" | "contact":
            return {event.person}
        case "farewell":
            return set() if event.long_ago else {event.person}
        case "answers":
            return {derived_id("office", CONFERENCE)}
        case _:
            return {one.person for one in event.recipients}
