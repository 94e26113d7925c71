"""However busy the machine is: what must come has time to."""

import pytest

from shared.runtime.delivery import arrivals
from shared.runtime.kafka import ends

PROCESS_SECONDS = 300.0
"""What a process may take that ends by itself. Only one that hangs meets it."""


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this test a service waits longer for what is to arrive, and for a broker that was just started."""
    monkeypatch.setattr(arrivals, "WITHIN", 30.0)
    monkeypatch.setattr(ends, "REQUEST_MS", 30_000)
