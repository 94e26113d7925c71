"""A certificate authority for one server: it signs the server's certificate, then its key is deleted.

So nobody can ever create another certificate that this server or its clients trust.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deploy.embedded.private_files import write_whole

VALID = timedelta(days=5 * 365)
RENEWED_BEFORE = timedelta(days=365)
A_MOMENT_AGO = timedelta(hours=1)
"""Valid for clocks that are a little slow, too."""


def make(authority: Path, key_and_chain: Path, name: str, host: str = "localhost") -> None:
    """Creates it once, and again when less than a year is left. ``name`` is its CN, ``host`` the broker's address."""
    if _is_valid(authority) and key_and_chain.exists():
        return
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, own = _named("kpk-ca"), _named(name)
    ca = _certificate(ca_name, ca_name, ca_key, ca_key, [(x509.BasicConstraints(ca=True, path_length=0), True)])
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    called = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName(host)])
    signed = _certificate(own, ca_name, key, ca_key, [(called, False), (both, False)])
    chain = signed.public_bytes(Encoding.PEM) + ca.public_bytes(Encoding.PEM)
    write_whole(key_and_chain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain)
    write_whole(authority, ca.public_bytes(Encoding.PEM))


def _is_valid(authority: Path) -> bool:
    if not authority.exists():
        return False
    return (
        x509.load_pem_x509_certificate(authority.read_bytes()).not_valid_after_utc > datetime.now(UTC) + RENEWED_BEFORE
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - A_MOMENT_AGO, now + VALID
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical)
    return made.sign(signer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
