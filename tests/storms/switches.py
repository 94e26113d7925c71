"""Thirteen protective rules, each with what we would be without it. Only here can they be switched off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from pymongo import ReplaceOne, UpdateOne
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.notifications.domain.mail import RecordAttempt
from services.notifications.sending import Sending
from services.notifications.views import queued_of
from shared.contracts.subscriptions import Document, View
from shared.contracts.topics import PEOPLE
from shared.runtime import consumer, delivery, kafka, parts, views
from shared.runtime.arrivals import Arrival
from shared.runtime.consumer import Consumer
from shared.runtime.journal import Commit, Journal
from shared.runtime.kafka import KafkaPublisher
from shared.runtime.mongo import Session, connect
from shared.runtime.parked import GAP, ParkedRow
from shared.runtime.plan import Plan
from shared.runtime.relay import Record
from shared.runtime.views import ViewStore
from tests.storms import house
from tests.storms.storm import Switch
from tests.storms.world.surroundings import Seam, StreamBroker, Surroundings


def with_concerns(**concerns: Any) -> list[Seam]:
    def connected(uri: str, database: str) -> Session:
        session = connect(uri, database)
        session.database = session.database.with_options(**concerns)
        return session

    return [(parts, "connect", connected)]


def write_concern_1(_: Surroundings) -> list[Seam]:
    return with_concerns(write_concern=WriteConcern(1))


def local_reads(_: Surroundings) -> list[Seam]:
    return with_concerns(read_concern=ReadConcern("local"))


def acks_1(_: Surroundings) -> list[Seam]:
    return producing(acks=1)


def producing(**otherwise: object) -> list[Seam]:
    producer: Any = vars(kafka)["Producer"]
    return [(kafka, "Producer", lambda **options: producer(**{**options, **otherwise}))]


class GoingOn(KafkaPublisher):
    """Sends everything at once, and does not mind a refusal."""

    async def _publish_in_order(
        self,
        producer: Any,
        place: Any,
        records: Sequence[Record],
        indexes: Sequence[int],
        acknowledged: list[bool],
    ) -> bool:
        publish = super()._publish_in_order
        each = [publish(producer, place, records, [index], acknowledged) for index in indexes]
        return all(await asyncio.gather(*each))


def gather_and_go_on(_: Surroundings) -> list[Seam]:
    return [*producing(enable_idempotence=False), (parts, "KafkaPublisher", GoingOn)]


def auto_commit(around: Surroundings) -> list[Seam]:
    return [(consumer, "KafkaBroker", partial(StreamBroker, around.broker, auto_commit=True))]


def commit_on_error(_: Surroundings) -> list[Seam]:
    async def again(self: Consumer, _error: Exception) -> None:
        await self._commit()

    return [(Consumer, "_again", again)]


def sequence_greater_than_last(_: Surroundings) -> list[Seam]:
    """Whatever is newer is applied, whether or not something is missing before it."""
    plan: Callable[..., Plan] = vars(delivery)["plan"]

    def by_greater(
        stream: str,
        position: Document | None,
        arrivals: Sequence[Arrival],
        kept: Sequence[ParkedRow],
        retry: bool = False,
    ) -> Plan:
        made = plan(stream, position, arrivals, kept, retry)
        early = {row.id for row in made.park if row.reason == GAP}
        newer = sorted(arrivals, key=lambda one: one.envelope.sequence)
        made.apply += [one for one in newer if one.parked(GAP, "").id in early]
        made.park = [row for row in made.park if row.id not in early]
        return made

    return [(delivery, "plan", by_greater)]


class ForgettingCommands(Journal):
    async def prepare(self) -> None:
        """No unique index."""

    async def by_command(self, _: str) -> Commit | None:
        return None


def no_command_id(_: Surroundings) -> list[Seam]:
    return [(parts, "Journal", ForgettingCommands)]


class WritingTwice(ViewStore):
    """The content first, and how far it goes afterwards."""

    async def write(self, view: View, changed: Iterable[tuple[Document, int | None]]) -> None:
        changes = list(changed)
        if not changes:
            return
        collection = self.collection(view)
        contents = [{**document, "sequence": read or 0} for document, read in changes]
        await collection.bulk_write(
            [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in contents], ordered=False
        )
        marks = [
            UpdateOne({"_id": document["_id"]}, {"$set": {"sequence": document["sequence"]}}) for document, _ in changes
        ]
        await collection.bulk_write(marks, ordered=False)


def view_and_position_in_two_writes(_: Surroundings) -> list[Seam]:
    return [(parts, "ViewStore", WritingTwice)]


def replaced(document: Document, _read: int | None, _guard: str = "sequence") -> Any:
    return ReplaceOne({"_id": document["_id"]}, document, upsert=True)


def replace_instead_of_compare(_: Surroundings) -> list[Seam]:
    return [(views, "_guarded", replaced)]


def no_care_for_the_compacted_topic(_: Surroundings) -> list[Seam]:
    """Members does not hear what its own topic says last."""
    members = house.DECLARATIONS["members"]
    deaf = replace(members, subscribes=tuple(topic for topic in members.subscribes if topic != PEOPLE.name))
    return [(house, "DECLARATIONS", {**house.DECLARATIONS, "members": deaf})]


class AttemptingFirst(Sending):
    """Connects first, and says afterwards that it has."""

    async def _attempt(self, mail: Document, step: Any) -> None:
        office = self._office_of(mail["conference"], mail["conference_name"])
        written = house.brief(queued_of(mail), step.to, step.email)
        outcome = await self._send(written, office.email, step.email)
        await self._execute(RecordAttempt(**self._about(mail), attempt=step.number))
        await self._record_surely(mail, step.number, outcome)


def attempt_row_after_the_connection(_: Surroundings) -> list[Seam]:
    return [(house, "Sending", AttemptingFirst)]


def reaction_ids_not_derived(_: Surroundings) -> list[Seam]:
    return [(delivery, "derived_id", lambda *_: str(uuid4()))]


SWITCHES: Mapping[str, tuple[Switch, frozenset[str]]] = {
    "write concern 1": (write_concern_1, frozenset({"I1", "I3", "I4", "I5", "I7"})),
    "local reads": (local_reads, frozenset({"I4", "I5", "I7"})),
    "acks=1": (acks_1, frozenset({"I4"})),
    "gather and go on": (gather_and_go_on, frozenset({"I6"})),
    "auto-commit": (auto_commit, frozenset({"I7"})),
    "commit on error": (commit_on_error, frozenset({"I7"})),
    "sequence > last": (sequence_greater_than_last, frozenset({"I7"})),
    "no command id": (no_command_id, frozenset({"I2", "I3"})),
    "view and position in two writes": (view_and_position_in_two_writes, frozenset({"I7"})),
    "replace instead of compare": (replace_instead_of_compare, frozenset({"I7"})),
    "no care for the compacted topic": (no_care_for_the_compacted_topic, frozenset({"I13"})),
    "attempt row after the connection": (attempt_row_after_the_connection, frozenset({"I10"})),
    "reaction ids not derived": (reaction_ids_not_derived, frozenset({"I3"})),
}
"""Each with the invariants of which it must break one."""
