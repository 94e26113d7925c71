"""Which installation `kpk` works on: one that was said, never a mixture; a part that nobody named is asked for."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.embedded.data_folder import Refused, claim
from deploy.embedded.state import State, write_state
from deploy.embedded.token_file import token_in
from deploy.kpk.calls import call, url_of
from deploy.kpk.commands.send import arguments
from deploy.kpk.installation import Installation, again, installation
from deploy.kpk.options import Said, saying
from deploy.kpk.services import service_called
from deploy.kpk.tools import app_for
from shared.contracts.topics import SERVICES

APP = app_for(["profiles", "status", "topics"])

PROFILES = """
[ulm]
bootstrap = "kafka.ulm.example:9092"
kafka = {{ protocol = "SASL_SSL", user = "monitor", password_file = "{password}" }}
mongo = "mongodb://kpk:geheim@mongo.ulm.example/?replicaSet=rs0"
tokens = "~/ulm.json"
lang = "de"
urls = {{ members = "https://members.ulm.example/" }}

[bare]
"""


@pytest.fixture(autouse=True)
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("KPK_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "profiles.toml"
    password = tmp_path / "password"
    password.write_text("auch geheim\n")
    file.write_text(PROFILES.format(password=password))
    file.chmod(0o600)
    monkeypatch.setenv("KPK_PROFILES", str(file))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    claim(data)
    services = {"members": "http://127.0.0.1:1"}
    write_state(State(str(data), "mongodb://here", "127.0.0.1:2", 3, "", str(data / "tokens.json"), services))
    return data


def asked(data: Path | None = None, **said: Any) -> Installation:
    with saying(replace(Said(), **said)):
        return installation(data)


def test_a_profile_is_a_whole_installation() -> None:
    ulm = asked(profile="ulm")
    assert (str(ulm.kafka), ulm.language, ulm.state) == ("kafka.ulm.example:9092", "de", None)
    assert (ulm.kafka.protocol, ulm.kafka.user, ulm.kafka.password) == ("SASL_SSL", "monitor", "auch geheim")
    assert ulm.mongo_as("auditor").startswith("mongodb://kpk:geheim@")
    assert url_of(ulm, "members") == "https://members.ulm.example"
    assert ulm.tokens_file == str(Path.home() / "ulm.json")


def test_what_is_said_first_decides_and_nothing_is_mixed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPK_KAFKA_BOOTSTRAP", "from-environment:1")
    monkeypatch.setenv("KPK_URL_MEETINGS", "http://from-environment")
    assert (asked().name, asked().services) == ("the environment", {"meetings": "http://from-environment"})
    monkeypatch.setenv("KPK_DATA", str(folder))
    assert str(asked().kafka) == "127.0.0.1:2"
    monkeypatch.setenv("KPK_PROFILE", "ulm")
    assert asked().name == "profile ulm"
    assert asked(folder).name == f"the stack on {folder}"
    assert asked(profile="bare").name == "profile bare"
    with pytest.raises(Refused, match="two installations"):
        asked(folder, profile="ulm")


def test_options_stand_over_what_was_chosen(folder: Path, tmp_path: Path) -> None:
    one = asked(folder, bootstrap="localhost:1", mongo="m", urls={"funding": "http://f"}, tokens=tmp_path, lang="de")
    assert (str(one.kafka), one.tokens_file, one.language) == ("localhost:1", str(tmp_path), "de")
    assert one.mongo_as("auditor") == "m"
    assert one.services == {"members": "http://127.0.0.1:1", "funding": "http://f"}


@pytest.mark.parametrize(
    ("part", "hint"),
    [("kafka", "--bootstrap HOST:PORT"), ("tokens_file", "--tokens FILE")],
)
def test_a_part_that_nobody_named_is_asked_for(part: str, hint: str) -> None:
    with pytest.raises(Refused, match=f"profile bare names no .*{hint}"):
        getattr(asked(profile="bare"), part)


def test_a_service_that_nobody_named_is_asked_for() -> None:
    with pytest.raises(Refused, match="--url funding="):
        url_of(asked(profile="ulm"), "funding")
    with pytest.raises(Refused, match="there is no service fundings"):
        url_of(asked(profile="ulm"), "fundings")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[ulm]\nbootstrop = 1", "bootstrop: Extra inputs"),
        ("[ulm]\nlang = 'fr'", "lang: .*'de' or 'en'"),
        ("[ulm.urls]\nmember = 'http://x'", "each is SERVICE = http"),
        ("[ulm.urls]\nmembers = 'members:80'", "the URL of members begins with http:// or https://"),
        ("ulm = 3", "profile ulm in"),
        ("[ulm", "cannot be read"),
        ("", "there is no profile ulm in .*none is written there yet"),
    ],
)
def test_what_a_profile_cannot_say_is_refused_by_name(text: str, reason: str, profiles: Path) -> None:
    profiles.write_text(text)
    with pytest.raises(Refused, match=reason):
        asked(profile="ulm")


def test_a_password_that_others_can_read_is_refused_and_never_shown(profiles: Path) -> None:
    profiles.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        asked(profile="bare")
    profiles.chmod(0o600)
    told = CliRunner().invoke(APP, ["profiles", "--json"])
    assert list(json.loads(told.output)["profiles"]) == ["ulm", "bare"]
    assert "geheim" not in told.output + CliRunner().invoke(APP, ["profiles"]).output


@pytest.mark.parametrize(
    "url", ["https://kpk:geheim@members.ulm.example", "http://geheim@members/", "http://a:g/geheim@b"]
)
def test_no_url_of_a_service_holds_a_password_and_none_is_repeated(
    url: str, profiles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles.write_text(f"[ulm.urls]\nmembers = '{url}'")
    monkeypatch.setenv("KPK_URL_MEMBERS", url)
    for words in (["profiles", "--json"], ["status"], ["status", "--url", f"members={url}"]):
        told = CliRunner().invoke(APP, words)
        assert isinstance(told.exception, Refused), words
        assert "the URL of members names a user or a password" in str(told.exception)
        assert "geheim" not in f"{told.output}{told.exception}"


def test_an_address_from_the_environment_is_checked_as_one_of_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPK_URL_MEMBERS", "https://members/")
    assert asked().services == {"members": "https://members"}
    monkeypatch.setenv("KPK_URL_MEMBERS", "members:8080")
    with pytest.raises(Refused, match="KPK_URL_MEMBERS is not understood: the URL of members begins with"):
        asked()


def test_a_tokens_file_names_callers_or_holds_one_token(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text('{"admin": "a", "office": "o"}')
    assert (token_in(file, "admin"), token_in(file, "monitor", "office")) == ("a", "o")
    with pytest.raises(Refused, match="no token of approver: name one of admin, office"):
        token_in(file, "approver")
    file.write_text("one-token\n")
    assert token_in(file, "approver") == "one-token"
    with pytest.raises(Refused, match="--tokens"):
        token_in(tmp_path / "none", "admin")


def test_a_hint_names_the_installation_it_is_about(folder: Path) -> None:
    assert again(asked(folder)) == f" --data {folder}"
    assert again(asked(profile="ulm")) == " --profile ulm"
    (folder / "tokens.json").write_text("one-token")
    with pytest.raises(Refused, match=f"members does not answer .*kpk status --data {folder}"):
        call(asked(folder), "members", "GET", "/status")


def test_a_file_in_the_place_of_the_folder_is_explained(profiles: Path) -> None:
    with pytest.raises(Refused, match="--body FILE"):
        asked(profiles)


@pytest.mark.parametrize("words", [["--profile", "bare", "topics", "diff"], ["topics", "diff", "--profile", "bare"]])
def test_the_profile_may_be_said_before_and_behind_the_command(words: list[str]) -> None:
    assert "profile bare names no Kafka" in str(CliRunner().invoke(APP, words).exception)


@pytest.mark.parametrize("service", SERVICES)
def test_no_field_of_a_command_has_the_name_of_an_option(service: str) -> None:
    taken = [
        "data",
        "body",
        "as",
        "key",
        "seen",
        "json",
        "profile",
        "bootstrap",
        "kafka-protocol",
        "kafka-user",
        "kafka-password-file",
        "kafka-ca-file",
        "mongo",
        "url",
        "tokens",
        "lang",
        "help",
    ]
    for command in service_called(service).given.values():
        for name in taken:
            with pytest.raises(Refused, match=f"does not understand --{name}"):
                arguments(command, [f"--{name}", "1"])


def test_a_database_that_nobody_named_is_asked_for() -> None:
    with pytest.raises(Refused, match="--mongo URI"):
        Installation("nothing").mongo_as("auditor")


def test_a_login_to_mongodb_is_a_file_of_its_own(profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    password = profiles.with_name("password")
    login = f'mongo_login = {{ user = "auditor", password_file = "{password}", ca_file = "{password}" }}'
    profiles.write_text(f'[ulm]\nmongo = "mongodb://mongo.ulm.example/?replicaSet=rs0"\n{login}\n')
    profiles.chmod(0o644)
    told = asked(profile="ulm").mongo_as("auditor")
    assert told.startswith("mongodb://auditor:auch+geheim@mongo.ulm.example/?replicaSet=rs0&")
    assert {"tls=true", "authSource=admin"} <= set(told.partition("?")[2].split("&"))
    assert asked(profile="ulm", mongo="mongodb://elsewhere").mongo_as("auditor") == "mongodb://elsewhere"
    monkeypatch.setenv("KPK_MONGO_URI", "mongodb://mongo.ulm.example/")
    monkeypatch.setenv("KPK_MONGO_USER", "auditor")
    monkeypatch.setenv("KPK_MONGO_PASSWORD_FILE", str(password))
    with pytest.raises(Refused, match=r"the environment: mongodb at mongo\.ulm\.example is not on this machine"):
        asked().mongo_as("auditor")
    monkeypatch.setenv("KPK_MONGO_CA_FILE", str(password))
    assert asked().mongo_as("auditor").startswith("mongodb://auditor:auch+geheim@")
