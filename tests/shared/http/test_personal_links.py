"""A personal link says what its signer knew, and nobody else can make one, whatever is turned about it."""

from __future__ import annotations

import base64
import string
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from shared.kernel.personal_links import Invitee, LinkKeys
from shared.runtime.link_settings import LinkSettings
from tests.kit.when import person

KEYS = LinkKeys((b"a" * 32,))
INVITEE = Invitee(
    conference="stuttgart",
    session="spring-2024",
    person=person(1),
    revision=0,
    until=datetime(2024, 4, 23, 12, tzinfo=UTC),
)
TOKEN = KEYS.sign(INVITEE)


def test_what_was_signed_reads_back() -> None:
    assert KEYS.read(TOKEN) == INVITEE


def test_while_keys_are_being_replaced_both_are_taken_and_the_first_signs() -> None:
    rotating, after = LinkKeys((b"b" * 32, b"a" * 32)), LinkKeys((b"b" * 32,))
    assert rotating.read(TOKEN) == INVITEE == rotating.read(after.sign(INVITEE))
    assert after.read(TOKEN) is None and KEYS.read(rotating.sign(INVITEE)) is None


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.characters(max_codepoint=0x17F))
def test_a_link_with_another_letter_is_nobodys(place: int, letter: str) -> None:
    forged = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert KEYS.read(forged) == (INVITEE if forged == TOKEN else None)


@pytest.mark.parametrize("part", [0, 1])
def test_the_last_letter_of_a_part_has_one_spelling(part: int) -> None:
    """It has bits that nothing is written with."""
    parts = TOKEN.split(".")
    for letter in {*string.ascii_letters, *string.digits, "-", "_"} - {parts[part][-1]}:
        forged = [*parts]
        forged[part] = parts[part][:-1] + letter
        assert KEYS.read(".".join(forged)) is None


@given(place=st.integers(0, len(TOKEN)), more=st.sampled_from(["!!!!", "    ", "\n\n\n\n", "====", ".", "A", "é"]))
def test_a_link_has_one_spelling(place: int, more: str) -> None:
    """Whoever could spell it anew would open it as often as they like."""
    assert KEYS.read(TOKEN[:place] + more + TOKEN[place:]) is None


@given(st.text() | st.binary().map(lambda some: base64.urlsafe_b64encode(some).decode()) | st.just("a" * 100_000))
def test_what_is_no_link_is_nobodys(token: str) -> None:
    assert KEYS.read(token) is KEYS.read(f"{token}.{token}") is KEYS.read(f"{token}.") is None


def test_another_person_has_another_signature() -> None:
    other = KEYS.sign(INVITEE.model_copy(update={"person": person(2)}))
    assert KEYS.read(f"{other.partition('.')[0]}.{TOKEN.partition('.')[2]}") is None


@pytest.mark.parametrize("keys", [(), (b"a" * 31,), (b"a" * 32, b""), (b"a" * 32,) * 3])
def test_short_or_too_many_keys_are_none(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="one or two keys"):
        LinkKeys(keys)


def test_the_first_appointment_is_number_nought() -> None:
    with pytest.raises(ValidationError):
        Invitee.model_validate({**INVITEE.model_dump(), "revision": -1})


def test_keys_are_not_shown() -> None:
    assert "aaaa" not in repr(KEYS)


def settings(**told: object) -> LinkSettings:
    general = {"mongo_uri": SecretStr("mongodb://x"), "kafka_bootstrap": "x:1", "http_port": 0, "callers_file": "x"}
    return LinkSettings(**{**general, **told})  # type: ignore[arg-type]


def test_address_and_keys_go_together_and_are_read_at_the_start(tmp_path: Path) -> None:
    file, url = tmp_path / "answers.keys", "https://antwort.example.org/answers"
    file.write_text(f"{'b' * 64}\n{'a' * 32}\n")
    keys = settings(answers_url=url, answers_keys_file=file).link_keys()
    assert keys and keys.read(TOKEN) == INVITEE
    assert settings().link_keys() is None
    file.with_name("short").write_text("short\n")
    for wrong in (
        {"answers_url": url},
        {"answers_keys_file": file},
        {"answers_url": url, "answers_keys_file": tmp_path / "absent"},
        {"answers_url": url, "answers_keys_file": file.with_name("short")},
        {"answers_url": f"{url}?x=1", "answers_keys_file": file},
        {"answers_url": "antwort.example.org", "answers_keys_file": file},
    ):
        with pytest.raises(ValidationError, match="answers_"):
            settings(**wrong)
