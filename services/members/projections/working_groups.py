"""The working groups with those who work in them."""

from __future__ import annotations

from typing import assert_never

from shared.contracts.envelope import Envelope
from shared.contracts.members import (
    WorkingGroupClosed,
    WorkingGroupCorrected,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeadNamed,
    WorkingGroupLeft,
)
from shared.declarations.projection import Document, projection

WorkingGroupEvent = (
    WorkingGroupEstablished
    | WorkingGroupCorrected
    | WorkingGroupJoined
    | WorkingGroupLeft
    | WorkingGroupLeadNamed
    | WorkingGroupClosed
)


def fold_working_group(document: Document | None, event: WorkingGroupEvent, envelope: Envelope) -> Document:
    group = document or {}
    match event:
        case WorkingGroupEstablished():
            about = {"working_group": event.working_group, "name": event.name, "topics": list(event.topics)}
            return {**about, "members": [], "lead": None, "closed": False, "results": None, "document": None}
        case WorkingGroupCorrected():
            return {**group, "name": event.name, "topics": list(event.topics)}
        case WorkingGroupJoined():
            member = {"person": event.person, "seat": event.seat}
            return {**group, "members": [*group["members"], member]}
        case WorkingGroupLeft():
            lead = None if group["lead"] == event.person else group["lead"]
            return {
                **group,
                "members": [one for one in group["members"] if one["person"] != event.person],
                "lead": lead,
            }
        case WorkingGroupLeadNamed():
            return {**group, "lead": event.person}
        case WorkingGroupClosed():
            return {**group, "closed": True, "results": event.results, "document": event.document}
        case _:
            assert_never(event)


WORKING_GROUPS = projection("working_groups", fold_working_group, version=2)
