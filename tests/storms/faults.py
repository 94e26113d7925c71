"""What may befall a storm: drawn from its seed, one by one, so that each can be left out and the rest replayed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tests.storms.world.wire import Blow, Strike

STORM_SECONDS = 3.0

Kind = Literal[
    "database lags",
    "database fails over",
    "topics lag",
    "topics fail over",
    "member expelled",
    "mail server away",
    "mail answered",
    "junk in a topic",
    "copy before its turn",
    "bad deployment",
    "operator retries",
    "clock wrong",
    "event forged",
]
KINDS = (*get_args(Kind)[:-1], "database fails over", "database fails over", "copy before its turn", "member expelled")
"""Some more often than others, because little happens when they strike at the wrong moment."""

MAIL_ANSWERS = ("later", "never", "broken off before", "broken off after")


@dataclass(frozen=True, slots=True)
class Turn:
    """A fault at a moment. ``target`` is a process, a service or an answer; ``number`` a mail or minutes."""

    kind: Kind
    at: float
    seconds: float = 0.0
    target: str = ""
    number: int = 0

    def __str__(self) -> str:
        told = [self.target, str(self.number) if self.number else "", f"{self.seconds:.2f} s" if self.seconds else ""]
        return f"{self.at:.3f} s: {self.kind} ({', '.join(part for part in told if part)})"


Fault = Blow | Turn

_STRIKES: tuple[Strike, ...] = get_args(Strike)


CALLS = (
    *("find journal", "insert journal", "bulk journal", "send {}", "find view", "bulk view", "find positions"),
    *("bulk positions", "bulk bookmarks", "bulk parked", "find parked", "fetch", "commit", "join", "connect", "ends"),
)
"""What every process asks of its servers; any of it may be struck."""

OWN_CALLS = {
    "members": ("find people", "update people", "bulk people", "send people"),
    "meetings": (),
    "notifications": ("find contacts", "bulk contacts", "greet", "mail"),
}


def drawn(chance: random.Random, services: Sequence[str], names: Sequence[str], clients: Sequence[str]) -> list[Fault]:
    faults: list[Fault] = [_turn(chance, services, names) for _ in range(chance.randint(1, 7))]
    faults += [_blow(chance, chance.choice(names)) for _ in range(chance.randint(1, 6))]
    faults += [_lost_order(chance, chance.choice(clients)) for _ in range(chance.randint(0, 3))]
    faults += [_zombie(chance, chance.choice(names)) for _ in range(chance.randint(0, 3))]
    faults += [Turn("event forged", _moment(chance)) for _ in range(chance.randint(0, 2))]
    return faults


def _blow(chance: random.Random, name: str) -> Blow:
    service = name.partition("-")[0]
    call = chance.choice(chance.choice((CALLS, CALLS, OWN_CALLS[service])) or CALLS).format(service)
    return Blow(name, call, _moment(chance), chance.choice(_STRIKES[:-1]), _seconds(chance))


def _lost_order(chance: random.Random, client: str) -> Blow:
    return Blow(client, "order", _moment(chance), chance.choice(_STRIKES[4:]), _seconds(chance))


def _zombie(chance: random.Random, name: str) -> Blow:
    """Stopped with a decision made and not yet written, for so long that others have taken over and gone on."""
    own = ("send people", "send people") if name.startswith("members") else ()
    writes = ("bulk view", "bulk positions", *own)
    return Blow(name, chance.choice(writes), _moment(chance), "stopped before sending", chance.uniform(1.6, 3.5))


def _moment(chance: random.Random) -> float:
    return chance.uniform(0.1, STORM_SECONDS * 0.8)


def _turn(chance: random.Random, services: Sequence[str], names: Sequence[str]) -> Turn:
    kind, at = chance.choice(KINDS), _moment(chance)
    match kind:
        case "mail answered":
            return Turn(kind, 0, target=chance.choice(MAIL_ANSWERS), number=chance.randint(1, 6))
        case "clock wrong":
            return Turn(kind, 0, target=chance.choice(names), number=chance.randint(-20, 20))
        case "member expelled":
            return Turn(kind, at, target=chance.choice(names))
        case "junk in a topic" | "copy before its turn" | "bad deployment" | "operator retries":
            return Turn(kind, at, _seconds(chance), chance.choice(services))
        case _:
            return Turn(kind, at, _seconds(chance))


def _seconds(chance: random.Random) -> float:
    """Mostly short, at times longer than a consumer's session."""
    return chance.choice((0.05, 0.2, 0.6, 2.5)) * chance.uniform(0.5, 1.5)
