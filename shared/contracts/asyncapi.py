"""The contract as one AsyncAPI 3.0 document: what is said on which topic, with which headers, and who hears it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.registry import PUBLIC, PUBLIC_STATES, STATES, VERSIONS
from shared.contracts.schemas import MODELS, Schema, occasion_of, schema_of, sentence_of
from shared.contracts.topics import PUBLIC_TOPICS, STATE_TOPICS, TOPICS, Topic
from shared.kernel.decider import Superseded
from shared.kernel.values import Value

Examples = Mapping[str, Sequence[Mapping[str, Any]]]
BINDING = "0.5.0"
"""The version of AsyncAPI's Kafka binding that the document uses."""


ABOUT = (
    "Events of municipal care conferences: CloudEvents 1.0 in Kafka's binary mode. The key is the stream; within it, "
    "ce_sequence counts 1, 2, 3 … without a gap. Readers ignore types and fields that they do not know. Amounts are "
    "whole cents, moments UTC with milliseconds, days those of Berlin."
)
PUBLIC_TOPIC = "For any system of the city: events that are understood without others, and hold no person."
STATE_TOPIC = (
    "For any system of the city: what is so now of each public object. A null: it is gone. The highest number counts."
)
PEOPLE_TOPIC = "Personal data, for named readers only: the present state of each person. A null erases it."

HEADERS = {
    "ce_specversion": "The version of CloudEvents: 1.0.",
    "ce_id": "The event's id: a UUID, the same whenever the record is published again.",
    "ce_type": "The event's type and version: kpk.<service>.<Event>.v<version>.",
    "ce_source": "Who says it: urn:kpk:<service>.",
    "ce_subject": "The stream, as in the key.",
    "ce_time": "When it was decided: UTC with milliseconds (RFC 3339).",
    "ce_sequence": "The event's number in its stream: 1, 2, 3 … without a gap.",
    "ce_conference": "The conference that it belongs to.",
    "ce_correlationid": "The request that everything here goes back to: a UUID.",
    "ce_causationid": "The command or event that it follows from: a UUID.",
    "traceparent": "W3C Trace Context: the correlation is the trace.",
    "content-type": "application/json.",
}
"""What stands beside each value, in this order."""

IN_PUBLIC = {"ce_previous": "The sequence of the public event before it on the same stream; 0 for the first."}
"""What stands beside them where anybody in the city reads: there ce_sequence has gaps."""

NOW = {"ce_sequence": "The number of the last public event that it holds: go on behind it."}
"""What it means beside a state."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one service takes from one topic, and why."""

    service: str
    topic: str
    types: Sequence[str]
    why: str


@dataclass(frozen=True, slots=True)
class Known:
    """What contracts do not know themselves: records as examples and the release of each type, both by its name."""

    examples: Examples = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)


def document(title: str, version: str, says: Iterable[str], hears: Sequence[Hearing], known: Known) -> Schema:
    """``says``: the services whose topics are told whole. A service's own document is one of its own topic."""
    said = {topic.name: types_on(topic) for topic in TOPICS if topic.owner in says}
    types = {**{one.topic: list(one.types) for one in hears}, **said}
    used = [name for topic in TOPICS for name in types.get(topic.name, ())]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": version, "description": ABOUT, "license": {"name": "EUPL-1.2"}},
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, types[topic.name]) for topic in TOPICS if types.get(topic.name)},
        "operations": {**_sayings(said), **_hearings(hears)},
        "components": {
            "messages": {name: _message(name, known) for name in used},
            "schemas": _schemas(used),
            "messageTraits": {
                "CloudEvent": {"headers": _headers(HEADERS)},
                "PublicEvent": {"headers": _headers({**HEADERS, **IN_PUBLIC})},
                "PublicState": {"headers": _headers({**HEADERS, **NOW})},
            },
        },
    }


def _sayings(said: Mapping[str, Sequence[str]]) -> Schema:
    owners = {topic.name: topic.owner for topic in TOPICS}
    return {f"{owners[topic]} says {topic}": _operation("send", topic, types) for topic, types in said.items() if types}


def _hearings(hears: Iterable[Hearing]) -> Schema:
    return {
        f"{one.service} hears {one.topic}": {**_operation("receive", one.topic, one.types), "description": one.why}
        for one in hears
        if one.types
    }


def _headers(told: Mapping[str, str]) -> Schema:
    return {
        "type": "object",
        "required": list(told),
        "properties": {name: {"type": "string", "description": meaning} for name, meaning in told.items()},
    }


def types_on(topic: Topic) -> list[str]:
    """Those of its owner in every version, or the states of a compacted topic."""
    if topic.name in STATES:
        return [STATES[topic.name].name]
    said = PUBLIC if topic in PUBLIC_TOPICS else PUBLIC_STATES if topic in STATE_TOPICS else VERSIONS
    return [name for name in said if name.split(".")[1] == topic.owner]


def _channel(topic: Topic, types: Sequence[str]) -> Schema:
    config: Schema = {"cleanup.policy": [topic.config["cleanup.policy"]]}
    if "retention.ms" in topic.config:
        config["retention.ms"] = int(topic.config["retention.ms"])
    kafka = {"partitions": topic.partitions, "topicConfiguration": config, "bindingVersion": BINDING}
    return {
        "address": topic.name,
        "description": _description(topic),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types},
        "bindings": {"kafka": kafka},
        "x-owner": topic.owner,
    }


def _description(topic: Topic) -> str:
    if topic.name in STATES:
        return PEOPLE_TOPIC
    if topic in STATE_TOPICS:
        return STATE_TOPIC
    return (
        PUBLIC_TOPIC if topic in PUBLIC_TOPICS else f"Everything that {topic.owner} says, for ever: for named readers."
    )


def _operation(action: str, topic: str, types: Sequence[str]) -> Schema:
    channel = f"#/channels/{topic}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in types],
    }


def _message(name: str, known: Known) -> Schema:
    model = MODELS[name]
    key = "The stream: conference/kind/key." if _has_stream(name) else "The person's id."
    trait = "PublicEvent" if name in PUBLIC else "PublicState" if name in PUBLIC_STATES else "CloudEvent"
    return {
        "name": name,
        "title": name.split(".")[-2],
        "summary": sentence_of(model),
        "description": occasion_of(model) or sentence_of(model),
        "contentType": "application/json",
        "traits": [{"$ref": f"#/components/messageTraits/{trait}"}],
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": BINDING}},
        "examples": [{"headers": one["headers"], "payload": one["value"]} for one in known.examples.get(name, ())],
        **({"x-since": known.since[name]} if name in known.since else {}),
        **_superseded(model),
    }


def _has_stream(name: str) -> bool:
    return name in VERSIONS or name in PUBLIC or name in PUBLIC_STATES


def _superseded(model: type[Value]) -> Schema:
    """Records of such a version stay, and nobody says it any more."""
    if not issubclass(model, Superseded):
        return {}
    return {"x-deprecated": True, "x-sunset": model.superseded_on.isoformat()}


def _schemas(types: Iterable[str]) -> Schema:
    """With their parts beside them, each under its own name: a document knows each name once."""
    found: Schema = {}
    for name in types:
        schema = {key: value for key, value in schema_of(name).items() if key != "$schema"}
        found |= schema.pop("$defs", {})
        found[name] = schema
    return {name: _from_here(schema) for name, schema in found.items()}


def _from_here(node: Any) -> Any:
    match node:
        case dict():
            return {
                key: value.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _from_here(value)
                for key, value in node.items()
            }
        case list():
            return [_from_here(one) for one in node]
        case _:
            return node
