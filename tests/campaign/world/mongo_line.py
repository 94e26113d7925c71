"""A mongod that its clients reach over a bad line.

A driver follows the addresses of the replica set, past any line; ``directConnection`` keeps it on the one it was given.
"""

from __future__ import annotations

from pathlib import Path

from deploy.embedded.mongod import Mongod
from deploy.embedded.ports import free_port
from tests.campaign.world.fail_points import TEST_COMMANDS
from tests.campaign.world.proxy import Proxy

INSERT_INTO_JOURNAL = b"\x02insert\x00\x08\x00\x00\x00journal\x00"
"""How such a command begins on the wire (BSON of OP_MSG's first section)."""


class MongodBehindLine(Mongod):
    """``uri`` is the straight way, ``line`` the bad one: it is started and stopped by itself. Knows fail points."""

    def __init__(self, folder: Path) -> None:
        own, far = free_port(), free_port()
        super().__init__(folder, own, options=TEST_COMMANDS)
        self.line = Proxy(far, own)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def far_uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.line.port}/?directConnection=true"
