"""What becomes of grants, asked with every first page of an office: folded anew only once something was recorded."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date

from services.funding import as_of, queries
from shared.declarations.projection import Document
from shared.kernel.identifiers import Slug, stream_name
from shared.runtime.commands.journal import Journal

MOST_KEPT = 1000
"""Grants; each takes some 500 B. Those that were asked for longest ago go first."""


class Forecasts:
    """Of a day, as the journal knows it: by the number of the grant's last event."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: OrderedDict[tuple[str, date], tuple[int, Document]] = OrderedDict()

    async def of(self, conference: Slug, grant: Slug, on: date) -> Document:
        """Raises ``NothingAwarded``."""
        stream = stream_name(conference, "grant", grant)
        head = (await self._journal.heads([stream]))[stream]
        last, known = self._known.get((stream, on), (0, {}))
        if not known or last != head:
            recorded = await queries.recorded(self._journal, conference, grant)
            known = as_of.forecast(as_of.as_of(grant, recorded, on))
        self._keep((stream, on), head, known)
        return known

    def _keep(self, about: tuple[str, date], head: int, told: Document) -> None:
        """What was recorded between the look at the head and the reading is told, and told anew the next time."""
        self._known[about] = (head, told)
        self._known.move_to_end(about)
        if len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
