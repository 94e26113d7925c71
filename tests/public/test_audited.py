"""The audit expects what a relay would publish, although it folds only as far as something follows in public."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import cast

import pytest

from shared.contracts.registry import EVENTS, decode
from shared.declarations.public import Published
from shared.kernel.decider import Event
from shared.runtime.commands.commit import Commit
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating.audit import Findings
from shared.runtime.operating.public_audit import PublicAudit
from shared.runtime.publishing.public import Told, said
from shared.runtime.publishing.relay import Outgoing
from tests.public.test_layer import chained
from tests.public.told import layers, life, services


class Expected:
    """A side that keeps what it is told to expect."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    def expect(self, records: Sequence[Outgoing], told: Told, stream: str) -> None:
        del told, stream
        self.records += records

    def wait_for(self, commits: Iterable[Commit]) -> None: ...

    def hear(self, record: KafkaRecord) -> None: ...

    def strangers(self) -> list[str]:
        return []

    def compare(self, *, filled: bool) -> None: ...


def lived(service: str, layer: Published, stream: str) -> list[Commit]:
    versions = {name.split(".")[-2]: name for name in EVENTS if name.startswith(f"kpk.{service}.")}
    events: list[Event] = [decode(versions[name], json.dumps(fields)) for name, fields in life(service, layer)]
    return chained(f"stuttgart/{layer.decider.kind}/{stream}", events)


def published(service: str, layer: Published, commits: Sequence[Commit]) -> list[Outgoing]:
    records, told = list[Outgoing](), Told(layer.decider.initial)
    for commit in commits:
        now, told = said(layer, told, commit, service)
        records += now
    return records


@pytest.mark.parametrize(("service", "layer"), layers())
def test_the_audit_expects_what_is_published(service: str, layer: Published) -> None:
    one, another = lived(service, layer, "one"), lived(service, layer, "another")
    [declared] = [each for each in services() if each.name == service]
    audit, side = (
        PublicAudit(cast("KafkaAccess", None), declared, cast("Database", None), Findings(service)),
        Expected(),
    )
    audit._sides = {"public": side}
    for commit in [*one, *another]:
        audit.expect(commit)
    assert side.records == [*published(service, layer, one), *published(service, layer, another)]
