"""What the operator is promised of a running stack, with `kpk` itself: to end it, restart it, mend it and check it.

The order matters once: what the test of parked records leaves in a topic is told by every later `kpk verify`.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded import process, tokens
from deploy.embedded.process import ROOT
from deploy.embedded.state import SUPERVISOR
from deploy.rights.mongo import AUDITOR
from shared.contracts.envelope import Envelope, source_of
from shared.contracts.topics import EVENT_TOPICS, SERVICES, events_of
from shared.kernel.identifiers import derived_id
from shared.kernel.time import utc
from shared.runtime.mongo.oplog import REACHES_DAYS
from tests.journeys.clerk import Accepted, clerk_of
from tests.journeys.desk import Visitor
from tests.journeys.stack import RunningStack, processes_naming
from tests.journeys.work import (
    FAR_AHEAD,
    at_work,
    found_conference,
    invite_everybody,
    lost,
    mails_due,
    seat_delegate,
    some_more,
    until_mails_are_out,
)
from tests.kit.eventually import eventually
from tests.kit.patience import PROCESS_SECONDS

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

REBUILT = (("members", "seats"), ("meetings", "roster"), ("notifications", "mails"))


async def test_down_ends_every_process_and_up_goes_on_where_it_was(stack: RunningStack) -> None:
    async with clerk_of(stack, "down") as clerk:
        await found_conference(clerk)
        appointed = await seat_delegate(clerk, "hospitals")
        await until_mails_are_out(clerk)
        projections, history = await stack.projections(), await clerk.history(appointed.stream)
    state = stack.state
    assert len(processes_naming(stack.folder)) >= len(state.processes) == 3 + len(SERVICES)
    stack.down()
    assert (state.alive, processes_naming(stack.folder)) == ([], [])

    await stack.be_supervised()
    async with clerk_of(stack, "down") as clerk:
        assert await stack.projections() == projections
        assert await clerk.history(appointed.stream) == history
        again = await clerk.again(appointed)
        assert (again.replayed, again.seen, again.events) == (True, appointed.seen, appointed.events)
        ended = await clerk.give("members", "EndMandate", "", **ended_mandate(appointed))
        assert (ended.stream, ended.sequence) == (appointed.stream, appointed.sequence + 1)
        vacant = await clerk.read("members", "/vacancies", seen=ended.seen)
        assert [seat["seat"] for seat in vacant] == ["hospitals-1"]


@pytest.mark.long
async def test_kafka_and_mongod_restarted_under_load_lose_nothing_and_double_nothing(stack: RunningStack) -> None:
    await stack.be_supervised()
    async with clerk_of(stack, "restarts") as clerk:
        await found_conference(clerk)
        async with at_work(clerk):
            for server in ("kafka", "mongod"):
                await some_more(clerk)
                await invite_everybody(clerk, f"while-{server}-ends")
                await restart(stack, server)
            await some_more(clerk)
        assert await lost(clerk) == []
        await until_mails_are_out(clerk)
    copies = Counter(stack.mails())
    assert [mail for mail, times in copies.items() if times > 1] == []
    assert sum("@restarts." in mail for mail in copies) == mails_due(clerk).total()
    told = stack.kpk("verify")
    assert told.returncode == 0, told.stdout
    counted = re.fullmatch(
        r"verify: ok \((\d+) events and \d+ duplicates in the topics, ([1-9]\d*) and \d+ in public\)\n", told.stdout
    )
    assert counted and int(counted[1]) == sum((await stack.commits()).values())


async def test_a_rebuilt_view_is_as_it_was_and_nothing_else_happens(stack: RunningStack) -> None:
    async with clerk_of(stack, "rebuild") as clerk:
        await found_conference(clerk)
        await seat_delegate(clerk, "hospitals")
        await invite_everybody(clerk, "plenary")
        await until_mails_are_out(clerk)
        projections, commits, mails = await stack.projections(), await stack.commits(), stack.mails()
        for service, projection in REBUILT:
            told = stack.kpk("rebuild", service, projection, "--why", "geprüft")
            assert told.returncode == 0, told.stderr
            assert f"documents: {len(projections[f'{service} view_{projection}'])}, events: " in told.stdout
        assert await stack.projections() == projections
        assert await stack.commits() == commits
        await seat_delegate(clerk, "last")
        await until_mails_are_out(clerk)
    assert len(stack.mails()) == len(mails) + 2, "a welcome and an invitation, due after the rebuilding, and no other"


async def test_what_differs_is_mended_only_by_a_plan_that_was_looked_at(stack: RunningStack) -> None:
    async with clerk_of(stack, "repair") as clerk:
        await found_conference(clerk)
        appointed = await seat_delegate(clerk, "hospitals")
        await until_mails_are_out(clerk)
    await eventually(stack.is_at_rest, "nothing that is still to be folded mends it by itself", 60)
    async with stack.database("members") as database:
        await database["view_seats"].update_one({"stream": appointed.stream}, {"$set": {"person": None}})
    async with stack.database("notifications") as database:
        await database["contacts"].delete_one({"_id": appointed.body["person"]})
    dry = stack.kpk("verify", "--repair")
    assert dry.returncode == 1
    assert "projection seats differs from its events" in dry.stdout
    assert {line for line in dry.stdout.splitlines() if line.startswith("would: ")} == {
        "would: rebuild members seats",
        "would: read again notifications",
    }
    refused = stack.kpk("verify", "--repair", "--plan", "something-else")
    assert (refused.returncode, "Look again" in refused.stderr) == (1, True)
    [plan] = re.findall(r"--plan (\w+)", dry.stdout)
    mended = stack.kpk("verify", "--repair", "--plan", plan)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "done: rebuild members seats" in mended.stdout


@pytest.mark.long
async def test_what_is_left_of_an_erased_person_is_proved_with_its_dates(stack: RunningStack) -> None:
    async with clerk_of(stack, "erasure") as clerk:
        await found_conference(clerk)
        person = (await seat_delegate(clerk, "clinic")).body["person"]
        await until_mails_are_out(clerk)
        assert {*HERS, PEOPLE_TOPIC} <= places_of(stack, person, erased=False)["kept"].keys()
        key, body = {"Idempotency-Key": f"erase-{person}"}, {"conference": clerk.conference, "person": person}
        await clerk.ask("POST", "members", "/commands/ErasePerson", "admin", headers=key, json=body)
    await eventually(stack.is_at_rest, "everybody has heard of the erasure", 60)
    found = places_of(stack, person, "--also", "Delegierte clinic", erased=True)
    assert found.keys() == {"nothing", "id only", "going", "delivered", "not searched"}
    assert {*HERS} <= found["id only"].keys()
    assert found["delivered"].keys() == {"mail sink"}
    now, ends = datetime.now(UTC), [datetime.fromisoformat(one) for one in found["going"].values() if one]
    assert PEOPLE_TOPIC in found["going"] and len(ends) == len(found["going"])
    assert all(now < one <= now + timedelta(days=REACHES_DAYS) for one in ends)


HERS, PEOPLE_TOPIC = ("members: people", "notifications: contacts"), "topic kpk.people.v1"


def places_of(stack: RunningStack, person: str, *words: str, erased: bool) -> dict[str, dict[str, str | None]]:
    """By verdict each place, and until when what is there may be there. Nothing is left where it must not be."""
    proof = stack.kpk("privacy", "proof", person, *words, "--json")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    told = json.loads(proof.stdout)
    assert (told["erased"], told["left"]) == (erased, 0)
    found: dict[str, dict[str, str | None]] = {}
    for one in told["places"]:
        found.setdefault(one["verdict"], {})[one["place"]] = one["gone_by"]
    return found


@pytest.mark.long
async def test_any_installation_is_looked_after_from_anywhere(stack: RunningStack, tmp_path: Path) -> None:
    """A profile that names what the stack has, in a folder of somebody else, and no data folder."""
    async with clerk_of(stack, "elsewhere") as clerk:
        await found_conference(clerk)
        appointed = await seat_delegate(clerk, "hospitals")
        await until_mails_are_out(clerk)
    state, profiles = stack.state, tmp_path / "profiles.toml"
    urls = ", ".join(f'{name} = "{url}"' for name, url in state.services.items())
    mongo = state.mongo_as(AUDITOR)
    servers = f'bootstrap = "{state.kafka_bootstrap}"\nmongo = "{mongo}"\ntokens = "{state.tokens_file}"'
    login = ", ".join(f'{name} = "{value}"' for name, value in state.kafka_login.items())
    profiles.write_text(f'[town]\n{servers}\nkafka = {{ {login} }}\nlang = "de"\nurls = {{ {urls} }}\n')
    profiles.chmod(0o600)

    def kpk(*words: str) -> str:
        told = subprocess.run(
            [sys.executable, "-m", "deploy.kpk", "--profile", "town", *words],
            env={"KPK_PROFILES": str(profiles), "PYTHONPATH": str(ROOT), "COLUMNS": "240", "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PROCESS_SECONDS,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    assert "all well" in kpk("status")
    assert "verify: ok" in kpk("verify")
    assert kpk("parked", "list") == "nothing is parked\n"
    assert kpk("topics", "diff") == "all topics are as declared\n"
    mails = json.loads(kpk("mail", "elsewhere", "--state", "sent", "--json"))
    [welcome] = [mail for mail in mails if mail["seat"] == appointed.body["seat"]]
    command, event, mail = kpk("trace", welcome["mail"]).splitlines()
    assert "AppointDelegate by office" in command and "ist ab" in event and "versandt" in mail
    told = kpk("send", "members", "EndMandate", *options(ended_mandate(appointed)), "--conference", "elsewhere")
    assert "frei: zurückgetreten" in told


def options(fields: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in fields.items()]


async def test_a_poisoned_record_is_seen_kept_and_given_up_and_its_stream_goes_on(stack: RunningStack) -> None:
    async with clerk_of(stack, "parked") as clerk:
        await found_conference(clerk)
        appointed = await seat_delegate(clerk, "hospitals")
        await until_mails_are_out(clerk)
        ended = {**ended_mandate(appointed), "person": appointed.body["person"]}
        await plant(stack, appointed, 1, "MandateEnded", b'{"group": "hospitals", ')
        for _ in ("once", "twice"):
            await plant(stack, appointed, 2, "MandateEnded", json.dumps(ended).encode())

        first, second = await eventually(lambda: parked_at(stack, "meetings", 2), "two records are parked")
        forks = await eventually(lambda: parked_at(stack, "members", 3), "their alleged owner knows none of them")
        assert {row["reason"] for row in forks} == {"fork"}
        poison = first["id"]
        assert poison.startswith(f"{appointed.stream}:{appointed.sequence + 1}:")
        assert (first["reason"], first["problem"]) == ("poison", "data: value: json_invalid")
        assert (second["reason"], second["problem"]) == ("behind", "behind a parked event")
        status = stack.kpk("status")
        assert (status.returncode, "meetings: 2 parked (kpk parked list)" in status.stdout) == (1, True)
        shown = json.loads(stack.kpk("parked", "show", "meetings", poison).stdout)
        assert (shown["value"], shown["headers"]["ce_sequence"]) == ('{"group": "hospitals", ', "5")
        assert stack.kpk("parked", "retry", "meetings", poison, "--why", "behoben").stdout == "meetings: 2 parked now\n"

        page = desk_of(stack, f"/operator/parked?service=meetings&id={quote(poison)}")
        assert (
            f"kein JSON, {len(shown['value'])} Zeichen" in page
            and appointed.stream in page
            and "hospitals&#34;, " not in page
        )

        why = "written by hand, nobody knows by whom"
        dropped = stack.kpk("parked", "drop", "meetings", poison, "--why", why)
        assert dropped.stdout == "meetings: dropped, 0 parked now\n"
        roster = await clerk.read("meetings", "/roster", seen=f"{appointed.stream}:{appointed.sequence + 2}")
        [hospitals] = [group for group in roster if group["group"] == "hospitals"]
        assert [seat["person"] for seat in hospitals["seats"]] == [None], "meetings believed what came behind"
        assert await clerk.read("members", "/vacancies") == [], "their owner did not"
        give_up_the_rest(stack, why)
    async with stack.database("meetings") as database:
        trace = await database["parked_dropped"].find_one({"_id": poison})
    assert trace and (trace["by"], trace["why"], trace["reason"]) == ("admin", why, "poison")
    acts = json.loads(stack.kpk("acts", "meetings", "--json").stdout)
    assert [(one["act"], one["what"], one["by"], one["why"]) for one in acts if one["what"] == poison] == [
        ("DropParked", poison, "admin", why),
        ("RetryParked", poison, "admin", "behoben"),
    ]
    assert all(told in desk_of(stack, "/operator/acts") for told in ("Satz verworfen", why, "behoben"))
    await eventually(lambda: stack.kpk("status").returncode == 0, "nobody waits for anything", 30)
    verified = stack.kpk("verify", "--json")
    told = json.loads(verified.stdout)
    assert (verified.returncode, told["ok"], told["differences"]) == (
        1,
        False,
        [f"members: an event in the topic is not in the journal: {appointed.stream}:5" + f", {appointed.stream}:6" * 2],
    )
    known = sum(told["events"].values()) + told["duplicates"]
    assert await records_in_topics(stack) == known + len(forks)


def desk_of(stack: RunningStack, address: str) -> str:
    """A page as the admin sees it."""
    with Visitor(stack.state.services["office"], tokens.read_tokens(stack.folder)["admin"]) as visitor:
        return visitor.text(address)


async def test_a_supervisor_that_was_killed_leaves_nothing_that_down_does_not_end(stack: RunningStack) -> None:
    await stack.be_supervised()
    state = stack.state
    stack.kill_supervisor()
    assert {record.name for record in state.processes} - {record.name for record in state.alive} == {SUPERVISOR}
    stack.down()
    assert (state.alive, processes_naming(stack.folder)) == ([], [])


async def restart(stack: RunningStack, server: str) -> None:
    """Asked to end by its recorded id, it is brought back by the supervisor."""
    before = stack.record(server)
    process.send(before.identity, signal.SIGTERM)
    await stack.said(f"{server} runs again")
    assert stack.record(server).is_alive and stack.record(server).pid != before.pid


async def records_in_topics(stack: RunningStack) -> int:
    """Counted by Kafka itself."""
    every = [TopicPartition(topic.name, number) for topic in EVENT_TOPICS for number in range(topic.partitions)]
    async with AIOKafkaConsumer(**stack.state.kafka.options()) as consumer:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(every)
    return sum(ends.values())


def parked_at(stack: RunningStack, service: str, number: int) -> list[dict[str, str]]:
    """As `kpk parked list` tells; nothing until so many are there."""
    rows: list[dict[str, str]] = json.loads(stack.kpk("parked", "list", "--json").stdout)[service]
    return rows if len(rows) == number else []


def give_up_the_rest(stack: RunningStack, why: str) -> None:
    """What waits behind goes on by itself."""
    for service, rows in json.loads(stack.kpk("parked", "list", "--json").stdout).items():
        for row in rows:
            if row["reason"] != "behind":
                stack.kpk("parked", "drop", service, row["id"], "--why", why)


def ended_mandate(appointed: Accepted) -> dict[str, object]:
    body = appointed.body
    return {"group": body["group"], "seat": body["seat"], "until": "2024-06-30", "reason": "resigned"}


async def plant(stack: RunningStack, behind: Accepted, place: int, event: str, value: bytes) -> None:
    """With the headers of the next event of a stream, straight into the topic: no journal knows of it."""
    sequence = behind.sequence + place
    own = derived_id("planted", behind.stream, str(sequence))
    conference = behind.stream.split("/")[0]
    envelope = Envelope(
        id=own,
        type=f"kpk.members.{event}.v1",
        source=source_of("members"),
        stream=behind.stream,
        time=utc(FAR_AHEAD),
        sequence=sequence,
        conference=conference,
        correlation=own,
        causation=own,
    )
    async with AIOKafkaProducer(**stack.kafka_as("members").options()) as producer:
        topic = events_of("members").name
        await producer.send_and_wait(topic, value, key=behind.stream.encode(), headers=list(envelope.headers()))
