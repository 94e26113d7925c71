"""The trials end red when too many changes of one service go unseen, however well the others do."""

from __future__ import annotations

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.report import tell


def tried(group: str, number: int, unseen: int) -> dict[Mutant, bool]:
    """Of a source without anything that is listed as harmless."""
    path = "services/members/domain/conference.py"
    return {Mutant(group, path, at, at, "_establish"): at >= unseen for at in range(number)}


@pytest.mark.parametrize(("unseen", "status"), [(0, 0), (3, 0), (4, 1)])
def test_three_of_a_hundred_may_go_unseen_in_each_service(unseen: int, status: int) -> None:
    killed = {**tried("funding", 200, 0), **tried("members", 100, unseen)}
    assert tell(killed, as_json=True) == status
