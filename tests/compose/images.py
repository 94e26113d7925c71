"""The images that the compose file names: pulled, or where that cannot be, stand-ins under the same names.

A stand-in is made of what the embedded stack uses: the pinned jars with their Java runtime, the wheel's mongod, our own
mail sink, on a minimal Debian. ``DIFFERENCES`` is what it cannot prove.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aiosmtpd

from deploy.embedded import parts
from tests.compose.engine import Engine, Failed

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).with_name("stand_ins")
DOCKERFILE = ROOT / "deploy/image/Dockerfile"
BASE_PACKAGES = "python3.11,python3.11-venv,python3-pip,ca-certificates,libcurl4"
BASE = "localhost/kpk-stand-in-base:1"

DIFFERENCES = {
    "python": "Debian's Python 3.11 in /usr, not python.org's in /usr/local; a minimal Debian, larger than slim",
    "kafka": "the pinned jars and Java runtime of the embedded stack, started by a script of ours that reads the same "
    "KAFKA_ variables, as a user of the same number; not Apache's entry script, its checks of the variables, its Java",
    "mongo": "mongod of the wheel (6.0), not 8.0; no mongosh; an entry script of ours, which only changes to mongodb",
    "mailpit": "our own mail sink; nothing at the published page but a listening port",
}


def images_of(compose: Mapping[str, Any]) -> list[str]:
    """Those of others: the base of ours first, since ours is built on it."""
    base = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    others = [one["image"] for one in compose["services"].values() if "build" not in one]
    return list(dict.fromkeys([*base, *others]))


def provide(engine: Engine, image: str, folder: Path) -> str | None:
    """None for the real one; otherwise how the stand-in differs from it."""
    name = image.split(":", maxsplit=1)[0].rpartition("/")[2]
    label = engine.run("image", "inspect", image, "--format", '{{index .Labels "kpk.stand-in"}}', check=False).strip()
    if label == made_of(name):
        return DIFFERENCES[name]
    if label in ("", "<no value>") and (engine.has(image) or pulled(engine, image)):
        return None
    if not engine.has(BASE):
        make_base(engine, folder)
    context = folder / name
    shutil.copytree(STAND_INS / name, context)
    if name in PARTS:
        PARTS[name](context)
    engine.run("build", "--network=host", "--label", f"kpk.stand-in={made_of(name)}", "-t", full(image), str(context))
    return DIFFERENCES[name]


def made_of(name: str) -> str:
    """A stand-in of other files is another one."""
    files = sorted(file for file in (STAND_INS / name).rglob("*") if file.is_file())
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def build_ours(engine: Engine, image: str, folder: Path) -> None:
    """Unchanged; a CA of this machine's own is handed in as pip's settings, and is not in the image."""
    words = ["build", "--network=host", "-f", str(DOCKERFILE), "-t", full(image)]
    if ca := os.environ.get("PIP_CERT"):
        settings = folder / "pip.conf"
        settings.write_text(f"[global]\ncert = {ca}\n")
        words += ["--volume", f"{settings}:/etc/pip.conf:ro", "--volume", f"{ca}:{ca}:ro"]
    engine.run(*words, str(ROOT), within=1800)


def full(image: str) -> str:
    """As the compose program asks the engine for it."""
    return f"docker.io/{image}" if "/" in image else f"docker.io/library/{image}"


def pulled(engine: Engine, image: str) -> bool:
    try:
        engine.run("pull", "-q", full(image), within=120)
    except (Failed, subprocess.TimeoutExpired):
        return False
    return True


def make_base(engine: Engine, folder: Path) -> None:
    """As root, from the mirror that this machine uses."""
    system = Path(os.environ["KPK_BASE"]) if "KPK_BASE" in os.environ else folder / "base"
    if not system.exists():
        words = ["debootstrap", "--variant=minbase", f"--include={BASE_PACKAGES}", "bookworm", str(system)]
        subprocess.run(words, check=True, capture_output=True, timeout=1800)
    archive = folder / "base.tar"
    subprocess.run(
        ["tar", "-C", str(system), "--exclude=./proc/*", "--exclude=./sys/*", "-cf", str(archive), "."], check=True
    )
    engine.run("import", str(archive), BASE)
    archive.unlink()


def kafka_parts(context: Path) -> None:
    (context / "jars").mkdir()
    for jar in parts.jars():
        shutil.copy(jar, context / "jars")
    shutil.copytree(parts.java().parents[1], context / "java", symlinks=True)


def mongo_parts(context: Path) -> None:
    shutil.copy(parts.mongod_of_the_wheel(), context / "mongod")


def mail_parts(context: Path) -> None:
    shutil.copy(ROOT / "deploy/embedded/smtp_sink.py", context)
    for name in ("aiosmtpd", "attr", "attrs", "public"):
        shutil.copytree(Path(aiosmtpd.__file__).parents[1] / name, context / "packages" / name)


PARTS: Mapping[str, Callable[[Path], None]] = {"kafka": kafka_parts, "mongo": mongo_parts, "mailpit": mail_parts}
