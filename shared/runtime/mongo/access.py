"""How MongoDB is reached: at which address, as whom, and over which kind of line. Checked before anything connects."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, quote_plus, urlencode

from shared.runtime.settings import ServiceSettings

USERS_IN = "admin"
"""The database that keeps all users."""


class WrongMongoAccess(ValueError):
    """What was said of MongoDB does not fit together, or a file of it cannot be read. The message holds no password."""


def signed_in(
    uri: str,
    user: str | None = None,
    password_file: Path | None = None,
    ca_file: Path | None = None,
    unprotected: bool = False,
) -> str:
    """The address with the login in it: for the driver alone, never to be shown. Raises ``WrongMongoAccess``.

    A CA switches TLS on. ``unprotected`` says that a line without TLS may leave this machine, because the network is
    nobody else's.
    """
    scheme, _, rest = uri.partition("://")
    servers, _, query = rest.partition("?")
    login, _, hosts = servers.rpartition("@")
    hosts, _, database = hosts.partition("/")
    options = dict(parse_qsl(query))
    if bool(user) != bool(password_file):
        raise WrongMongoAccess("mongo_user and mongo_password_file need each other")
    if user and password_file:
        if login:
            raise WrongMongoAccess("mongo_uri names a user already: leave mongo_user away, or the user in mongo_uri")
        login = f"{quote_plus(user)}:{quote_plus(_read('mongo_password_file', password_file))}"
        options.setdefault("authSource", USERS_IN)
    if ca_file:
        _read("mongo_ca_file", ca_file)
        options |= {"tls": "true", "tlsCAFile": str(ca_file)}
    _must_be_private(hosts, has_tls=scheme.endswith("+srv") or options.get("tls") == "true", unprotected=unprotected)
    return f"{scheme}://{login}{'@' * bool(login)}{hosts}/{database}{'?' * bool(options)}{urlencode(options)}"


def uri_of(settings: ServiceSettings) -> str:
    """Raises ``WrongMongoAccess``."""
    return signed_in(
        settings.mongo_uri.get_secret_value(),
        settings.mongo_user,
        settings.mongo_password_file,
        settings.mongo_ca_file,
        settings.mongo_unprotected,
    )


def _must_be_private(hosts: str, has_tls: bool, unprotected: bool) -> None:
    beyond = [host for host in hosts.split(",") if not _is_loopback(host)]
    if beyond and not has_tls and not unprotected:
        raise WrongMongoAccess(
            f"mongodb at {', '.join(beyond)} is not on this machine: mongo_ca_file, or tls=true in mongo_uri. Without "
            "TLS it would be read and written by anybody on the way"
        )


def _is_loopback(host: str) -> bool:
    name = host.rpartition("]")[0].lstrip("[") or host.partition(":")[0]
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _read(setting: str, file: Path) -> str:
    try:
        told = file.read_text().strip()
    except (OSError, ValueError) as error:
        raise WrongMongoAccess(f"{setting} {file} cannot be read ({type(error).__name__})") from None
    if not told:
        raise WrongMongoAccess(f"{setting} {file} is empty")
    return told
