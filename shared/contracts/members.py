"""What the members service tells the world: who may send delegates, which seats there are and who fills them.

Source of the words: council paper GRDrs 905/2023, lines 145-233. People are opaque ids here.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.values import Value

SERVICE = "members"

Days = Annotated[int, Field(ge=0, le=366)]


class RulesOfProcedure(Value):
    """The conference's own rules. The paper names none of them: these are defaults that a conference may set."""

    notice_days: Days = 14
    shortest_notice_days: Days = 10
    quorum_percent: Annotated[int, Field(ge=1, le=100)] = 50
    reminder_days: Days = 7
    minutes_days: Days = 30
    report_months: Annotated[int, Field(ge=1, le=60)] = 12


class ConferenceEstablished(Event):
    """The conference {name} is established by {reference}."""

    name: Line
    reference: Line
    office: Line
    committee: Line
    rules: RulesOfProcedure


class SeatGroupOpened(Event):
    """Seat group {group} is opened."""

    group: Slug
    number: Annotated[int, Field(ge=1, le=999)]
    name: Line
    kind: Literal["delegated", "ex_officio"]
    seats: tuple[Slug, ...]


class OrganisationRegistered(Event):
    """Organisation {organisation} may send delegates for {group}."""

    organisation: Slug
    name: Line
    group: Slug


class DelegateNominated(Event):
    """{organisation} nominates {person} for {group}."""

    group: Slug
    person: PersonId
    organisation: Slug


class DelegateAppointed(Event):
    """Seat {seat} is filled by {person} from {since}."""

    group: Slug
    seat: Slug
    person: PersonId
    organisation: Slug
    since: date


class PostHolderChanged(Event):
    """Seat {seat} follows its post: {person} from {since}."""

    group: Slug
    seat: Slug
    person: PersonId
    since: date


class MandateEnded(Event):
    """Seat {seat} is vacant after {until}: {reason}."""

    group: Slug
    seat: Slug
    person: PersonId
    until: date
    reason: Literal["resigned", "recalled", "post_ended", "deceased", "erased", "other"]


class WorkingGroupEstablished(Event):
    """Working group {working_group} is established."""

    working_group: Slug
    name: Line
    topics: tuple[Line, ...]


class WorkingGroupJoined(Event):
    """{person} joins working group {working_group}."""

    working_group: Slug
    person: PersonId
    seat: Slug | None


class WorkingGroupLeft(Event):
    """{person} leaves working group {working_group}."""

    working_group: Slug
    person: PersonId


class WorkingGroupClosed(Event):
    """Working group {working_group} is closed."""

    working_group: Slug


class GuestPoolInvited(Event):
    """Guests from {pool} may attend at any time."""

    pool: Slug
    name: Line


class PersonErased(Event):
    """{person} is erased everywhere."""

    person: PersonId
