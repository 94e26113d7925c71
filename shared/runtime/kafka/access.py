"""The access to Kafka: address, login and protocol. Checked before anything connects."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from shared.runtime.access import WrongAccess, is_address, is_loopback, secret_in, told_in
from shared.runtime.settings import KafkaProtocol, ServiceSettings

MECHANISM = "SCRAM-SHA-512"
"""RFC 5802 with SHA-512: the password is never sent, and the broker does not store it."""


@dataclass(frozen=True)
class KafkaAccess:
    """The one value that every connection to Kafka needs. Raises ``WrongAccess``.

    Files: the password of ``user``; the CA that is trusted, by default the machine's; a certificate and its key for
    brokers that identify clients by them. ``unprotected`` allows a connection without TLS to another machine, on a
    network that nobody else uses.
    """

    bootstrap: str
    protocol: KafkaProtocol = "PLAINTEXT"
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    unprotected: bool = False

    def __post_init__(self) -> None:
        for trouble in (self._of_addresses(), self._of_user(), self._of_certificates(), self._of_network()):
            if trouble:
                raise WrongAccess(trouble)
        _ = self.password, self.tls  # unreadable files are reported now, and not by the first connection

    def __str__(self) -> str:
        return self.bootstrap

    @property
    def has_login(self) -> bool:
        return self.protocol.startswith("SASL_")

    @property
    def has_tls(self) -> bool:
        return self.protocol.endswith("SSL")

    @cached_property
    def password(self) -> str | None:
        return secret_in("kafka_password_file", self.password_file) if self.password_file else None

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """The broker's certificate has to be from the CA and name the address in use."""
        if not self.has_tls:
            return None
        if self.ca_file:
            told_in("kafka_ca_file", self.ca_file)
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.certificate_file:
                context.load_cert_chain(self.certificate_file, self.key_file)
        except (OSError, ValueError) as error:
            raise WrongAccess(
                f"the TLS files for kafka cannot be used ({type(error).__name__}): {self._files}"
            ) from None
        return context

    def options(self) -> dict[str, Any]:
        """The arguments that every client of aiokafka takes."""
        login = {"sasl_mechanism": MECHANISM, "sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.protocol,
            "ssl_context": self.tls,
            **(login if self.has_login else {}),
        }

    def _of_addresses(self) -> str | None:
        """The text is not repeated: somebody may have written a password into it, as in a URI."""
        if all(is_address(address.strip(), with_port=True) for address in self.bootstrap.split(",")):
            return None
        return "kafka_bootstrap takes host:port, several with commas; the user is kafka_user"

    def _of_user(self) -> str | None:
        if self.has_login and not (self.user and self.password_file):
            return f"kafka_protocol {self.protocol} needs kafka_user and kafka_password_file"
        if not self.has_login and (self.user or self.password_file):
            return f"kafka_user and kafka_password_file need kafka_protocol SASL_SSL: {self.protocol} has no passwords"
        return None

    def _of_certificates(self) -> str | None:
        if not self.has_tls and any(self._files):
            return f"kafka's TLS files need kafka_protocol SASL_SSL or SSL: {self.protocol} has no TLS"
        if bool(self.certificate_file) != bool(self.key_file):
            return "kafka_certificate_file and kafka_key_file need each other"
        if self.protocol == "SSL" and not self.certificate_file:
            return "kafka_protocol SSL needs kafka_certificate_file and kafka_key_file: else nobody knows who connects"
        return None

    def _of_network(self) -> str | None:
        beyond = [address for address in self.bootstrap.split(",") if not is_loopback(host_of(address))]
        if self.has_tls or self.unprotected or not beyond:
            return None
        return (
            f"kafka at {', '.join(beyond)} is not on this machine: kafka_protocol SASL_SSL, and kafka_ca_file if "
            f"it has a CA of its own. {self.protocol} would be read and written by anybody on the way"
        )

    @property
    def _files(self) -> list[str]:
        return [str(one) for one in (self.ca_file, self.certificate_file, self.key_file) if one]


def access_of(settings: ServiceSettings) -> KafkaAccess:
    """Raises ``WrongAccess``."""
    return KafkaAccess(
        settings.kafka_bootstrap,
        settings.kafka_protocol,
        settings.kafka_user,
        settings.kafka_password_file,
        settings.kafka_ca_file,
        settings.kafka_certificate_file,
        settings.kafka_key_file,
        settings.kafka_unprotected,
    )


def host_of(address: str) -> str:
    """``[::1]:9092`` is the form for IPv6 (RFC 3986)."""
    return address.strip().rpartition(":")[0].strip("[]")
