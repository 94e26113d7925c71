"""Events as a topic delivers them, and the documents that a projection makes of a stream's history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.contracts.envelope import Envelope, source_of
from shared.contracts.registry import type_name
from shared.declarations.projection import Document, Key, Projection
from shared.kernel.decider import Event
from shared.kernel.identifiers import derived_id
from shared.runtime.delivery.folding import Folder, fold
from tests.kit.when import CONFERENCE, NOW


def delivered(event: Event, stream: str, sequence: int = 1, at: datetime = NOW) -> tuple[Event, Envelope]:
    name, kind = derived_id("test-event", stream, str(sequence)), type_name(event)
    _, service, *_ = kind.split(".")
    return event, Envelope(name, kind, source_of(service), stream, at, sequence, CONFERENCE, name, name)


def folded(projection: Projection, history: Iterable[Event], stream: str, at: datetime = NOW) -> dict[str, Document]:
    """By key, kept as the runtime keeps them; what the projection does not want is told to others."""
    folder, documents = Folder([projection]), dict[Key, Document]()
    for sequence, told in enumerate(history, start=1):
        event, envelope = delivered(told, stream, sequence, at)
        fold(documents, event, envelope, folder.touched(event, envelope))
    return {key.id: document for key, document in documents.items()}
