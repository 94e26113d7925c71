"""Loopback ports below the kernel's ephemeral range, so that a port stays free between stop and restart."""

import random
import socket
from collections import deque

LOWEST, HIGHEST = 20_000, 32_000

_given: deque[int] = deque(maxlen=1_000)


def free_port() -> int:
    """A port that this process has not returned lately: its new owner may not listen yet."""
    while True:
        port = random.randrange(LOWEST, HIGHEST)
        if port not in _given and is_free(port):
            _given.append(port)
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
