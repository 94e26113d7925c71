"""One document a seat group: of whom it is yet to be said that they have left a seat, and when the next is due."""

from __future__ import annotations

from datetime import date, datetime

from services.members.domain.leavings import Leaving, leavings
from services.members.domain.mandates import AnnounceLeaving
from shared.contracts.envelope import Envelope
from shared.contracts.members import HolderLeft
from shared.contracts.occupancies import SeatEvent, Seats, as_documents, from_documents, seats_after
from shared.declarations.projection import Document, projection
from shared.declarations.reaction import Deadline
from shared.kernel.time import day_after, iso, start_of

LeavingEvent = SeatEvent | HolderLeft


def fold_leaving(document: Document | None, event: LeavingEvent, envelope: Envelope) -> Document:
    known = document or {"seats": [], "said": []}
    said, seats = known["said"], from_documents(known["seats"])
    if isinstance(event, HolderLeft):
        said = [*said, _row(Leaving(event.seat, event.person, event.until))]
    else:
        seats = seats_after(seats, event)
    return {"group": event.group, "seats": as_documents(seats), "said": said, **_next(seats, said)}


def _next(seats: Seats, said: list[list[str]]) -> Document:
    to_come = sorted((one for one in leavings(seats) if _row(one) not in said), key=lambda one: (one.until, *one[:2]))
    if not to_come:
        return {"next": None, "due": None}
    return {"next": _row(to_come[0]), "due": iso(start_of(day_after(to_come[0].until)))}


def _row(one: Leaving) -> list[str]:
    return [one.seat, one.person, one.until.isoformat()]


def announce(document: Document, now: datetime) -> AnnounceLeaving:
    seat, person, until = document["next"]
    about = {"conference": document["conference"], "group": document["group"], "seat": seat, "person": person}
    return AnnounceLeaving(**about, until=date.fromisoformat(until), at=now, by="clock")


LEAVINGS = projection("leavings", fold_leaving, indexes=("due",))
LEAVING = Deadline(LEAVINGS, announce)
