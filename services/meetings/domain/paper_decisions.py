"""Committees decide on an issued paper, item by item of its motion or on the whole, as its path lays it before them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, assert_never

from services.meetings.domain.paper_state import AboutPaper, DecisionEvent, Paper, must_be_issued
from shared.contracts.german import WORDS
from shared.contracts.meetings import (
    ItemOutcome,
    MotionItemDecided,
    MotionNumber,
    PaperDecided,
    PaperDrafted,
    Purpose,
)
from shared.kernel.rejections import Kind, Rejected
from shared.kernel.replacing import must_stand
from shared.kernel.text import Line, Prose
from shared.kernel.time import Day, german_day, local_day
from shared.kernel.values import Value

Outcome = Literal["adopted", "rejected", "postponed", "noted"]

# Commands


class Decided(Value):
    """A committee's last decision on a paper as the caller saw it; for a part of its items, with these."""

    on: Day | None = None
    decision: Outcome | None = None
    items: tuple[MotionNumber, ...] = ()


class RecordCommitteeDecision(AboutPaper):
    """Record a committee's decision on an issued paper, the same for every item of its motion."""

    committee: Line
    on: Day
    decision: Outcome
    replaces: Decided | None = None


class ItemDecided(Value):
    """A committee's last decision on an item, as the caller saw it."""

    on: Day | None = None
    decision: ItemOutcome | None = None


class RecordItemDecision(AboutPaper):
    """Record a committee's decision on one item of a paper's motion; an amended item has a new wording."""

    committee: Line
    on: Day
    item: MotionNumber
    decision: ItemOutcome
    wording: Prose | None = None
    replaces: ItemDecided | None = None


DecisionCommand = RecordCommitteeDecision | RecordItemDecision

# Rejections


class DecidedBeforeIssued(Rejected):
    """Die Vorlage ist erst am {on} ausgegeben und kann nicht vorher beschlossen sein."""

    kind = Kind.INVALID


class DecisionLiesAhead(Rejected):
    """Die Entscheidung vom {on} liegt in der Zukunft; festgehalten wird, was entschieden ist."""

    kind = Kind.INVALID


class DecidedBeforePostponed(Rejected):
    """„{committee}“ hat erst am {on} vertagt und kann nicht vorher entschieden haben."""

    kind = Kind.INVALID


class CommitteeHasDecided(Rejected):
    """Das Gremium „{committee}“ hat über die Vorlage „{paper}“ bereits am {on} beschlossen."""


class CommitteeNotOnPath(Rejected):
    """Das Gremium „{committee}“ steht nicht in der Beratungsfolge der Vorlage „{paper}“; dort stehen: {path}."""

    kind = Kind.INVALID


class OutcomeNotOfPurpose(Rejected):
    """Die Vorlage liegt „{committee}“ {purpose} vor; festgehalten wird dort nur: {allowed}."""

    kind = Kind.INVALID


class MotionItemUnknown(Rejected):
    """Der Beschlussantrag der Vorlage „{paper}“ hat {items} Nummern; eine Nummer {item} ist nicht darunter."""

    kind = Kind.INVALID


class MotionItemIsDecided(Rejected):
    """Über Nummer {item} des Beschlussantrags hat „{committee}“ bereits am {on} entschieden."""


class DecidedItemByItem(Rejected):
    """Das Gremium „{committee}“ entscheidet über die Vorlage „{paper}“ Nummer für Nummer; es fehlt noch: {open}."""


class AmendedWithoutWording(Rejected):
    """Zu einer Nummer, die geändert beschlossen ist, gehört ihr neuer Wortlaut, und nur zu einer solchen."""

    kind = Kind.INVALID


_PURPOSES: dict[Purpose, tuple[str, tuple[Outcome, ...]]] = {
    "decision": ("zur Beschlussfassung", ("adopted", "rejected", "postponed")),
    "preliminary": ("zur Vorberatung", ("adopted", "rejected", "postponed")),
    "information": ("zur Kenntnisnahme", ("noted", "postponed")),
}

# decide


def decide(paper: Paper, command: DecisionCommand) -> Sequence[DecisionEvent]:
    match command:
        case RecordCommitteeDecision():
            return _record(paper, command)
        case RecordItemDecision():
            return _record_item(paper, command)
        case _:
            assert_never(command)


def _record(paper: Paper, record: RecordCommitteeDecision) -> Sequence[DecisionEvent]:
    draft = _must_be_decidable(paper, record)
    last = paper.decisions.get(record.committee)
    if last and (last.on, last.decision) == (record.on, record.decision):
        return []
    if last and last.decision != "postponed":
        raise CommitteeHasDecided(paper=record.paper, committee=record.committee, on=german_day(last.on))
    _must_be_as_seen(paper, last, record)
    _must_not_precede(last, record)
    _must_be_of_purpose(paper, record, record.decision)
    _must_not_be_decided_by_item(paper, record)
    return [*_alike(paper, record), _whole(draft, record, record.decision)]


def _must_be_as_seen(paper: Paper, last: PaperDecided | None, record: RecordCommitteeDecision) -> None:
    """Single items may be postponed although nothing is decided on the whole."""
    items = tuple(sorted(item for committee, item in paper.items if committee == record.committee))
    now = Decided(on=last.on, decision=last.decision) if last else Decided(items=items)
    said = _of(last) if last else f"zu Nummer {', '.join(map(str, items))} ist schon entschieden" if items else ""
    must_stand(record.replaces, now, said)


def _must_not_precede(last: PaperDecided | MotionItemDecided | None, record: DecisionCommand) -> None:
    """What was postponed is decided later. The day of the postponement itself may be put right."""
    if last and record.decision != "postponed" and record.on < last.on:
        raise DecidedBeforePostponed(committee=record.committee, on=german_day(last.on))


def _of(last: PaperDecided | MotionItemDecided) -> str:
    return f"{WORDS[last.decision]} am {german_day(last.on)}"


def _must_not_be_decided_by_item(paper: Paper, record: RecordCommitteeDecision) -> None:
    still_open = _open_items(paper, record.committee)
    if paper.text and len(still_open) < len(paper.text.motion):
        numbers = ", ".join(map(str, still_open))
        raise DecidedItemByItem(paper=record.paper, committee=record.committee, open=numbers)


def _alike(paper: Paper, record: RecordCommitteeDecision) -> list[MotionItemDecided]:
    if record.decision == "noted":
        return []
    told = record.model_dump(include={"paper", "committee", "on", "decision"})
    return [MotionItemDecided(item=item, **told) for item in _open_items(paper, record.committee)]


def _record_item(paper: Paper, record: RecordItemDecision) -> Sequence[DecisionEvent]:
    draft = _must_be_decidable(paper, record)
    wanted = MotionItemDecided(**record.model_dump(include=set(MotionItemDecided.model_fields)))
    last = paper.items.get((record.committee, record.item))
    if last == wanted:
        return []
    items = len(paper.text.motion) if paper.text else 0
    if record.item > items:
        raise MotionItemUnknown(paper=record.paper, item=record.item, items=items)
    if last and last.decision != "postponed":
        raise MotionItemIsDecided(item=record.item, committee=record.committee, on=german_day(last.on))
    now = ItemDecided(on=last.on, decision=last.decision) if last else ItemDecided()
    must_stand(record.replaces, now, _of(last) if last else "")
    _must_not_precede(last, record)
    if (record.decision == "amended") != (record.wording is not None):
        raise AmendedWithoutWording
    _must_be_of_purpose(paper, record, "adopted" if record.decision == "amended" else record.decision)
    return [wanted, *_decided(paper, draft, record)]


def _decided(paper: Paper, draft: PaperDrafted, record: RecordItemDecision) -> list[PaperDecided]:
    """Nothing is decided on the whole before the committee has decided on every item."""
    outcomes = {item: said.decision for (committee, item), said in paper.items.items() if committee == record.committee}
    outcomes[record.item] = record.decision
    if paper.text is None or len(outcomes) < len(paper.text.motion):
        return []
    return [_whole(draft, record, _of_all(set(outcomes.values())))]


def _of_all(outcomes: set[ItemOutcome]) -> Outcome:
    if "postponed" in outcomes:
        return "postponed"
    return "rejected" if outcomes == {"rejected"} else "adopted"


def _whole(draft: PaperDrafted, record: DecisionCommand, decision: Outcome) -> PaperDecided:
    told: dict[str, Any] = {"paper": record.paper, "committee": record.committee, "on": record.on}
    return PaperDecided(**told, decision=decision, reference=draft.reference, title=draft.title)


def _open_items(paper: Paper, committee: Line) -> list[MotionNumber]:
    numbers = range(1, len(paper.text.motion) + 1) if paper.text else ()
    said = {item: paper.items.get((committee, item)) for item in numbers}
    return [item for item, last in said.items() if last is None or last.decision == "postponed"]


def _must_be_decidable(paper: Paper, record: DecisionCommand) -> PaperDrafted:
    draft, issued_on = must_be_issued(paper, record.paper)
    if record.on < issued_on:
        raise DecidedBeforeIssued(on=german_day(issued_on))
    if record.on > local_day(record.at):
        raise DecisionLiesAhead(on=german_day(record.on))
    return draft


def _must_be_of_purpose(paper: Paper, record: DecisionCommand, decision: Outcome) -> None:
    """If the text is kept elsewhere, the paper's kind says what a committee is to do."""
    words, allowed = _PURPOSES[_purpose(paper, record)]
    if decision not in allowed:
        named = ", ".join(WORDS[one] for one in allowed)
        raise OutcomeNotOfPurpose(committee=record.committee, purpose=words, allowed=named)


def _purpose(paper: Paper, record: DecisionCommand) -> Purpose:
    if paper.text is None:
        return "information" if paper.draft and paper.draft.kind == "information" else "decision"
    path = {step.committee: step.purpose for step in paper.text.consultations}
    if record.committee not in path:
        raise CommitteeNotOnPath(paper=record.paper, committee=record.committee, path=", ".join(path))
    return path[record.committee]
