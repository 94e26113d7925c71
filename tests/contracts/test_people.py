"""Addresses: what no mail should ever be sent to, and nothing that could forge a header, gets in."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.people import EmailAddress, PersonDetails

ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("eva.mueller@example.org", "eva.mueller@example.org"),
        ("o'brien+pflege@example.org", "o'brien+pflege@example.org"),
        ("Eva@EXAMPLE.org", "Eva@example.org"),
        ("eva@müller.example.org", "eva@xn--mller-kva.example.org"),
        (f"{'x' * 64}@example.org", f"{'x' * 64}@example.org"),
    ],
)
def test_an_address_is_kept_in_its_one_form(typed: str, kept: str) -> None:
    assert ADDRESS.validate_python(typed) == kept
    assert ADDRESS.validate_python(kept) == kept


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("eva@example.org\nBcc: everybody@example.org", id="line feed"),
        pytest.param("eva@example.org\r\nBcc: everybody@example.org", id="carriage return"),
        pytest.param("eva@example.org\x00", id="null"),
        pytest.param("e\x0bva@example.org", id="vertical tab"),
        pytest.param("e\u200bva@example.org", id="zero width"),
        pytest.param("e\u2028va@example.org", id="line separator"),
        pytest.param("=?utf-8?q?eva=0D=0ABcc=3A_all=40example.org?=@example.org", id="encoded word"),
        pytest.param("eva%example.org@example.com", id="route"),
        pytest.param("eva@example.org,all@example.org", id="two"),
        pytest.param("Eva <eva@example.org>", id="display name"),
        pytest.param('"eva m"@example.org', id="quoted"),
        pytest.param("eva@[127.0.0.1]", id="literal"),
        pytest.param("eva@localhost", id="no domain"),
        pytest.param("eva@server.local", id="reserved domain"),
        pytest.param("eva@city.test", id="test domain"),
        pytest.param("e..va@example.org", id="two dots"),
        pytest.param("eva@example.org ", id="trailing space"),
        pytest.param("ä@example.org", id="needs SMTPUTF8"),
        pytest.param("еva@example.org", id="looks like Latin"),
        pytest.param(f"{'x' * 65}@example.org", id="local part too long"),
        pytest.param(f"eva@{'x' * 60}.{'x' * 60}.{'x' * 60}.{'x' * 60}.example.org", id="too long"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_address_that_can_not_be_written_to_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(address)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Eva\r\nBcc: all@example.org", id="line end"),
        pytest.param("Eva\x0cMüller", id="form feed"),
        pytest.param("Eva\x00", id="null"),
        pytest.param("=?utf-8?q?a=0D=0ABcc=3A_all=40example.org?=", id="encoded word"),
        pytest.param("Eva\u202eMüller", id="right to left"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize("field", ["name", "salutation", "postal_address"])
def test_no_line_about_a_person_forges_a_header(field: str, name: str) -> None:
    told = {"name": "Eva Müller", "salutation": "Guten Tag Eva Müller", "email": None, "postal_address": None}
    PersonDetails.model_validate(told)
    with pytest.raises(ValidationError):
        PersonDetails.model_validate({**told, field: name})
