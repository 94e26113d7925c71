"""I16, read off the evidence alone: an invitation goes to whom the topic told of or its caller named, and to no others.

What an invitation was taken from is a beginning of each stream: not shorter than what lay in the topic when it was
first asked for, nor than what its caller named. One such beginning has to explain who was invited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.meetings import InvitationIssued, SessionScheduled
from shared.contracts.members import MandateEnded, PostHolderChanged, WorkingGroupJoined, WorkingGroupLeft
from shared.contracts.registry import decode
from shared.contracts.topics import events_of
from tests.storms.case import Case, Place, commits_of
from tests.storms.evidence import Line

NOT_THERE = ("ConferenceUnknown", "WorkingGroupUnknown", "SessionUnknown", "NobodyToInvite")
"""In these stories nobody who names what was answered lacks any of it."""

Recipients = frozenset[tuple[str, str | None]]


def invitations_rest_on_what_was_known(case: Case) -> Iterable[str]:
    if not {"members", "meetings"} <= case.evidence.services.keys():
        return
    streams = streams_of(case)
    groups = scheduled_for(case)
    for line in case.evidence.history:
        if line.rule in NOT_THERE and line.seen:
            yield f"{line.key} was refused ({line.rule}), and its caller had named whom it goes to"
        for invited in invited_by(case, line):
            working_group = groups[invited.session]
            for stream, places in streams.items():
                kind, name = stream.split("/")[1:]
                told = recipients_of(invited, None if working_group else name)
                if kind == ("working-group" if working_group else "seat-group") and working_group in (None, name):
                    least = least_known(case, line, stream)
                    possible = [people_after(places[:known]) for known in range(least, len(places) + 1)]
                    if told not in possible:
                        yield f"{line.key} invited {sorted(told, key=str)} by {stream}, known up to {least} at least"


def streams_of(case: Case) -> dict[str, list[Place]]:
    streams: dict[str, list[Place]] = {}
    for place in case.events["members"]:
        streams.setdefault(place.stream, []).append(place)
    return streams


def scheduled_for(case: Case) -> Mapping[str, str | None]:
    """By session its working group."""
    told = [decode(place.type, place.data) for place in case.events["meetings"]]
    return {event.session: event.working_group for event in told if isinstance(event, SessionScheduled)}


def invited_by(case: Case, line: Line) -> Iterable[InvitationIssued]:
    for commit in commits_of(case, line.service, line.key) if line.kind == "ok" else ():
        events = [decode(told["type"], told["data"]) for told in commit["events"]]
        yield from (event for event in events if isinstance(event, InvitationIssued))


def recipients_of(invited: InvitationIssued, group: str | None) -> Recipients:
    """Of a seat group those on its own seats; of a working group everybody."""
    everybody = [(to.person, to.seat) for to in invited.recipients]
    return frozenset(one for one in everybody if group is None or (one[1] or "").rpartition("-")[0] == group)


def least_known(case: Case, line: Line, stream: str) -> int:
    """The last sequence that could be read when the command was first asked for, or that was named."""
    asked = min(one.asked for one in case.evidence.history if one.key == line.key)
    there = [
        envelope.sequence
        for record, envelope in case.heard[events_of("members").name]
        if envelope.stream == stream and case.evidence.readable_since[record.place] <= asked
    ]
    named = [int(number) for seen, _, number in (one.rpartition(":") for one in line.seen) if seen == stream]
    return max([0, *there, *named])


def people_after(places: Iterable[Place]) -> Recipients:
    sits: dict[Any, tuple[str, str | None]] = {}
    for place in places:
        match decode(place.type, place.data):
            case PostHolderChanged() as event:
                sits[event.seat] = (event.person, event.seat)
            case MandateEnded() as event:
                sits.pop(event.seat)
            case WorkingGroupJoined() as event:
                sits[event.person] = (event.person, event.seat)
            case WorkingGroupLeft() as event:
                sits.pop(event.person)
            case _:
                pass
    return frozenset(sits.values())
