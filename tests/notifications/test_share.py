"""Which due mails each of several senders begins with: its own at once, another's when nobody has moved it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.share import NEGLECTED_SECONDS, Share
from shared.contracts.topics import PARTITIONS
from shared.declarations.projection import Document

EVERYTHING = frozenset(range(PARTITIONS))
divisions = st.sets(st.sampled_from(sorted(EVERYTHING)), min_size=1, max_size=PARTITIONS - 1)


class Timer:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def mails(number: int) -> list[Document]:
    ids = [str(UUID(int=one)) for one in range(number)]
    return [{"mail": mail, "stream": f"stuttgart/notification/{mail}"} for mail in ids]


def share_of(heard: AbstractSet[int] | None, timer: Timer) -> Share:
    return Share(lambda: heard, timer)


@given(divisions)
def test_senders_that_divide_the_partitions_divide_the_mails(heard: set[int]) -> None:
    due = mails(200)
    mine = share_of(heard, Timer()).of(due)
    others = share_of(EVERYTHING - heard, Timer()).of(due)
    assert mine != due
    assert others != due
    assert sorted([*mine, *others], key=due.index) == due


def test_who_hears_everything_sends_everything_in_its_order() -> None:
    assert share_of(EVERYTHING, Timer()).of(mails(50)) == mails(50)


def test_without_kafka_every_sender_sends_everything() -> None:
    assert share_of(None, Timer()).of(mails(50)) == mails(50)


def test_who_hears_nothing_leaves_the_mails_to_the_others() -> None:
    assert share_of(set(), Timer()).of(mails(50)) == []


def test_a_mail_that_nobody_moves_is_anybodys() -> None:
    timer = Timer()
    share = share_of(set(), timer)
    assert share.of(mails(2)) == []
    timer.now += NEGLECTED_SECONDS / 2
    assert share.of(mails(3)) == []
    timer.now += NEGLECTED_SECONDS / 2
    assert share.of(mails(3)) == mails(2)


def test_the_time_of_a_mail_that_moved_begins_anew() -> None:
    timer = Timer()
    share = share_of(set(), timer)
    share.of(mails(1))
    share.of([])
    timer.now += NEGLECTED_SECONDS
    assert share.of(mails(1)) == []


def test_partitions_that_are_given_up_take_their_mails_with_them() -> None:
    heard = set(EVERYTHING)
    share = Share(lambda: heard, Timer())
    assert share.of(mails(20)) == mails(20)
    heard.clear()
    assert share.of(mails(20)) == []
