"""What a stack's servers hold, read from them as it lies there; no service is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

from deploy.embedded.state import State
from deploy.rights.mongo import AUDITOR
from shared.runtime.kafka.access import KafkaAccess
from tests.campaign import kafka_dump
from tests.campaign.evidence import HEARS, SERVICES, TOPICS
from tests.campaign.mongo_dump import connect
from tests.journeys.upgrade.snapshot import Collection, Record, Snapshot

RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


class NotRepeatable(Exception):
    """A partition has offsets without records: after another broker has taken the same records, theirs would differ."""


def read_snapshot(state: State) -> Snapshot:
    """Only for a stack that is at rest: the servers are asked one after the other."""
    now = datetime.now(UTC)
    return Snapshot(
        taken=now.replace(microsecond=now.microsecond // 1000 * 1000),
        collections=read_collections(state.mongo_as(AUDITOR)),
        records=read_records(state.kafka),
        committed={group: dict(sorted(kafka_dump.committed(state.kafka, group).items())) for group in HEARS},
    )


def read_collections(uri: str) -> dict[tuple[str, str], Collection]:
    with connect(uri) as client:
        return {named: kept for service in SERVICES for named, kept in _collections(client, service)}


def _collections(client: MongoClient[dict[str, Any]], service: str) -> Iterator[tuple[tuple[str, str], Collection]]:
    database = client[f"kpk_{service}"]
    for name in sorted(database.list_collection_names()):
        documents = tuple(bytes(one.raw) for one in database.with_options(RAW)[name].find())
        indexes = tuple(dict(index) for index in database[name].list_indexes() if index["name"] != "_id_")
        yield (service, name), Collection(documents, indexes)


def read_records(kafka: KafkaAccess) -> tuple[Record, ...]:
    """In order of topic, partition and offset. Raises ``NotRepeatable``."""
    read = kafka_dump.read_everything(kafka, TOPICS)
    for place, run in groupby(read, lambda one: (one.topic, one.partition)):
        if any(one.offset != number for number, one in enumerate(run)):
            raise NotRepeatable(f"partition {place} has holes")
    return tuple(Record(one.topic, one.partition, one.key, one.value, one.headers) for one in read)
