"""What a process is told from outside: environment variables named ``KPK_…``, checked before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import DirectoryPath, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Role = Literal["api", "worker", "all"]
KafkaProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]


class ServiceSettings(BaseSettings):
    """Settings that every service has. Nothing listens beyond loopback unless ``http_host`` says so."""

    model_config = SettingsConfigDict(env_prefix="KPK_", frozen=True, hide_input_in_errors=True)

    mongo_uri: SecretStr
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
    disk_folder: DirectoryPath = Path("/")
    """Whose disk is watched: where the servers keep their data, if that is on this machine."""
    clock: Literal["system", "settable"] = "system"
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
