"""Strict JSON: no duplicate keys, no NaN, bounded depth and numbers. A refusal names only the fault."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 20
LONGEST_NUMBER = 100


class NotStrictJson(ValueError):
    """The body is not JSON in the strict sense (RFC 8259); the text says why."""


def check(text: bytes) -> None:
    """Raises ``NotStrictJson``; afterwards the caller's validator reads the same bytes."""
    _check_depth(text)
    try:
        json.loads(
            text.decode(),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_int=_short_number,
            parse_float=_short_number,
        )
    except UnicodeDecodeError:
        raise NotStrictJson("the body is not UTF-8") from None
    except json.JSONDecodeError:
        raise NotStrictJson("the body is not JSON") from None


def _check_depth(text: bytes) -> None:
    """Counts brackets outside strings, before anything recursive reads the text."""
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return
    depth, quoted, escaped = 0, False, False
    for byte in text:
        if quoted:
            quoted = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise NotStrictJson(f"the body is nested deeper than {DEEPEST}")
        elif byte in b"]}":
            depth -= 1


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotStrictJson("a key stands twice in an object")
    return found


def _no_constant(name: str) -> Any:
    raise NotStrictJson("NaN and Infinity are not JSON")


def _short_number(text: str) -> str:
    if len(text) > LONGEST_NUMBER:
        raise NotStrictJson("a number is too long")
    return text
