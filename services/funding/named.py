"""A conference that was never established takes no command: members tells which there are."""

from __future__ import annotations

from typing import Any

from services.funding.projections import CONFERENCES
from services.funding.service import SERVICE
from shared.contracts.topics import events_of
from shared.kernel.identifiers import stream_name
from shared.kernel.rejections import Kind, Rejected
from shared.runtime.commands.facts import Named, Names
from shared.runtime.delivery.stores import ProjectionStore


class ConferenceUnknown(Rejected):
    """Die Konferenz „{conference}“ ist hier nicht bekannt."""

    kind = Kind.NOT_FOUND


def names(projections: ProjectionStore) -> Names:
    async def read(body: Any) -> None:
        if await projections.get(CONFERENCES, body.conference) is None:
            raise ConferenceUnknown(conference=body.conference)

    def streams(body: Any) -> list[str]:
        return [stream_name(body.conference, "conference", body.conference)]

    return dict.fromkeys(SERVICE.given.values(), (Named(read, events_of("members"), streams),))
