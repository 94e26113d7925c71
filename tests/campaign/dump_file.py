"""A run in one file: to be looked at after a violation, and to try the checker on."""

from __future__ import annotations

import lzma
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from bson import json_util

from tests.campaign.dump import Dump, Mail, Place, Record, Seen
from tests.campaign.history import Line


def save(file: Path, history: Sequence[Line], dump: Dump) -> None:
    content = {
        "history": list(history),
        "records": [_packed(record) for record in dump.records],
        "ends": _places(dump.ends),
        "databases": dump.databases,
        "mails": [astuple(mail) for mail in dump.mails],
        "committed": {group: _places(offsets) for group, offsets in dump.committed.items()},
        "seen": [astuple(one) for one in dump.seen],
        "logs": dump.logs,
    }
    text = json_util.dumps(content, json_options=json_util.RELAXED_JSON_OPTIONS)
    file.write_bytes(lzma.compress(text.encode()))


def load(file: Path) -> tuple[list[Line], Dump]:
    content = json_util.loads(lzma.decompress(file.read_bytes()), json_options=json_util.RELAXED_JSON_OPTIONS)
    dump = Dump(
        records=tuple(_unpacked(row) for row in content["records"]),
        ends=_from_places(content["ends"]),
        databases=content["databases"],
        mails=tuple(Mail(*row) for row in content["mails"]),
        committed={group: _from_places(rows) for group, rows in content["committed"].items()},
        seen=tuple(Seen(*row) for row in content["seen"]),
        logs=content["logs"],
    )
    return content["history"], dump


def _packed(record: Record) -> list[Any]:
    headers = [[name, _text(value)] for name, value in record.headers]
    place = [record.topic, record.partition, record.offset, record.at]
    return [*place, _text(record.key), _text(record.value), headers]


def _unpacked(row: Sequence[Any]) -> Record:
    topic, partition, offset, at, key, value, headers = row
    told = tuple((name, _bytes(text)) for name, text in headers)
    return Record(topic, partition, offset, at, _bytes(key), _bytes(value), told)


def _text(value: bytes | None) -> str | None:
    """Byte for byte: Latin-1 has a letter for each."""
    return None if value is None else value.decode("latin-1")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("latin-1")


def _places(offsets: Mapping[Place, int]) -> list[list[Any]]:
    return [[*place, offset] for place, offset in offsets.items()]


def _from_places(rows: Sequence[Sequence[Any]]) -> dict[Place, int]:
    return {(topic, partition): offset for topic, partition, offset in rows}
