"""Three processes share the tests (`-n 3`): one runs those with whole stacks, one after the other; two run the rest.

Tests with a server wait half of the time: three processes keep two cores busy, while two stacks at once would only
slow each other down. The other tests of a file stay together, because they share servers.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/journeys/"
SLOW = frozenset({"infra", "process", "storm"})
"""Marks of tests that start something, or storm for minutes."""


class JourneysBesideRules(LoadScopeScheduling):  # type: ignore[misc] # it ships no types
    def _split_scope(self, nodeid: str) -> str:
        return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> JourneysBesideRules:
    config.option.loadscopereorder = False  # else the file with most tests would be first, not what takes longest
    return JourneysBesideRules(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that nobody waits at the end for one who has just begun it."""
    slow = {file_of(item) for item in items if any(mark.name in SLOW for mark in item.iter_markers())}
    items.sort(key=lambda item: (not item.nodeid.startswith(JOURNEYS), file_of(item) not in slow))


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
