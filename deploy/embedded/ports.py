"""Loopback ports below those the kernel hands out, so that a port stays ours between stop and restart."""

import random
import socket

LOWEST, HIGHEST = 20_000, 32_000


def free_port() -> int:
    while True:
        port = random.randrange(LOWEST, HIGHEST)
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
