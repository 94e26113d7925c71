"""What the members service tells the world: who may send delegates, which seats there are and who fills them.

Source of the words: council paper GRDrs 905/2023, lines 145-233. People are opaque ids here.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.kernel.decider import Event, Superseded
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut, Value, counted_in

SERVICE = "members"

Days = Annotated[int, Field(ge=0, le=366), counted_in("days")]
Months = Annotated[int, Field(ge=1, le=60), counted_in("months")]
QuorumPercent = Annotated[int, Field(ge=1, le=100), counted_in("percent")]


class RulesOfProcedure(Value):
    """The conference's own rules. The paper names none of them: these are defaults that a conference may set."""

    notice_days: Days = 14
    """So long before a session its invitation is usually issued."""
    shortest_notice_days: Days = 10
    """A shorter notice than this needs a recorded reason."""
    quorum_percent: QuorumPercent | None = None
    """Share of all seats that must be present for the plenary to decide; null where no quorum is required."""
    reminder_days: Days = 7
    """So long before a session those who have not declined are reminded."""
    minutes_days: Days = 30
    """Within this time after a session its minutes are to be drafted."""
    report_months: Months = 12
    """So often the committee is to be reported to."""


class ConferenceEstablished(Event):
    """The conference {name} is established by {reference}.

    Said once for each conference, before anything else of it. Since version 2 there may be no quorum.
    """

    version: ClassVar[int] = 2

    name: Line
    """What the conference is called."""
    reference: Line
    """The council paper that establishes it, as the council quotes it."""
    office: Line
    """The office that runs the conference."""
    committee: Line
    """The council's committee that it reports to."""
    rules: RulesOfProcedure
    """Its rules of procedure."""
    paper_key: LeftOut[Slug | None] = None
    """The same paper's key, as `paper` in the events of meetings."""


class RulesOfProcedureV1(Value):
    """The rules as version 1 knew them: there was always a quorum."""

    notice_days: Days = 14
    """So long before a session its invitation is usually issued."""
    shortest_notice_days: Days = 10
    """A shorter notice than this needs a recorded reason."""
    quorum_percent: QuorumPercent = 50
    """Share of all seats that must be present for the plenary to decide."""
    reminder_days: Days = 7
    """So long before a session those who have not declined are reminded."""
    minutes_days: Days = 30
    """Within this time after a session its minutes are to be drafted."""
    report_months: Months = 12
    """So often the committee is to be reported to."""


class ConferenceEstablishedV1(Superseded):
    """The conference {name} is established by {reference}.

    Said once for each conference, before anything else of it, until version 2 came.
    """

    superseded_on: ClassVar[date] = date(2026, 11, 26)

    name: Line
    """What the conference is called."""
    reference: Line
    """The council paper that establishes it, as the council quotes it."""
    office: Line
    """The office that runs the conference."""
    committee: Line
    """The council's committee that it reports to."""
    rules: RulesOfProcedureV1
    """Its rules of procedure."""

    def upcast(self) -> ConferenceEstablished:
        return ConferenceEstablished(
            name=self.name,
            reference=self.reference,
            office=self.office,
            committee=self.committee,
            rules=RulesOfProcedure.model_validate(self.rules.model_dump()),
        )


class SeatGroupOpened(Event):
    """Seat group {group} is opened.

    Said once for each group, with all its seats; all of them are vacant then.
    """

    group: Slug
    """The seat group: the last part of the stream's name."""
    number: Annotated[int, Field(ge=1, le=999), counted_in("place in a list")]
    """Its number in the paper's list, which is its order."""
    name: Line
    """What the group is called."""
    kind: Literal["delegated", "ex_officio"]
    """``delegated``: organisations nominate its delegates. ``ex_officio``: its seats follow a post."""
    seats: tuple[Slug, ...]
    """All seats of the group; each is named after the group and a number."""


class OrganisationRegistered(Event):
    """Organisation {organisation} may send delegates for {group}.

    Said before an organisation nominates for the first time.
    """

    organisation: Slug
    """The organisation."""
    name: Line
    """What the organisation is called."""
    group: Slug
    """The seat group that it may nominate for."""


class DelegateNominated(Event):
    """{organisation} nominates {person} for {group}.

    Said when an organisation has named somebody; no seat is filled by it.
    """

    group: Slug
    """The seat group."""
    person: PersonId
    """Who is nominated: an opaque id."""
    organisation: Slug
    """Who nominates."""


class DelegateAppointed(Event):
    """Seat {seat} is filled by {person} from {since}.

    Said when a nominated person takes a vacant delegated seat.
    """

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat that is filled."""
    person: PersonId
    """Who fills it: an opaque id."""
    organisation: Slug
    """Who has nominated the person."""
    since: date
    """The first day of the mandate."""
    group_name: LeftOut[Line | None] = None
    """What the seat group is called."""


class PostHolderChanged(Event):
    """Seat {seat} follows its post: {person} from {since}.

    Said when a post, and with it its seat, goes to another person.
    """

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat that follows the post."""
    person: PersonId
    """Who holds the post now: an opaque id."""
    since: date
    """The first day on the seat."""
    group_name: LeftOut[Line | None] = None
    """What the seat group is called."""


class MandateEnded(Event):
    """Seat {seat} is vacant after {until}: {reason}.

    Said when a mandate ends, also because its person is erased.
    """

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat that becomes vacant."""
    person: PersonId
    """Whose mandate ends: an opaque id."""
    until: date
    """The last day of the mandate."""
    reason: Literal["resigned", "recalled", "post_ended", "deceased", "erased", "other"]
    """Why it ends."""
    group_name: LeftOut[Line | None] = None
    """What the seat group is called."""


class WorkingGroupEstablished(Event):
    """Working group {working_group} is established.

    Said once for each working group.
    """

    working_group: Slug
    """The working group: the last part of the stream's name."""
    name: Line
    """What the working group is called."""
    topics: tuple[Line, ...]
    """What it works on."""


class WorkingGroupJoined(Event):
    """{person} joins working group {working_group}.

    Said for everybody who joins, with a seat in the conference or without.
    """

    working_group: Slug
    """The working group."""
    person: PersonId
    """Who joins: an opaque id."""
    seat: Slug | None
    """The seat in the conference that the person fills; null without one."""


class WorkingGroupLeft(Event):
    """{person} leaves working group {working_group}.

    Said when somebody leaves while the group goes on.
    """

    working_group: Slug
    """The working group."""
    person: PersonId
    """Who leaves: an opaque id."""


class WorkingGroupClosed(Event):
    """Working group {working_group} is closed.

    Said when its work is done; its members are no longer invited.
    """

    working_group: Slug
    """The working group."""
    name: LeftOut[Line | None] = None
    """What the working group is called."""


class GuestPoolInvited(Event):
    """Guests from {pool} may attend at any time.

    Said once for each pool of people without a seat (GRDrs 905/2023, lines 226-229).
    """

    pool: Slug
    """The pool."""
    name: Line
    """What the pool is called."""


class PersonRecorded(Event):
    """{person} is recorded.

    Said once of everybody whom the conference knows. How to write to them is on ``kpk.people.v1`` alone.
    """

    person: PersonId
    """Who is recorded: an opaque id."""


class PersonErased(Event):
    """{person} is erased everywhere.

    Said when a person's data are erased. Whoever has copied anything about this id has to forget it.
    """

    person: PersonId
    """Who is erased: an opaque id that never comes back."""
