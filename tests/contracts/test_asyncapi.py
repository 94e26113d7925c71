"""``python -m services.<name> asyncapi`` describes the service's own subscribers and events, and starts nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from shared.contracts.registry import EVENTS
from shared.contracts.topics import SERVICES
from shared.declarations.service import Service
from shared.runtime.delivery.asyncapi import specification


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_tells_what_it_hears_and_says(name: str) -> None:
    service: Service = import_module(f"services.{name}.service").SERVICE
    document = json.loads(specification(service, import_module(f"services.{name}.worker").subscribers))
    channels: dict[str, Any] = document["channels"]
    hears = {key: channel for key, channel in channels.items() if "hears" in key}
    assert {channel["address"] for channel in hears.values()} == set(service.topics)
    assert channels.keys() - hears.keys() == {one for one in EVENTS if one.startswith(f"kpk.{name}.")}
    messages = json.dumps([document["components"]["messages"][f"{key}:SubscribeMessage"] for key in hears])
    assert [event for event in service.wanted if f"schemas/{event.__name__}" not in messages] == []
    assert all(len(channel["description"]) > 40 for channel in hears.values()), "what a reader wants to know"


def test_it_is_printed_and_nothing_is_started() -> None:
    command = [sys.executable, "-m", "services.funding", "asyncapi"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["asyncapi"].startswith("3.")
