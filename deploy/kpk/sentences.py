"""Events in business words: the first line of the event's docstring, with its fields. Understands whatever arrives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Formatter
from typing import Any

from shared.contracts.registry import EVENTS
from shared.contracts.topics import PEOPLE
from shared.runtime.kafka.record import KafkaRecord

UNNAMED = "?"


class _Robust(Formatter):
    """A field that is not there is a question mark, never an error."""

    def get_value(self, key: int | str, _: object, fields: Mapping[str, Any]) -> Any:
        return plain(fields.get(str(key), UNNAMED))


def template_of(type_name: str) -> str:
    """The sentence with its ``{fields}``; an unknown type stands for itself."""
    event = EVENTS.get(type_name)
    return (event.__doc__ or event.__name__).split("\n")[0] if event else type_name


def sentence_of(type_name: str, fields: Mapping[str, Any]) -> str:
    return _Robust().vformat(template_of(type_name), (), fields)


def sentence_of_record(type_name: str, record: KafkaRecord) -> str:
    """Of the people topic no more than whom it is about: never a value."""
    if record.topic != PEOPLE.name:
        return sentence_of(type_name, fields_of(record.value))
    person = plain((record.key or b"").decode(errors="replace"))
    return f"{person} is erased." if record.value is None else f"The details of {person} are recorded."


def fields_of(value: bytes | None) -> dict[str, Any]:
    try:
        fields = json.loads(value or b"")
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def plain(value: object) -> str:
    """Nothing that a terminal would obey."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else UNNAMED for sign in text)
