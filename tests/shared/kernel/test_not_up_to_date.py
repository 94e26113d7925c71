"""What is late says so, and offers to decide without it only where the office may."""

from __future__ import annotations

import pytest

from shared.kernel.rejections import NotUpToDate


class RosterUnderWay(NotUpToDate):
    """Die Liste von „{group}“ ist noch nicht da.

    A line that no clerk reads.
    """


@pytest.mark.parametrize(
    ("may_be", "otherwise"), [(False, ""), (True, ", oder mit „as_known“ nach dem entscheiden, was bekannt ist")]
)
def test_what_is_late_says_what_to_do(may_be: bool, otherwise: str) -> None:
    late = RosterUnderWay(group="Kliniken")
    late.may_be_decided_as_known = may_be
    assert late.detail == f"Die Liste von „Kliniken“ ist noch nicht da. Bitte gleich noch einmal versuchen{otherwise}."
