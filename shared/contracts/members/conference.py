"""The conference itself: its name and rules, whom it lets attend, and who has to be forgotten."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.not_public import A_PERSON
from shared.kernel.decider import Event, Superseded
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut, Value, counted_in

Days = Annotated[int, Field(ge=0, le=366), counted_in("days")]
Months = Annotated[int, Field(ge=1, le=60), counted_in("months")]
SeatsPresent = Annotated[int, Field(ge=1, le=10_000), counted_in("seats")]
RulesVersion = Annotated[int, Field(ge=1, le=10_000), counted_in("version")]
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
    second_quorum: LeftOut[SeatsPresent | None] = None
    """So many seats must be present at a second session after a missed quorum; null: 3 (§ 37 (3) GemO)."""
    objection_days: LeftOut[Days | None] = None
    """So many days after minutes are sent somebody may object to them; null: until the next session, without a day."""
    second_notice_days: LeftOut[Days | None] = None
    """A shorter notice of a second session than this needs a recorded reason; null: 3 days."""
    contact_months: LeftOut[Months | None] = None
    """So long after somebody's last day on a seat the office is told to erase their contact data; null: 12 months."""


class ConferenceEstablished(Event):
    """The conference {name} is established by {reference}.

    Said once for each conference, before anything else of it. Since version 2 there may be no quorum.
    """

    german: ClassVar[str] = "Die Konferenz {name} ist durch {reference} eingerichtet."

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


class ConferenceCorrected(Event):
    """The conference is called {name}, established by {reference}: {reason}.

    Said when what it, its paper, its office or its committee is called was recorded by mistake.
    """

    german: ClassVar[str] = "Die Konferenz heißt {name}, eingerichtet durch {reference}: {reason}."

    name: Line
    """What the conference is called, as it should have been."""
    reference: Line
    """The council paper that establishes it, as the council quotes it."""
    office: Line
    """The office that runs the conference."""
    committee: Line
    """The council's committee that it reports to."""
    reason: Line
    """What was wrong; nothing about a person."""


class RulesChanged(Event):
    """Version {rules_version} of the rules of procedure holds from {since}: {reason}.

    Said when the conference gives itself other rules. Those that it was established with are version 1. Of two with one
    first day the later version holds.
    """

    german: ClassVar[str] = "Die Geschäftsordnung gilt ab {since} in Fassung {rules_version}: {reason}."
    not_public: ClassVar[str] = "no rules of procedure are told in public"

    rules_version: RulesVersion
    """Which version this is; decisions name it."""
    rules: RulesOfProcedure
    """All rules, also those that have not changed."""
    since: date
    """The first day on which they hold."""
    reason: Line
    """Why, for instance the decision that changed them; nothing about a person."""


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


class GuestPoolInvited(Event):
    """Guests from {pool} may attend at any time.

    Said once for each pool of people without a seat (GRDrs 905/2023, lines 226-229).
    """

    german: ClassVar[str] = "Gäste aus {pool} dürfen jederzeit teilnehmen."

    pool: Slug
    """The pool."""
    name: Line
    """What the pool is called."""


class PersonRecorded(Event):
    """{person} is recorded.

    Said once of everybody whom the conference knows. How to write to them is on ``kpk.people.v1`` alone.
    """

    german: ClassVar[str] = "{person} ist erfasst."
    not_public: ClassVar[str] = A_PERSON

    person: PersonId
    """Who is recorded: an opaque id."""


class ContactCorrected(Event):
    """How to write to {person} has changed.

    Said when the name, the salutation or an address of somebody is recorded anew. What it is now is on
    ``kpk.people.v1`` alone.
    """

    german: ClassVar[str] = "Wie {person} zu erreichen ist, hat sich geändert."
    not_public: ClassVar[str] = A_PERSON

    person: PersonId
    """Whose contact: an opaque id."""


class PersonErased(Event):
    """{person} is erased everywhere.

    Said when a person's data are erased. Whoever has copied anything about this id has to forget it.
    """

    german: ClassVar[str] = "{person} ist überall gelöscht."
    not_public: ClassVar[str] = A_PERSON

    person: PersonId
    """Who is erased: an opaque id that never comes back."""
