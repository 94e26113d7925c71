"""One address of one person: suspended once a mail server has refused the mailbox for good, until it is released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, assert_never

from shared.contracts.notifications import AddressReleased, AddressSuspended, ReleasedBecause
from shared.kernel.decider import Command, Decider, GivenBy
from shared.kernel.identifiers import PersonId, Slug, Uuid, stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.text import Line

# State

AddressEvent = AddressSuspended | AddressReleased


@dataclass(frozen=True, slots=True)
class Address:
    person: PersonId = ""
    seat: Slug | None = None
    is_suspended: bool = False


def evolve(address: Address, event: AddressEvent) -> Address:
    match event:
        case AddressSuspended():
            return Address(event.person, event.seat, is_suspended=True)
        case AddressReleased():
            return replace(address, is_suspended=False)
        case _:
            assert_never(event)


# Commands


class _AboutAddress(Command):
    address: Uuid

    @property
    def stream(self) -> str:
        return stream_name(self.conference, "address", self.address)


class SuspendAddress(_AboutAddress):
    """Send no more mails to an address that a mail server refused permanently."""

    given_by: ClassVar[GivenBy] = "service"

    person: PersonId
    seat: Slug | None


class LiftSuspension(_AboutAddress):
    """Release an address that the person does not have any more, or whose person is erased."""

    given_by: ClassVar[GivenBy] = "service"

    because: Literal["other_address", "erased"]


class ReleaseAddress(_AboutAddress):
    """Try a suspended address again."""

    given_by: ClassVar[GivenBy] = "office"

    reason: Line


AddressCommand = SuspendAddress | LiftSuspension | ReleaseAddress


# Rejections


class AddressNotSuspended(Rejected):
    """Diese Adresse ist nicht gesperrt, oder sie ist schon freigegeben."""

    kind = Kind.NOT_FOUND


# decide


def decide(address: Address, command: AddressCommand) -> Sequence[AddressEvent]:
    match command:
        case SuspendAddress():
            if address.is_suspended:
                return []
            return [AddressSuspended(address=command.address, person=command.person, seat=command.seat)]
        case LiftSuspension():
            return [_released(address, command, command.because)] if address.is_suspended else []
        case ReleaseAddress():
            if not address.is_suspended:
                raise AddressNotSuspended
            return [_released(address, command, "by_office", command.reason)]
        case _:
            assert_never(command)


def _released(
    address: Address, command: _AboutAddress, because: ReleasedBecause, reason: Line | None = None
) -> AddressReleased:
    return AddressReleased(
        address=command.address, person=address.person, seat=address.seat, because=because, reason=reason
    )


ADDRESS = Decider("address", Address(), evolve, decide)
