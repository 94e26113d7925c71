"""A worker that is asked says whether journal, topics and projections agree; what is under way is no difference."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from deploy.embedded.kafka import Kafka
from deploy.embedded.mongod import Mongod
from shared.runtime.delivery.stores import LIVE, POSITIONS
from shared.runtime.kafka.access import KafkaAccess
from shared.runtime.kafka.reader import read_to_end
from shared.runtime.kafka.record import KafkaRecord
from shared.runtime.mongo.driver import Database
from shared.runtime.operating import verification
from shared.runtime.operating.audit import Difference, Findings
from shared.runtime.operating.verification import TooMuchToVerify, Verification, VerificationRuns, Verified
from tests.kit.eventually import eventually
from tests.shared.seat_groups import commit, opened, registered
from tests.shared.small_service import Place, history, listens, new_stream, working

UNCHAINED = {"the journal's hash chain is broken at"}
"""These commits were made by hand."""


def found(*places: str) -> Findings:
    findings = Findings("members")
    for place in places:
        findings.add("records are parked", place)
    return findings


def test_only_what_differs_twice_at_the_same_place_is_a_difference() -> None:
    assert list(found("1", "2").seen_again(found("2", "3"))) == [Difference("records are parked", 1, ["2"])]
    assert not list(found("1").seen_again(found("2")))
    assert not list(found("1").seen_again(found()))


def test_a_difference_has_a_few_places_and_all_its_number() -> None:
    [many] = found(*"123456")
    assert str(many) == "records are parked: 1, 2, 3 and 3 more"


async def verified(asked: Verification) -> list[str]:
    await asked.begin()
    with pytest.raises(VerificationRuns):
        await asked.begin()
    await eventually(lambda: asked.told.state in ("done", "failed"), "verified", 30)
    assert (asked.told.state, asked.told.failed) == ("done", "")
    return [one.what for one in asked.told.differences]


@pytest.mark.infra
@pytest.mark.timeout(240)
async def test_a_worker_tells_what_differs_and_goes_on_working(
    own_kafka: Kafka, mongod: Mongod, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, stream = Place(mongod.uri, own_kafka.bootstrap, database, name="members"), new_stream()
    async with working(place.process(history(1))) as members:
        await listens(members)
        asked = members.verification
        assert asked.told == Verified()
        for sequence in (1, 2, 3):
            await members.journal.append(commit(sequence, opened() if sequence == 1 else registered(sequence), stream))
        await place.tells(stream, 1, 1, 2, 3)
        before = {one for one in await verified(asked) if "public" not in one}
        assert (before - UNCHAINED, asked.told.events) == (set(), 3)

        async def read_later(kafka: KafkaAccess, topics: Sequence[str]) -> AsyncIterator[list[KafkaRecord]]:
            last = 1 + len(await members.journal.read(stream))
            await members.journal.append(commit(last, registered(last), stream))
            await place.tells(stream, 1, *range(1, last + 1))
            async for records in read_to_end(kafka, topics):
                yield records

        with monkeypatch.context() as patched:
            patched.setattr(verification, "read_to_end", read_later)
            between = {one for one in await verified(asked) if "public" not in one}
        assert (between - UNCHAINED, asked.told.events) == (set(), 5)  # one more at each of two looks

        await database[POSITIONS].update_one({"_id": stream}, {"$set": {"last": 1}})
        await database[f"{LIVE}_history"].delete_many({})
        told = await verified(asked)
        assert asked.told.look == 2
        assert {"projection history lacks a document", "the position differs from the topic's"} <= set(told)

        with monkeypatch.context() as patched:
            patched.setattr(verification, "lost_beginnings", None)  # whatever goes wrong: here there is nothing to call
            await asked.begin()
            await eventually(lambda: asked.told.state == "failed", "it is said that it failed", 30)
        assert (asked.told.failed, asked.told.differences) == ("TypeError", ())
        assert "projection history lacks a document" in await verified(asked)

        monkeypatch.setattr(verification, "MOST_DOCUMENTS", -1)
        with pytest.raises(TooMuchToVerify):
            await asked.begin()
        assert asked.told.state == "done"
