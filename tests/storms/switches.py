"""Fifteen protective rules, each with what we would be without it. Only here can they be switched off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from faststream import AckPolicy
from pymongo import ReplaceOne, UpdateOne
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from services.meetings import worker as meetings_worker
from services.members import worker as members_worker
from services.notifications import app as notifications
from services.notifications import worker as notifications_worker
from services.notifications.domain.mail_commands import RecordAttempt
from services.notifications.mailserver.smtp import at_any_time
from services.notifications.sending import Sending
from shared.contracts.notifications import NotificationQueued
from shared.contracts.topics import PEOPLE
from shared.declarations.projection import Document, Projection
from shared.runtime import process
from shared.runtime.commands import group_commit
from shared.runtime.commands.commit import Commit
from shared.runtime.commands.journal import Journal
from shared.runtime.delivery import delivery, reactions, stores
from shared.runtime.delivery.arrivals import TopicArrivals
from shared.runtime.delivery.own_topic import OwnTopic
from shared.runtime.delivery.parked import GAP, ParkedRow
from shared.runtime.delivery.plan import Plan
from shared.runtime.delivery.progress import Progress
from shared.runtime.delivery.records import Received
from shared.runtime.delivery.stores import Change, ProjectionStore
from shared.runtime.delivery.subscription import AT_LEAST_ONCE
from shared.runtime.mongo.driver import Session, connect
from shared.runtime.publishing import publisher
from shared.runtime.publishing.publisher import KafkaPublisher
from shared.runtime.publishing.relay import Outgoing
from tests.storms import deployment
from tests.storms.storm import Switch
from tests.storms.world.surroundings import Seam, Surroundings


def with_concerns(**concerns: Any) -> list[Seam]:
    def connected(uri: str, database: str) -> Session:
        session = connect(uri, database)
        session.database = session.database.with_options(**concerns)
        return session

    return [(process, "connect", connected)]


def write_concern_1(_: Surroundings) -> list[Seam]:
    return with_concerns(write_concern=WriteConcern(1))


def local_reads(_: Surroundings) -> list[Seam]:
    return with_concerns(read_concern=ReadConcern("local"))


def one_writer_for_all(_: Surroundings) -> list[Seam]:
    """What one process has published hides what another, or its own late insert, brings behind it."""
    return [(group_commit, "uuid4", lambda: UUID(int=0))]


def acks_1(_: Surroundings) -> list[Seam]:
    return producing(acks=1)


def producing(**otherwise: object) -> list[Seam]:
    producer: Any = vars(publisher)["Producer"]
    return [(publisher, "Producer", lambda **options: producer(**{**options, **otherwise}))]


class GoingOn(KafkaPublisher):
    """Sends everything at once, and does not mind a refusal."""

    async def _publish_in_order(
        self,
        producer: Any,
        place: Any,
        records: Sequence[Outgoing],
        indexes: Sequence[int],
        acknowledged: list[bool],
    ) -> bool:
        publish = super()._publish_in_order
        each = [publish(producer, place, records, [index], acknowledged) for index in indexes]
        return all(await asyncio.gather(*each))


def gather_and_go_on(_: Surroundings) -> list[Seam]:
    return [*producing(enable_idempotence=False), (process, "KafkaPublisher", GoingOn)]


def auto_commit(_: Surroundings) -> list[Seam]:
    """FastStream's own default: acknowledge first, and handle afterwards."""
    subscription = {**AT_LEAST_ONCE, "ack_policy": AckPolicy.ACK_FIRST}
    workers = (members_worker, meetings_worker, notifications_worker)
    return [(worker, "AT_LEAST_ONCE", subscription) for worker in workers]


def commit_on_error(_: Surroundings) -> list[Seam]:
    """What failed counts as settled."""
    forget = Progress.forget

    def give_in(self: Progress) -> None:
        self.settled.update(self.taken)
        forget(self)
        self.comes_again.clear()

    return [(Progress, "forget", give_in)]


def sequence_greater_than_last(_: Surroundings) -> list[Seam]:
    """Whatever is newer is applied, whether or not something is missing before it."""
    plan: Callable[..., Plan] = vars(delivery)["plan"]

    def by_greater(
        stream: str,
        position: Document | None,
        incoming: Sequence[Received],
        kept: Sequence[ParkedRow],
        retry: bool = False,
    ) -> Plan:
        made = plan(stream, position, incoming, kept, retry)
        early = {row.id for row in made.park if row.reason == GAP}
        newer = sorted(incoming, key=lambda one: one.envelope.sequence)
        made.apply += [one for one in newer if one.parked(GAP, "").id in early]
        made.park = [row for row in made.park if row.id not in early]
        return made

    return [(delivery, "plan", by_greater)]


class ForgettingCommands(Journal):
    async def prepare(self) -> None:
        """No unique index."""

    async def by_first_event(self, _: str) -> Commit | None:
        return None


def no_command_id(_: Surroundings) -> list[Seam]:
    return [(process, "Journal", ForgettingCommands)]


class WritingTwice(ProjectionStore):
    """The content first, and how far it goes afterwards."""

    async def write(self, projection: Projection, changed: Iterable[Change]) -> None:
        changes = list(changed)
        if not changes:
            return
        collection = self.collection(projection)
        contents = [{**document, "sequence": read or 0} for document, read in changes]
        await collection.bulk_write(
            [ReplaceOne({"_id": one["_id"]}, one, upsert=True) for one in contents], ordered=False
        )
        marks = [
            UpdateOne({"_id": document["_id"]}, {"$set": {"sequence": document["sequence"]}}) for document, _ in changes
        ]
        await collection.bulk_write(marks, ordered=False)


def projection_and_position_in_two_writes(_: Surroundings) -> list[Seam]:
    return [(process, "ProjectionStore", WritingTwice)]


def replaced(document: Document, _read: int | None, _guard: str) -> Any:
    return ReplaceOne({"_id": document["_id"]}, document, upsert=True)


def replace_instead_of_compare(_: Surroundings) -> list[Seam]:
    return [(stores, "_guarded", replaced)]


def no_care_for_the_compacted_topic(_: Surroundings) -> list[Seam]:
    """Members does not hear what its own topic says last."""
    members = deployment.SERVICES["members"]
    deaf = replace(members, hears=tuple(topic for topic in members.hears if topic != PEOPLE))
    return [
        (deployment, "SERVICES", {**deployment.SERVICES, "members": deaf}),
        (members_worker, "SERVICE", deaf),
    ]


class AttemptingFirst(Sending):
    """Connects first, and says afterwards that it has."""

    async def _attempt(
        self,
        mail: Document,
        queued: NotificationQueued,
        step: Any,
        background: Any,  # noqa: ARG002 - a brief needs none
    ) -> bool:
        office = self._office_of(mail)
        written = deployment.brief(queued, step.to, step.email)
        outcome = await self._send(written, office.email, step.email, at_any_time)
        await self._execute(RecordAttempt(**self._about(mail), attempt=step.number))
        await self._record_surely(mail, step.number, outcome)
        return True


def attempt_row_after_the_connection(_: Surroundings) -> list[Seam]:
    return [(notifications, "Sending", AttemptingFirst)]


def reaction_ids_not_derived(_: Surroundings) -> list[Seam]:
    return [(reactions, "derived_id", lambda *_: str(uuid4()))]


async def _no_forks(_self: OwnTopic, _received: Iterable[Received]) -> list[Received]:
    return []


def whatever_the_own_topic_says(_: Surroundings) -> list[Seam]:
    return [(OwnTopic, "forks", _no_forks)]


def facts_as_they_are(_: Surroundings) -> list[Seam]:
    """Decides on what the projections have, whatever is still under way."""

    async def at_once(*_: object) -> None:
        return

    return [(TopicArrivals, "wait", at_once)]


SWITCHES: Mapping[str, tuple[Switch, frozenset[str]]] = {
    "write concern 1": (write_concern_1, frozenset({"I1", "I3", "I4", "I5", "I7"})),
    "local reads": (local_reads, frozenset({"I4", "I5", "I7"})),
    "one writer for all": (one_writer_for_all, frozenset({"I4"})),
    "acks=1": (acks_1, frozenset({"I4"})),
    "gather and go on": (gather_and_go_on, frozenset({"I6"})),
    "auto-commit": (auto_commit, frozenset({"I7"})),
    "commit on error": (commit_on_error, frozenset({"I7"})),
    "sequence > last": (sequence_greater_than_last, frozenset({"I7"})),
    "no command id": (no_command_id, frozenset({"I2", "I3"})),
    "projection and position in two writes": (projection_and_position_in_two_writes, frozenset({"I7"})),
    "replace instead of compare": (replace_instead_of_compare, frozenset({"I7"})),
    "no care for the compacted topic": (no_care_for_the_compacted_topic, frozenset({"I13"})),
    "attempt row after the connection": (attempt_row_after_the_connection, frozenset({"I10"})),
    "whatever the own topic says": (whatever_the_own_topic_says, frozenset({"I7"})),
    "facts as they are": (facts_as_they_are, frozenset({"I16"})),
    "reaction ids not derived": (reaction_ids_not_derived, frozenset({"I3"})),
}
"""Each with the invariants of which it must break one."""
