"""The installation on which a command works: the embedded stack, a profile, or the parts that the environment names.

The first of these decides, and they are never mixed: `--profile`, `--data`, `KPK_PROFILE`, `KPK_DATA`, the environment,
and the embedded stack in its usual folder. Options for single parts override the result.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.embedded.data_folder import Refused, default_folder, named, nothing_runs
from deploy.embedded.state import State, Where, read_state
from deploy.kpk import profiles
from deploy.kpk.addresses import address_of
from deploy.kpk.kafka_login import kafka_at, login_of_environment
from deploy.kpk.mongo_login import mongo_at, mongo_login_of_environment
from deploy.kpk.options import Language, Said, said
from shared.contracts.topics import SERVICES
from shared.runtime.kafka.access import KafkaAccess


@dataclass(frozen=True)
class Installation:
    """Raises ``Refused`` when a part is asked for that was not named."""

    name: str
    services: Mapping[str, str] = field(default_factory=dict)
    """The base URL of each that is known."""
    bootstrap: str | None = None
    login: Mapping[str, Any] = field(default_factory=dict)
    """For Kafka: the given fields of ``KafkaAccess`` beside its address."""
    mongo: str | None = None
    mongo_login: Mapping[str, Any] = field(default_factory=dict)
    """For MongoDB: the given fields of ``signed_in`` beside its address."""
    tokens: Path | None = None
    language: Language = "en"
    state: State | None = None
    """Of the embedded stack."""
    profile: str | None = None

    @property
    def kafka(self) -> KafkaAccess:
        bootstrap = self._named(self.bootstrap, "Kafka", "--bootstrap HOST:PORT")
        own = self.state.kafka_login if self.state else {}
        return kafka_at(bootstrap, {**own, **self.login}, self.name)

    def mongo_as(self, user: str) -> str:
        """The embedded stack has a user for each task; any other installation has the one that was named."""
        if self.state and self.mongo == self.state.mongo_uri:
            return self.state.mongo_as(user)
        return mongo_at(self._named(self.mongo, "MongoDB", "--mongo URI"), self.mongo_login, self.name)

    @property
    def tokens_file(self) -> str:
        return str(self._named(self.tokens, "file of tokens", "--tokens FILE"))

    def _named(self, part: profiles.P | None, what: str, option: str) -> profiles.P:
        if part is None:
            raise Refused(f"{self.name} names no {what}: say {option}, or write it into {profiles.file()}")
        return part


def again(where: Where) -> str:
    """The options with which a suggested command works on this installation."""
    match where:
        case State():
            return named(Path(where.data))
        case Installation(state=State() as state):
            return named(Path(state.data))
        case Installation(profile=str() as profile):
            return f" --profile {profile}"
        case _:
            return ""


def installation(data: Path | None = None) -> Installation:
    """The installation of the running command. ``data`` is its own `--data`."""
    asked = said()
    return with_options(_base(asked, data), asked)


def _base(asked: Said, data: Path | None) -> Installation:
    if data is not None and asked.profile:
        raise Refused("--profile and --data name two installations: say one of them")
    if asked.profile:
        return of_profile(asked.profile)
    if data is not None:
        return of_folder(data.resolve())
    if profile := os.environ.get("KPK_PROFILE"):
        return of_profile(profile)
    if "KPK_DATA" not in os.environ and (told := of_environment(os.environ)):
        return told
    return of_folder(default_folder(), may_be_absent=asked.names_parts)


def of_folder(folder: Path, may_be_absent: bool = False) -> Installation:
    """The embedded stack there. Without one, the options alone may name an installation."""
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file: --data names the stack's folder. A command's fields come with --body FILE")
    state = read_state(folder)
    if state is None and may_be_absent:
        return Installation("the command line")
    if state is None:
        raise nothing_runs(folder)
    return Installation(
        f"the stack on {folder}",
        state.services,
        state.kafka_bootstrap,
        mongo=state.mongo_uri,
        tokens=Path(state.tokens_file),
        state=state,
    )


def of_profile(name: str) -> Installation:
    profile = profiles.called(name)
    return Installation(
        f"profile {name}",
        profile.urls,
        profile.bootstrap,
        profile.kafka.said,
        profile.mongo.get_secret_value() if profile.mongo else None,
        profile.mongo_login.said,
        profile.tokens.expanduser() if profile.tokens else None,
        profile.lang,
        profile=name,
    )


def of_environment(environment: Mapping[str, str]) -> Installation | None:
    """None if it names no part."""
    urls = {name: _url(name, url) for name in SERVICES if (url := environment.get(f"KPK_URL_{name.upper()}"))}
    bootstrap, login = environment.get("KPK_KAFKA_BOOTSTRAP"), login_of_environment(environment)
    mongo, tokens = environment.get("KPK_MONGO_URI"), environment.get("KPK_TOKENS_FILE")
    if not (urls or bootstrap or mongo or tokens):
        return None
    at_mongo = mongo_login_of_environment(environment)
    return Installation("the environment", urls, bootstrap, login, mongo, at_mongo, Path(tokens) if tokens else None)


def _url(name: str, url: str) -> str:
    try:
        return address_of(name, url)
    except ValueError as error:
        raise Refused(f"KPK_URL_{name.upper()} is not understood: {error}") from None


def with_options(one: Installation, asked: Said) -> Installation:
    return replace(
        one,
        services={**one.services, **asked.urls},
        bootstrap=asked.bootstrap or one.bootstrap,
        login={**one.login, **asked.kafka},
        mongo=asked.mongo or one.mongo,
        mongo_login={} if asked.mongo else one.mongo_login,
        tokens=asked.tokens or one.tokens,
        language=asked.lang or language(os.environ.get("KPK_LANG"), one.language),
    )


def language(name: str | None, otherwise: Language) -> Language:
    match name:
        case "de" | "en":
            return name
        case None | "":
            return otherwise
        case _:
            raise Refused(f"KPK_LANG {name} is not understood: say de or en")
