"""Of every event that notifications can hear it is said whom it tells by which mail, or why nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from services.notifications.domain.contents import Tells, content_of
from services.notifications.domain.told import BY_DAY, SILENT, TOLD
from shared.contracts import registry
from shared.contracts.notifications import Content
from shared.kernel.decider import Event

RECORDS = Path(__file__).parents[2] / "contract" / "records"
HEARD = {event for name, event in registry.EVENTS.items() if name.startswith(("kpk.members.", "kpk.meetings."))}


def test_every_event_tells_somebody_or_is_silent_for_a_reason() -> None:
    assert not TOLD.keys() & SILENT.keys()
    named = {registry.NAMES[one] for one in TOLD.keys() | SILENT.keys()}
    assert named == {registry.NAMES[one] for one in HEARD}, (
        "say in services/notifications/domain/told.py who is written to"
    )
    assert all(len(why) > 10 for why in SILENT.values())


def test_those_that_tell_somebody_are_those_that_lead_to_mails() -> None:
    assert TOLD.keys() == {*get_args(Tells)}


def test_every_kind_of_mail_has_its_row() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(get_args(Content)[0])}
    assert {one.kind for one in (*TOLD.values(), *BY_DAY.values())} == kinds


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.__name__)
def test_the_mail_is_of_the_kind_that_the_table_says(event: type[Event]) -> None:
    name = registry.NAMES[event]
    record = json.loads((RECORDS / f"{name}.json").read_text())
    told = registry.decode(name, json.dumps(record["value"]))
    assert content_of(told).kind == TOLD[event].kind  # type: ignore[arg-type]  # each of them tells somebody
