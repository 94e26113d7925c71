"""The whole house as one document: every service's own declarations, with golden records as examples."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import import_module

from deploy.contract.records import Golden
from deploy.contract.released import Released
from deploy.embedded.process import ROOT
from deploy.kpk.services import service_called
from shared.contracts.asyncapi import Hearing, Known, document
from shared.contracts.schemas import Schema
from shared.contracts.topics import SERVICES
from shared.runtime.delivery.asyncapi import hearings


def version() -> str:
    """The product's."""
    told: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return told


def heard() -> list[Hearing]:
    """What each service reads from each topic."""
    return [
        one
        for name in SERVICES
        for one in hearings(service_called(name), import_module(f"services.{name}.worker").subscribers)
    ]


def house(released: Released, golden: Iterable[Golden]) -> Schema:
    examples: dict[str, list[dict[str, object]]] = {}
    for one in golden:
        examples.setdefault(one.type, []).append(one.record)
    known = Known(examples, {name: release.since for name, release in released.items()})
    return document("Pflegekonferenz bus", version(), says=SERVICES, hears=heard(), known=known)
