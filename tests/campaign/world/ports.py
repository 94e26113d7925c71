"""Ports for servers that must know one another's before any of them runs."""

from __future__ import annotations

from deploy.embedded.ports import free_port


def distinct_ports(number: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < number:
        ports.add(free_port())
    return list(ports)
