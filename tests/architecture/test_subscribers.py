"""No FastStream subscriber of any service acknowledges what it has not finished, or lets FastStream do so.

Walked over what FastStream made of the declarations, not over our source: its defaults are part of what is checked.
That all of them are in ``worker.py`` and on the listener's broker is the import rule about FastStream.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber, LogicSubscriber

from shared.runtime.delivery.subscription import SettleOrSeekBack
from shared.runtime.process import Process

DRIVER: Mapping[str, object] = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
}
RIGHT: Mapping[str, Any] = {
    "group_id": "group",
    "batch": True,
    "ack_policy": AckPolicy.MANUAL,
    "no_reply": True,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
}
WRONG: Mapping[str, tuple[Mapping[str, Any], set[str]]] = {
    "acknowledged before the handler": ({"ack_policy": AckPolicy.ACK_FIRST}, {"ack_policy", "enable_auto_commit"}),
    "acknowledged although it failed": ({"ack_policy": AckPolicy.ACK}, {"ack_policy"}),
    "sought back without a pause": ({"ack_policy": AckPolicy.NACK_ON_ERROR}, {"ack_policy"}),
    "one by one": ({"batch": False}, {"batch"}),
    "answers a stranger's reply_to": ({"no_reply": False}, {"no_reply"}),
    "begins with the latest": ({"auto_offset_reset": "latest"}, {"auto_offset_reset"}),
    "reads what was aborted": ({"isolation_level": "read_uncommitted"}, {"isolation_level"}),
    "in no group": ({"group_id": None}, {"group_id"}),
}

Subscriber = LogicSubscriber[Any]


class Told(Exception):
    """Thrown instead of connecting, with what the driver would have been told."""


async def told_to_driver(subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    def build(**options: Any) -> None:
        raise Told(options)

    with monkeypatch.context() as planted:
        planted.setattr(type(subscriber), "builder", property(lambda _: build))
        with pytest.raises(Told) as told:
            await subscriber.start()
    options: dict[str, Any] = told.value.args[0]
    return options


async def breaches(subscriber: Subscriber, group: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The options that are not as they have to be."""
    driver = await told_to_driver(subscriber, monkeypatch)
    found = {
        "ack_policy": subscriber.ack_policy is AckPolicy.MANUAL,
        "batch": isinstance(subscriber, BatchSubscriber),
        "no_reply": subscriber._no_reply is True,  # it has no public name in the pinned version
        "group_id": subscriber.group_id == group,
        **{name: driver[name] == right for name, right in DRIVER.items()},
    }
    return {name for name, right in found.items() if not right}


async def walk(broker: KafkaBroker, group: str, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Each subscriber's breaches. A broker that only consumes connects to nothing before a subscriber starts."""
    await broker.connect()
    found = []
    for subscriber in broker.subscribers:
        assert isinstance(subscriber, LogicSubscriber)
        found.append(await breaches(subscriber, group, monkeypatch))
    return found


def planted(**options: Any) -> KafkaBroker:
    broker = KafkaBroker("127.0.0.1:1", logger=None, consumer_only=True)
    broker.subscriber("topic", **options)
    return broker


async def test_every_subscriber_acknowledges_by_itself_and_nothing_else(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await walk(process.listener.broker, process.service.name, monkeypatch)
    assert found
    assert not set().union(*found)


async def test_around_every_handler_stands_the_rule_of_acknowledgement(process: Process) -> None:
    [make] = process.listener.broker.config.broker_middlewares
    assert isinstance(make((), context=process.listener.broker.context), SettleOrSeekBack)


async def test_before_partitions_go_everything_is_settled(process: Process) -> None:
    [subscriber] = process.listener.broker.subscribers
    assert isinstance(subscriber, LogicSubscriber)
    assert isinstance(subscriber._listener, ConsumerRebalanceListener)


async def test_it_reads_what_the_service_declares(process: Process) -> None:
    [subscriber] = process.listener.broker.subscribers
    assert isinstance(subscriber, LogicSubscriber)
    assert sorted(subscriber.topic_names_for_subscribe) == sorted(process.service.topics)


async def test_a_further_subscriber_of_a_service_is_seen(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted with FastStream's defaults. They lose what fails: a record is committed before it is looked at."""
    process.listener.broker.subscriber("topic")
    found = await walk(process.listener.broker, process.service.name, monkeypatch)
    assert {"ack_policy", "batch", "no_reply", "group_id", *DRIVER} in found


@pytest.mark.parametrize("how", WRONG)
async def test_each_wrong_option_is_caught(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options, caught = WRONG[how]
    assert await walk(planted(**{**RIGHT, **options}), "group", monkeypatch) == [caught]


async def test_a_right_subscriber_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await walk(planted(**RIGHT), "group", monkeypatch) == [set()]
