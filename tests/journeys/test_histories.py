"""Database and topics that are not of one history any more: noticed, nothing made worse, and repaired as documented."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import process
from deploy.embedded.guard import Guard
from deploy.embedded.kafka import Kafka
from shared.contracts.topics import SERVICES
from tests.journeys.clerk import Clerk, clerk_of
from tests.journeys.stack import RunningStack
from tests.journeys.work import establish
from tests.kit.eventually import eventually

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path / "data")
    assert running.kpk("up", "--detach", "--settable-clock").returncode == 0
    yield running
    running.down()


async def test_an_emptied_broker_is_noticed_and_filled_again_from_the_journals(stack: RunningStack) -> None:
    async with clerk_of(stack, "stuttgart") as clerk:
        await establish(clerk)
        await open_groups(clerk, 1, 4)
        await eventually(lambda: all_is_well(stack), "everything is published and read", 60)
        broker = await emptied(stack)
        try:
            await eventually(lambda: "lost records" in said(stack), "the loss is noticed", 90)
            kept = await clerk.give("members", "OpenSeatGroup", "5", **group(5))
            assert "lost records" in said(stack)
            for service in SERVICES:
                told = stack.kpk("republish", service, "--why", "Broker kam leer zurück")
                assert told.returncode == 0, told.stderr
            await eventually(lambda: stack.kpk("verify").returncode == 0, "everything agrees", 120)
            assert [event["sequence"] for event in await clerk.history(kept.stream)] == [1]
            assert len(await clerk.read("members", "/vacancies")) == 5
        finally:
            await broker.stop()


async def test_a_restored_database_is_noticed_and_brought_forward_from_the_topics(stack: RunningStack) -> None:
    folder, copy = stack.folder / "mongod", stack.folder.with_name("yesterday")
    async with clerk_of(stack, "stuttgart") as clerk:
        await establish(clerk)
        await open_groups(clerk, 1, 2)
        await eventually(lambda: all_is_well(stack), "everything is published and read", 60)
        stack.down()
        shutil.copytree(folder, copy)
        assert stack.kpk("up", "--detach", "--settable-clock").returncode == 0
        await open_groups(clerk, 3, 4)
        later = await clerk.give(
            "members", "RegisterOrganisation", "late", group="group-1", organisation="late", name="Spät"
        )
        await eventually(lambda: all_is_well(stack), "everything is published and read", 60)
        stack.down()
        shutil.rmtree(folder)
        shutil.copytree(copy, folder)
        assert stack.kpk("up", "--detach", "--settable-clock").returncode == 0
        await eventually(lambda: "older than" in said(stack), "the old state is noticed", 60)
        hasty = await clerk.give(
            "members", "RegisterOrganisation", "hasty", group="group-1", organisation="hasty", name="Eilig"
        )
        assert hasty.sequence == later.sequence, "it was decided on the old state"
        shown = stack.kpk("recover")
        assert shown.returncode != 0, "it asks, and nobody answers"
        assert "3 events are in the topics and not in the journals" in shown.stdout
        assert f"{later.stream} 1 2-2" in re.sub(" +", " ", shown.stdout)
        assert len(await clerk.history(later.stream)) == 2, "the hasty one stands still"
        told = stack.kpk("recover", "--yes", "--why", "Sicherung eingespielt")
        assert told.returncode == 0, told.stderr
        assert "members: events 3, conflicts 1" in told.stdout
        await eventually(lambda: stack.kpk("verify").returncode == 0, "everything agrees", 120)
        again = await clerk.again(later)
        assert (again.replayed, again.sequence) == (True, later.sequence)
        organisations = [event["data"].get("organisation") for event in await clerk.history(later.stream)]
        assert organisations == [None, "late"]
        assert len(await clerk.read("members", "/vacancies")) == 4


def group(number: int) -> dict[str, object]:
    return {"group": f"group-{number}", "number": number, "name": f"Gruppe {number}", "kind": "delegated", "seats": 1}


async def open_groups(clerk: Clerk, first: int, last: int) -> None:
    for number in range(first, last + 1):
        await clerk.give("members", "OpenSeatGroup", str(number), **group(number))


def said(stack: RunningStack) -> str:
    return stack.kpk("status").stdout


def all_is_well(stack: RunningStack) -> bool:
    return stack.kpk("status").returncode == 0 and stack.kpk("verify").returncode == 0


async def emptied(stack: RunningStack) -> Kafka:
    """The broker comes back at its port with nothing in it; it is not the stack's any more."""
    record = stack.record("kafka")
    process.send(record.identity, signal.SIGTERM)
    await eventually(lambda: not record.is_alive, "the broker ended", 30)
    shutil.rmtree(stack.folder / "kafka" / "data")
    port, controller_port, internal_port = record.ports
    guard = Guard(stack.folder / "secrets" / "kafka", internal_port)
    broker = Kafka(stack.folder / "kafka", port, controller_port, guard=guard)
    await broker.start()
    return broker
