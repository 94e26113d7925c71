"""Profiles: installations that somebody looks after, by name, in a file of the user's own; `kpk profiles` lists them.

```
[ulm]
bootstrap = "kafka.ulm.example:9092"
mongo = "mongodb://mongo.ulm.example/?replicaSet=rs0"      # only for verify, recover and privacy
mongo_login = { user = "auditor", password_file = "~/ulm-mongo-password", ca_file = "~/ulm-ca.pem" }
kafka = { protocol = "SASL_SSL", user = "monitor", password_file = "~/ulm-kafka-password", ca_file = "~/ulm-ca.pem" }
tokens = "~/ulm-tokens.json"                               # {"admin": "…", "office": "…"}, or one token
lang = "de"
urls = { members = "https://members.ulm.example", meetings = "https://meetings.ulm.example" }
```
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar

import typer
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from deploy.embedded.data_folder import Refused
from deploy.kpk.addresses import address_of
from deploy.kpk.kafka_login import KafkaLogin
from deploy.kpk.mongo_login import MongoLogin
from deploy.kpk.options import AsJson
from deploy.kpk.tables import console, table_of

P = TypeVar("P")

OTHERS_MAY_READ = 0o077


class Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    bootstrap: str | None = None
    kafka: KafkaLogin = KafkaLogin()
    mongo: SecretStr | None = None
    mongo_login: MongoLogin = MongoLogin()
    tokens: Path | None = None
    lang: Literal["de", "en"] = "en"
    urls: dict[str, str] = Field(default_factory=dict)

    @field_validator("urls")
    @classmethod
    def of_services(cls, urls: dict[str, str]) -> dict[str, str]:
        return {name: address_of(name, url) for name, url in urls.items()}

    @property
    def holds_password(self) -> bool:
        return self.mongo is not None and "@" in self.mongo.get_secret_value()


def add_to(app: typer.Typer) -> None:
    app.command("profiles")(list_profiles)


def list_profiles(as_json: AsJson = False) -> None:
    """List the installations for `--profile`, and the file that defines them."""
    found = every()
    rows = {name: one.model_dump(mode="json", exclude={"mongo"}) for name, one in found.items()}
    if as_json:
        typer.echo(json.dumps({"file": str(file()), "profiles": rows}, indent=2))
        return
    console.print(f"{file()}: {len(found)} profiles", highlight=False, soft_wrap=True)
    if not found:
        return
    table = table_of("profile", "language", "kafka", "services")
    for name, one in found.items():
        table.add_row(name, one.lang, one.bootstrap or "-", ", ".join(one.urls) or "-")
    console.print(table)


def file() -> Path:
    """`KPK_PROFILES`, else where the XDG base directory specification puts a user's settings."""
    settings = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(os.environ.get("KPK_PROFILES") or Path(settings) / "kpk" / "profiles.toml")


def called(name: str) -> Profile:
    found = every()
    if name not in found:
        known = f"name one of {', '.join(found)}" if found else "none is written there yet"
        raise Refused(f"there is no profile {name} in {file()}: {known}")
    return found[name]


def every() -> dict[str, Profile]:
    """By name. None without a file; ``Refused`` if it cannot be understood."""
    try:
        told = tomllib.loads(file().read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Refused(f"{file()} cannot be read: {error}") from None
    found = {name: _profile(name, rows) for name, rows in told.items()}
    if any(one.holds_password for one in found.values()) and file().stat().st_mode & OTHERS_MAY_READ:
        raise Refused(f"{file()} holds a password that others can read: chmod 600 {file()}")
    return found


def _profile(name: str, rows: Any) -> Profile:
    try:
        return Profile.model_validate(rows)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or name}: {fault['msg']}" for fault in error.errors()]
        allowed = ", ".join(Profile.model_fields)
        raise Refused(f"profile {name} in {file()}: {'; '.join(faults)}. It takes {allowed}") from None
