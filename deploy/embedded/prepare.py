"""Copies Kafka's jars into our own cache, once, and accepts only those that `jars.sha256` names."""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.embedded import parts

if TYPE_CHECKING:
    from deploy.embedded.kafka import Kafka

# The final "!" pins these versions; without it log4j's BOM pulls kafka-clients down to 3.9.1.
COORDINATES = "org.apache.kafka:kafka_2.13:4.3.1+org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!"
QUIET_SECONDS = 2.0
HTTP_SECONDS = 60
LEARN_SECONDS = 180.0


def main() -> int:
    try:
        prepare()
    except parts.PartMissing as missing:
        print(f"setup: {missing}", file=sys.stderr)
        return 1
    except OSError as error:  # usually a home that is read-only, or a full disk
        where = error.filename or parts.cache()
        print(f"setup: {where}: {error.strerror}. Set KPK_CACHE to a folder with 200 MB of room", file=sys.stderr)
        return 1
    return 0


def prepare() -> None:
    if not parts.jars_folder().exists():
        print("bringing Kafka's jars (46 files, 44 MB)", flush=True)
        bring(parts.jars_folder())
    parts.jars()
    if not parts.aot_cache().exists():
        train()


def bring(folder: Path) -> None:
    """The folder appears complete and checked, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        flat = Path(scratch) / "flat"
        flat.mkdir()
        for jar in download(Path(scratch)):
            shutil.copyfile(jar, flat / jar.name)
        parts.jars(flat)
        flat.rename(folder)
    parts.aot_cache().unlink(missing_ok=True)


def download(scratch: Path) -> list[Path]:
    from jgo.config import GlobalSettings
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress()),
        repo_cache=scratch / "repository",
        remote_repos=GlobalSettings.load().repositories or None,
        timeout=HTTP_SECONDS,
    )
    try:
        environment = EnvironmentBuilder(context, cache_dir=scratch / "env").from_endpoint(COORDINATES)
        return list(environment.all_jars)
    except (OSError, RuntimeError) as error:
        raise parts.PartMissing(f"Kafka's jars could not be brought ({error}): make setup") from error


def progress() -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    shown = time.monotonic()

    @contextmanager
    def of_file(name: str, size: int) -> Iterator[Callable[[int], None]]:
        nonlocal shown
        if time.monotonic() - shown > QUIET_SECONDS:
            print(f"  {name} ({size / 1e6:.1f} MB)", flush=True)
            shown = time.monotonic()
        yield lambda _read: None

    return of_file


def train() -> None:
    """One short run of the broker, after which every start needs half the time."""
    from deploy.embedded.guard import Guard
    from deploy.embedded.kafka import Kafka
    from deploy.embedded.program import StartFailed

    print("teaching the Java runtime to start Kafka faster (once, about 8 s)", flush=True)
    with tempfile.TemporaryDirectory(dir=parts.cache()) as scratch:
        learnt = Path(scratch) / "kafka.aot"
        try:
            guard = Guard(Path(scratch) / "secrets")
            asyncio.run(run_once(Kafka(Path(scratch) / "data", learn=learnt, guard=guard)))
        except StartFailed as failure:
            print(f"  not learnt, Kafka starts without it: {str(failure).splitlines()[0]}", flush=True)
        if learnt.exists():
            learnt.rename(parts.aot_cache())


async def run_once(kafka: "Kafka") -> None:
    """The result is written at the end, which takes long on a busy machine."""
    kafka.patience = LEARN_SECONDS
    await kafka.start()
    await kafka.stop()


if __name__ == "__main__":
    sys.exit(main())
