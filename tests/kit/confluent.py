"""Settings for the other client library: an address without access control, or a login."""

from collections.abc import Mapping

from shared.runtime.kafka.access import MECHANISM, KafkaAccess

At = str | KafkaAccess | Mapping[str, str]
"""Settings of the library go into another process, which an access with TLS cannot."""


def settings_of(at: At) -> dict[str, str]:
    if isinstance(at, Mapping):
        return dict(at)
    if isinstance(at, str):
        return {"bootstrap.servers": at}
    told = {
        "bootstrap.servers": at.bootstrap,
        "security.protocol": at.protocol,
        "sasl.mechanism": MECHANISM if at.has_login else None,
        "sasl.username": at.user,
        "sasl.password": at.password,
        "ssl.ca.location": at.ca_file and str(at.ca_file),
        "ssl.certificate.location": at.certificate_file and str(at.certificate_file),
        "ssl.key.location": at.key_file and str(at.key_file),
    }
    return {name: value for name, value in told.items() if value}
