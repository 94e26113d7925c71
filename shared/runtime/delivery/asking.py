"""How a consumer asks its broker: questions that the broker keeps until something comes, over a line of their own.

A broker answers what comes over one line in order. So whoever asks for records waits on a line where nobody else does,
and whoever has to ask differently closes it. Uses aiokafka's private names: the version is pinned, and tests wait for
records behind a question that stands.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.conn import CloseReason
from aiokafka.protocol.fetch import FetchRequest

STANDING_MS = 1_000
"""So long a broker keeps a question if nothing comes; one whose batch took long may wait as long to be asked."""

RESTING_MS = 5_000
"""So long once nothing has come for ``QUIET_MS``. Whatever comes then is told at once.

A login is renewed behind it, on the same line: it is less than what ``EARLY`` leaves of a session of 30 seconds.
"""

QUIET_MS = 5_000

FETCHING = max(ConnectionGroup) + 1


def be_patient(consumer: Any) -> None:
    """FastStream asks a hundred times a second whether something has come, and sleeps between: here it is told.

    aiokafka looks five times a second whether a batch is still in hand, and then asks for the other partitions alone.
    """
    _stand(consumer, STANDING_MS)
    getmany = consumer.getmany

    async def when_something_has_come(**asked: Any) -> Any:
        while not (come := await getmany(**{**asked, "timeout_ms": QUIET_MS})):
            _stand(consumer, RESTING_MS)
        _stand(consumer, STANDING_MS)
        return come

    consumer.getmany = when_something_has_come
    ask_apart(consumer._client)
    ask_anew_from_the_beginning(consumer)


def _stand(consumer: Any, milliseconds: int) -> None:
    """From the next question on."""
    consumer._fetcher._fetch_max_wait_ms = milliseconds
    consumer._fetcher._fetcher_timeout = milliseconds / 1000


def ask_anew_from_the_beginning(consumer: Any) -> None:
    """Whoever goes back does not wait for the answer to what was asked before."""
    seek = consumer.seek_to_beginning

    async def seeking(*partitions: Any) -> Any:
        for question in consumer._fetcher._pending_tasks:
            question.cancel()
        return await seek(*partitions)

    consumer.seek_to_beginning = seeking


def ask_apart(client: Any) -> None:
    """Questions for records go over a line of their own; one that nobody waits for any more takes its line with it."""
    send = client.send

    async def sending(node: int, request: Any, *, group: int = ConnectionGroup.DEFAULT) -> Any:
        if not isinstance(request, FetchRequest):
            return await send(node, request, group=group)
        try:
            return await send(node, request, group=FETCHING)
        except asyncio.CancelledError:
            if line := client._conns.get((node, FETCHING)):
                line.close(reason=CloseReason.SHUTDOWN)
            raise

    client.send = sending
