"""A service like the others, with one view: ``python -m deploy.bench.service worker``.

It runs in the way of production: the process, its consumer, delivery with positions and parking, the relay and the
deadlines beside it, its logs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from fastapi import APIRouter

from deploy.bench.data import TOPIC
from shared.contracts.members import OrganisationRegistered
from shared.contracts.subscriptions import Delivered, Document, View
from shared.runtime.parts import Declaration, open_parts
from shared.runtime.process import Process
from shared.runtime.settings import Role, ServiceSettings
from shared.runtime.start import start


class BenchSettings(ServiceSettings):
    """``group`` is the service's name and its consumer group."""

    group: str


def group_of(delivered: Delivered) -> Iterable[str]:
    return (delivered.envelope.stream,)


def fold_group(document: Document | None, delivered: Delivered) -> Document:
    """Who registered last, and how many have."""
    event = delivered.event
    assert isinstance(event, OrganisationRegistered)
    registered = (document or {"registered": 0})["registered"] + 1
    return {"organisation": event.organisation, "name": event.name, "group": event.group, "registered": registered}


GROUPS = View("groups", frozenset({OrganisationRegistered}), group_of, fold_group)


def build(settings: BenchSettings, role: Role) -> Process:
    return Process(open_parts(settings, Declaration(settings.group, {}, (TOPIC,), (GROUPS,))), role, APIRouter())


if __name__ == "__main__":
    sys.exit(start("bench", BenchSettings, build, sys.argv[1:]))
