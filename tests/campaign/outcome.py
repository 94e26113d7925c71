"""What a fault did to the installation: what the report shows, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.campaign.evidence import Violation
from tests.campaign.fault import Fault
from tests.campaign.measures import Measures


@dataclass(frozen=True)
class Outcome:
    name: str
    sentence: str
    group: str
    violations: Sequence[Violation] = ()
    excused: Sequence[str] = ()
    """What the fault's nature excuses, with the reason."""
    failure: str = ""
    """What the fault expected of the installation itself and did not see."""
    drain_seconds: float = 0.0
    seconds: float = 0.0
    measures: Measures = field(default_factory=lambda: Measures({}, 0, 0.0))

    @property
    def good(self) -> bool:
        return not self.violations and not self.failure


def outcome(
    fault: Fault, found: Sequence[Violation], failure: str, drain: float, seconds: float, measures: Measures
) -> Outcome:
    """``found`` are the violations that were not there before the fault."""
    excused, caught = fault.allows.excused, fault.allows.caught
    bad = [one for one in found if one.invariant not in {*excused, *caught}]
    blind = sorted(caught - {one.invariant for one in found})
    if blind:
        bad.append(Violation(blind[0], "the checker did not report what this fault must break", fault.name))
    reasons = [f"{one}: {why}" for one, why in excused.items()]
    reasons += [f"{one}: caught, as it must be" for one in sorted(caught - set(blind))]
    return Outcome(fault.name, fault.sentence, fault.group, bad, reasons, failure, drain, seconds, measures)
