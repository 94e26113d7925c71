"""A broker with two doors: one for whoever looks after it, and one that all its clients reach over a bad line.

A client goes where the broker's metadata sends it, so the second door is advertised under the line's port.
"""

from __future__ import annotations

from pathlib import Path

from deploy.embedded.kafka import Kafka
from deploy.embedded.ports import free_port
from tests.campaign.world.proxy import Proxy


class KafkaBehindLine(Kafka):
    """``bootstrap`` is the straight way, ``line`` the bad one: it is started and stopped by itself."""

    def __init__(self, folder: Path) -> None:
        straight, door, controller, advertised = (free_port() for _ in range(4))
        super().__init__(folder, straight, controller, settings=listeners(straight, door, controller, advertised))
        self.ports.append(door)
        self.line = Proxy(advertised, door)

    @property
    def far_bootstrap(self) -> str:
        return f"127.0.0.1:{self.line.port}"


def listeners(straight: int, door: int, controller: int, advertised: int) -> dict[str, str]:
    own, far = f"PLAINTEXT://127.0.0.1:{straight}", "FAR://127.0.0.1"
    return {
        "listeners": f"{own},{far}:{door},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"{own},{far}:{advertised}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,FAR:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
    }
