"""The compose file: a valid one, telling each service exactly what its settings ask for."""

import importlib
import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft7Validator

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
    schema = resources.files("check_jsonschema.builtin_schemas") / "vendor" / "compose-spec.json"
    Draft7Validator(json.loads(schema.read_text())).validate(COMPOSE)


def test_each_service_runs_in_each_role() -> None:
    for name in OURS:
        service, role = name.split("-")
        assert CONTAINERS[name]["command"] == ["python", "-m", f"services.{service}", role]


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_exactly_what_its_settings_ask_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = environment(name)
    settings = settings_of(importlib.import_module(f"services.{name.partition('-')[0]}.app").build)
    known = {f"KPK_{field.upper()}": field for field in settings.model_fields}
    required = {env for env, field in known.items() if settings.model_fields[field].is_required()}
    assert set(told) <= set(known), "a setting that the service does not know"
    assert required <= set(told), "a setting without default is not given"
    for env, value in told.items():
        monkeypatch.setenv(env, value)
    settings()


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


def test_volumes_and_secrets_that_are_used_are_declared() -> None:
    for container in CONTAINERS.values():
        assert {volume.split(":")[0] for volume in container.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert set(container.get("secrets", [])) <= set(COMPOSE["secrets"])


def environment(name: str) -> dict[str, str]:
    return {env: value for env, value in CONTAINERS[name]["environment"].items() if env.startswith("KPK_")}
