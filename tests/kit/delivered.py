"""Events as a topic hands them over, and the documents that a stream's history makes of a view."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.registry import type_name
from shared.contracts.subscriptions import Delivered, Document, View
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.views import fold
from tests.kit.when import CONFERENCE, NOW


def delivered(event: Event, stream: str, sequence: int = 1, at: datetime = NOW) -> Delivered:
    name, kind = derived_id("test-event", stream, str(sequence)), type_name(event)
    _, service, *_ = kind.split(".")
    return Delivered(Envelope(name, kind, source_of(service), stream, at, sequence, CONFERENCE, name, name), event)


def folded(view: View, history: Iterable[Event], stream: str, at: datetime = NOW) -> dict[str, Document]:
    """By key, kept as the runtime keeps them; what the view does not want is told to others."""
    documents: dict[str, Document] = {}
    for sequence, event in enumerate(history, start=1):
        if type(event) in view.events:
            told = delivered(event, stream, sequence, at)
            for key in view.keys(told):
                documents[key] = fold(view, documents.get(key), key, told) or documents[key]
    return documents
