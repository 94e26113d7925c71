"""`kpk status` says what is amiss, in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.health import Disk, Health, ProcessHealth, troubles_of
from shared.runtime.operating.gauges import disk_used_percent
from shared.runtime.operating.limits import LIMITS

GB = 10**9

WELL = {"ready": True, "degraded": [], "unpublished": 0, "lag": {}, "parked": 0}


def health(alive: bool = True, **told: object) -> Health:
    kafka = ProcessHealth("kafka", 7, [9092], alive, 1.0, 300.0)
    return Health("/data", [kafka], {"members": {**WELL, **told}})


def test_all_well() -> None:
    assert health().troubles == []


def test_a_dead_process_is_named() -> None:
    assert health(alive=False).troubles == ["kafka is dead"]


def test_what_a_service_says_against_itself_is_repeated() -> None:
    told = health(ready=False, degraded=["kafka unreachable"], parked=2).troubles
    assert told == [
        "members is not ready",
        "members: kafka unreachable",
        "members: 2 parked (kpk parked list)",
    ]


@pytest.mark.parametrize(
    ("used", "free", "trouble"),
    [
        (90 * GB, 10 * GB, None),
        (97 * GB, 3 * GB, "the disk is nearly full: 3,000 MB are left."),
        (100 * GB, 0, "the disk is full: 0 MB are left."),
    ],
)
def test_a_disk_is_told_before_anything_dies_of_it(used: int, free: int, trouble: str | None) -> None:
    told = replace(health(), disk=Disk(used, free)).troubles
    assert [line.partition(" Make")[0] for line in told] == ([trouble] if trouble else [])


def test_a_service_alarms_of_the_same_disk_at_the_same_mark() -> None:
    assert LIMITS["disk_used_percent"].above > disk_used_percent(Path("/")) > 0
    assert Disk(96 * GB, 4 * GB).trouble and LIMITS["disk_used_percent"].above < 96


def test_a_silent_service_is_a_trouble() -> None:
    assert troubles_of("funding", {"error": "GET /status fails: ConnectError"})
