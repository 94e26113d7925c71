"""Who has a seat from which day to which. The dates decide: ``shared/contracts/occupancies.py`` reads them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from shared.contracts.not_public import A_PERSON
from shared.kernel.decider import Event
from shared.kernel.identifiers import PersonId, Slug
from shared.kernel.text import Line
from shared.kernel.values import LeftOut

Role = Literal["principal", "deputy"]
"""As what somebody has a seat: as its delegate or the holder of its post, or as the standing deputy."""

EndReason = Literal["resigned", "recalled", "post_ended", "deceased", "erased", "other"]


class DelegateAppointed(Event):
    """Seat {seat} is filled by {person} from {since}.

    Said when a nominated person is to have a delegated seat, be it from a day that has passed or is yet to come.
    """

    german: ClassVar[str] = "Der Sitz {seat} ist ab {since} mit {person} besetzt."
    not_public: ClassVar[str] = A_PERSON

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
    until: LeftOut[date | None] = None
    """The last day, where one is known; left out where it lasts until further notice."""
    group_name: LeftOut[Line | None] = None
    """What the seat group is called."""


class PostHolderChanged(Event):
    """Seat {seat} follows its post: {person} from {since}.

    Said when a post, and with it its seat, goes to another person: whoever held it does so until the day before.
    """

    german: ClassVar[str] = "Der Sitz {seat} folgt dem Amt: {person} ab {since}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat that follows the post."""
    person: PersonId
    """Who holds the post now: an opaque id."""
    since: date
    """The first day on the seat."""
    until: LeftOut[date | None] = None
    """The last day, where one is known; left out where it lasts until further notice."""
    group_name: LeftOut[Line | None] = None
    """What the seat group is called."""


class PostVacated(Event):
    """The post that seat {seat} follows is vacant from {since}: {reason}.

    Said when nobody holds a post any more, or nobody has held it since the group was opened.
    """

    german: ClassVar[str] = "Das Amt zum Sitz {seat} ist ab {since} unbesetzt: {reason}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    since: date
    """The first day without a holder."""
    reason: Literal["post_ended", "not_filled", "other"]
    """Why."""


class DeputyAppointed(Event):
    """{person} is the standing deputy for seat {seat} from {since}.

    Said for whoever stands in for the holder of a seat, whoever that is.
    """

    german: ClassVar[str] = "{person} vertritt den Sitz {seat} ab {since}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    person: PersonId
    """Who stands in: an opaque id."""
    since: date
    """The first day as deputy."""
    until: LeftOut[date | None] = None
    """The last day, where one is known; left out where it lasts until further notice."""


class MandateEnded(Event):
    """Seat {seat} is vacant after {until}: {reason}.

    Said when it becomes known which day is the last of a mandate, also because its person is erased; said again when
    it is moved before it has come.
    """

    german: ClassVar[str] = "Der Sitz {seat} ist nach dem {until} frei: {reason}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat that becomes vacant after that day."""
    person: PersonId
    """Whose mandate ends: an opaque id."""
    until: date
    """The last day of the mandate."""
    reason: EndReason
    """Why it ends."""
    group_name: LeftOut[Line | None] = None
    """What the seat group is called."""


class DeputyEnded(Event):
    """{person} is deputy for seat {seat} until {until}: {reason}.

    Said when it becomes known which day is the last as deputy; said again when it is moved before it has come.
    """

    german: ClassVar[str] = "{person} vertritt den Sitz {seat} bis {until}: {reason}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    person: PersonId
    """Who stood in: an opaque id."""
    until: date
    """The last day as deputy."""
    reason: EndReason
    """Why it ends."""


class MandateCorrected(Event):
    """The time of {person} on seat {seat} is corrected, now from {correct_since}: {reason}.

    Said when the days of a mandate were recorded by mistake. Only so changes who is recorded for a day that has passed.
    """

    german: ClassVar[str] = (
        "Die Zeit von {person} auf dem Sitz {seat} ist berichtigt, nun ab {correct_since}: {reason}."
    )
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    role: Role
    """As what the person has the seat."""
    person: PersonId
    """Whose mandate: an opaque id."""
    since: date
    """The first day as it was recorded: it says which mandate of the person is meant."""
    correct_since: date
    """The first day as it should have been."""
    correct_until: date | None
    """The last day as it should have been; null where it lasts until further notice."""
    reason: Line
    """Why it was recorded otherwise; nothing about a person."""


class MandateWithdrawn(Event):
    """That {person} has seat {seat} from {since} was recorded by mistake: {reason}.

    Said when the person never had, or never will have, the seat at that time.
    """

    german: ClassVar[str] = "Dass {person} den Sitz {seat} ab {since} hat, war ein Irrtum: {reason}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    role: Role
    """As what the person was recorded."""
    person: PersonId
    """Whose mandate: an opaque id."""
    since: date
    """The first day as it was recorded."""
    reason: Line
    """Why it was recorded; nothing about a person."""


class SeatVacated(Event):
    """Seat {seat} is vacant since {since}: the time of its holder has ended.

    Said on the day that follows a last day that was known before, where nobody has the seat then.
    """

    german: ClassVar[str] = "Der Sitz {seat} ist seit {since} frei: Die Zeit der besetzenden Person ist abgelaufen."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    since: date
    """The first day of the vacancy."""


class HolderLeft(Event):
    """{person} had seat {seat} until {until}.

    Said on the day after somebody's last day on a seat, whoever follows and however the day became known; of nobody who
    has died, was erased, or goes on at a seat of the same group.
    """

    german: ClassVar[str] = "{person} hatte den Sitz {seat} bis zum {until}."
    not_public: ClassVar[str] = A_PERSON

    group: Slug
    """The seat group."""
    seat: Slug
    """The seat."""
    person: PersonId
    """Who has left it: an opaque id."""
    until: date
    """The last day on the seat."""
    long_ago: LeftOut[bool | None] = None
    """True where more than two weeks had passed when it was said: nobody is bid farewell so late."""
