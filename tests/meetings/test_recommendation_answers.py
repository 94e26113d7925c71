"""A recommendation's words, its way back from a session, its end, and the answers that its addressees owe."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.meetings.domain.recommendation import (
    RECOMMENDATION,
    ReferBackRecommendation,
    RejectRecommendation,
    ReportRecommendation,
    ReviseRecommendation,
    SubmitRecommendation,
    SuccessorIsItself,
    SupersedeRecommendation,
    WithdrawRecommendation,
)
from services.meetings.domain.recommendation_adoption import RecommendationNotSubmitted
from services.meetings.domain.recommendation_answers import (
    AddresseeHasAnswered,
    AddresseeHasNotAnswered,
    AddresseeUnknown,
    AddressRecommendation,
    AnnounceResponses,
    AnswerLiesAhead,
    CorrectResponse,
    RecordResponse,
    Response,
    WithdrawAddressee,
)
from services.meetings.domain.recommendation_state import (
    RecommendationIsAdopted,
    RecommendationIsOver,
    RecommendationNotAdopted,
)
from services.meetings.projections import OBLIGATIONS, RECOMMENDATIONS
from services.meetings.projections.obligations import announce
from services.meetings.register import rows
from shared.contracts.meetings import (
    AddresseeWithdrawn,
    AdoptionTakenBack,
    RecommendationAddressed,
    RecommendationAnswered,
    RecommendationReferredBack,
    RecommendationRejected,
    RecommendationRevised,
    RecommendationSuperseded,
    RecommendationWithdrawn,
    ResponseCorrected,
    ResponseDue,
)
from shared.declarations.obligations import still_owed
from shared.declarations.projection import Document
from shared.documents.table import as_csv
from shared.kernel.decider import Event
from shared.kernel.identifiers import stream_name
from shared.kernel.replacing import ChangedMeanwhile
from tests.kit.delivered import delivered, folded
from tests.kit.given import given_of
from tests.kit.when import CONFERENCE
from tests.meetings.stuttgart import tell
from tests.meetings.test_recommendation import ADOPTED, COMMITTEE, DRAFTED, NAME, REPORTED, SUBMITTED, TITLE

given = given_of(RECOMMENDATION)

STREAM = stream_name(CONFERENCE, "recommendation", NAME)
DUE = date(2024, 12, 20)
HOUSING, HOUSING_NAME = "urban-planning-and-housing-office", "Amt für Stadtplanung und Wohnen"
ADDRESSED = RecommendationAddressed(recommendation=NAME, addressee=HOUSING, name=HOUSING_NAME, due_on=DUE)
ANSWERED = RecommendationAnswered(
    recommendation=NAME,
    addressee=HOUSING,
    name=HOUSING_NAME,
    on=date(2024, 12, 12),
    answer="partly",
    reasons="Geprüft wird zunächst ein Standort.",
)
REVISED = RecommendationRevised(
    recommendation=NAME, title="Wohnraum", text="Der ganze Text", reasons="Darum", reason="In der Gruppe ergänzt"
)
SUPERSEDED = RecommendationSuperseded(recommendation=NAME, successor="housing-2", reason="Neu gefasst", title=TITLE)
LATER = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)


def told(kind: type[Any], of: Event, **fields: Any) -> Any:
    asked = {name: value for name, value in dict(of).items() if name in kind.model_fields}
    return tell(kind, **{**asked, **fields})


def answer(**fields: Any) -> RecordResponse:
    return told(RecordResponse, ANSWERED, **{"at": LATER, **fields})  # type: ignore[no-any-return]


def test_what_is_not_adopted_may_be_revised() -> None:
    revise = told(ReviseRecommendation, REVISED)
    given(DRAFTED, SUBMITTED).when(revise).then(REVISED)
    given(DRAFTED, SUBMITTED, ADOPTED).when(revise).rejected(RecommendationIsAdopted, session="spring-2024")
    after = given(DRAFTED, REVISED).when(tell(SubmitRecommendation, recommendation=NAME, session="spring-2024"))
    after.then(SUBMITTED.model_copy(update={"title": "Wohnraum"}))


def test_what_is_referred_back_is_submitted_again_and_what_is_rejected_is_not() -> None:
    back = RecommendationReferredBack(recommendation=NAME, session="spring-2024", reason="Die Kosten fehlen")
    no = RecommendationRejected(recommendation=NAME, session="spring-2024", reason="Nicht unsere Aufgabe")
    again = tell(SubmitRecommendation, recommendation=NAME, session="autumn-2024")
    given(DRAFTED, SUBMITTED).when(told(ReferBackRecommendation, back)).then(back)
    given(DRAFTED).when(told(ReferBackRecommendation, back)).rejected(RecommendationNotSubmitted)
    given(DRAFTED, SUBMITTED, back).when(again).then(SUBMITTED.model_copy(update={"session": "autumn-2024"}))
    given(DRAFTED, SUBMITTED).when(told(RejectRecommendation, no)).then(no)
    given(DRAFTED, SUBMITTED, no).when(again).rejected(RecommendationIsOver, ended="abgelehnt")
    given(DRAFTED, SUBMITTED, no).when(told(RejectRecommendation, no)).then_nothing()
    given(DRAFTED, SUBMITTED, no).when(told(RejectRecommendation, no, reason="Anders")).rejected(RecommendationIsOver)
    given(DRAFTED, SUBMITTED, ADOPTED).when(told(RejectRecommendation, no)).rejected(RecommendationIsAdopted)


def test_a_draft_is_withdrawn_and_what_is_adopted_is_superseded_by_another() -> None:
    gone = RecommendationWithdrawn(recommendation=NAME, reason="In einer anderen aufgegangen")
    given(DRAFTED).when(told(WithdrawRecommendation, gone)).then(gone)
    given(DRAFTED, gone).when(told(WithdrawRecommendation, gone)).then_nothing()
    given(DRAFTED, SUBMITTED, ADOPTED).when(told(WithdrawRecommendation, gone)).rejected(RecommendationIsAdopted)
    supersede = told(SupersedeRecommendation, SUPERSEDED)
    given(DRAFTED, SUBMITTED, ADOPTED).when(supersede).then(SUPERSEDED)
    given(DRAFTED).when(supersede).rejected(RecommendationNotAdopted)
    given(DRAFTED).when(told(SupersedeRecommendation, SUPERSEDED, successor=NAME)).rejected(SuccessorIsItself)
    report = tell(ReportRecommendation, recommendation=NAME, committee=COMMITTEE, on=DUE)
    given(DRAFTED, SUBMITTED, ADOPTED, SUPERSEDED).when(report).rejected(RecommendationIsOver, ended="ersetzt")


def test_an_addressee_answers_once_an_adopted_recommendation() -> None:
    adopted = (DRAFTED, ADDRESSED, SUBMITTED, ADOPTED)
    given(DRAFTED).when(told(AddressRecommendation, ADDRESSED)).then(ADDRESSED)
    given(*adopted).when(answer()).then(ANSWERED)
    given(DRAFTED, ADDRESSED).when(answer()).rejected(RecommendationNotAdopted)
    given(DRAFTED, SUBMITTED, ADOPTED).when(answer()).rejected(AddresseeUnknown, addressee=HOUSING)
    given(*adopted, ANSWERED).when(answer(answer="not")).rejected(AddresseeHasAnswered, on="12.12.2024")
    moved = told(AddressRecommendation, ADDRESSED, due_on=date(2025, 1, 20))
    given(*adopted, ANSWERED).when(moved).rejected(AddresseeHasAnswered)
    given(*adopted).when(answer(on=date(2025, 3, 4))).rejected(AnswerLiesAhead, on="04.03.2025")


WITHDRAWN = AddresseeWithdrawn(recommendation=NAME, addressee=HOUSING, name=HOUSING_NAME, reason="Aus Versehen gefragt")
CORRECTED = ResponseCorrected(
    **{**dict(ANSWERED), "answer": "considered"}, reason="Als teilweise berücksichtigt aufgenommen"
)


def test_who_was_named_by_mistake_need_not_answer_and_may_be_named_again() -> None:
    asked = (DRAFTED, ADDRESSED, SUBMITTED, ADOPTED)
    withdraw = told(WithdrawAddressee, WITHDRAWN)
    given(DRAFTED, ADDRESSED).when(withdraw).then(WITHDRAWN)
    given(*asked).when(withdraw).then(WITHDRAWN)
    given(*asked, ANSWERED).when(withdraw).rejected(AddresseeHasAnswered, on="12.12.2024")
    given(*asked, SUPERSEDED).when(withdraw).rejected(RecommendationIsOver)
    given(DRAFTED, SUBMITTED, ADOPTED).when(withdraw).rejected(AddresseeUnknown, addressee=HOUSING)
    given(*asked, WITHDRAWN).when(withdraw).rejected(AddresseeUnknown)
    given(*asked, WITHDRAWN).when(answer()).rejected(AddresseeUnknown)
    given(*asked, WITHDRAWN).when(told(AddressRecommendation, ADDRESSED)).then(ADDRESSED)


def test_an_answer_that_was_recorded_wrongly_is_corrected() -> None:
    asked = (DRAFTED, ADDRESSED, SUBMITTED, ADOPTED)
    correct = told(CorrectResponse, CORRECTED, at=LATER)
    given(*asked, ANSWERED).when(correct).then(CORRECTED)
    given(*asked, ANSWERED, CORRECTED).when(correct).then_nothing()
    given(*asked, ANSWERED, CORRECTED).when(answer(answer="considered")).then_nothing()
    given(*asked, ANSWERED, CORRECTED).when(answer()).rejected(AddresseeHasAnswered)
    given(*asked).when(correct).rejected(AddresseeHasNotAnswered, addressee=HOUSING)
    given(DRAFTED, SUBMITTED, ADOPTED).when(correct).rejected(AddresseeUnknown)
    given(*asked, ANSWERED, SUPERSEDED).when(correct).rejected(RecommendationIsOver)
    ahead = told(CorrectResponse, CORRECTED, at=LATER, on=date(2025, 3, 4))
    given(*asked, ANSWERED).when(ahead).rejected(AnswerLiesAhead, on="04.03.2025")
    seen = Response(on=ANSWERED.on, answer="partly", reasons=ANSWERED.reasons)
    other = told(CorrectResponse, CORRECTED, at=LATER, answer="not", replaces=seen)
    given(*asked, ANSWERED).when(other).then(CORRECTED.model_copy(update={"answer": "not"}))
    given(*asked, ANSWERED, CORRECTED).when(other).rejected(ChangedMeanwhile)


@pytest.mark.parametrize("missing", [None, ""])
def test_an_answer_without_reasons_is_none(missing: str | None) -> None:
    with pytest.raises(ValueError, match="reasons"):
        answer(reasons=missing)


def due(stage: int, due_on: date = DUE) -> ResponseDue:
    return ResponseDue(
        recommendation=NAME, due_on=due_on, stage=stage, addressee=HOUSING, name=HOUSING_NAME, title=TITLE
    )


def test_each_stage_of_an_answer_is_said_once_and_not_when_it_is_there() -> None:
    adopted = (DRAFTED, ADDRESSED, SUBMITTED, ADOPTED)
    say = tell(AnnounceResponses, recommendation=NAME, says=(due(0),))
    given(*adopted).when(say).then(due(0))
    given(*adopted, due(0)).when(say).then_nothing()
    given(*adopted, ANSWERED).when(say).then_nothing()
    given(*adopted, SUPERSEDED).when(say).then_nothing()
    given(*adopted, due(0), WITHDRAWN).when(say).then_nothing()
    given(*adopted, due(0), WITHDRAWN, ADDRESSED).when(say).then(due(0))


def watched(*history: tuple[Event, datetime]) -> Document:
    document: Document | None = None
    for number, (event, at) in enumerate(history, start=1):
        if type(event) in OBLIGATIONS.events:
            _, envelope = delivered(event, STREAM, number, at)
            document = OBLIGATIONS.fold(document, event, envelope)
    assert document is not None
    return {**document, "conference": CONFERENCE, "stream": STREAM}


def test_an_answer_is_owed_from_the_adoption_until_it_is_given() -> None:
    early = datetime(2024, 4, 23, 9, 0, tzinfo=UTC)
    drafted = [(DRAFTED, early), (ADDRESSED, early)]
    assert still_owed([watched(*drafted)]) == []
    adopted = [*drafted, (ADOPTED, early)]
    [owed] = still_owed([watched(*adopted)])
    assert (owed["obligation"], owed["to"], owed["due_on"]) == ("ResponseDue", HOUSING_NAME, "2024-12-20")
    first = announce(watched(*adopted), datetime(2024, 11, 21, tzinfo=UTC))
    assert isinstance(first, AnnounceResponses) and first.says == (due(-30),)
    after = announce(watched(*adopted, (due(-30), early)), datetime(2024, 12, 7, tzinfo=UTC))
    assert after.says == (due(-14),)
    assert still_owed([watched(*adopted, (ANSWERED, early))]) == []
    assert still_owed([watched(*adopted, (SUPERSEDED, early))]) == []
    assert still_owed([watched(*adopted, (WITHDRAWN, early))]) == []
    assert still_owed([watched(*drafted, (WITHDRAWN, early), (ADOPTED, early))]) == []


def test_no_answer_is_owed_to_what_is_not_adopted_after_all() -> None:
    early, late = datetime(2024, 4, 23, 9, 0, tzinfo=UTC), datetime(2024, 12, 7, tzinfo=UTC)
    taken_back = (AdoptionTakenBack(recommendation=NAME, session="spring-2024", reason="Verschrieben"), early)
    adopted: list[tuple[Event, datetime]] = [(DRAFTED, early), (ADDRESSED, early), (ADOPTED, early), (due(-30), early)]
    other = (ADOPTED.model_copy(update={"by": "majority"}), early)
    assert watched(*adopted, other) == watched(*adopted), "the same answers are owed"
    assert still_owed([watched(*adopted, taken_back)]) == []
    assert watched(*adopted, taken_back)["due"] is None
    asked = (ADDRESSED.model_copy(update={"due_on": DUE + timedelta(days=10)}), early)
    assert still_owed([watched(*adopted, taken_back, asked)]) == []
    [owed] = still_owed([watched(*adopted, taken_back, (ADOPTED, early))])
    assert owed["due_on"] == "2024-12-20"
    assert announce(watched(*adopted, taken_back, (ADOPTED, early), (due(-30), early)), late).says == (due(-14),)


def test_another_day_opens_only_stages_that_are_yet_to_come() -> None:
    early = datetime(2024, 4, 23, 9, 0, tzinfo=UTC)
    history: list[tuple[Event, datetime]] = [(DRAFTED, early), (ADDRESSED, early), (ADOPTED, early), (due(-30), early)]
    later = DUE + timedelta(days=10)
    moved = (ADDRESSED.model_copy(update={"due_on": later}), datetime(2024, 12, 10, tzinfo=UTC))
    says = announce(watched(*history, moved), datetime(2024, 12, 16, tzinfo=UTC)).says
    assert says == (due(-14, later),)


def test_the_register_shows_words_addressees_and_answers() -> None:
    history = [DRAFTED, ADDRESSED, REVISED, SUBMITTED, ADOPTED, ANSWERED]
    [shown] = folded(RECOMMENDATIONS, history, STREAM).values()
    assert (shown["title"], shown["text"], shown["state"]) == ("Wohnraum", "Der ganze Text", "adopted")
    [addressee] = shown["addressees"]
    assert (addressee["answer"], addressee["due_on"], addressee["on"]) == ("partly", "2024-12-20", "2024-12-12")
    [corrected] = folded(RECOMMENDATIONS, [*history, CORRECTED], STREAM).values()
    assert corrected["addressees"] == [{**addressee, "answer": "considered"}]
    [nobody] = folded(RECOMMENDATIONS, [DRAFTED, ADDRESSED, WITHDRAWN], STREAM).values()
    assert nobody["addressees"] == []
    [over] = folded(RECOMMENDATIONS, [*history, SUPERSEDED], STREAM).values()
    assert (over["state"], over["successor"], over["ended"]) == ("superseded", "housing-2", "Neu gefasst")


def test_the_register_is_a_table_with_a_row_for_each_addressee_and_nothing_to_compute() -> None:
    other = ADDRESSED.model_copy(update={"addressee": "other", "name": "=1+1"})
    history = [DRAFTED, ADDRESSED, other, SUBMITTED, ADOPTED, ANSWERED]
    table = as_csv(rows(folded(RECOMMENDATIONS, history, STREAM).values())).decode("utf-8-sig")
    heading, first, second = csv.reader(io.StringIO(table), delimiter=";")
    assert dict(zip(heading, first, strict=True)) == {
        "Empfehlung": NAME,
        "Titel": TITLE,
        "Arbeitsgruppe": "staff",
        "Stand": "beschlossen",
        "Sitzung": "spring-2024",
        "Berichtet": "",
        "Adressat": HOUSING_NAME,
        "Frist": "20.12.2024",
        "Antwort": "teilweise berücksichtigt",
        "Antwort vom": "12.12.2024",
        "Begründung": "Geprüft wird zunächst ein Standort.",
    }
    assert second[6] == "'=1+1" and second[8:] == ["", "", ""]
    assert len([*rows(folded(RECOMMENDATIONS, [DRAFTED], STREAM).values())]) == 2


def test_the_register_has_a_word_for_every_state() -> None:
    sent_back = RecommendationReferredBack(recommendation=NAME, session="spring-2024", reason="Zu knapp")
    rejected = RecommendationRejected(recommendation=NAME, session="spring-2024", reason="Erledigt")
    ended = RecommendationWithdrawn(recommendation=NAME, reason="Erledigt")
    told = [
        stand_of(DRAFTED, *later)
        for later in ([], [SUBMITTED], [sent_back], [rejected], [ended], [ADOPTED], [REPORTED], [SUPERSEDED])
    ]
    assert told == [
        *("Entwurf", "eingebracht", "zurückverwiesen", "abgelehnt"),
        *("zurückgezogen", "beschlossen", "berichtet", "ersetzt"),
    ]


def stand_of(*history: Event) -> str:
    heading, row = rows(folded(RECOMMENDATIONS, history, STREAM).values())
    return dict(zip(heading, row, strict=True))["Stand"]


def test_a_revision_leaves_who_is_to_answer_and_gives_its_title() -> None:
    early = datetime(2024, 4, 23, 9, 0, tzinfo=UTC)
    history: list[tuple[Event, datetime]] = [(one, early) for one in (DRAFTED, ADDRESSED, REVISED, ADOPTED)]
    says = announce(watched(*history), datetime(2024, 11, 21, tzinfo=UTC)).says
    assert says == (due(-30).model_copy(update={"title": "Wohnraum"}),)
