"""P2: catching up where nothing can be folded together: every event has a document of its own."""

from __future__ import annotations

from tests.bench.catching_up import Load
from tests.bench.measured import Claim, Place
from tests.bench.row import PRODUCT
from tests.bench.rows.p1_catch_up import BARE, CONNECT, PLAIN, RATE, CatchUp


class OneEventEach(CatchUp):
    id = "P2"
    title = "Catching up, one event a document"
    about = (
        "As P1, but each event belongs to a stream of its own, so each side writes once for each event, and the "
        "product a position beside it. This is the case in which Kafka Connect loses nothing by writing event by event."
    )
    claims = (
        Claim("beside the bare loop", Place(PRODUCT, RATE), Place(BARE, RATE), "at least", 0.7),
        Claim("beside Kafka Connect", Place(PRODUCT, RATE), Place(CONNECT, RATE), "at least", None),
        Claim("beside confluent-kafka and pymongo", Place(PRODUCT, RATE), Place(PLAIN, RATE), "at least", None),
    )

    def load(self) -> Load:
        return Load(self.size.events, self.size.events)
