"""The access to MongoDB: address, login and protocol. Checked before anything connects."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, quote_plus, urlencode

from shared.runtime.access import WrongAccess, is_address, is_loopback, secret_in, told_in
from shared.runtime.settings import ServiceSettings

USERS_IN = "admin"
"""The database that keeps all users."""


def signed_in(
    uri: str,
    user: str | None = None,
    password_file: Path | None = None,
    ca_file: Path | None = None,
    unprotected: bool = False,
) -> str:
    """The address with the login in it: for the driver alone, never to be shown. Raises ``WrongAccess``.

    A CA switches TLS on. ``unprotected`` allows a connection without TLS to another machine, on a network that nobody
    else uses.
    """
    scheme, _, rest = uri.partition("://")
    servers, _, query = rest.partition("?")
    login, _, hosts = servers.rpartition("@")
    hosts, _, database = hosts.partition("/")
    options = dict(parse_qsl(query))
    _must_be_an_address(scheme, hosts, database)
    if bool(user) != bool(password_file):
        raise WrongAccess("mongo_user and mongo_password_file need each other")
    if user and password_file:
        if login:
            raise WrongAccess("mongo_uri names a user already: leave mongo_user away, or the user in mongo_uri")
        login = f"{quote_plus(user)}:{quote_plus(secret_in('mongo_password_file', password_file))}"
        options.setdefault("authSource", USERS_IN)
    if ca_file:
        told_in("mongo_ca_file", ca_file)
        options |= {"tls": "true", "tlsCAFile": str(ca_file)}
    _must_be_private(hosts, has_tls=scheme.endswith("+srv") or options.get("tls") == "true", unprotected=unprotected)
    return f"{scheme}://{login}{'@' * bool(login)}{hosts}/{database}{'?' * bool(options)}{urlencode(options)}"


def uri_of(settings: ServiceSettings) -> str:
    """Raises ``WrongAccess``."""
    return signed_in(
        settings.mongo_uri.get_secret_value(),
        settings.mongo_user,
        settings.mongo_password_file,
        settings.mongo_ca_file,
        settings.mongo_unprotected,
    )


SCHEMES = ("mongodb", "mongodb+srv")


def _must_be_an_address(scheme: str, hosts: str, database: str) -> None:
    is_plain = all(is_address(host, with_port=False) for host in hosts.split(","))
    if scheme not in SCHEMES or not is_plain or any(sign in database for sign in '/\\. "$'):
        raise WrongAccess("mongo_uri takes mongodb://host:port/?replicaSet=name, several hosts with commas")


def _must_be_private(hosts: str, has_tls: bool, unprotected: bool) -> None:
    beyond = [host for host in hosts.split(",") if not is_loopback(_name_of(host))]
    if beyond and not has_tls and not unprotected:
        raise WrongAccess(
            f"mongodb at {', '.join(beyond)} is not on this machine: mongo_ca_file, or tls=true in mongo_uri. Without "
            "TLS it would be read and written by anybody on the way"
        )


def _name_of(host: str) -> str:
    return host.rpartition("]")[0].lstrip("[") or host.partition(":")[0]
