"""Settings of a process: environment variables named ``KPK_…``, checked before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import DirectoryPath, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.oidc_settings import OidcSettings

Role = Literal["api", "worker", "all"]
KafkaProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


class ServiceSettings(BaseSettings):
    """Settings of every service. Nothing listens beyond loopback unless ``http_host`` says so."""

    model_config = SettingsConfigDict(
        env_prefix="KPK_", env_nested_delimiter="_", env_nested_max_split=1, frozen=True, hide_input_in_errors=True
    )

    mongo_uri: SecretStr
    mongo_user: str | None = None
    mongo_password_file: Path | None = None
    mongo_ca_file: Path | None = None
    mongo_unprotected: bool = False
    """How these go together: ``shared.runtime.mongo.access``."""
    mongo_database: str | None = None
    """By default ``kpk_<service>``."""
    kafka_bootstrap: str
    kafka_protocol: KafkaProtocol = "PLAINTEXT"
    kafka_user: str | None = None
    kafka_password_file: Path | None = None
    kafka_ca_file: Path | None = None
    kafka_certificate_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_unprotected: bool = False
    """How these go together: ``shared.runtime.kafka.access``."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(ge=0, le=65535)
    callers_file: Path
    oidc: OidcSettings | None = None
    requests_per_second: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    """Requests of one account per second in the long run; the burst is ten seconds' worth."""
    disk_folder: DirectoryPath = Path("/")
    """The folder whose disk is watched: the servers' data, if they are on this machine."""
    clock: Literal["system", "settable"] = "system"
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
