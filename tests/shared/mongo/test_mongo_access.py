"""How MongoDB is reached is checked before anything connects, and no message holds a password."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import pytest
from pymongo.uri_parser import parse_uri

from shared.runtime.access import WrongAccess
from shared.runtime.mongo.access import signed_in
from shared.runtime.mongo.driver import connect

LOCAL = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
FAR = "mongodb://a.example:27017,b.example:27017/?replicaSet=rs0"
SECRET = "p@ss:w/o?rd%"
WRONG = ("", "foo", "mongodb://", "127.0.0.1:27017", "http://127.0.0.1/", "mongodb://[::1/", "mongodb://127.0.0.1/a/b")


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    return file


def test_the_password_comes_from_its_file_whatever_is_in_it(password: Path) -> None:
    told = parse_uri(signed_in(LOCAL, "members-worker", password))
    assert (told["username"], told["password"]) == ("members-worker", SECRET)
    assert told["options"]["authSource"] == "admin"
    assert (told["nodelist"], told["options"]["replicaSet"]) == ([("127.0.0.1", 27017)], "rs0")


def test_without_a_login_the_address_stays_as_it_is() -> None:
    assert signed_in(LOCAL) == LOCAL
    assert parse_uri(signed_in("mongodb://u:p@localhost"))["password"] == "p"
    assert signed_in("mongodb://[::1]:27017") == "mongodb://[::1]:27017/"


def test_a_ca_switches_tls_on(password: Path) -> None:
    ca = password.with_name("ca.pem")
    ca.write_text("any")
    told = parse_uri(signed_in(FAR, "members-api", password, ca))
    assert (told["options"]["tls"], told["options"]["tlsCAFile"]) == (True, str(ca))


@pytest.mark.parametrize(
    ("uri", "user", "named", "sentence"),
    [
        (LOCAL, "members-api", None, "need each other"),
        (LOCAL, None, "password", "need each other"),
        ("mongodb://u:p@127.0.0.1/", "members-api", "password", "names a user already"),
        (LOCAL, "members-api", "nowhere", "cannot be read"),
        (LOCAL, "members-api", "empty", "is empty"),
        (LOCAL, "members-api", "marked", "signs that nobody can see"),
        (LOCAL, "members-api", "twice", "more than one line"),
        (f"{LOCAL[:10]}u:{quote_plus(SECRET)}@127.0.0.1:99999/", None, None, "takes mongodb://host:port"),
        *((wrong, None, None, "takes mongodb://host:port") for wrong in WRONG),
        (FAR, None, None, "is not on this machine"),
        ("mongodb://127.0.0.1.example/", None, None, "is not on this machine"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    password: Path, uri: str, user: str | None, named: str | None, sentence: str
) -> None:
    password.with_name("empty").touch()
    password.with_name("marked").write_text(SECRET, encoding="utf-8-sig")
    password.with_name("twice").write_text(f"{SECRET}\n{SECRET}\n")
    with pytest.raises(WrongAccess, match=sentence) as refused:
        signed_in(uri, user, password.with_name(named) if named else None)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("uri", ["mongodb://u:p:q@127.0.0.1/", "mongodb://127.0.0.1/?tls=true&tlsCAFile=/nowhere"])
def test_what_only_the_driver_can_tell_is_refused_without_its_words(uri: str) -> None:
    with pytest.raises(WrongAccess, match=r"^mongo_uri cannot be used \([A-Za-z]+\)$"):
        connect(uri, "any")


def test_a_network_of_ones_own_may_be_without_tls() -> None:
    assert signed_in(FAR, unprotected=True) == FAR
