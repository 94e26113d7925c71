"""The partition of a key, computed as every Kafka client does."""

from __future__ import annotations

from functools import lru_cache

from aiokafka.partitioner import DefaultPartitioner


@lru_cache(maxsize=16_384)
def number_of(key: bytes, partitions: tuple[int, ...]) -> int:
    """Cached: in Python this takes longer than everything else for a record."""
    return int(DefaultPartitioner()(key, list(partitions), list(partitions)))
