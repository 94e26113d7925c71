"""The place of an embedded broker's passwords and certificates: one private folder, one file each."""

from pathlib import Path
from typing import Any

from shared.runtime.settings import KafkaProtocol

ADMIN = "admin"
"""The user of an operator's commands."""


ENDING = ".password"


def password_file(folder: Path, user: str) -> Path:
    return folder / f"{user}{ENDING}"


def ca_file(folder: Path) -> Path:
    return folder / "ca.pem"


def login(folder: Path, user: str, protocol: KafkaProtocol) -> dict[str, Any]:
    """The fields of ``KafkaAccess`` beside the address."""
    told = {"protocol": protocol, "user": user, "password_file": password_file(folder, user)}
    return {**told, "ca_file": ca_file(folder)} if protocol == "SASL_SSL" else told
