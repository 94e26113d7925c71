"""What the ways to Kafka and to MongoDB share: what is a line within this machine, and files that settings name."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path


class WrongAccess(ValueError):
    """What was said of a server does not fit together, or its file cannot be read. The message holds no password."""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def told_in(setting: str, file: Path) -> str:
    """The text of the file that a setting names. Raises ``WrongAccess``."""
    try:
        told = file.read_text().strip()
    except (OSError, ValueError) as error:
        raise WrongAccess(f"{setting} {file} cannot be read ({type(error).__name__})") from None
    if not told:
        raise WrongAccess(f"{setting} {file} is empty")
    return told
