"""What the servers of a stack hold while nothing is on its way, exactly: bytes, offsets and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

from tests.campaign.dump import Place

Document = dict[str, Any]
CODEC = CodecOptions(document_class=dict, tz_aware=True)


@dataclass(frozen=True, slots=True)
class Record:
    """Its offset is its place among the others of its partition, from 0 on; when it was appended is not kept."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents as the bytes that MongoDB keeps, in its own order, and the indexes that the services made."""

    documents: tuple[bytes, ...]
    indexes: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """``collections`` by service and name, ``records`` by topic, partition and offset, ``committed`` by group."""

    taken: datetime
    collections: Mapping[tuple[str, str], Collection]
    records: tuple[Record, ...]
    committed: Mapping[str, Mapping[Place, int]]

    def journals(self) -> dict[str, tuple[bytes, ...]]:
        return journals_in(self.collections)

    def events(self) -> int:
        """In all journals."""
        commits = [commit for journal in self.journals().values() for commit in decoded(journal)]
        return sum(len(commit["events"]) for commit in commits)

    def people(self) -> list[str]:
        """Those whose details are kept."""
        return [one["_id"] for one in decoded(self.collections["members", "people"].documents) if one["details"]]


def journals_in(collections: Mapping[tuple[str, str], Collection]) -> dict[str, tuple[bytes, ...]]:
    return {service: kept.documents for (service, name), kept in collections.items() if name == "journal"}


def decoded(documents: Sequence[bytes]) -> list[Document]:
    """Encoded again, they are the same bytes."""
    return [bson.decode(document, CODEC) for document in documents]


def encoded(documents: Sequence[Document]) -> tuple[bytes, ...]:
    return tuple(bson.encode(document) for document in documents)
