"""What funding listens to: its own events, into views."""

from __future__ import annotations

from services.funding.reactions import REACTIONS
from services.funding.views import VIEWS
from shared.contracts.topics import events_of
from shared.runtime.execute import Deciders
from shared.runtime.parts import Declaration

SERVICE = "funding"
SUBSCRIBES = (events_of(SERVICE).name,)


def declaration(deciders: Deciders) -> Declaration:
    return Declaration(SERVICE, deciders, SUBSCRIBES, VIEWS, REACTIONS)
