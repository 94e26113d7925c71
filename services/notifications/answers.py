"""What notifications answers to questions: what became of each mail. Recipients are opaque ids here too."""

from __future__ import annotations

from datetime import datetime

from shared.contracts.meetings import Answer
from shared.kernel.identifiers import PersonId, Slug, Uuid
from shared.runtime.http.app import Shown


class Mail(Shown):
    """``not_before`` is when somebody looks at the mail again; null once it is over. Of a page that is full the last
    ``mail`` is the ``before`` of the next one.
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
    """How many mails are in each state; ``most``: as many or more."""

    states: dict[str, int]
    most: int


class SuspendedAddress(Shown):
    """An address that a mail server refused for good; ``waiting`` counts the mails that wait for it."""

    address: Uuid
    person: PersonId
    seat: Slug | None
    since: datetime
    waiting: int


class DispatchState(Shown):
    """Whether the office has stopped all mails of a conference; since when it is so, and why: null if it never was."""

    is_stopped: bool
    since: datetime | None
    reason: str | None


class ReplyProposed(Shown):
    """What a calendar claims that somebody answers to the appointment as it is; nobody knows who wrote it."""

    reply: Uuid
    person: PersonId
    answer: Answer


class ProofStep(Shown):
    """``what`` as in the log: queued, attempted, sent, deferred, failed, due (a letter), posted …

    ``template`` is the version of the text, of attempts and letters.
    """

    at: datetime
    what: str
    reason: str | None
    template: int | None


class ProofLine(Shown):
    """One mail by which somebody knows of a session; ``issue`` only of invitations, ``revision`` counts the moves."""

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
    """Of each kind of mail how many are in each state."""

    kinds: dict[str, dict[str, int]]
