"""Of every event that notifications can hear it is said whom it tells by which mail, or why nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from services.notifications.domain.contents import Tells, content_of
from services.notifications.domain.told import BY_DAY, SILENT, TOLD
from shared.contracts import registry
from shared.contracts.meetings import ApprovedMinutesSent, DeputyInvited
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


def recorded(event: type[Event]) -> Iterator[Any]:
    name = registry.NAMES[event]
    for record in sorted(RECORDS.glob(f"{name}*.json")):
        yield registry.decode(name, json.dumps(json.loads(record.read_text())["value"]))


SAID_AS = {"session_kind": "kind", "as_deputy": "as_deputies", "short_notice": "reason"}
"""Fields of a mail, where the event has another name for them."""
BY_THE_EVENT: Mapping[type[Event], Mapping[str, Any]] = {
    DeputyInvited: {"as_deputy": True},
    ApprovedMinutesSent: {"approved": True},
}


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.__name__)
def test_the_mail_is_of_the_kind_that_the_table_says_and_says_what_the_event_says(event: type[Event]) -> None:
    records = list(recorded(event))
    assert records
    for told in records:
        content = content_of(told)
        expected = {
            name: BY_THE_EVENT.get(event, {}).get(name, getattr(told, SAID_AS.get(name, name), None))
            for name in type(content).model_fields
        }
        assert dict(content) == {**expected, "kind": TOLD[event].kind}
