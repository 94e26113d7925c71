"""Neither right nor wrong but worth knowing: duplicates by cause, and how long nothing was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.campaign.dump import Dump
from tests.campaign.evidence import SERVICES, Evidence, place_of
from tests.campaign.history import Line

NANO = 1e9


@dataclass(frozen=True, slots=True)
class Window:
    """From a fault's beginning to the rest after it (or to the next fault), on both clocks."""

    t: tuple[int, int]
    wall: tuple[int, int]

    @property
    def seconds(self) -> float:
        return round((self.t[1] - self.t[0]) / NANO, 1)


@dataclass(frozen=True)
class Measures:
    duplicates: dict[str, int]
    """By cause: a record published again, a planted one, a mail sent again, an answer given again."""
    accepted: int
    unavailable: float
    """Seconds: the longest time in which no command at all was accepted."""
    unavailable_by_service: dict[str, float] = field(default_factory=dict)


def window(history: Sequence[Line], fault: str) -> Window:
    [on] = [line for line in history if line["type"] == "fault" and line["id"] == fault and line["state"] == "on"]
    ends = [line for line in history if line["t"] > on["t"] and (line["type"] == "drained" or _begins(line))]
    end = ends[0] if ends else history[-1]
    return Window((on["t"], end["t"]), (on["wall"], end["wall"]))


def _begins(line: Line) -> bool:
    return (line["type"], line.get("state")) == ("fault", "on")


def measure(history: Sequence[Line], dump: Dump, during: Window) -> Measures:
    oks = [line for line in history if line["type"] == "ok" and during.t[0] <= line["t"] <= during.t[1]]
    return Measures(
        duplicates={cause: number for cause, number in _duplicates(history, dump, during, oks).items() if number},
        accepted=len(oks),
        unavailable=_longest_gap(during, oks),
        unavailable_by_service={
            name: _longest_gap(during, [line for line in oks if line["op"].startswith(f"{name}.")])
            for name in SERVICES
            if name != "notifications"
        },
    )


def _duplicates(history: Sequence[Line], dump: Dump, during: Window, oks: Sequence[Line]) -> dict[str, int]:
    run = Evidence(history, dump)
    published = planted = 0
    seen: set[str] = set()
    for heard in run.heard:
        again = heard.id in seen
        seen.add(heard.id)
        if again and during.wall[0] <= heard.record.at <= during.wall[1]:
            planted += place_of(heard.record) in run.planted
            published += place_of(heard.record) not in run.planted
    return {
        "published again": published,
        "planted": planted,
        "mailed again": _copies(dump, during),
        "answered again": sum(line["replayed"] for line in oks),
    }


def _copies(dump: Dump, during: Window) -> int:
    seen: set[str] = set()
    copies = 0
    for mail in sorted(dump.mails, key=lambda one: one.at):
        copies += mail.id in seen and during.wall[0] <= mail.at <= during.wall[1]
        seen.add(mail.id)
    return copies


def _longest_gap(during: Window, oks: Sequence[Line]) -> float:
    """Behind the last one the load rests; where there is none, all the time was without."""
    moments: list[int] = [during.t[0], *(line["t"] for line in oks)] if oks else [*during.t]
    return round(max(after - before for before, after in pairwise(moments)) / NANO, 1)
