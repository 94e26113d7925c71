"""Plans a batch for one stream: old events are dropped, the next are applied; a gap, a fork or poison parks.

Pure: everything is decided before anything is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.declarations.projection import Document
from shared.declarations.reaction import Reaction
from shared.kernel.decider import Command
from shared.runtime.delivery.parked import BEHIND, FORK, GAP, POISON, STUCK, ParkedRow
from shared.runtime.delivery.records import Received


@dataclass(slots=True)
class Plan:
    """The result of one batch for one stream: apply these, park those, release what was parked before."""

    stream: str
    last: int
    event: str
    held: bool
    apply: list[Received] = field(default_factory=list)
    park: list[ParkedRow] = field(default_factory=list)
    release: list[str] = field(default_factory=list)
    commands: dict[str, list[tuple[Reaction, Command]]] = field(default_factory=dict)
    dropped: int = 0

    def cut(self, index: int, reason: str, problem: str) -> None:
        """Nothing of this batch is applied from the event at ``index`` on; later events queue behind it."""
        stopped, *behind = self.apply[index:]
        self.park = [
            stopped.parked(reason, problem),
            *(received.parked(BEHIND, "behind a parked event") for received in behind),
            *self.park,
        ]
        self.apply = self.apply[:index]
        still_parked = {row.id for row in self.park}
        self.release = [row_id for row_id in self.release if row_id not in still_parked]

    def position(self) -> Document:
        last = self.apply[-1].envelope if self.apply else None
        return {
            "_id": self.stream,
            "last": last.sequence if last else self.last,
            "event": last.id if last else self.event,
            "held": bool(self.park or self.release),
        }

    def moved(self) -> bool:
        return bool(self.apply or self.park or self.release) or self.held


def plan(
    stream: str,
    position: Document | None,
    incoming: Sequence[Received],
    kept: Sequence[ParkedRow],
    retry: bool = False,
) -> Plan:
    """Pure: old, next, gap, fork or poison. ``incoming`` may include what ``kept`` holds, in any order."""
    at = position or {"last": 0, "event": "", "held": False}
    made = Plan(stream, at["last"], at["event"], at["held"])
    last, event = made.last, made.event
    stuck = not retry and any(row.reason in STUCK and not is_over(row, last, event) for row in kept)
    reasons = {row.id: row for row in kept}
    for received in sorted(incoming, key=_sequence) if len(incoming) > 1 else incoming:
        envelope = received.envelope
        row = reasons.get(received.row_id) if reasons else None
        if envelope.sequence < last or envelope.id == event:
            made.dropped += 1
            made.release += [row.id] if row else []
        elif row and stuck:
            made.park.append(row)
        elif envelope.sequence == last:
            made.park.append(received.parked(FORK, "the sequence is taken by another event"))
            stuck = True
        elif stuck:
            made.park.append(received.parked(BEHIND, "behind a parked event"))
        elif envelope.sequence > last + 1:
            made.park.append(received.parked(GAP, f"{last + 1} is missing"))
        elif received.problem:
            made.park.append(received.parked(POISON, received.problem))
            stuck = True
        else:
            made.apply.append(received)
            last, event = envelope.sequence, envelope.id
            made.release += [row.id] if row else []
    return made


def is_over(row: ParkedRow, last: int, event: str) -> bool:
    """A superseded worker may have parked an event that another has applied since: it holds up nothing."""
    return (row.sequence or 0) < last or row.event == event


def _sequence(received: Received) -> int:
    return received.envelope.sequence
