"""Kafka Connect, the MongoDB sink and Debezium's connector: in our own cache once they are measured, never at setup.

As with Kafka's own jars, nothing is started that we do not know by its sum.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded import parts
from deploy.embedded.prepare import HTTP_SECONDS, progress

HERE = Path(__file__).parent


class NotToBeHad(Exception):
    """The jars could not be brought; the message says why."""


@dataclass(frozen=True, slots=True)
class JarSet:
    """``sums`` names the jars that are used; others that come with the coordinates are left out."""

    coordinates: str
    sums: Path

    @property
    def folder(self) -> Path:
        """Alone in its parent, as Kafka Connect wants a plugin to lie."""
        return parts.cache() / f"{self.sums.stem}-{hashlib.sha256(self.sums.read_bytes()).hexdigest()[:12]}" / "jars"

    def jars(self) -> list[Path]:
        """In the cache, and as we know them. Raises ``NotToBeHad``."""
        try:
            if not self.folder.exists():
                self._bring()
            return parts.jars(self.folder, self.sums)
        except parts.PartMissing as missing:
            raise NotToBeHad(str(missing)) from missing

    def _bring(self) -> None:
        """The folder appears whole and checked, or not at all."""
        wanted = parts.known_sums(self.sums)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder.parent) as scratch:
            flat = Path(scratch) / "flat"
            flat.mkdir()
            for jar in _downloaded(self.coordinates, Path(scratch)):
                if jar.name in wanted:
                    shutil.copyfile(jar, flat / jar.name)
            parts.jars(flat, self.sums)
            flat.rename(self.folder)


# The final "!" pins what is named here against what other artifacts would prefer.
RUNTIME = JarSet(
    "org.apache.kafka:connect-runtime:4.3.1+org.apache.kafka:connect-json:4.3.1"
    "+org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!",
    HERE / "connect-runtime.sha256",
)
# The sink asks for a range of drivers, which the fetcher cannot resolve by itself.
SINK = JarSet(
    "org.mongodb.kafka:mongo-kafka-connect:2.0.1+org.mongodb:mongodb-driver-sync:4.7.2!",
    HERE / "connect-sink.sha256",
)
DEBEZIUM = JarSet("io.debezium:debezium-connector-mongodb:3.3.1.Final!", HERE / "connect-debezium.sha256")


@dataclass(frozen=True, slots=True)
class Jars:
    """``plugins`` is a folder in which nothing lies but one connector."""

    runtime: Sequence[Path]
    plugins: Path


def with_connector(connector: JarSet) -> Jars:
    """Brings them if they are not there yet. Raises ``NotToBeHad``."""
    connector.jars()
    return Jars(RUNTIME.jars(), connector.folder.parent)


def _downloaded(coordinates: str, scratch: Path) -> Sequence[Path]:
    from jgo.config import GlobalSettings  # noqa: PLC0415 - a production image has no fetcher of jars
    from jgo.env import EnvironmentBuilder  # noqa: PLC0415
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress()),
        repo_cache=scratch / "repository",
        remote_repos=GlobalSettings.load().repositories or None,
        timeout=HTTP_SECONDS,
    )
    try:
        return list(EnvironmentBuilder(context, cache_dir=scratch / "env").from_endpoint(coordinates).all_jars)
    except (OSError, RuntimeError) as error:
        raise NotToBeHad(f"its jars could not be brought ({error})") from error
