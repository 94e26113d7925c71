"""A foreign program reads our records: the CloudEvents SDK understands every event type from headers and JSON alone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.registry import EVENTS, decode, encode
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id

Schema = dict[str, Any]

AT = datetime(2024, 4, 23, 12, 0, 0, 250_000, UTC)
PATTERNED = ("ag-a", "0b8f6c1e-6f2a-4c1d-9c53-2f5d1a7e4b90", "stuttgart/seat-group/hospitals:4", "stuttgart/grant/a")
FORMATTED = {"date": "2024-04-23", "date-time": "2024-04-23T12:00:00.250Z"}


def sample(event: type[Event]) -> Event:
    """Some event of the type, made from nothing but its schema."""
    schema = event.model_json_schema()
    return event.model_validate_json(json.dumps(value_of(schema, schema.get("$defs", {}))))


def value_of(schema: Schema, named: dict[str, Schema]) -> Any:
    match schema:
        case {"$ref": reference}:
            return value_of(named[reference.rpartition("/")[2]], named)
        case {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
            return value_of(first, named)
        case {"const": value} | {"enum": [value, *_]}:
            return value
        case {"type": "object"}:
            return {name: value_of(field, named) for name, field in schema.get("properties", {}).items()}
        case {"type": "array", "items": item}:
            return [value_of(item, named)] * max(1, schema.get("minItems", 1))
        case {"type": "integer"}:
            return schema.get("minimum", 7)
        case {"type": "boolean"}:
            return True
        case {"type": "string"}:
            return text_of(schema)
        case _:
            raise NotImplementedError(schema)


def text_of(schema: Schema) -> str:
    if "format" in schema:
        return FORMATTED[schema["format"]]
    if pattern := schema.get("pattern"):
        return next(text for text in PATTERNED if re.fullmatch(pattern, text))
    return "Pflegestützpunkt „Süd“"


def envelope_of(name: str) -> Envelope:
    return Envelope(
        id=derived_id("event", name),
        type=name,
        source=source_of(name.split(".")[1]),
        stream="stuttgart/seat-group/kliniken",
        time=AT,
        sequence=3,
        conference="stuttgart",
        correlation=derived_id("correlation"),
        causation=derived_id("causation"),
    )


def read_by_sdk(envelope: Envelope, data: str) -> BaseCloudEvent:
    headers = envelope.headers()
    assert len(dict(headers)) == len(headers), "a header is named twice"
    return from_binary(KafkaMessage(dict(headers), envelope.stream.encode(), data.encode()), JSONFormat())


@pytest.mark.parametrize("name", EVENTS)
def test_the_sdk_reads_every_attribute_of_every_type(name: str) -> None:
    envelope = envelope_of(name)
    read = read_by_sdk(envelope, encode(sample(EVENTS[name])))

    assert read.get_attributes() == {
        "specversion": "1.0",
        "id": envelope.id,
        "type": name,
        "source": f"urn:kpk:{name.split('.')[1]}",
        "subject": envelope.stream,
        "time": AT,
        "datacontenttype": "application/json",
        "sequence": "3",
        "conference": "stuttgart",
        "correlationid": envelope.correlation,
        "causationid": envelope.causation,
        "partitionkey": envelope.stream,
    }


@pytest.mark.parametrize("name", EVENTS)
def test_the_sdk_reads_the_data_as_they_were_said(name: str) -> None:
    event = sample(EVENTS[name])
    data = read_by_sdk(envelope_of(name), encode(event)).get_data()

    assert data == event.model_dump(mode="json")
    assert decode(name, json.dumps(data)) == event


def test_a_record_without_its_type_is_no_event_for_the_sdk() -> None:
    """The proof that the SDK checks at all."""
    headers = {name: value for name, value in envelope_of(next(iter(EVENTS))).headers() if name != "ce_type"}
    with pytest.raises(Exception, match="type"):
        from_binary(KafkaMessage(headers, None, b"{}"), JSONFormat())
