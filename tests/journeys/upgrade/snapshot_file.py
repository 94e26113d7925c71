"""A snapshot in one small file (extended JSON, every BSON type kept, xz): `xz --decompress --stdout FILE` reads it."""

from __future__ import annotations

import lzma
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from bson import json_util

from tests.journeys.upgrade.derived import bared, completed, records_of
from tests.journeys.upgrade.snapshot import Collection, Document, Record, Snapshot, decoded, encoded, journals_in

JSON = json_util.CANONICAL_JSON_OPTIONS.with_options(tz_aware=True)

Journals = Mapping[str, Sequence[bytes]]
Packed = int | list[Any]
"""Which event of the topic's journal a record is, counted from 0, or what else it says."""


def save(file: Path, snapshot: Snapshot) -> None:
    content = {
        "taken": snapshot.taken,
        "collections": [_of_collection(*named) for named in snapshot.collections.items()],
        "records": _packed(snapshot.records, snapshot.journals()),
        "committed": {
            group: [[*place, offset] for place, offset in offsets.items()]
            for group, offsets in snapshot.committed.items()
        },
    }
    text = json_util.dumps(content, json_options=JSON, ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def load(file: Path) -> Snapshot:
    content = json_util.loads(lzma.decompress(file.read_bytes()), json_options=JSON)
    collections = {(row["service"], row["name"]): _to_collection(row) for row in content["collections"]}
    return Snapshot(
        taken=content["taken"],
        collections=collections,
        records=tuple(_unpacked(content["records"], journals_in(collections))),
        committed={
            group: {(topic, partition): offset for topic, partition, offset in rows}
            for group, rows in content["committed"].items()
        },
    )


def _of_collection(named: tuple[str, str], kept: Collection) -> Document:
    service, name = named
    documents = decoded(kept.documents)
    told = list(bared(documents)) if name == "journal" else documents
    return {"service": service, "name": name, "indexes": list(kept.indexes), "documents": told}


def _to_collection(row: Document) -> Collection:
    told = row["documents"]
    documents = list(completed(told)) if row["name"] == "journal" else told
    return Collection(encoded(documents), tuple(row["indexes"]))


def _packed(records: Iterable[Record], journals: Journals) -> list[list[Any]]:
    numbers = {record: number for told in _told(journals).values() for number, record in enumerate(told)}
    partitions = groupby(records, lambda one: (one.topic, one.partition))
    return [[*place, [_packed_one(record, numbers) for record in run]] for place, run in partitions]


def _packed_one(record: Record, numbers: Mapping[Record, int]) -> Packed:
    number = numbers.get(replace(record, partition=0))
    if number is not None:
        return number
    headers = [[name, _text(value)] for name, value in record.headers]
    return [_text(record.key), _text(record.value), headers]


def _unpacked(rows: Sequence[Sequence[Any]], journals: Journals) -> Iterator[Record]:
    told = _told(journals)
    for topic, partition, packed in rows:
        for one in packed:
            record = told[topic][one] if isinstance(one, int) else _unpacked_one(topic, one)
            yield replace(record, partition=partition)


def _unpacked_one(topic: str, packed: Sequence[Any]) -> Record:
    key, value, headers = packed
    return Record(topic, 0, _bytes(key), _bytes(value), tuple((name, _bytes(text)) for name, text in headers))


def _told(journals: Journals) -> dict[str, list[Record]]:
    """What each journal makes of its topic, event by event."""
    return {
        f"kpk.{service}.v1": [record for commit in decoded(journal) for record in records_of(service, commit)]
        for service, journal in journals.items()
    }


def _text(value: bytes | None) -> str | None:
    """Byte for byte: Latin-1 has a letter for each."""
    return None if value is None else value.decode("latin-1")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")
