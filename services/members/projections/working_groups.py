"""The working groups with those who work in them."""

from __future__ import annotations

from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.members import (
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.declarations.projection import Document, projection

WorkingGroupEvent = (
    WorkingGroupEstablished | WorkingGroupCorrected | WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed
)


def fold_working_group(document: Document | None, event: WorkingGroupEvent, envelope: Envelope) -> Document:
    group = document or {}
    match event:
        case WorkingGroupEstablished():
            about = {"working_group": event.working_group, "name": event.name, "topics": list(event.topics)}
            return {**about, "members": [], "closed": False}
        case WorkingGroupCorrected():
            return {**group, "name": event.name, "topics": list(event.topics)}
        case WorkingGroupJoined():
            member = {"person": event.person, "seat": event.seat}
            return {**group, "members": [*group["members"], member]}
        case WorkingGroupLeft():
            return {**group, "members": [one for one in group["members"] if one["person"] != event.person]}
        case WorkingGroupClosed():
            return {**group, "closed": True}
        case _:
            assert_never(event)


WORKING_GROUPS = projection("working_groups", fold_working_group)
