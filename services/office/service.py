"""What the office's pages remember of the others' events: what can be searched, and what followed from what.

They decide nothing: whatever is done at a page is a command of the service whose matter it is, given by whoever is
logged in. People's names are asked for when a page is shown; their topic is not heard.
"""

from __future__ import annotations

from services.office.projections import PROJECTIONS
from shared.contracts.topics import EVENT_TOPICS
from shared.declarations.service import Service

SERVICE = Service(name="office", hears=EVENT_TOPICS, projections=PROJECTIONS)
