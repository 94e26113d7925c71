"""What becomes of grants, asked with every first page of an office: folded anew only once something was recorded."""

from __future__ import annotations

from datetime import date

from services.funding import as_of, queries
from shared.declarations.projection import Document
from shared.kernel.identifiers import Slug, stream_name
from shared.runtime.commands.journal import Journal
from shared.runtime.recent import Recent

MOST_KEPT = 1000
"""The most grants in memory, some 500 B each. The least recently asked ones go first."""


class Forecasts:
    """Forecasts of a day, from the journal; valid for the number of the grant's last event."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: Recent[tuple[str, date], tuple[int, Document]] = Recent(MOST_KEPT)

    async def of(self, conference: Slug, grant: Slug, on: date) -> Document:
        """Raises ``NothingAwarded``."""
        about = stream_name(conference, "grant", grant), on
        head = (await self._journal.heads([about[0]]))[about[0]]
        last, told = self._known.get(about) or (0, {})
        if not told or last != head:
            recorded = await queries.recorded(self._journal, conference, grant)
            told = as_of.forecast(as_of.as_of(grant, recorded, on))
        # An event recorded between the look at the head and the reading is included, and the next call computes anew.
        self._known.update({about: (head, told)})
        return told
