"""How Kafka is reached: what does not fit together is refused at once, in words that say what is allowed."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.access import WrongAccess, is_loopback
from shared.runtime.kafka.access import KafkaAccess, host_of

HERE, AWAY = "127.0.0.1:9092", "kafka.ulm.example:9092"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("streng-geheim\n")
    return file


@pytest.mark.parametrize(
    ("told", "allowed"),
    [
        ({"bootstrap": AWAY}, "is not on this machine: kafka_protocol SASL_SSL"),
        ({"bootstrap": f"{HERE},{AWAY}"}, "is not on this machine"),
        ({"bootstrap": "0.0.0.0:9092"}, "is not on this machine"),
        ({"protocol": "SASL_PLAINTEXT"}, "needs kafka_user and kafka_password_file"),
        ({"protocol": "SASL_SSL", "user": "members"}, "needs kafka_user and kafka_password_file"),
        ({"user": "members"}, "need kafka_protocol SASL_SSL"),
        ({"ca_file": Path("ca.pem")}, "TLS files need kafka_protocol"),
        ({"protocol": "SSL"}, "needs kafka_certificate_file and kafka_key_file"),
        ({"protocol": "SSL", "key_file": Path("key.pem")}, "need each other"),
        ({"protocol": "SSL", "certificate_file": Path("no"), "key_file": Path("no")}, "cannot be used"),
    ],
)
def test_what_does_not_fit_together_is_refused(told: dict[str, Any], allowed: str) -> None:
    with pytest.raises(WrongAccess, match=re.escape(allowed)):
        KafkaAccess(**{"bootstrap": HERE, **told})


def test_a_login_over_a_line_that_anybody_reads_is_refused(password: Path) -> None:
    login: dict[str, Any] = {"protocol": "SASL_PLAINTEXT", "user": "members", "password_file": password}
    with pytest.raises(WrongAccess, match="is not on this machine"):
        KafkaAccess(AWAY, **login)
    assert KafkaAccess(AWAY, **login, unprotected=True).password == "streng-geheim"


@pytest.mark.parametrize(
    "bootstrap",
    [
        *("", "localhost", "localhost:", "localhost:abc", "localhost:0", "localhost:65536", "[::1]", "::1:9092"),
        *(f"{HERE},", "kafka://localhost:9092", "localhost:9092/x", "u:streng-geheim@localhost:9092"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(bootstrap: str) -> None:
    """Else it would be said of it that it is not on this machine, or nothing at all while nothing answers."""
    with pytest.raises(WrongAccess, match="kafka_bootstrap takes host:port") as refused:
        KafkaAccess(bootstrap)
    assert "geheim" not in str(refused.value)


def test_addresses_have_several_forms() -> None:
    for bootstrap in ("localhost:9092", "[::1]:9092", f"{HERE}, 127.0.0.2:9092", "kafka_1.ulm.example:9092"):
        assert KafkaAccess(bootstrap, unprotected=True).bootstrap == bootstrap


@pytest.mark.parametrize("content", [None, "", " \n", b"\xff\xfe", b"\xef\xbb\xbfgeheim", "geheim\ngeheim\n", "a\0b"])
def test_a_file_that_cannot_serve_is_named_before_anything_connects(
    tmp_path: Path, password: Path, content: str | bytes | None
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WrongAccess, match=f"kafka_password_file {file}"):
        KafkaAccess(HERE, "SASL_PLAINTEXT", "members", file)
    with pytest.raises(WrongAccess, match=f"(kafka_ca_file|TLS files).*{file}"):
        KafkaAccess(AWAY, "SASL_SSL", "members", password, ca_file=file)


def test_a_password_is_in_no_text_of_it(password: Path) -> None:
    access = KafkaAccess(HERE, "SASL_PLAINTEXT", "members", password)
    assert access.options()["sasl_plain_password"] == "streng-geheim"
    assert "streng-geheim" not in f"{access} {access!r}"


@given(st.ip_addresses())
def test_only_an_address_of_this_machine_is_loopback(address: Any) -> None:
    written = f"[{address}]:9092" if address.version == 6 else f"{address}:9092"
    assert is_loopback(host_of(written)) == address.is_loopback
