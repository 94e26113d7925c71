"""The settings of the topics, as people have looked at them: of each it depends whether something is kept or erased."""

from __future__ import annotations

from shared.contracts.topics import (
    GONE_WITHIN,
    MARKED_EVERY,
    MOST_AHEAD,
    NULLS_KEPT,
    PARTITIONS,
    PEOPLE,
    events_of,
    public_of,
)

A_DAY = 86_400_000
KEPT_FOR_EVER = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
}
THE_NEWEST_ONLY = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "86400000",
    "segment.ms": "43200000",
    "segment.jitter.ms": "0",
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": "2592000000",
    "file.delete.delay.ms": "60000",
    "message.timestamp.type": "LogAppendTime",
    "compression.type": "uncompressed",
}


def test_events_are_kept_for_ever_and_of_people_only_what_is_known_now() -> None:
    assert events_of("members").config == public_of("members").config == KEPT_FOR_EVER
    assert PEOPLE.config == THE_NEWEST_ONLY


def test_the_number_of_partitions_never_changes() -> None:
    assert PARTITIONS == PEOPLE.partitions == events_of("members").partitions == public_of("members").partitions == 12


def test_what_is_erased_is_gone_within_two_days_as_privacy_says() -> None:
    assert (MARKED_EVERY, GONE_WITHIN, NULLS_KEPT) == (A_DAY // 4, 2 * A_DAY, 30 * A_DAY)
    times = {
        name: int(THE_NEWEST_ONLY[f"{name}.ms"]) for name in ("segment", "max.compaction.lag", "file.delete.delay")
    }
    at_the_latest = max(times["segment"] + MARKED_EVERY, times["max.compaction.lag"]) + times["file.delete.delay"]
    assert at_the_latest < GONE_WITHIN


def test_a_version_may_be_a_million_ahead() -> None:
    assert MOST_AHEAD == 1_000_000
