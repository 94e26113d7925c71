"""Every secret that docker-compose.yml names, in one folder.

Compose mounts a file with its owner and its rights, and the containers have users of their own. So every user can read
the files, and only the owner can enter the folder.
"""

from __future__ import annotations

from pathlib import Path

from deploy.embedded import certificates, tokens
from deploy.embedded.kafka_secrets import ca_file
from deploy.embedded.mongo_guard import make_key
from deploy.embedded.private_files import make_link_keys
from deploy.rights import passwords
from deploy.rights.kafka import SUPER_USER
from deploy.rights.mongo_passwords import passwords_in

PRIVATE, FOLDER, FILE = 0o700, 0o755, 0o644


def make(folder: Path) -> None:
    """Once: an existing file stays, except certificates with less than a year left."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE)
    tokens.make_tokens(folder)
    make_link_keys(folder / "answers.keys")
    _of_kafka(folder / "kafka")
    _of_mongo(folder / "mongo")
    for one in folder.rglob("*"):
        one.chmod(FOLDER if one.is_dir() else FILE)


def _of_kafka(folder: Path) -> None:
    passwords.make(folder)
    certificates.make(ca_file(folder), folder / "broker.pem", SUPER_USER.removeprefix("CN="), "kafka")


def _of_mongo(folder: Path) -> None:
    passwords_in(folder)
    make_key(folder)
    certificates.make(ca_file(folder), folder / "mongod.pem", "mongod", "mongo")
