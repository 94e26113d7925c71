"""The table of rights: what the services declare and nothing more; one writer a topic, no wildcard, no loose prefix."""

import dataclasses
import stat
from pathlib import Path

import pytest

from deploy.embedded.data_folder import Refused
from deploy.embedded.guard import Guard, must_not_be_open
from deploy.embedded.kafka import Kafka
from deploy.embedded.kafka_secrets import password_file
from deploy.embedded.process import ROOT
from deploy.kpk.services import service_called
from deploy.rights import passwords
from deploy.rights.kafka import GROUPS, PRINCIPALS, READER, TOPICS, quota_of, reads, wanted
from deploy.rights.page import page
from shared.contracts import topics as declared
from shared.contracts.topics import SERVICES
from shared.runtime.kafka.rights import Grant

THREADS = 8 + 3
"""Of a broker, for requests and for the network: its own default."""


def test_the_page_is_what_the_table_says() -> None:
    assert (ROOT / "docs" / "rights.md").read_text() == page(), "write it anew: kpk rights page > docs/rights.md"


def test_every_topic_is_written_by_its_owner_alone() -> None:
    assert {topic.name: topic.writer for topic in TOPICS} == {topic.name: topic.owner for topic in declared.TOPICS}
    writing = [(grant.name, grant.principal) for grant in wanted(["city-x"]) if grant.operation in ("write", "all")]
    assert sorted(writing) == sorted((topic.name, topic.owner) for topic in declared.TOPICS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_what_it_hears_and_nothing_else(service: str) -> None:
    read = {topic.name for topic in TOPICS if service in topic.readers}
    described = service_called(service)
    assert read == {topic.name for topic in (*described.hears, *described.own_topics)}
    assert [group for group, principal in GROUPS.items() if principal == service] == [service]


def test_names_and_addresses_are_for_three() -> None:
    readers = {grant.principal for grant in wanted(["city-x"]) if grant.name == declared.PEOPLE.name}
    assert readers == {"members", "notifications", "admin"}


def test_a_system_reads_what_is_public_and_more_only_when_it_was_granted() -> None:
    public = {topic.name for topic in (*declared.PUBLIC_TOPICS, *declared.STATE_TOPICS)}
    own = [grant for grant in wanted(["city-x"]) if grant.principal == "city-x"]
    assert {grant.name for grant in own if grant.kind == "topic"} == public
    funding, people = reads("city-x", "kpk.funding.v1"), reads("city-x", declared.PEOPLE.name)
    writing = dataclasses.replace(funding, operation="write")
    of_nobody = reads("city-gone", "kpk.funding.v1")
    assert wanted(["city-x"], [funding, people, writing, of_nobody]) - wanted(["city-x"]) == {funding}


def test_nothing_is_granted_by_a_wildcard_or_a_loose_prefix() -> None:
    granted = wanted(["city-x", "city-xy"])
    assert not [grant for grant in granted if "*" in (grant.name, grant.principal) or grant.operation == "all"]
    prefixed = [grant for grant in granted if grant.pattern == "prefixed"]
    assert {grant.name for grant in prefixed} == {"city-x.", "city-xy."}
    assert {grant.kind for grant in prefixed} == {"group"}


def test_nobody_can_take_the_broker_for_themselves_but_who_mends_it() -> None:
    assert [user for user in (*PRINCIPALS, "city-x") if not quota_of(user)] == ["admin"]
    assert all(quota_of(service)["request_percentage"] < THREADS * 100 / 2 for service in SERVICES)
    assert quota_of("city-x") == quota_of("monitor") and "producer_byte_rate" not in quota_of("city-x")


def test_a_name_that_only_begins_like_a_reader_is_none() -> None:
    assert {grant.principal for grant in wanted(["city", "citizen", "members"])} <= set(PRINCIPALS)
    assert not [user for user in PRINCIPALS if user.startswith(READER)]


def test_a_right_is_shown_in_words() -> None:
    grant = Grant("city-x", "group", "city-x.", "read", "prefixed")
    assert str(grant) == "city-x: read group city-x.…"
    assert str(dataclasses.replace(grant, permission=2)) == "city-x: must not read group city-x.…"


@pytest.mark.parametrize(
    "listener", ["PLAINTEXT://0.0.0.0:1", "PLAINTEXT://:1", "CLIENT://kafka.ulm.example:1", "IN://[::]:1"]
)
async def test_nothing_is_started_that_others_reach_without_tls(tmp_path: Path, listener: str) -> None:
    settings = {"listeners": listener, "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,IN:SASL_PLAINTEXT"}
    broker = Kafka(tmp_path / "kafka", guard=Guard(tmp_path / "secrets"), settings=settings)
    with pytest.raises(Refused, match="without TLS: only 127"):
        await broker.prepare()
    assert list((tmp_path / "kafka").iterdir()) == []


@pytest.mark.parametrize(
    "listener", ["CLIENT://0.0.0.0:1", "PLAINTEXT://127.0.0.1:1", "PLAINTEXT://localhost:1", "SSL://:1"]
)
def test_tls_and_loopback_may_be_listened_on(listener: str) -> None:
    must_not_be_open(f"listeners={listener}\nlistener.security.protocol.map=CLIENT:SASL_SSL\n")


def test_secrets_are_private_made_once_and_of_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    guard = Guard(folder)
    guard.prepare()
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert passwords.in_folder(folder).keys() == set(PRINCIPALS)
    guard.prepare()
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    password_file(folder, "somebody").write_text("x")
    with pytest.raises(Refused, match="somebody is no user"):
        passwords.in_folder(folder)
