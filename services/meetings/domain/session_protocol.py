"""What minutes tell of a session: of each agenda item its text and how it was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from services.meetings.domain.session_day import must_have_item
from services.meetings.domain.session_state import Session
from shared.contracts.meetings import AgendaItem, Count, MinutesItem, Protocol, VoteRecorded
from shared.kernel.identifiers import Slug
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import bare
from shared.kernel.text import Line, Prose
from shared.kernel.values import Value

MOST_CHARACTERS = 40_000
"""The text fits every event, record and mail about it."""


class Written(Value):
    """The text of an agenda item. It must not name a person."""

    number: Count
    text: Prose


Texts = Annotated[tuple[Written, ...], Field(min_length=1, max_length=99)]


class Known(Value):
    """An item's text before the writer began; None if it had none."""

    number: Count
    text: Prose | None = None


KnownTexts = Annotated[tuple[Known, ...], Field(max_length=99)]
"""What the writer saw: with it, nobody overwrites a text that they have not seen."""


class Terms(Value):
    """The conference's name, and the days for objections by its rules; None if the rules name none."""

    conference_name: Line | None = None
    objection_days: Count | None = None


class MinutesTooLong(Rejected):
    """Die Texte haben zusammen {characters} Zeichen; möglich sind {most}. Bitte legen Sie Längeres als Anlage ab."""

    kind = Kind.INVALID


class ItemWrittenTwice(Rejected):
    """Zum Tagesordnungspunkt {item} steht mehr als ein Text in der Liste."""

    kind = Kind.INVALID


class ItemWrittenMeanwhile(Rejected):
    """Zum Tagesordnungspunkt {item} hat inzwischen jemand anderes geschrieben. Bitte beides zusammenführen."""


class AttendanceIsCorrected(Rejected):
    """Die Anwesenheit ist seit der letzten Fassung berichtigt; genehmigt wird die Niederschrift nach einer neuen."""


class DecisionIsCorrected(Rejected):
    """Ein Beschluss ist seit der letzten Fassung berichtigt; genehmigt wird die Niederschrift nach einer neuen."""


def protocol_of(session: Session, name: Slug, written: Sequence[Written], terms: Terms) -> Protocol:
    for one in written:
        must_have_item(session, name, one.number)
    texts = {one.number: one.text for one in written}
    if (characters := sum(map(len, texts.values()))) > MOST_CHARACTERS:
        raise MinutesTooLong(characters=characters, most=MOST_CHARACTERS)
    assert session.appointment
    return Protocol(
        conference_name=terms.conference_name,
        appointment=session.appointment,
        seats_present=seats_attended(session),
        voting_seats=session.invitation.voting_seats if session.invitation else 0,
        quorum=session.invitation.quorum if session.invitation else 0,
        items=tuple(_item(session, item, texts.get(item.number)) for item in session.agenda),
    )


def seats_attended(session: Session) -> int:
    """Seats for which somebody was there, as known now: attendance may be corrected after the minutes."""
    return len({place.seat for place in session.stays if place.seat})


def as_known(session: Session) -> Protocol | None:
    """The text with the attendance and the decisions as known now."""
    if session.protocol is None:
        return None
    items = tuple(_item(session, one.item, one.text) for one in session.protocol.items)
    return session.protocol.model_copy(update={"seats_present": seats_attended(session), "items": items})


def must_tell_what_is_known(session: Session) -> None:
    sent, known = session.protocol, as_known(session)
    if sent is None or known is None:
        return
    if known.items != sent.items:
        raise DecisionIsCorrected
    if known != sent:
        raise AttendanceIsCorrected


def _item(session: Session, item: AgendaItem, text: Prose | None) -> MinutesItem:
    match session.decided.get(item.number):
        case None:
            return MinutesItem(item=item, text=text, outcome=None)
        case VoteRecorded() as vote:
            votes = (vote.yes, vote.no, vote.abstentions)
            return MinutesItem(item=item, text=text, outcome="carried" if vote.carried else "rejected", votes=votes)
        case _:
            return MinutesItem(item=item, text=text, outcome="consensus")


def joined(session: Session, written: Sequence[Written], known: Sequence[Known]) -> tuple[Written, ...]:
    """The text to keep: an item that the writer did not change stays as others have written it meanwhile."""
    texts = {one.number: one.text for one in written}
    now = texts_of(session)
    for number, before in ((one.number, one.text) for one in known):
        mine, others = texts.pop(number, None), now.get(number)
        present = bare(others)  # as somebody sends what they saw: old texts may have blanks around them
        if mine not in (before, present) and present != bare(before):
            raise ItemWrittenMeanwhile(item=number)
        if text := others if mine == before else mine:
            texts[number] = text
    return tuple(Written(number=number, text=text) for number, text in sorted(texts.items()))


def texts_of(session: Session) -> dict[int, Prose]:
    items = session.protocol.items if session.protocol else ()
    return {one.item.number: one.text for one in items if one.text}


def must_be_written_once(written: Sequence[Written]) -> None:
    numbers = [one.number for one in written]
    if twice := [number for number in numbers if numbers.count(number) > 1]:
        raise ItemWrittenTwice(item=twice[0])
