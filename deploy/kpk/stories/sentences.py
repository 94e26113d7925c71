"""Events as sentences: the first line of the event's docstring, or its German sentence, with its fields.

It accepts any event: a missing field becomes a question mark, and control characters for terminals are removed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from deploy.kpk.options import Language
from deploy.kpk.stories.names import Names
from shared.contracts import german
from shared.contracts.registry import PUBLIC, VERSIONS
from shared.contracts.schemas import MODELS, UNNAMED, Shape, filled_in, german_of, sentence_of, shapes_of
from shared.contracts.topics import PEOPLE
from shared.kernel.money import euros
from shared.kernel.time import german_day, german_moment
from shared.runtime.kafka.record import KafkaRecord

SHORT = 8
"""The length of a shown id; `kpk trace` understands it."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Teller:
    """Turns events into sentences of one language, with the known names."""

    def __init__(self, language: Language = "en", names: Names | None = None) -> None:
        self.language = language
        self.names = names or Names()

    def event(self, type_name: str, fields: Mapping[str, Any], conference: str = "") -> str:
        """An unknown type appears by its name."""
        told = {name: self.value(name, value, type_name, conference) for name, value in fields.items()}
        return filled_in(self._template(type_name), told)

    def record(self, type_name: str, record: KafkaRecord, conference: str) -> str:
        """For the people topic only whom the record is about, never a value."""
        if record.topic != PEOPLE.name:
            return self.event(type_name, fields_of(record.value), conference)
        person = self.value("person", (record.key or b"").decode(errors="replace"), type_name, conference)
        if self.language == "de":
            return (german.ERASED if record.value is None else german.RECORDED).format(person=person)
        return f"{person} is erased." if record.value is None else f"The details of {person} are recorded."

    def value(self, field: str, value: object, type_name: str, conference: str) -> str:
        shape = shapes_of(type_name).get(field)
        if isinstance(value, int) and shape == "cents":
            return self.amount(value)
        if isinstance(value, bool) and self.language == "de":
            return "ja" if value else "nein"
        if not isinstance(value, str):
            return plain(value)
        if name := self.names.of(conference, field, value):
            return f"„{plain(name)}“" if self.language == "de" else f"“{plain(name)}”"
        if shape != "text" and ID.fullmatch(value):
            person = {"de": "Person ", "en": "person "}[self.language] if field == "person" else ""
            return person + value[:SHORT]
        return plain(value if self.language == "en" else _in_german(value, shape))

    def amount(self, cents: int) -> str:
        german_form = euros(cents)
        return german_form if self.language == "de" else german_form.translate(str.maketrans(",.", ".,"))

    def _template(self, type_name: str) -> str:
        if self.language == "de" and (type_name in VERSIONS or type_name in PUBLIC):
            return german_of(type_name)
        return template_of(type_name).replace("} cents", "}")


def _in_german(text: str, shape: Shape | None) -> str:
    """What was typed stays as it is, also if it looks like one of our words or like a day."""
    try:
        match shape:
            case "date-time":
                return german_moment(datetime.fromisoformat(text))
            case "date":
                return german_day(date.fromisoformat(text))
            case "word":
                return german.WORDS.get(text, text)
            case _:
                return text
    except ValueError:  # whatever a record says is shown
        return text


def template_of(type_name: str) -> str:
    """The English sentence with its ``{fields}``, from the event's class; an unknown type appears by its name."""
    event = MODELS.get(type_name)
    return sentence_of(event) if event else type_name


def fields_of(value: bytes | None) -> dict[str, Any]:
    try:
        fields = json.loads(value or b"")
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def plain(value: object) -> str:
    """Without control characters for the terminal."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else UNNAMED for sign in text)
