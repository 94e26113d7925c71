"""What notifications answers to questions: what became of each mail. Recipients are opaque ids here too."""

from __future__ import annotations

from datetime import datetime

from shared.contracts.meetings import Answer
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.runtime.http.app import Shown


class Mail(Shown):
    """``not_before`` is when the mail is looked at next; null once it is over. On a full page, the last ``mail`` is
    ``before`` for the next page.
    """

    mail: Uuid
    kind: str
    session: Slug | None
    seat: Slug | None
    person: PersonId
    queued_at: datetime
    state: str
    reason: str | None
    attempts: int
    not_before: datetime | None
    stream: str
    sequence: int


class States(Shown):
    """The number of mails in each state; ``most``: this many or more."""

    states: dict[str, int]
    most: int


class SuspendedAddress(Shown):
    """An address that a mail server refused permanently; ``waiting`` counts the mails that wait for it."""

    address: Uuid
    person: PersonId
    seat: Slug | None
    since: datetime
    waiting: int


class DispatchState(Shown):
    """Whether the office has stopped all mails of a conference, since when and why; null if it never did."""

    is_stopped: bool
    since: datetime | None
    reason: str | None


class ReplyProposed(Shown):
    """A calendar's claim that somebody answers the present appointment. Its author is not proved."""

    reply: Uuid
    person: PersonId
    answer: Answer


class ProofStep(Shown):
    """``what`` as in the log: queued, attempted, sent, deferred, failed, due (a letter), posted …

    ``template`` is the version of the text, for attempts and letters.
    """

    at: datetime
    what: str
    reason: str | None
    template: int | None


class ProofLine(Shown):
    """One mail that tells somebody of a session. Only invitations have an ``issue``; ``revision`` counts the moves."""

    mail: Uuid
    kind: str
    seat: Slug | None
    person: PersonId
    state: str
    issue: int | None
    revision: int
    starts: datetime
    steps: list[ProofStep]


class Summary(Shown):
    """The number of mails in each state, for each kind of mail."""

    kinds: dict[str, dict[str, int]]
