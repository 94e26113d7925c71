"""Whose turn it is among the mails to one person about one subject, and what the recipient knows by then.

Nothing is overtaken: a mail goes when every one before it has come to its end. A mail that waits, or a letter that is
due, is superseded by a newer one that makes it untrue; the letter may have been posted all the same. What is decided
here about a mail before its first attempt is the same ever after: all the mails before it are over, and of events after
it nothing is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.notifications.domain.course import AboutAppointment, AboutSeat, Course, Ends, Letter, Occasion, OnCalendar
from services.notifications.domain.mail_state import Mail
from shared.contracts.meetings import Answer, Appointment
from shared.contracts.notifications import (
    Cancellation,
    ContactCorrection,
    Content,
    Digest,
    Farewell,
    Invitation,
    MailId,
    Minutes,
    MissingAnswers,
    Reminder,
    Supplement,
    Update,
    Welcome,
    Withdrawal,
    Withheld,
)
from shared.kernel.identifiers import PersonId

Mails = Mapping[MailId, Mail]
"""The mails of one correspondence, from the journal."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """The mail is not sent; mail ``by`` says what is true now."""

    by: MailId


@dataclass(frozen=True, slots=True)
class Replaces:
    """These waiting mails and due letters are not sent; then the turn is decided again."""

    mails: Sequence[MailId]


@dataclass(frozen=True, slots=True)
class Held:
    """Mail ``by`` comes first and has not ended."""

    by: MailId


@dataclass(frozen=True, slots=True)
class Pointless:
    """Nothing is left to say."""

    reason: Withheld


@dataclass(frozen=True, slots=True)
class Clear:
    """The mail may be sent."""


Turn = Replaced | Replaces | Held | Pointless | Clear


def turn_of(mail: MailId, letters: Sequence[Letter], mails: Mails, withdrawn: Collection[MailId] = ()) -> Turn:
    """``withdrawn``: of these the announcement is over (``is_withdrawn``). They are not sent, so no true mail gives way
    to them; a due letter does that is over as well.
    """
    place = place_of(mail, letters)
    own, before, after = letters[place], letters[:place], letters[place + 1 :]
    if newer := [one.mail for one in after if one.mail not in withdrawn and replaces(one.content, own.content)]:
        return Replaced(by=newer[-1])
    if mail in withdrawn:
        over = [one for one in before if one.mail in withdrawn and mails[one.mail].letter_due]
        untrue = [one.mail for one in over if replaces(own.content, one.content)]
        return Replaces(untrue) if untrue else Pointless("withdrawn")
    open_ones = [one for one in before if mails[one.mail].may_be_superseded]
    if replaced := [one.mail for one in open_ones if replaces(own.content, one.content)]:
        return Replaces(replaced)
    if waiting := [one for one in open_ones if mails[one.mail].is_waiting]:
        return Held(by=waiting[0].mail)
    if isinstance(own.content, Ends) and _was_never_told(before, mails):
        return Pointless("never_told")
    return Clear()


def place_of(mail: MailId, letters: Sequence[Letter]) -> int:
    """Raises ``StopIteration`` if the correspondence has no such mail."""
    return next(place for place, one in enumerate(letters) if one.mail == mail)


def replaces(newer: Content, older: Content) -> bool:
    """Whether the newer mail makes the older one unnecessary. A reminder says less than what it reminds of."""
    match newer:
        case Invitation() | Cancellation() | Withdrawal():
            return isinstance(older, AboutAppointment)
        case Update():
            return isinstance(older, Invitation | Update | Ends | Reminder)
        case Supplement():
            return False
        case Welcome() | Farewell():
            return isinstance(older, AboutSeat)
        case Reminder() | Minutes() | MissingAnswers() | ContactCorrection() | Digest():
            return isinstance(older, type(newer))


def _was_never_told(before: Sequence[Letter], mails: Mails) -> bool:
    """The recipient had mails from us, but none since the last withdrawal can have arrived."""
    ends = [place for place, one in enumerate(before, 1) if _took_back(one, mails)]
    known = [mails[one.mail] for one in before[max(ends, default=0) :] if mails[one.mail].phase is not None]
    return bool(known) and not any(one.may_have_arrived for one in known)


def _took_back(letter: Letter, mails: Mails) -> bool:
    return isinstance(letter.content, Ends) and mails[letter.mail].may_have_arrived


@dataclass(frozen=True, slots=True)
class Background:
    """What a mail is based on: what its recipient was told before, and answered.

    ``known`` is the last appointment that the recipient was told; ``invitation`` is the last one to anybody, with its
    agenda. ``calendar_sequence`` is greater than that of every calendar entry which may have reached the recipient; not
    ``is_counted``: one entry was made before sequences were counted.
    """

    letter: Letter
    known: Appointment | None = None
    invitation: Invitation | None = None
    reminder_days: int = 0
    answer: Answer | None = None
    calendar_sequence: int | None = None
    is_counted: bool = True

    @property
    def content(self) -> Content:
        """A person who was never invited gets an invitation instead of a change."""
        own = self.letter.content
        if self.known is not None or self.invitation is None:
            return own
        match own:
            case Update() | Supplement():
                return self.invitation.model_copy(update={"appointment": own.appointment})
            case _:
                return own


def background_of(
    mail: MailId, person: PersonId, course: Course, letters: Sequence[Letter], mails: Mails
) -> Background:
    place = place_of(mail, letters)
    own, told = letters[place], [one for one in letters[:place] if mails[one.mail].may_have_arrived]
    past = [one for one in course.occasions if one.order <= own.occasion.order]
    invited = [one.reminder_days for one in past if isinstance(one.content, Invitation)]
    background = Background(
        letter=own,
        known=told[-1].appointment if told and not isinstance(told[-1].content, Ends) else None,
        invitation=_invitation(past),
        reminder_days=invited[-1] if invited else 0,
        answer=_answer(course, person, own),
        is_counted=not any(_is_uncounted(one, mails[one.mail]) for one in letters[:place]),
    )
    return replace(background, calendar_sequence=_sequence(background.content, letters[:place], mails))


def _invitation(past: Sequence[Occasion]) -> Invitation | None:
    last: Invitation | None = None
    for one in past:
        if isinstance(one.content, Invitation):
            last = one.content
        elif last and isinstance(one.content, Supplement):
            last = last.model_copy(update={"agenda": one.content.agenda})
    return last


def _answer(course: Course, person: PersonId, own: Letter) -> Answer | None:
    """The last answer to the present appointment."""
    now = own.occasion.order
    moves = [one.order for one in course.occasions if isinstance(one.content, Update) and one.order <= now]
    before = [one for one in course.answers if one.person == person and one.order < now]
    given = [one for one in before if all(move < one.order for move in moves)]
    return given[-1].answer if given else None


def _sequence(own: Content, before: Sequence[Letter], mails: Mails) -> int | None:
    """RFC 5546 (2.1.4): every change raises it, and so does a cancellation (3.2.5). It is never below the revision,
    which was the SEQUENCE before it was counted for each recipient.
    """
    if not isinstance(own, OnCalendar):
        return None
    used = [_used(one, mails[one.mail]) for one in before]
    return max([own.appointment.revision, *(number + 1 for number in used if number is not None)])


def _used(letter: Letter, mail: Mail) -> int | None:
    if _is_uncounted(letter, mail) and letter.appointment:
        return letter.appointment.revision
    return mail.calendar_sequence


def _is_uncounted(letter: Letter, mail: Mail) -> bool:
    return mail.attempts > 0 and mail.calendar_sequence is None and isinstance(letter.content, OnCalendar)
