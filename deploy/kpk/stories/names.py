"""Names of groups, seats, sessions and grants, from the events read so far. No names of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.contracts.envelope import Envelope
from shared.runtime.recent import Recent

REMEMBERED = 20_000
"""The most names; a conference has some hundreds. Beyond it the oldest appear as short names again."""

NAMING = {
    "OrganisationRegistered": ("organisation", "name"),
    "WorkingGroupEstablished": ("working_group", "name"),
    "GuestPoolInvited": ("pool", "name"),
    "RecommendationDrafted": ("recommendation", "title"),
    "PaperDrafted": ("paper", "reference"),
    "GrantApplied": ("grant", "title"),
}
"""By event: the field with the key, and the field with its name."""
SESSIONS = ("SessionScheduled", "InvitationIssued", "SessionRescheduled")
NAMERS = frozenset({*NAMING, *SESSIONS, "SeatGroupOpened", "GrantAwarded"})


class Names:
    def __init__(self) -> None:
        self._names: Recent[tuple[str, str, str], str] = Recent(REMEMBERED)

    def learn(self, envelope: Envelope, fields: Mapping[str, Any]) -> None:
        for field, short, name in _named(own_name(envelope.type), fields):
            if isinstance(short, str) and isinstance(name, str):
                self._names.update({(envelope.conference, field, short): name})

    def of(self, conference: str, field: str, short: str) -> str | None:
        return self._names.get((conference, field, short))


def own_name(type_name: str) -> str:
    """``kpk.members.SeatGroupOpened.v1`` → ``SeatGroupOpened``."""
    return type_name.split(".")[-2]


def _named(event: str, fields: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The field, its short name, and the title for it."""
    if event in NAMING:
        field, name = NAMING[event]
        yield field, fields.get(field), fields.get(name)
    if event == "SeatGroupOpened":
        yield "group", fields.get("group"), fields.get("name")
        for number, seat in enumerate(_items(fields, "seats"), start=1):
            yield "seat", seat, f"{fields.get('name')} {number}"
    if event in SESSIONS and isinstance(fields.get("appointment"), dict):
        yield "session", fields.get("session"), fields["appointment"].get("title")
    for line in _items(fields, "lines") if event == "GrantAwarded" else ():
        if isinstance(line, dict):
            yield "line", line.get("line"), line.get("name")


def _items(fields: Mapping[str, Any], name: str) -> list[Any]:
    found = fields.get(name)
    return found if isinstance(found, list) else []
