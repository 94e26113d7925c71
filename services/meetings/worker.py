"""What meetings listens to: who may be invited (members) and its own events; reminders fall due here."""

from __future__ import annotations

from services.meetings.reactions import REACTIONS
from services.meetings.views import DEADLINES, VIEWS
from shared.contracts.topics import events_of
from shared.runtime.execute import Deciders
from shared.runtime.parts import Declaration

SERVICE = "meetings"
SUBSCRIBES = (events_of("members").name, events_of(SERVICE).name)


def declaration(deciders: Deciders) -> Declaration:
    return Declaration(SERVICE, deciders, SUBSCRIBES, VIEWS, REACTIONS, DEADLINES)
