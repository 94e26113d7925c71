"""Addresses that no mail is sent to, until they are put right or the office says that they are."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.kernel.text import Line
from shared.kernel.values import OPEN, LeftOut

ReleasedBecause = Literal["other_address", "erased", "by_office"]
"""``other_address``: members knows another one of the person. ``erased``: the person is. ``by_office``: the office has
it tried again.
"""


class OfAddress(Event):
    """Something happens to one address of a person. Another one of the same person is another address."""

    not_public: ClassVar[str] = "it is about a person's address"

    address: Uuid
    """The address: the last part of the stream's name. An opaque id, from which nothing of it can be worked out."""
    person: PersonId
    """Whose address: an opaque id."""
    seat: Slug | None
    """The seat that the mail was for which was refused; null for guests."""


class AddressSuspended(OfAddress):
    """No mail goes to an address of {person} (seat {seat}) any more.

    Said when a mail server has refused the mailbox for good. Mails to it wait until it is released.
    """

    german: ClassVar[str] = "An eine Adresse von {person} (Sitz {seat}) geht keine E-Mail mehr."


class AddressReleased(OfAddress):
    """An address of {person} (seat {seat}) is not suspended any more: {because}.

    Said when another address is known, when the person is erased, or when the office has it tried again. What waits and
    is of use still, and what was refused there, is queued again.
    """

    german: ClassVar[str] = "Eine Adresse von {person} (Sitz {seat}) ist nicht mehr gesperrt: {because}."

    because: Annotated[ReleasedBecause, OPEN]
    """Why."""
    reason: LeftOut[Line | None] = None
    """What the office says to it; absent where it was not the office."""
