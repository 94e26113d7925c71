"""A decision that was recorded wrongly is corrected: its votes, and whether there was a vote at all.

What it was about stays: the agenda item and the recommendation. The rules are those of recording it, with what is
known of the attendance by now. Approved minutes are final.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from services.meetings.domain.session_day import VotesDoNotAddUp, has_majority, must_have_item, must_not_contradict
from services.meetings.domain.session_events import Decided, as_decided, is_carried
from services.meetings.domain.session_protocol import seats_attended
from services.meetings.domain.session_stage import must_be
from services.meetings.domain.session_state import AboutSession, Session
from shared.contracts.meetings import Count, DecisionCorrected, VoteRecorded
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line
from shared.kernel.values import Value

How = Literal["consensus", "vote"]

# Commands


class Recorded(Value):
    """A decision as the caller saw it; without numbers where nobody voted."""

    how: How
    yes: Count | None = None
    no: Count | None = None
    abstentions: Count | None = None
    present: Count


class CorrectDecision(AboutSession):
    """Correct what is recorded of a decision: consensus or vote, the votes, and the seats present; all is said anew."""

    item: Count
    how: How
    yes: Count | None = None
    no: Count | None = None
    abstentions: Count | None = None
    present: Count
    replaces: Recorded | None = None
    reason: Line


# Rejections


class AgendaItemNotDecided(Rejected):
    """Über den Tagesordnungspunkt {item} der Sitzung „{session}“ ist nichts festgehalten, was zu berichtigen wäre."""

    kind = Kind.NOT_FOUND


class VotesBelongToAVote(Rejected):
    """Zu einer Abstimmung gehören Ja, Nein und Enthaltungen; zu einem Konsens gehören keine Stimmen."""

    kind = Kind.INVALID


class MorePresentThanAttended(Rejected):
    """Anwesend waren {attended} Sitze, nicht {present}. Waren es mehr, ist zuerst die Anwesenheit zu berichtigen."""

    kind = Kind.INVALID


class QuorumWasMissing(Rejected):
    """Mit {present} anwesenden Sitzen hat die Sitzung „{session}“ nichts beschließen können; nötig sind {needed}."""


class DecisionIsFinal(Rejected):
    """Die Niederschrift der Sitzung „{session}“ ist genehmigt; ihre Beschlüsse ändert nur noch eine weitere Sitzung."""


# decide


def decide(session: Session, correct: CorrectDecision) -> Sequence[DecisionCorrected]:
    must_be(session, correct.session, "open", "closed")
    must_have_item(session, correct.session, correct.item)
    before = session.decided.get(correct.item)
    if before is None:
        raise AgendaItemNotDecided(session=correct.session, item=correct.item)
    wanted = _wanted(before, correct)
    if as_decided(wanted) == before:
        return []
    _must_still_be_open(session, before, correct)
    _must_add_up(correct)
    _must_have_been_there(session, correct)
    if wanted.carried:
        must_not_contradict(session, correct.item, before.recommendation)
    return [wanted]


def _wanted(before: Decided, correct: CorrectDecision) -> DecisionCorrected:
    """With no rule applied yet."""
    kept = before.model_dump(include={"session", "item", "recommendation", "title", "public"})
    told = correct.model_dump(include={"yes", "no", "abstentions", "present", "reason"})
    carried, was_carried = will_be_carried(correct), is_carried(before)
    return DecisionCorrected(**kept, **told, by=correct.how, carried=carried, was_carried=was_carried)


def will_be_carried(correct: CorrectDecision) -> bool:
    """As it is corrected, also while its numbers are still to be checked."""
    return correct.how == "consensus" or has_majority(correct.yes or 0, correct.no or 0)


def _recorded(decided: Decided) -> Recorded:
    told: dict[str, Any] = {"present": decided.present}
    if isinstance(decided, VoteRecorded):
        return Recorded(how="vote", yes=decided.yes, no=decided.no, abstentions=decided.abstentions, **told)
    return Recorded(how="consensus", **told)


def _must_still_be_open(session: Session, before: Decided, correct: CorrectDecision) -> None:
    if session.minutes == "approved":
        raise DecisionIsFinal(session=correct.session)
    must_stand(correct.replaces, _recorded(before), _in_words(before))


def _in_words(decided: Decided) -> str:
    if isinstance(decided, VoteRecorded):
        votes = f"{decided.yes} Ja, {decided.no} Nein, {decided.abstentions} Enthaltungen"
        return f"Abstimmung, {votes}, {decided.present} Sitze anwesend"
    return f"Konsens, {decided.present} Sitze anwesend"


def _must_add_up(correct: CorrectDecision) -> None:
    given = [count for count in (correct.yes, correct.no, correct.abstentions) if count is not None]
    if len(given) != (3 if correct.how == "vote" else 0):
        raise VotesBelongToAVote
    if given and sum(given) != correct.present:
        raise VotesDoNotAddUp(votes=sum(given), present=correct.present)


def _must_have_been_there(session: Session, correct: CorrectDecision) -> None:
    """Within those who attended at any time, and enough of them; an empty plenary decides nothing."""
    attended = seats_attended(session)
    if correct.present > attended:
        raise MorePresentThanAttended(attended=attended, present=correct.present)
    quorum = session.invitation.quorum if session.invitation else 0
    needed = max(quorum, 1 if session.kind == "plenary" else 0)
    if correct.present < needed:
        raise QuorumWasMissing(session=correct.session, present=correct.present, needed=needed)
