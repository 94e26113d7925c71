"""After a failure every partition of the batch goes back to what was settled, not only the first one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from shared.runtime.delivery.listener import Listener

TOPIC = "kpk.members.v1"


class Consumer:
    def __init__(self, positions: dict[TopicPartition, int]) -> None:
        self.positions = positions

    async def position(self, partition: TopicPartition) -> int:
        return self.positions[partition]

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset


class Failed(Listener):
    """A batch of some partitions has failed."""

    def __init__(self, consumer: Consumer, comes_again: dict[tuple[str, int], int]) -> None:
        self._sought: Any = consumer
        self._progress: Any = SimpleNamespace(comes_again=comes_again)

    @property
    def consumer(self) -> Any:
        return self._sought


@pytest.mark.parametrize("partitions", [1, 2, 12])
async def test_each_partition_goes_back_and_none_goes_forward(partitions: int) -> None:
    behind = {(TOPIC, number): 10 * number for number in range(partitions)}
    consumer = Consumer({TopicPartition(*place): 500 for place in behind} | {TopicPartition(TOPIC, 0): 0})
    failed = Failed(consumer, dict(behind))
    await failed._seek_back()
    assert consumer.positions == {TopicPartition(*place): offset for place, offset in behind.items()}
    assert failed._progress.comes_again == {}
