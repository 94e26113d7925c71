"""The compose file: a valid one, telling each service exactly what its settings ask for."""

import importlib
import json
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft7Validator

from deploy.embedded.guard import CONNECTIONS, SESSION_MS, SETTINGS
from deploy.kpk.access import compose_secrets
from deploy.kpk.profiles import Profile
from deploy.rights.kafka import SUPER_USER
from deploy.rights.mongo import users
from shared.contracts.topics import SERVICES
from shared.runtime.start import settings_of

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ROLES = ("api", "worker")
OURS = [f"{service}-{role}" for service in SERVICES for role in ROLES]
IMAGES = [container["image"] for container in CONTAINERS.values()]
FROM = re.findall(r"^FROM (\S+)", (ROOT / "deploy/image/Dockerfile").read_text(), re.MULTILINE)


def test_it_is_a_valid_compose_file() -> None:
    # The Compose specification's schema (Apache-2.0), as check-jsonschema carries it.
    schema = distribution("check-jsonschema").locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")
    Draft7Validator(json.loads(Path(str(schema)).read_text())).validate(COMPOSE)


def test_each_service_runs_in_each_role() -> None:
    for name in OURS:
        service, role = name.split("-")
        assert CONTAINERS[name]["command"] == ["python", "-m", f"services.{service}", role]


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_exactly_what_its_settings_ask_for(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = environment(name)
    settings = settings_of(importlib.import_module(f"services.{name.partition('-')[0]}.app").build)
    known = {f"KPK_{field.upper()}": field for field in settings.model_fields}
    required = {env for env, field in known.items() if settings.model_fields[field].is_required()}
    assert set(told) <= set(known), "a setting that the service does not know"
    assert required <= set(told), "a setting without default is not given"
    compose_secrets.make(tmp_path / "secrets")
    for env, value in told.items():
        monkeypatch.setenv(env, value)
    if "KPK_ANSWERS_KEYS_FILE" in told:  # the only file that is read with the settings
        monkeypatch.setenv("KPK_ANSWERS_KEYS_FILE", str(tmp_path / COMPOSE["secrets"]["answers-keys"]["file"]))
    settings()


def test_links_are_signed_by_whoever_writes_them_and_read_with_the_same_keys() -> None:
    holders = [name for name in OURS if "answers-keys" in CONTAINERS[name]["secrets"]]
    assert holders == ["meetings-api", "notifications-worker"]
    told = [{env: value for env, value in environment(name).items() if "ANSWERS" in env} for name in holders]
    assert told[0] == told[1] and told[0]["KPK_ANSWERS_KEYS_FILE"] == "/run/secrets/answers-keys"
    assert f"127.0.0.1:{told[0]['KPK_ANSWERS_URL'].rpartition(':')[2].partition('/')[0]}:8080" in str(
        CONTAINERS["meetings-api"]["ports"]
    )


def test_the_offices_mailbox_is_given_by_taking_away_the_signs_of_comments() -> None:
    told = re.sub(r"^( *)# (KPK_|volumes:)", r"\1\2", (ROOT / "docker-compose.yml").read_text(), flags=re.MULTILINE)
    for role in ROLES:
        container = yaml.safe_load(told)["services"][f"notifications-{role}"]
        assert container["volumes"] == [f"./mailbox:{container['environment']['KPK_OFFICE_MAILDIR']}:ro"]


def test_letters_say_whom_to_write_to_and_whom_to_call() -> None:
    for role in ROLES:
        assert environment(f"notifications-{role}").keys() >= {"KPK_MAIL_FROM", "KPK_OFFICE_PHONE"}


def test_everything_waited_for_can_become_what_it_is_waited_for() -> None:
    for container in CONTAINERS.values():
        for other, wait in container.get("depends_on", {}).items():
            healthy = "test" in CONTAINERS[other].get("healthcheck", {})
            assert healthy == (wait["condition"] == "service_healthy")


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_word_of_a_health_check_has_a_space(name: str) -> None:
    """Podman makes one line of the words and takes that apart at its spaces: `bash -c exec` says yes to everything."""
    assert all(" " not in word for word in CONTAINERS[name]["healthcheck"].get("test", ()))


def test_no_port_is_published_beyond_this_machine() -> None:
    published = [port for container in CONTAINERS.values() for port in container.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("image", [*IMAGES, *FROM])
def test_every_image_is_named_with_an_exact_version(image: str) -> None:
    assert re.search(r":v?\d+\.\d+\.\d+", image)


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_given_its_own_passwords_and_nobody_elses(name: str) -> None:
    service, _ = name.split("-")
    assert environment(name)["KPK_KAFKA_USER"] == service
    assert environment(name)["KPK_MONGO_USER"] == name
    given = [one if isinstance(one, str) else one["source"] for one in CONTAINERS[name]["secrets"]]
    assert sorted({*given} - {"answers-keys"}) == sorted(
        ["callers", "kafka-ca", "mongo-ca", f"kafka-{service}", f"mongo-{name}"]
    )
    assert "volumes" not in CONTAINERS[name]


def test_every_secret_that_is_named_is_made_for_all_to_read_in_a_private_folder(tmp_path: Path) -> None:
    compose_secrets.make(tmp_path / "secrets")
    named = {one["file"] for one in COMPOSE["secrets"].values()}
    mounted = {volume.split(":")[0] for one in CONTAINERS.values() for volume in one.get("volumes", [])}
    for path in named | {one for one in mounted if one.startswith("./secrets")}:
        shown = tmp_path / path
        assert shown.stat().st_mode & 0o077 == (0o055 if shown.is_dir() else 0o044), path
        assert shown.is_dir() or shown.read_bytes()
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    compose_secrets.make(tmp_path / "secrets")
    assert {file: file.read_bytes() for file in before} == before, "made once"


def test_kafka_lets_in_whom_the_embedded_one_does() -> None:
    """But for where it listens and where its files lie."""
    embedded = dict(line.split("=", 1) for line in SETTINGS.splitlines() if line)
    told = {kafkas_name(name): value for name, value in CONTAINERS["kafka"]["environment"].items()}
    elsewhere = [name for name, value in embedded.items() if "{" in value]
    assert {name: told.get(name) for name in embedded if name not in elsewhere} == {
        name: value for name, value in embedded.items() if name not in elsewhere
    }
    assert told["super.users"] == f"User:{SUPER_USER}"
    assert told["listener.security.protocol.map"] == "CLIENT:SASL_SSL,CONTROLLER:SSL,INTERNAL:SSL"
    assert told["connections.max.reauth.ms"] == str(SESSION_MS)
    assert told["max.connections"] == str(CONNECTIONS)
    assert int(told["max.connections.per.ip"]) < CONNECTIONS / 2, "a container has an address of its own"


def kafkas_name(variable: str) -> str:
    """As Apache's image reads it."""
    return variable.removeprefix("KAFKA_").lower().replace("_", ".").replace("...", "-").replace("..", "_")


def test_nothing_connects_in_the_clear() -> None:
    assert "--tlsMode=requireTLS" in CONTAINERS["mongo"]["command"]
    for name in OURS:
        assert environment(name)["KPK_KAFKA_PROTOCOL"] == "SASL_SSL"
    assert "UNPROTECTED" not in str(CONTAINERS)


def test_the_operators_profile_names_what_the_operators_container_is_given() -> None:
    told = tomllib.loads((ROOT / "deploy/image/profiles.toml").read_text())
    profile = Profile.model_validate(told["compose"])
    files = {profile.tokens, *profile.kafka.said.values(), *profile.mongo_login.said.values()}
    given = {Path("/run/secrets") / name for name in CONTAINERS["kpk"]["secrets"]}
    assert {file for file in files if isinstance(file, Path)} == given
    assert profile.mongo_login.user in {one.name for one in users()}
    assert {url.removesuffix(":8080").removeprefix("http://") for url in profile.urls.values()} <= set(OURS)


def test_volumes_and_secrets_that_are_used_are_declared() -> None:
    for container in CONTAINERS.values():
        volumes = {volume.split(":")[0] for volume in container.get("volumes", []) if not volume.startswith("./")}
        secrets = {one if isinstance(one, str) else one["source"] for one in container.get("secrets", [])}
        assert volumes <= set(COMPOSE["volumes"])
        assert secrets <= set(COMPOSE["secrets"])


def environment(name: str) -> dict[str, str]:
    return {env: value for env, value in CONTAINERS[name]["environment"].items() if env.startswith("KPK_")}
