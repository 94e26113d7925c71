"""An operator who looks at a parked record learns its shape, and nothing that it says of anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.office.desk.operations.masked import masked

TEXTS = st.text(min_size=4).filter(lambda text: not text.isdecimal() and "•" not in text)
CONTENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for inner in value:
                yield from texts(inner)
        case dict():
            for inner in value.values():
                yield from texts(inner)
        case _:
            pass


@given(CONTENTS)
def test_no_text_of_a_record_is_shown(content: Any) -> None:
    shown = json.loads(masked(json.dumps(content)))
    assert len(list(texts(shown))) == len(list(texts(content)))
    assert all(one.startswith("••• (") for one in texts(shown))


def test_what_is_opaque_is_shown_and_what_is_no_json_is_measured() -> None:
    told = {"person": "0b6f9c1e-0000-5000-8000-000000000001", "since": "2024-04-23", "seats": 3, "name": "Erika"}
    assert json.loads(masked(json.dumps(told))) == {**told, "name": "••• (5)"}
    assert json.loads(masked(json.dumps({"erika@example.org": 1}))) == {"••• (17) 1": 1}
    assert masked("Erika Mustermann {") == "kein JSON, 18 Zeichen"
    assert masked("[" * 100_000) == "kein JSON, 100000 Zeichen"
    assert masked(None) == "leer"
