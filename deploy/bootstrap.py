"""From a fresh clone to a working environment: `.venv` exactly as locked, and Kafka's jars.

Standard library only, since nothing is installed yet. A second run with the same locks downloads nothing.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
STAMP = VENV / "setup.stamp"
LOCK = ROOT / "requirements-dev.lock"
SETUP_LOCK = ROOT / "requirements-setup.lock"
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off")
UV = ("-m", "uv", "pip", "install", "--compile-bytecode", "--no-progress")
QUIET_SECONDS = 2.0
VENV_PACKAGE = "install python3-venv (apt install python3-venv)"


def main() -> int:
    if sys.version_info < (3, 11):
        return refuse(f"this is Python {sys.version.split()[0]}, 3.11 is the oldest: make setup PYTHON=…")
    if not is_current():
        began = time.monotonic()
        try:
            failed = install()
        except (ImportError, subprocess.CalledProcessError):  # Debian and Ubuntu have it in a separate package
            return refuse(f"this Python makes no environment: {VENV_PACKAGE}, or another one: make setup PYTHON=…")
        except OSError as error:
            return refuse(
                f"{error.filename or ROOT}: {error.strerror}. It needs a folder that can be written to, with 1 GB"
            )
        if failed:
            return refuse(f"installing failed, its whole output is in {LOG.relative_to(ROOT)}: mend that, run again")
        STAMP.write_text(wanted())
        say(f"environment ready in {time.monotonic() - began:.0f} s")
    return subprocess.call([PYTHON, "-m", "deploy.embedded.prepare"], cwd=ROOT)


def wanted() -> str:
    """The environment depends on these: the locks, our own package's description and the interpreter."""
    told = hashlib.sha256(sys.version.encode())
    for file in (LOCK, ROOT / "pyproject.toml"):
        told.update(file.read_bytes())
    return told.hexdigest()


def is_current() -> bool:
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted()


def install() -> int:
    say("making .venv")
    STAMP.unlink(missing_ok=True)
    import ensurepip  # noqa: F401, PLC0415 - Debian lacks it without python3-venv: told apart from what fails later
    import venv  # noqa: PLC0415 - likewise

    venv.create(VENV, with_pip=True, clear=not PYTHON.exists(), symlinks=os.name != "nt")
    LOG.write_text("")
    say("installing what requirements-dev.lock names (the first time about 400 MB)")
    return packages() or run(*PIP, "--no-deps", "--no-build-isolation", "-e", ".")


def packages() -> int:
    """With uv, in a fifth of pip's time; with pip if uv reaches no index, because it does not read pip.conf."""
    if failed := run(*PIP, "--require-hashes", "-r", str(SETUP_LOCK)):
        return failed
    if not run(*UV, "--python", str(PYTHON), "--require-hashes", "-r", str(LOCK)):
        return 0
    say("uv could not bring them: now pip, which takes longer")
    return run(*PIP, "--require-hashes", "-r", str(LOCK))


def run(*arguments: str) -> int:
    command = [str(PYTHON), *arguments]
    piped = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=piped, stderr=subprocess.STDOUT, text=True) as child:
        assert child.stdout
        follow(child.stdout)
    return child.returncode


def follow(lines: Iterable[str]) -> None:
    """Keeps every line in the log; shows errors, and of the other lines one every two seconds."""
    shown = time.monotonic()
    with LOG.open("a") as log:
        for line in lines:
            log.write(line)
            if line.startswith("ERROR") or time.monotonic() - shown > QUIET_SECONDS:
                say(f"  {line.strip()[:100]}")
                shown = time.monotonic()


def say(line: str) -> None:
    print(line, flush=True)


def refuse(line: str) -> int:
    print(f"setup: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
