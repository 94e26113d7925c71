"""A header whose name is no valid text is treated as unknown and does not stop its partition.

A broker accepts any bytes as a name; aiokafka decodes only UTF-8. Without this, each poll of the partition raised an
error, and the records before it in the same answer were lost. Here such names are read with U+FFFD.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

LYING = struct.Struct(">qi")
"""The beginning of a batch: the offset of its first record, and the number of bytes behind this."""


def read_any() -> None:
    """For every consumer of this process. Uses private names: the version is pinned, and a test reads such a name."""
    fetcher.MemoryRecords = Answer


class Answer:
    """Replaces aiokafka's ``MemoryRecords``: the batches of one partition in a broker's answer."""

    def __init__(self, answered: bytes) -> None:
        self._answered, self._records = answered, MemoryRecords(answered)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def next_batch(self) -> Batch | None:
        batch = self._records.next_batch()
        return None if batch is None else Batch(batch, self._answered)


class Batch:
    def __init__(self, batch: Any, answered: bytes) -> None:
        self._batch, self._answered = batch, answered

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        """Records before an unreadable name come again; the consumer skips them by their offsets."""
        try:
            yield from self._batch
        except UnicodeDecodeError:
            yield from _Lenient(self._raw())

    def _raw(self) -> bytes:
        at = 0
        while True:
            first, behind = LYING.unpack_from(self._answered, at)
            end = at + LYING.size + behind
            if first == self._batch.base_offset:
                return self._answered[at:end]
            at = end


class _Lenient(_DefaultRecordBatchPy):  # type: ignore[misc]
    """aiokafka's own reader in Python: slower, and used only for this batch."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self._maybe_uncompress()
        self._buffer: bytearray = _Text(self._buffer)


class _Text(bytearray):
    """The reader uses it only to decode names."""

    def __getitem__(self, at: Any) -> Any:
        part = super().__getitem__(at)
        return _Text(part) if isinstance(at, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        del errors
        return super().decode(encoding, "replace")
