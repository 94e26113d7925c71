"""What a council paper says, from the journal: whoever has written it can see it at once."""

from __future__ import annotations

from services.meetings.domain.paper import PAPER
from services.meetings.domain.paper_state import Paper, PaperUnknown
from services.meetings.domain.paper_writing import PaperNotWritten
from shared.documents.paper import Told
from shared.kernel.identifiers import Slug, stream_name
from shared.runtime.commands.execute import Executor


async def told(executor: Executor, conference: str, slug: Slug) -> Told:
    """Raises ``PaperUnknown``, or ``PaperNotWritten`` if its text is kept elsewhere."""
    return as_told(await executor.state(PAPER, stream_name(conference, "paper", slug)), slug)


def as_told(paper: Paper, slug: Slug) -> Told:
    if paper.draft is None:
        raise PaperUnknown(paper=slug)
    if paper.text is None:
        raise PaperNotWritten(paper=slug)
    return Told(
        draft=paper.draft,
        text=paper.text,
        issued_on=paper.issued_on,
        co_signatures=tuple(paper.co_signatures.values()),
        items=tuple(paper.items.values()),
        decisions=tuple(paper.decisions.values()),
        successor=paper.superseded.successor if paper.superseded else None,
    )
