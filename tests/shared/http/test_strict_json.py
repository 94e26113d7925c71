"""JSON is refused, not repaired: what Python's own reader takes silently is a fault here."""

from __future__ import annotations

import pytest

from shared.runtime.http.strict_json import DEEPEST, LONGEST_NUMBER, NotStrictJson, check


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + closing * depth


def test_json_is_json() -> None:
    check(b'{"name": "Stift \\"S\\u00fcd\\" [", "seats": [1, -2.5e3, true, null], "more": {"name": ""}}')


@pytest.mark.parametrize(
    "text",
    [
        b'{"seats": 1, "seats": 2}',
        b'{"seats": 1, "\\u0073eats": 2}',
        b'[{"rules": {"a": null, "a": null}}]',
    ],
)
def test_a_key_stands_once_in_an_object(text: bytes) -> None:
    with pytest.raises(NotStrictJson, match="twice"):
        check(text)


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
def test_nan_and_infinity_are_not_json(constant: bytes) -> None:
    with pytest.raises(NotStrictJson, match="NaN"):
        check(b'{"seats": ' + constant + b"}")


def test_depth_is_bounded() -> None:
    check(nested(DEEPEST))
    with pytest.raises(NotStrictJson, match="nested deeper"):
        check(nested(DEEPEST + 1))


@pytest.mark.parametrize("text", [nested(100_000), b'{"a":' * 100_000, b"[{" * 100_000])
def test_no_depth_exhausts_the_stack(text: bytes) -> None:
    with pytest.raises(NotStrictJson, match="nested deeper"):
        check(text)


def test_brackets_in_strings_are_no_depth() -> None:
    check(b'["' + b"[{" * 50 + b'\\\\", "\\"' + b"[" * 50 + b'"]')


def test_a_quote_behind_an_escaped_backslash_ends_the_string() -> None:
    with pytest.raises(NotStrictJson, match="nested deeper"):
        check(b'["\\\\", ' + nested(DEEPEST) + b"]")


@pytest.mark.parametrize("number", [b"9" * 5000, b"0." + b"1" * 5000, b"1e" + b"9" * 5000, b"-" + b"9" * 5000])
def test_numbers_are_short(number: bytes) -> None:
    with pytest.raises(NotStrictJson, match="number"):
        check(number)


def test_a_number_that_is_only_too_large_is_left_to_the_field() -> None:
    check(str(10**30).encode())
    check(b"9" * LONGEST_NUMBER)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b'"\xff"', "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'"line\nbreak"', "not JSON"),
        (b"]" * 50 + b"[" * 60, "not JSON"),
    ],
)
def test_what_is_not_json_is_refused(text: bytes, fault: str) -> None:
    with pytest.raises(NotStrictJson, match=fault):
        check(text)


@pytest.mark.parametrize("text", [b'{"planted": 1, "planted": 2}', b'{"planted": NaN}', b'"planted', b'"planted\xff"'])
def test_a_refusal_repeats_nothing(text: bytes) -> None:
    with pytest.raises(NotStrictJson) as no:
        check(text)
    assert "planted" not in str(no.value)
    assert no.value.__cause__ is None
