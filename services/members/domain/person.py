"""A person's stream tells nothing about the person: that there is one, and that all has to be erased (GDPR Art. 17).

Names and addresses are in the collection ``people``, which is not event-sourced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import Field

from shared.contracts.members import ContactCorrected, PersonErased, PersonRecorded
from shared.contracts.people import PersonDetails
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import PersonId, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.values import Supplied, Value

# Events

PersonEvent = PersonRecorded | ContactCorrected | PersonErased

# State


@dataclass(frozen=True, slots=True)
class Person:
    recorded: bool = False
    erased: bool = False


def evolve(person: Person, event: PersonEvent) -> Person:
    match event:
        case PersonRecorded():
            return replace(person, recorded=True)
        case ContactCorrected():
            return person
        case PersonErased():
            return replace(person, erased=True)
        case _:
            assert_never(event)


# Commands


class _AboutPerson(Command):
    person: PersonId

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "person", self.person)


class Recorded(Value):
    """The version that the caller saw. It stands for the details, which are never repeated."""

    version: Annotated[int, Field(ge=1)]


class RecordPerson(_AboutPerson):
    """Record or correct how to write to a person."""

    details: PersonDetails
    replaces: Recorded | None = None
    """The version to replace, as the caller saw it; null: any."""


ErasureGround = Literal["no_longer_necessary", "consent_withdrawn", "objection", "unlawful", "legal_obligation"]
"""GDPR, Art. 17(1) (a) to (e)."""


class AnnouncePerson(_AboutPerson):
    """Tell the other services that a person is recorded here."""

    given_by: ClassVar[GivenBy] = "service"


class AnnounceCorrection(_AboutPerson):
    """Tell the other services that how to write to a person has changed."""

    given_by: ClassVar[GivenBy] = "service"


class ErasePerson(_AboutPerson):
    """Erase everything about a person in every service. This cannot be undone. The ground is for the operator's log."""

    given_by: ClassVar[GivenBy] = "admin"

    ground: ErasureGround | None = None
    belongs_elsewhere: Supplied[bool]

    @property
    def why(self) -> str | None:
        return self.ground


PersonCommand = RecordPerson | AnnouncePerson | AnnounceCorrection | ErasePerson

# Rejections


class PersonUnknown(Rejected):
    """Die Person ist nicht erfasst."""

    kind = Kind.NOT_FOUND


class PersonOfAnotherConference(Rejected):
    """Die Person ist bei einer anderen Konferenz erfasst; nur deren Geschäftsstelle darf ihre Angaben ändern."""

    kind = Kind.FORBIDDEN


class PersonIsErased(Rejected):
    """Die Angaben zu dieser Person sind gelöscht und können nicht wieder erfasst werden."""


# decide


def decide(person: Person, command: PersonCommand) -> Sequence[PersonEvent]:
    """``RecordPerson`` leads to no event. It is refused for an erased person."""
    match command:
        case RecordPerson():
            if person.erased:
                raise PersonIsErased
            return []
        case AnnouncePerson():
            return [] if person.recorded or person.erased else [PersonRecorded(person=command.person)]
        case AnnounceCorrection():
            return [] if person.erased or not person.recorded else [ContactCorrected(person=command.person)]
        case ErasePerson():
            if command.belongs_elsewhere:
                raise PersonOfAnotherConference
            return [] if person.erased else [PersonErased(person=command.person)]
        case _:
            assert_never(command)


PERSON = Decider("person", Person(), evolve, decide)
