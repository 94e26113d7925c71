"""`kpk status` says what is amiss, in words."""

from deploy.embedded.health import Health, ProcessHealth, troubles_of

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


def test_a_silent_service_is_a_trouble() -> None:
    assert troubles_of("funding", {"error": "GET /status fails: ConnectError"})
