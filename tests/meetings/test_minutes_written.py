"""Minutes whose text is here: written item by item, sent, objected to, corrected as new editions, then approved."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from services.meetings import queries
from services.meetings.domain.session import SESSION
from services.meetings.domain.session_day import AgendaItemUnknown
from services.meetings.domain.session_minutes import (
    MOST_EDITIONS,
    MOST_OBJECTIONS,
    ApproveMinutes,
    CorrectMinutes,
    DraftMinutes,
    MinutesAreApproved,
    MinutesAreSent,
    MinutesCorrectedTooOften,
    MinutesKeptElsewhere,
    MinutesNotSent,
    ObjectionIsOpen,
    ObjectionsAreOver,
    ObjectionsStillPossible,
    ObjectionUnknown,
    ObjectToMinutes,
    RejectObjection,
    SendMinutes,
    TooManyObjections,
)
from services.meetings.domain.session_protocol import (
    MOST_CHARACTERS,
    AttendanceIsCorrected,
    DecisionIsCorrected,
    ItemWrittenMeanwhile,
    ItemWrittenTwice,
    Known,
    MinutesTooLong,
    Terms,
    Written,
)
from services.meetings.domain.session_stage import NotInvited
from services.meetings.projections import MINUTES
from shared.contracts.meetings import (
    ApprovedMinutesSent,
    ArrivalRecorded,
    AttendanceCorrected,
    AttendanceWithdrawn,
    ConsensusRecorded,
    DecisionCorrected,
    MinutesApproved,
    MinutesCorrected,
    MinutesDrafted,
    MinutesItem,
    MinutesObjected,
    MinutesSent,
    ObjectionRejected,
    Protocol,
    Recipient,
    SessionClosed,
    SessionOpened,
    VoteRecorded,
)
from shared.declarations.projection import Document, Projection
from shared.kernel.decider import Event
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE, NOW, person
from tests.meetings.stuttgart import AGENDA, EVERYBODY, GUEST, NAME, OPEN, SCHEDULED, STARTS, WHEN, invited, shown, tell
from tests.meetings.stuttgart import AGREED as AGENDA_AGREED

given = given_of(SESSION)

REFERENCE = "Niederschrift 1/2024"
TERMS = Terms(conference_name="Pflegekonferenz", objection_days=14)
TODAY, LAST = NOW.date(), NOW.date() + timedelta(days=14)
AGREED = ConsensusRecorded(session=NAME, item=1, recommendation=None, present=2, title="Begrüßung", public=True)
VOTED = VoteRecorded(
    session=NAME, item=2, recommendation=None, yes=1, no=1, abstentions=0, present=2, carried=False, title=None
)
CLOSED = (*OPEN, AGREED, VOTED, SessionClosed(session=NAME))


def protocol(*texts: str | None) -> Protocol:
    outcomes: tuple[Any, ...] = (("consensus", ()), ("rejected", (1, 1, 0)))
    return Protocol(
        conference_name="Pflegekonferenz",
        appointment=WHEN,
        seats_present=2,
        voting_seats=4,
        quorum=2,
        items=tuple(
            MinutesItem(item=item, text=text, outcome=outcome, votes=votes)
            for item, text, (outcome, votes) in zip(AGENDA, texts, outcomes, strict=True)
        ),
    )


def written(*texts: str) -> tuple[Written, ...]:
    return tuple(Written(number=number, text=text) for number, text in enumerate(texts, 1))


def draft(*texts: str) -> DraftMinutes:
    return tell(DraftMinutes, document=REFERENCE, items=written(*texts), terms=TERMS)


def correct(number: int, text: str, **fields: Any) -> CorrectMinutes:
    told: dict[str, Any] = {"items": (Written(number=number, text=text),), "reason": "Einwendung", "terms": TERMS}
    return tell(CorrectMinutes, **{**told, **fields})


def objects(number: int, item: int = 2, **fields: Any) -> ObjectToMinutes:
    return tell(ObjectToMinutes, **{"person": person(number), "item": item, "text": "Es war anders.", **fields})


def corrected(*texts: str | None, edition: int = 2) -> MinutesCorrected:
    return MinutesCorrected(
        session=NAME,
        document=REFERENCE,
        edition=edition,
        protocol=protocol(*texts),
        reason="Einwendung",
        appointment=WHEN,
        recipients=EVERYBODY,
        objections_until=LAST,
    )


DRAFTED = (*CLOSED, MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol("Eins.", None)))
SENT = (
    *DRAFTED,
    MinutesSent(
        session=NAME,
        document=REFERENCE,
        appointment=WHEN,
        recipients=EVERYBODY,
        protocol=protocol("Eins.", None),
        edition=1,
        objections_until=LAST,
    ),
)
OBJECTED = MinutesObjected(session=NAME, person=person(2), seat="hospitals-2", item=2, text="Es war anders.")
REJECTED = ObjectionRejected(session=NAME, person=person(2), item=2, reason="Steht so im Beschluss")
LATER = NOW + timedelta(days=15)


def approved(edition: int, *texts: str | None) -> tuple[Event, Event]:
    told: Any = {"session": NAME, "document": REFERENCE, "appointment": WHEN, "edition": edition}
    text = protocol(*texts)
    return MinutesApproved(**told), ApprovedMinutesSent(**told, protocol=text, recipients=EVERYBODY)


def test_a_draft_tells_of_each_item_what_was_written_and_how_it_was_decided() -> None:
    given(*CLOSED).when(draft("Eins.")).then(DRAFTED[-1])
    given(*DRAFTED).when(draft("Eins.")).then_nothing()
    both = MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol("Eins.", "Zwei."))
    given(*DRAFTED).when(draft("Eins.", "Zwei.")).then(both)


def knows(number: int, text: str | None) -> Known:
    return Known(number=number, text=text)


def test_whoever_writes_overwrites_nothing_that_they_have_not_seen() -> None:
    """Others have written "Eins." meanwhile."""
    both = MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol("Eins.", "Zwei."))
    mine = draft("Anders.").model_copy(update={"known": (knows(1, None),)})
    given(*DRAFTED).when(mine).rejected(ItemWrittenMeanwhile, item=1)
    given(*DRAFTED).when(mine.model_copy(update={"items": written("Eins.")})).then_nothing()
    other = (Written(number=2, text="Zwei."),)
    given(*DRAFTED).when(mine.model_copy(update={"items": other})).then(both)
    seen = mine.model_copy(update={"known": (knows(1, "Eins."), knows(2, None))})
    given(*DRAFTED).when(seen).then(
        MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol("Anders.", None))
    )
    given(*SENT).when(mine).rejected(MinutesAreSent, session=NAME)
    gone = MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol(None, "Zwei."))
    given(*DRAFTED).when(seen.model_copy(update={"items": other})).then(gone)


def test_blanks_around_an_old_text_are_no_change_of_it() -> None:
    """What the writer saw, and sends, comes without them."""
    old = (*CLOSED, MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol(" Eins.\n", None)))
    seen = draft("Eins.").model_copy(update={"known": (knows(1, "Eins."), knows(2, None))})
    given(*old).when(seen).then_nothing()
    mine = MinutesDrafted(session=NAME, document=REFERENCE, protocol=protocol("Anders.", None))
    given(*old).when(seen.model_copy(update={"items": written("Anders.")})).then(mine)


def test_a_new_edition_overwrites_no_text_that_nobody_has_seen() -> None:
    given(*SENT).when(correct(1, "Neu.", known=(knows(1, "Alt."),))).rejected(ItemWrittenMeanwhile, item=1)
    told = correct(2, "Zwei.", known=(knows(1, "Alt."), knows(2, None)))
    given(*SENT).when(told).then(corrected("Eins.", "Zwei."))


def test_a_draft_is_about_the_agenda_once_and_not_endless() -> None:
    given(*CLOSED).when(draft("a", "b", "c")).rejected(AgendaItemUnknown, item=3)
    twice = (*written("a"), *written("b"))
    given(*CLOSED).when(tell(DraftMinutes, document="N", items=twice, terms=TERMS)).rejected(ItemWrittenTwice, item=1)
    long = tuple(Written(number=n, text="x" * 8000) for n in (1, 2))
    assert sum(len(one.text) for one in long) < MOST_CHARACTERS, "a page of each item is no problem"
    agenda = tuple(AGENDA[0].model_copy(update={"number": n}) for n in range(1, 8))
    history = [
        one.model_copy(update={"agenda": agenda}) if "agenda" in type(one).model_fields else one for one in CLOSED
    ]
    endless = tuple(Written(number=n, text="x" * 8000) for n in range(1, 7))
    given(*history).when(tell(DraftMinutes, document="N", items=endless, terms=TERMS)).rejected(MinutesTooLong)


def test_what_is_sent_has_its_text_and_the_last_day_of_objections() -> None:
    given(*DRAFTED).when(tell(SendMinutes, terms=TERMS)).then(SENT[-1])
    no_day = SENT[-1].model_copy(update={"objections_until": None})
    given(*DRAFTED).when(tell(SendMinutes, terms=TERMS.model_copy(update={"objection_days": None}))).then(no_day)


def test_who_has_a_seat_may_object_until_that_day() -> None:
    given(*SENT).when(objects(2)).then(OBJECTED)
    given(*SENT, OBJECTED).when(objects(2)).then_nothing()
    given(*SENT).when(objects(2, at=LATER - timedelta(days=1))).then(OBJECTED)
    given(*SENT).when(objects(2, at=LATER)).rejected(ObjectionsAreOver, session=NAME)
    given(*SENT).when(objects(9)).rejected(NotInvited)
    given(*SENT).when(objects(2, item=9)).rejected(AgendaItemUnknown, item=9)
    given(*DRAFTED).when(objects(2)).rejected(MinutesNotSent)


def test_a_person_has_a_few_objections_to_an_item_open_and_one_answer_is_for_all_of_them() -> None:
    def objected(number: int, **fields: Any) -> MinutesObjected:
        return OBJECTED.model_copy(update={"text": f"{number}. Einwand.", **fields})

    most = [objected(number) for number in range(MOST_OBJECTIONS)]
    given(*SENT, *most[1:]).when(objects(2, text=most[0].text)).then(most[0])
    given(*SENT, *most).when(objects(2)).rejected(TooManyObjections, item=2, most=MOST_OBJECTIONS)
    given(*SENT, *most).when(objects(2, text=most[0].text)).then_nothing()
    given(*SENT, *most).when(objects(2, item=1)).then(OBJECTED.model_copy(update={"item": 1}))
    others = [objected(number, person=person(1), seat="hospitals-1") for number in range(MOST_OBJECTIONS)]
    given(*SENT, *others).when(objects(2)).then(OBJECTED)
    no: Any = {"session": NAME, "person": person(2), "item": 2, "reason": "So war es."}
    answered = (*SENT, *most, ObjectionRejected(**no))
    given(*SENT, *most).when(tell(RejectObjection, **no)).then(answered[-1])
    given(*answered).when(tell(RejectObjection, **no)).rejected(ObjectionUnknown, item=2)
    given(*answered).when(objects(2)).then(OBJECTED)


def test_whoever_holds_several_seats_objects_for_the_first() -> None:
    another = Recipient(person=person(2), seat="head-1")
    history = [invited(*EVERYBODY, another) if one == invited() else one for one in SENT]
    given(*history).when(objects(2)).then(OBJECTED)


def test_a_guest_does_not_object() -> None:
    history = [invited(*EVERYBODY, GUEST) if one == invited() else one for one in SENT]
    given(*history).when(tell(ObjectToMinutes, person=GUEST.person, item=1, text="Nein.")).rejected(NotInvited)


def test_another_text_is_a_new_edition_and_answers_the_objections_to_its_item() -> None:
    given(*SENT, OBJECTED).when(correct(2, "Zwei.")).then(corrected("Eins.", "Zwei."))
    answered = SESSION.fold([*SENT, OBJECTED, corrected("Eins.", "Zwei.")])
    assert (answered.objections, answered.written) == (frozenset(), 2)
    other = SESSION.fold([*SENT, OBJECTED, corrected("Anders.", None)])
    assert other.objections == {(person(2), 2, OBJECTED.text)}, "what another item says answers nothing"
    given(*SENT).when(correct(1, "Eins.")).then_nothing()
    given(*DRAFTED).when(correct(1, "Anders.")).rejected(MinutesNotSent)


THIRD = ArrivalRecorded(session=NAME, person=person(3), seat="hospitals-3", arrived_at=STARTS)
THREE = protocol("Eins.", None).model_copy(update={"seats_present": 3})


def test_minutes_say_who_was_there_as_it_is_known_when_they_are_sent() -> None:
    sent = SENT[-1].model_copy(update={"protocol": THREE})
    given(*DRAFTED, THIRD).when(tell(SendMinutes, terms=TERMS)).then(sent)
    given(*DRAFTED, THIRD, sent).when(tell(ApproveMinutes, at=LATER)).then_something()


def test_an_attendance_that_is_corrected_afterwards_takes_a_new_edition() -> None:
    """Its text may stay. Until it is sent nobody approves what is known to be wrong."""
    again = corrected("Eins.", None).model_copy(update={"protocol": THREE})
    given(*SENT, THIRD).when(tell(ApproveMinutes, at=LATER)).rejected(AttendanceIsCorrected)
    given(*SENT, THIRD).when(correct(1, "Eins.")).then(again)
    given(*SENT, THIRD, again).when(tell(ApproveMinutes, at=LATER)).then_something()
    withdrawn = AttendanceWithdrawn(session=NAME, person=person(2), seat="hospitals-2", reason="Verwechselt")
    given(*SENT, withdrawn).when(tell(ApproveMinutes, at=LATER)).rejected(AttendanceIsCorrected)
    told: Any = {"session": NAME, "person": person(2), "seat": "hospitals-2", "reason": "Später"}
    later = AttendanceCorrected(**told, arrived_at=STARTS + timedelta(hours=1), left_at=None)
    given(*SENT, later).when(tell(ApproveMinutes, at=LATER)).then_something()


def test_a_decision_that_is_corrected_afterwards_takes_a_new_edition() -> None:
    """What is drafted is sent as it is known by then; what was sent is not approved any more."""
    told: dict[str, Any] = {"recommendation": None, "by": "vote", "carried": False, "was_carried": True, "reason": "x"}
    first = DecisionCorrected(session=NAME, item=1, yes=0, no=2, abstentions=0, present=2, **told)
    now = MinutesItem(item=AGENDA[0], text="Eins.", outcome="rejected", votes=(0, 2, 0))
    newest = protocol("Eins.", None).model_copy(update={"items": (now, *protocol("Eins.", None).items[1:])})
    given(*DRAFTED, first).when(tell(SendMinutes, terms=TERMS)).then(SENT[-1].model_copy(update={"protocol": newest}))
    again = corrected("Eins.", None).model_copy(update={"protocol": newest})
    given(*SENT, first).when(tell(ApproveMinutes, at=LATER)).rejected(DecisionIsCorrected)
    given(*SENT, first).when(correct(1, "Eins.")).then(again)
    given(*SENT, first, again).when(tell(ApproveMinutes, at=LATER)).then_something()
    about_it = OBJECTED.model_copy(update={"item": 1})
    given(*SENT, about_it, first, again).when(tell(ApproveMinutes, at=LATER)).then_something()


def test_there_is_an_end_to_editions() -> None:
    history = (*SENT, corrected("Eins.", "Zwei.", edition=MOST_EDITIONS))
    given(*history).when(correct(1, "Anders.")).rejected(MinutesCorrectedTooOften, most=MOST_EDITIONS)


def test_a_second_objection_to_an_item_is_kept_beside_the_first_and_answered_with_it() -> None:
    more = OBJECTED.model_copy(update={"text": "Auch die Zahl stimmt nicht."})
    given(*SENT, OBJECTED).when(objects(2)).then_nothing()
    given(*SENT, OBJECTED).when(objects(2, text=more.text)).then(more)
    assert SESSION.fold([*SENT, OBJECTED, more, REJECTED]).objections == frozenset()


def test_an_objection_may_be_rejected_with_a_reason() -> None:
    reject = tell(RejectObjection, person=person(2), item=2, reason="Steht so im Beschluss")
    given(*SENT, OBJECTED).when(reject).then(REJECTED)
    given(*SENT).when(reject).rejected(ObjectionUnknown, item=2)


def test_minutes_are_approved_when_nobody_may_object_and_nothing_is_open() -> None:
    approve, later = tell(ApproveMinutes), tell(ApproveMinutes, at=LATER)
    given(*SENT).when(approve).rejected(ObjectionsStillPossible)
    given(*SENT).when(tell(ApproveMinutes, at=LATER - timedelta(days=1))).rejected(ObjectionsStillPossible)
    given(*SENT, OBJECTED).when(later).rejected(ObjectionIsOpen, item=2)
    given(*SENT).when(later).then(*approved(1, "Eins.", None))
    given(*SENT, OBJECTED, REJECTED).when(later).then(*approved(1, "Eins.", None))
    given(*SENT, OBJECTED, corrected("Eins.", "Zwei.")).when(later).then(*approved(2, "Eins.", "Zwei."))


def test_approved_minutes_are_neither_corrected_nor_objected_to() -> None:
    history = (*SENT, *approved(1, "Eins.", None))
    given(*history).when(correct(1, "Anders.")).rejected(MinutesAreApproved)
    given(*history).when(objects(2)).rejected(MinutesAreApproved)


def test_minutes_that_are_kept_elsewhere_are_corrected_there() -> None:
    sent = MinutesSent(session=NAME, document="Akte 7", appointment=WHEN, recipients=EVERYBODY)
    history = (*CLOSED, MinutesDrafted(session=NAME, document="Akte 7"), sent)
    given(*history).when(correct(1, "Anders.")).rejected(MinutesKeptElsewhere, document="Akte 7")


def test_what_became_of_the_minutes_is_shown() -> None:
    document = shown(MINUTES, [*SENT, OBJECTED, corrected("Eins.", "Zwei."), *approved(2, "Eins.", "Zwei.")])
    assert (document["state"], document["document"]) == ("approved", REFERENCE)
    assert [(one["edition"], one["reason"]) for one in document["editions"]] == [(1, None), (2, "Einwendung")]
    assert [(one["person"], one["answer"]) for one in document["objections"]] == [(person(2), "corrected")]
    rejected = shown(MINUTES, [*SENT, OBJECTED, REJECTED])
    assert [(one["answer"], one["reason"]) for one in rejected["objections"]] == [("rejected", REJECTED.reason)]
    open_one = shown(MINUTES, [*SENT, OBJECTED, corrected("Anders.", None)])
    assert [one["answer"] for one in open_one["objections"]] == [None]


class Folded:
    def __init__(self, *history: Event) -> None:
        self._history = history

    async def get(self, projection: Projection, key: str) -> Document | None:
        assert key.startswith(CONFERENCE)
        return shown(projection, self._history) if self._history else None


async def statuses(*history: Event, edition: int | None = None) -> tuple[str | None, str]:
    text, name, status = await queries.minutes_to_show(Folded(*history), CONFERENCE, NAME, edition)  # type: ignore[arg-type]
    assert name == REFERENCE
    return text.items[1].text, status


async def test_every_edition_can_be_shown_with_what_it_is() -> None:
    second = (*SENT, corrected("Eins.", "Zwei."))
    until = f"Einwendungen bis zum {date.strftime(LAST, '%d.%m.%Y')}"
    assert await statuses(*DRAFTED) == (None, "Entwurf")
    assert await statuses(*SENT) == (None, f"Fassung 1, noch nicht genehmigt, {until}")
    assert await statuses(*second) == ("Zwei.", f"Fassung 2, noch nicht genehmigt, {until}")
    assert await statuses(*second, edition=1) == (None, f"Fassung 1, noch nicht genehmigt, {until}")
    done = (*second, *approved(2, "Eins.", "Zwei."))
    assert await statuses(*done) == ("Zwei.", "Fassung 2, genehmigt")
    assert (await statuses(*done, edition=1))[1] == f"Fassung 1, noch nicht genehmigt, {until}"
    with pytest.raises(queries.MinutesNotWritten):
        await statuses(*SENT, edition=2)
    with pytest.raises(queries.MinutesNotWritten):
        await statuses()
    elsewhere = MinutesDrafted(session=NAME, document="Akte 7")
    with pytest.raises(queries.MinutesNotWritten):
        await statuses(*CLOSED, elsewhere)


def test_what_is_sent_survives_as_json() -> None:
    event = SENT[-1]
    assert MinutesSent.model_validate_json(json.dumps(event.model_dump(mode="json"))) == event


def test_a_draft_has_at_most_so_many_characters_and_says_which_item_is_written_twice_first() -> None:
    agenda = tuple(AGENDA[0].model_copy(update={"number": number}) for number in range(1, 7))
    history = [
        one.model_copy(update={"agenda": agenda}) if "agenda" in type(one).model_fields else one for one in CLOSED
    ]
    full = tuple(Written(number=number, text="x" * (MOST_CHARACTERS // 5)) for number in range(1, 6))
    whole = tell(DraftMinutes, document="N", items=full, terms=TERMS)
    given(*history).when(whole).then_something()
    more = whole.model_copy(update={"items": (*full, Written(number=6, text="x"))})
    given(*history).when(more).rejected(MinutesTooLong, characters=MOST_CHARACTERS + 1, most=MOST_CHARACTERS)
    twice = tuple(Written(number=number, text="a") for number in (1, 2, 1, 2))
    given(*history).when(whole.model_copy(update={"items": twice})).rejected(ItemWrittenTwice, item=1)


def test_the_last_edition_that_is_possible_is_written() -> None:
    history = (*SENT, corrected("Eins.", "Zwei.", edition=MOST_EDITIONS - 1))
    given(*history).when(correct(1, "Anders.")).then(corrected("Anders.", "Zwei.", edition=MOST_EDITIONS))


def test_of_several_open_objections_the_first_item_is_told() -> None:
    other = OBJECTED.model_copy(update={"item": 1})
    given(*SENT, OBJECTED, other).when(tell(ApproveMinutes, at=LATER)).rejected(ObjectionIsOpen, item=1)


def test_of_a_session_without_an_invitation_minutes_name_no_seats() -> None:
    held = (SCHEDULED, AGENDA_AGREED, SessionOpened(session=NAME), SessionClosed(session=NAME))
    bare = Protocol(
        conference_name="Pflegekonferenz",
        appointment=WHEN,
        seats_present=0,
        voting_seats=0,
        quorum=0,
        items=(
            MinutesItem(item=AGENDA[0], text="Eins.", outcome=None),
            MinutesItem(item=AGENDA[1], text=None, outcome=None),
        ),
    )
    given(*held).when(draft("Eins.")).then(MinutesDrafted(session=NAME, document=REFERENCE, protocol=bare))


def test_a_vote_that_was_carried_is_told_as_carried() -> None:
    carried = VOTED.model_copy(update={"yes": 2, "no": 0, "carried": True})
    [drafted] = SESSION.decide(SESSION.fold((*CLOSED[:-2], carried, CLOSED[-1])), draft("Eins."))
    assert isinstance(drafted, MinutesDrafted) and drafted.protocol
    assert [(item.outcome, item.votes) for item in drafted.protocol.items] == [
        ("consensus", ()),
        ("carried", (2, 0, 0)),
    ]


def test_an_edition_answers_by_what_it_changes_of_the_last_one() -> None:
    second, third = corrected("Eins.", "Zwei."), corrected("Anders.", "Zwei.", edition=3)
    document = shown(MINUTES, [*SENT, second, OBJECTED, third])
    assert [one["answer"] for one in document["objections"]] == [None]
    assert SESSION.fold([*SENT, second, OBJECTED, third]).objections == {(person(2), 2, OBJECTED.text)}


def test_a_correction_says_of_each_item_one_text() -> None:
    twice = correct(1, "Eins.").model_copy(update={"items": (*written("a"), *written("b"))})
    given(*SENT).when(twice).rejected(ItemWrittenTwice, item=1)
