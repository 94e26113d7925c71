"""SMTP answers, sorted: what is our fault never uses up a citizen's mail."""

from __future__ import annotations

import pytest

from services.notifications.mailserver.outcomes import Later, Never, Outcome, Stage, Unanswered, refused


@pytest.mark.parametrize(
    ("stage", "code", "outcome"),
    [
        ("recipient", 450, Later("try_later")),
        ("recipient", 451, Later("try_later")),
        ("recipient", 452, Later("try_later")),
        ("recipient", 421, Later("busy")),
        ("recipient", 550, Never("rejected")),
        ("recipient", 599, Never("rejected")),
        ("recipient", 600, Later("server_refused")),
        ("content", 452, Later("try_later")),
        ("content", 421, Later("busy")),
        ("content", 554, Never("content_refused")),
        ("content", -1, Unanswered()),
        ("sender", 550, Later("server_refused")),
        ("sender", 450, Later("server_refused")),
        ("connection", 554, Later("server_refused")),
        ("connection", 421, Later("busy")),
    ],
)
def test_an_answer_means(stage: Stage, code: int, outcome: Outcome) -> None:
    assert refused(stage, code) == outcome


def test_some_obstacles_stand_in_everybodys_way() -> None:
    assert Later("unreachable").concerns_everybody
    assert Later("tls_unavailable").concerns_everybody
    assert not Later("try_later").concerns_everybody
    assert not Later("timed_out").concerns_everybody
