"""A whole life of each kind of stream, every event of it once, made of the golden records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from deploy.contract.__main__ import FOLDER
from deploy.contract.records import golden_in
from shared.contracts.public.event import PublicEvent
from shared.contracts.registry import EVENTS, decode
from shared.contracts.states.state import PublicState
from shared.contracts.topics import SERVICES
from shared.declarations.public import Published
from shared.declarations.service import Service

Fields = dict[str, Any]
History = Sequence[tuple[str, Fields]]
"""Names of events, and what stands in them."""

OWN = {"session": "session", "seat-group": "group", "working-group": "working_group", "grant": "grant"}
AGENDA = [
    {"number": 1, "title": "Empfehlung zur Kurzzeitpflege", "public": True},
    {"number": 2, "title": "Geschäftsordnung", "public": True},
    {"number": 3, "title": "Streng vertraulich", "public": False},
]
SESSION = [
    "SessionScheduled",
    "AgendaChanged",
    "GuestAdmitted",
    "InvitationIssued",
    "AgendaSupplemented",
    "SessionRescheduled",
    "SessionOpened",
    "QuorumEstablished",
    "QuorumMissed",
    "ConsensusRecorded",
    "VoteRecorded",
    "SessionClosed",
    "MinutesDrafted",
]
"""What has to come first, in this order; everything else comes in any order behind it."""

FIRST = {
    "session": SESSION,
    "recommendation": ["RecommendationDrafted", "RecommendationSubmitted", "RecommendationAdopted"],
    "seat-group": ["SeatGroupOpened"],
    "working-group": ["WorkingGroupEstablished"],
    "conference": ["ConferenceEstablished"],
    "paper": ["PaperDrafted", "PaperIssued"],
    "grant": [
        "GrantApplied",
        "CommitmentRegistered",
        "OwnContributionRecorded",
        "ExpenseBooked",
        "ExpenseApproved",
        "ExpenseReversalRequested",
        "ExpenseReversed",
        "GrantAwarded",
        "ProofOfUseFrozen",
        "ProofOfUseSubmitted",
        "ProofOfUseAudited",
    ],
}
TAKES_BACK = {"PayoutReversed": "PayoutRecorded"}
"""What comes only after the one that it takes back."""
LAST = ("SessionCancelled", "GrantRefused", "AdoptionTakenBack")
"""After which nothing, or nothing sensible, follows."""

AS_HERE: Mapping[str, Fields] = {
    "AgendaChanged": {"agenda": AGENDA},
    "InvitationIssued": {"agenda": AGENDA},
    "AgendaSupplemented": {"agenda": AGENDA},
    "ConsensusRecorded": {"item": 1},
    "VoteRecorded": {"item": 2, "recommendation": "a"},
    "DecisionCorrected": {"item": 1, "recommendation": "b"},
    "RecommendationAdopted": {"public": True},
    "CommitmentRegistered": {"commitment": "a"},
    "CommitmentCorrected": {"commitment": "a"},
    "CommitmentCancelled": {"commitment": "a"},
    "OwnContributionRecorded": {"entry": "a"},
    "OwnContributionReversed": {"entry": "a"},
    "ExpenseBooked": {"expense": "a", "commitment": "a"},
    "ExpenseApproved": {"expense": "a", "commitment": "a"},
    "ExpenseReversalRequested": {"expense": "a", "commitment": "a"},
    "ExpenseReversed": {"expense": "a", "commitment": "a"},
}
"""What has to agree with the rest of the stream."""


def services() -> list[Service]:
    return [import_module(f"services.{name}.service").SERVICE for name in SERVICES]


def layers() -> list[tuple[str, Published]]:
    return [(service.name, layer) for service in services() for layer in service.public]


@cache
def _newest(service: str) -> Mapping[str, Fields]:
    """By event its golden record with most fields."""
    found: dict[str, Fields] = {}
    for golden in golden_in(FOLDER / "records"):
        if golden.type in EVENTS and golden.type.startswith(f"kpk.{service}."):
            name, value = golden.type.split(".")[-2], golden.record["value"]
            found[name] = max(found.get(name, {}), value, key=len)
    return found


def life(service: str, layer: Published) -> History:
    first = FIRST[layer.decider.kind]
    names = sorted((event.__name__ for event in layer.decider.events), key=lambda name: (name in LAST, name))
    known, rest = _newest(service), [name for name in names if name not in first]
    return [(name, {**known[name], **AS_HERE.get(name, {})}) for name in [*first, *rest]]


def said(service: str, layer: Published, history: History) -> Iterator[tuple[str, PublicEvent]]:
    """What each event says in public, with its name."""
    versions = {name.split(".")[-2]: name for name in EVENTS if name.startswith(f"kpk.{service}.")}
    state = layer.decider.initial
    for name, fields in history:
        event = decode(versions[name], json.dumps(fields))
        if type(event) in layer.events and (public := layer.says(state, event)):
            yield name, public
        state = layer.decider.evolve(state, event)


def kept(service: str, layer: Published, history: History) -> Iterator[tuple[str, PublicState | None]]:
    """What is so after each event that says something in public, with the event's name."""
    state = None
    for name, event in said(service, layer, history):
        state = layer.keeps(state, event)
        yield name, state
