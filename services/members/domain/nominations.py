"""Who may be appointed: organisations nominate, the office confirms or returns. A nomination is for one mandate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

from services.members.domain.person import PersonUnknown
from services.members.domain.seat_group_state import AboutGroup, Nomination, SeatGroup, must_be_delegated
from shared.contracts.members import (
    DelegateNominated,
    NominationConfirmed,
    NominationReturned,
    OrganisationCorrected,
    OrganisationRegistered,
)
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.values import Supplied, Value

# Events

NominationEvent = (
    OrganisationRegistered | OrganisationCorrected | DelegateNominated | NominationConfirmed | NominationReturned
)

# Commands


class RegisterOrganisation(AboutGroup):
    """Register an organisation that may nominate delegates for the group."""

    organisation: Slug
    name: Line


class OrganisationCalled(Value):
    name: Line


class CorrectOrganisation(AboutGroup):
    """Correct what an organisation of the group is called."""

    organisation: Slug
    name: Line
    reason: Line
    replaces: OrganisationCalled | None = None


class NominateDelegate(AboutGroup):
    """Nominate a person on behalf of an organisation of the group."""

    person: PersonId
    organisation: Slug
    person_known: Supplied[bool]


class ConfirmNomination(AboutGroup):
    """Confirm that a nomination is in order. An appointment confirms it too."""

    person: PersonId


class ReturnNomination(AboutGroup):
    """Return a nomination to its organisation, or note that it was withdrawn. An appointment then needs a new one."""

    person: PersonId
    reason: Literal["not_entitled", "form_missing", "seat_filled", "withdrawn", "erased", "other"]


NominationCommand = RegisterOrganisation | CorrectOrganisation | NominateDelegate | ConfirmNomination | ReturnNomination

# Rejections


class OrganisationUnknown(Rejected):
    """Die Organisation „{organisation}“ entsendet nicht für die Gruppe „{group}“."""

    kind = Kind.NOT_FOUND


class OrganisationRegisteredDifferently(Rejected):
    """Die Organisation „{organisation}“ ist unter anderem Namen erfasst; „CorrectOrganisation“ berichtigt ihn."""


class NominationUnknown(Rejected):
    """Für die Gruppe „{group}“ liegt kein Vorschlag dieser Person vor, der noch gilt."""

    kind = Kind.NOT_FOUND


# decide


def decide(group: SeatGroup, command: NominationCommand) -> Sequence[NominationEvent]:
    must_be_delegated(group, command.group)
    match command:
        case RegisterOrganisation():
            return _register(group, command)
        case CorrectOrganisation():
            return _correct(group, command)
        case NominateDelegate():
            return _nominate(group, command)
        case ConfirmNomination():
            is_confirmed = _nomination(group, command).confirmed
            return [] if is_confirmed else [NominationConfirmed(group=command.group, person=command.person)]
        case ReturnNomination():
            _nomination(group, command)
            return [NominationReturned(group=command.group, person=command.person, reason=command.reason)]
        case _:
            assert_never(command)


def _register(group: SeatGroup, register: RegisterOrganisation) -> Sequence[NominationEvent]:
    known = group.organisations.get(register.organisation)
    if known == register.name:
        return []
    if known is not None:
        raise OrganisationRegisteredDifferently(organisation=register.organisation)
    return [OrganisationRegistered(organisation=register.organisation, name=register.name, group=register.group)]


def _correct(group: SeatGroup, correct: CorrectOrganisation) -> Sequence[NominationEvent]:
    _must_be_registered(group, correct)
    if group.organisations[correct.organisation] == correct.name:
        return []
    must_stand(correct.replaces, OrganisationCalled(name=group.organisations[correct.organisation]))
    return [
        OrganisationCorrected(
            organisation=correct.organisation, name=correct.name, group=correct.group, reason=correct.reason
        )
    ]


def _nominate(group: SeatGroup, nominate: NominateDelegate) -> Sequence[NominationEvent]:
    _must_be_registered(group, nominate)
    if not nominate.person_known:
        raise PersonUnknown
    known = group.nominated.get(nominate.person)
    if known and known.organisation == nominate.organisation:
        return []
    return [DelegateNominated(group=nominate.group, person=nominate.person, organisation=nominate.organisation)]


def _must_be_registered(group: SeatGroup, command: CorrectOrganisation | NominateDelegate) -> None:
    if command.organisation not in group.organisations:
        raise OrganisationUnknown(organisation=command.organisation, group=command.group)


def _nomination(group: SeatGroup, command: ConfirmNomination | ReturnNomination) -> Nomination:
    found = group.nominated.get(command.person)
    if found is None:
        raise NominationUnknown(group=command.group)
    return found
