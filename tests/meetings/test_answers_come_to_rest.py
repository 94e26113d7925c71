"""Whatever falls due of an answer is said, and what was answered is owed by nobody, in whatever order it was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.meetings.domain.recommendation import RECOMMENDATION, SupersedeRecommendation
from services.meetings.domain.recommendation_answers import AddressRecommendation, RecordResponse, WithdrawAddressee
from services.meetings.domain.recommendation_state import Recommendation
from services.meetings.projections.obligations import OBLIGED
from shared.contracts.meetings import RecommendationAddressed, RecommendationAnswered, ResponseDue
from shared.declarations.obligations import still_owed
from shared.kernel.decider import Command, Event
from shared.kernel.rejections import Rejected
from shared.kernel.time import iso, local_day
from tests.meetings.stuttgart import tell
from tests.meetings.test_recommendation import ADOPTED, DRAFTED, NAME, SUBMITTED
from tests.meetings.test_recommendation_answers import ADDRESSED, ANSWERED, watched

Told = list[tuple[Event, datetime]]

BEGIN = datetime(2024, 4, 23, 9, 0, tzinfo=UTC)
OTHER = ADDRESSED.model_copy(update={"addressee": "youth-office", "name": "Jugendamt"})
NAMES = {one.addressee: one.name for one in (ADDRESSED, OTHER)}


def adopted(*addressed: RecommendationAddressed) -> Told:
    return [(event, BEGIN) for event in (DRAFTED, *addressed, SUBMITTED, ADOPTED)]


def known(told: Told) -> Recommendation:
    return RECOMMENDATION.fold([one for one, _ in told])  # type: ignore[misc]  # events of its own


def come_to_rest(told: Told, now: datetime) -> None:
    """Says whatever is due by then."""
    while (document := watched(*told))["due"] and document["due"] <= iso(now):
        said = RECOMMENDATION.decide(known(told), OBLIGED.command(document, now))  # type: ignore[arg-type]  # its own
        assert said, "what is due and says nothing is due for ever, and whatever is due behind it too"
        told += [(event, now) for event in said]


def test_what_one_has_answered_is_not_owed_again_when_another_is_asked() -> None:
    told = [*adopted(ADDRESSED), (ANSWERED, BEGIN + timedelta(days=3)), (OTHER, BEGIN + timedelta(days=4))]
    assert [one["to"] for one in still_owed([watched(*told)])] == [OTHER.name]
    come_to_rest(told, BEGIN + timedelta(days=400))


def test_whoever_is_asked_by_another_name_owes_the_answer_by_it() -> None:
    told = adopted(ADDRESSED)
    come_to_rest(told, BEGIN)
    stages = watched(*told)["owed"][f"ResponseDue {ADDRESSED.addressee}"]["ahead"]
    told.append((ADDRESSED.model_copy(update={"name": "Amt für Soziales"}), BEGIN + timedelta(seconds=1)))
    [owed] = still_owed([watched(*told)])
    assert (owed["to"], owed["told"]["name"]) == ("Amt für Soziales", "Amt für Soziales")
    assert watched(*told)["owed"][f"ResponseDue {ADDRESSED.addressee}"]["ahead"] == stages
    come_to_rest(told, BEGIN + timedelta(days=400))
    last = told[-1][0]
    assert isinstance(last, ResponseDue)
    assert last.name == "Amt für Soziales"


DAYS = st.integers(0, 60)
STEPS = st.lists(
    st.tuples(DAYS, st.sampled_from(["ask", "answer", "mistake", "end"]), st.sampled_from([*NAMES]), DAYS), max_size=8
)


def command_of(step: str, addressee: str, at: datetime, days: int) -> Command:
    about: dict[str, Any] = {"recommendation": NAME, "at": at}
    match step:
        case "ask":
            due_on = local_day(at) + timedelta(days=days)
            return tell(AddressRecommendation, **about, addressee=addressee, name=NAMES[addressee], due_on=due_on)
        case "answer":
            said = {"on": local_day(at), "answer": "partly", "reasons": "Geprüft"}
            return tell(RecordResponse, **about, addressee=addressee, **said)
        case "mistake":
            return tell(WithdrawAddressee, **about, addressee=addressee, reason="Aus Versehen gefragt")
        case _:
            return tell(SupersedeRecommendation, **about, successor="housing-2", reason="Neu gefasst")


@settings(max_examples=100)
@given(STEPS)
def test_in_whatever_order_it_was_told(steps: list[tuple[int, str, str, int]]) -> None:
    told, now = adopted(ADDRESSED), BEGIN
    for wait, step, addressee, days in steps:
        now += timedelta(days=wait)
        come_to_rest(told, now)
        now += timedelta(seconds=1)
        try:
            events = RECOMMENDATION.decide(known(told), command_of(step, addressee, now, days))  # type: ignore[arg-type]  # its own
        except Rejected:
            continue
        told += [(event, now) for event in events]
    answered = {event.name for event, _ in told if isinstance(event, RecommendationAnswered)}
    assert not answered & {one["to"] for one in still_owed([watched(*told)])}
    come_to_rest(told, now + timedelta(days=400))
    assert watched(*told)["due"] is None
