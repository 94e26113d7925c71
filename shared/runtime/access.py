"""Shared by the access to Kafka and to MongoDB: detection of local connections, and files that settings name."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path


class WrongAccess(ValueError):
    """Settings for a server do not fit together, or their file cannot be read. The message holds no password."""


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
"""A name, or a number as RFC 3986 writes it in an address, and a port."""


def is_address(text: str, *, with_port: bool) -> bool:
    """``host:port``; the port may be missing where it is not required."""
    told = _ADDRESS.fullmatch(text)
    return told is not None and (1 <= int(told[2]) <= 65535 if told[2] else not with_port)


def secret_in(setting: str, file: Path) -> str:
    """A password is one line. Anything else that an editor has added is refused here, with a clear message.

    Raises ``WrongAccess``.
    """
    told = told_in(setting, file)
    if not told.isprintable():
        raise WrongAccess(f"{setting} {file} holds more than one line, or signs that nobody can see")
    return told


def told_in(setting: str, file: Path) -> str:
    """The text of the file that a setting names. Raises ``WrongAccess``."""
    try:
        told = file.read_text().strip()
    except (OSError, ValueError) as error:
        raise WrongAccess(f"{setting} {file} cannot be read ({type(error).__name__})") from None
    if not told:
        raise WrongAccess(f"{setting} {file} is empty")
    return told
