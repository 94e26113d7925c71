"""Bounds of what everybody types and everything is called, at their edges."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from services.notifications.domain.mail_commands import CalendarSequence
from shared.contracts.envelope import LARGEST_SEQUENCE
from shared.contracts.open_points import Name, StreamName
from shared.contracts.people import PostalAddress
from shared.contracts.topics import SERVICES
from shared.kernel.decider import AsKnown
from shared.kernel.identifiers import CallerName, ConferenceSlug, Slug, conference_of, kind_of, stream_name
from shared.kernel.money import Cents, Percent
from shared.kernel.text import AS_TYPED, Line, Prose
from shared.runtime.http.problems import Refused
from shared.runtime.http.requests import Body, read_body

E_ACUTE, GROWS = "e\u0301", "\u0958"
"""Two characters that become one when they are normalised, and one that becomes two."""
BOUNDS = pytest.mark.parametrize(("kind", "most"), [(Line, 300), (Prose, 8000), (PostalAddress, 300)])


def kept(kind: Any, text: str, context: object = None) -> str | None:
    try:
        return str(TypeAdapter(kind).validate_python(text, context=context))
    except ValidationError:
        return None


@BOUNDS
def test_a_text_is_bounded_before_and_after_it_is_normalised(kind: Any, most: int) -> None:
    full = "x" * most
    assert kept(kind, full) == full and kept(kind, "x") == "x"
    assert kept(kind, full + "x") is kept(kind, "") is None
    assert kept(kind, E_ACUTE + "x" * (most - 1)) is None, "too long as it came"
    assert kept(kind, E_ACUTE + "x" * (most - 2)) == "é" + "x" * (most - 2)
    assert kept(kind, GROWS + "x" * (most - 1)) is None, "too long as it would be kept"


@BOUNDS
@pytest.mark.parametrize(
    "odd", ["\x00", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\ue000", "\u0378", "\u2028", "\u2029", "=?"]
)
def test_no_text_holds_what_is_not_seen(kind: Any, most: int, odd: str) -> None:
    assert kept(kind, f"a{odd}b") is None and len(odd) < most


@BOUNDS
@pytest.mark.parametrize(
    "nothing", [" ", "\u00a0", "\u3000", "\u2800", "\u3164", "\u115f", "\u0301", "\ufe0f", " \u034f", "M\ufffdller"]
)
def test_nobody_types_what_says_nothing_or_cannot_be_seen(kind: Any, most: int, nothing: str) -> None:
    """Else a session is announced without a title, and a name has twins."""
    assert kept(kind, nothing, AS_TYPED) is None and len(nothing) < most
    assert kept(kind, nothing) == nothing, "recorded before, it is read"


@BOUNDS
@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000"])
def test_blanks_around_what_somebody_types_are_left_out(kind: Any, most: int, blank: str) -> None:
    around = f"{blank}a{blank} b{blank}"
    assert kept(kind, around, AS_TYPED) == f"a{blank} b" and len(around) < most
    assert kept(kind, around) == around, "recorded before, it is read"


@BOUNDS
@pytest.mark.parametrize("odd", ["\u034f", "\u1160", "\u17b4", "\u180b", "\u3164", "\ufe00", "\uffa0", "\U000e0100"])
def test_no_unseen_sign_makes_a_twin_of_a_text(kind: Any, most: int, odd: str) -> None:
    assert kept(kind, f"Ma{odd}ier", AS_TYPED) is None and len(odd) < most
    assert [kept(kind, one, AS_TYPED) for one in ("-", "5", "🙂", "Ä", "م")] == ["-", "5", "🙂", "Ä", "م"]


@BOUNDS
@pytest.mark.parametrize(
    "emoji",
    [
        "❤\ufe0f",
        "🏳\ufe0f\u200d🌈",
        "👩\u200d🦰",
        "👩🏽\u200d⚕\ufe0f",
        "1\ufe0f\u20e3",
        "👨\u200d👩\u200d👧\u200d👦",
        "🇩🇪",
    ],
)
def test_an_emoji_is_typed_whole_and_nothing_unseen_goes_with_it(kind: Any, most: int, emoji: str) -> None:
    assert kept(kind, f"Danke {emoji}!", AS_TYPED) == f"Danke {emoji}!" and kept(kind, emoji, AS_TYPED) == emoji
    for odd in ("\u200d", "\ufe0f", "\u202e", "\u200b", "\ufe0e"):
        assert kept(kind, f"Ma{odd}ier {emoji}", AS_TYPED) is None and len(emoji) < most
    for torn in (f"{emoji}\u200d", f"\u200d{emoji}", f"{emoji}\u200dx", f"{emoji}\ufe0f\ufe0f", f"x\ufe0f{emoji}"):
        assert kept(kind, torn, AS_TYPED) is None
    assert kept(kind, "1\ufe0f", AS_TYPED) is kept(kind, "a\u200db") is None


@pytest.mark.parametrize("address", [",", ", ,", ",\n,", "a,b,c,d,e,f", "a\nb\nc\nd\ne\nf"])
def test_an_address_has_as_many_lines_as_the_window_of_an_envelope_shows(address: str) -> None:
    assert kept(PostalAddress, address, AS_TYPED) is None and kept(PostalAddress, address) == address
    assert kept(PostalAddress, "a, b\nc,, d\ne", AS_TYPED) == "a, b\nc,, d\ne"


def test_lines_end_where_a_text_may_have_several() -> None:
    assert [kept(kind, "a\nb") for kind in (Line, Prose, PostalAddress)] == [None, "a\nb", "a\nb"]
    assert [kept(kind, "a\tb") for kind in (Line, Prose, PostalAddress)] == [None, "a\tb", None]
    assert [kept(kind, "a\r\nb") for kind in (Line, Prose, PostalAddress)] == [None] * 3


def test_a_stream_is_called_by_conference_kind_and_key() -> None:
    stream = stream_name("stuttgart", "seat-group", "hospitals")
    assert (stream, conference_of(stream), kind_of(stream)) == (
        "stuttgart/seat-group/hospitals",
        "stuttgart",
        "seat-group",
    )


def test_every_number_of_a_stream_is_exact_where_numbers_are_floats() -> None:
    """As in every reader that is written in JavaScript; the next one is not."""
    assert int(float(LARGEST_SEQUENCE)) == LARGEST_SEQUENCE
    assert int(float(LARGEST_SEQUENCE + 1)) != LARGEST_SEQUENCE + 1


def test_nothing_is_decided_on_what_is_known_unless_somebody_says_so() -> None:
    services = [import_module(f"services.{name}.service").SERVICE for name in SERVICES]
    found = [one for service in services for one in service.given.values() if issubclass(one, AsKnown)]
    assert found and all(one.model_fields["as_known"].default is False for one in found)


@pytest.mark.parametrize(
    ("kind", "within", "beyond"),
    [
        (Cents, (0, 10**11), (-1, 10**11 + 1)),
        (Percent, (0, 100), (-1, 101)),
        (CalendarSequence, (0, 2**31 - 1), (-1, 2**31)),
        (Slug, ("a", "a" * 80, "a-1"), ("", "a" * 81, "a--b", "-a", "A", "a/b")),
        (ConferenceSlug, ("a", "a" * 40), ("", "a" * 41, "a_b")),
        (CallerName, ("a", "a" * 80, "oidc-1:a.b"), ("", "a" * 81, "a b", "a:")),
        (Name, ("a", "A-b_c", "a" * 80), ("", "a" * 81, "a b")),
        (StreamName, ("a/b/c", f"{'a' * 118}/b/{'c' * 119}"), ("a/b", "a/b/c/d", f"{'a' * 118}/b/{'c' * 120}")),
    ],
)
def test_numbers_and_names_are_bounded(kind: Any, within: tuple[Any, ...], beyond: tuple[Any, ...]) -> None:
    adapter = TypeAdapter(kind)
    for one in within:
        adapter.validate_json(json.dumps(one))
    for one in beyond:
        with pytest.raises(ValidationError):
            adapter.validate_json(json.dumps(one))


async def test_the_edge_asks_for_what_can_be_read() -> None:
    """What comes over HTTP is what somebody types."""

    class Said(Body):
        title: Line

    async def asked(title: str) -> Said:
        content = json.dumps({"title": title}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": content, "more_body": False}

        return (await read_body(Request({"type": "http", "headers": headers}, receive), Said))[1]

    assert (await asked("Sitzung")).title == "Sitzung"
    with pytest.raises(Refused, match="FieldsInvalid"):
        await asked(" ")
