"""Personal data on its one way: members writes it, notifications reads it (kpk.people.v1, null = erased).

Never event-sourced and never in a journal, so that erasing means erasing (GDPR Art. 17).
"""

from __future__ import annotations

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo

from shared.contracts.topics import PEOPLE, StateType
from shared.kernel.text import AS_TYPED, Line, seen, several_lines, single_line
from shared.kernel.values import LeftOut, Value, counted_in


def _mailable(address: str) -> str:
    """The one form that is stored: ASCII, domain in lower case and in punycode.

    A percent sign would let an old relay send on to somewhere else; ``=?`` would be read as an encoded word.
    """
    single_line(address)
    if "%" in address:
        raise ValueError("the address names a route")
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise ValueError("the address cannot be written to") from None
    return f"{checked.local_part}@{checked.ascii_domain}"


def _address_lines(address: str) -> str:
    if "\t" in address:
        raise ValueError("the address contains a tab")
    return several_lines(address)


def lines_of(address: str) -> tuple[str, ...]:
    """Street and town each have a line, also where they were typed into one."""
    typed = address.replace(",", "\n").split("\n")
    return tuple(line.strip() for line in typed if line.strip())


def _fits_the_window(address: str, info: ValidationInfo) -> str:
    """DIN 5008 leaves six lines for whoever a letter goes to: the name and five more."""
    if info.context == AS_TYPED and not 1 <= len(lines_of(address)) <= MOST_LINES:
        raise ValueError("the address has no line, or too many")
    return address


MOST_LINES = 5

EmailAddress = Annotated[
    str,
    StringConstraints(min_length=6, max_length=254),
    AfterValidator(_mailable),
    Field(description="E-Mail-Adresse ohne Umlaute, z. B. pflege@stuttgart.de"),
]
"""Syntax only: whether it exists is known once a mail was refused."""


PostalAddress = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(_address_lines),
    AfterValidator(seen),
    AfterValidator(_fits_the_window),
    Field(max_length=300, description=f"Anschrift ohne den Namen, 1 bis {MOST_LINES} Zeilen"),
]
"""Several lines, or one with commas where the lines end."""


class PersonDetails(Value):
    """How to write to a person. Without e-mail, letters are printed and sent to the postal address."""

    name: Line
    """First and last name."""
    salutation: Line
    """The whole line that a letter begins with, without its comma."""
    email: EmailAddress | None = None
    """The address for mails; null without one."""
    postal_address: PostalAddress | None = None
    """The address for letters: several lines, or one with commas where the lines end; null without one."""


class PersonContact(PersonDetails):
    """How to write to a person. Without e-mail, letters are printed and sent to the postal address."""

    email_since: LeftOut[Annotated[int, Field(ge=1), counted_in("versions")] | None] = None
    """The version (``ce_sequence``) with which the e-mail address came, or went; null where that was not kept."""


PERSON_DETAILS = StateType(PEOPLE, "kpk.people.PersonDetails.v1", "person", PersonContact)
