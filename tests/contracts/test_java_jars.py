"""Whoever follows the page for Java word for word has its jars, and nothing that was put in their place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.embedded.parts import SUMS, jars
from deploy.embedded.process import ROOT
from tests.kit.patience import PROCESS_SECONDS

PAGE = ROOT / "docs" / "subscribers" / "README.md"
OURS = ROOT / "docs" / "subscribers" / "java" / "jars.sha256"
[BLOCK] = [one for one in re.findall(r"```\n(.*?)```", PAGE.read_text(), re.DOTALL) if "MAVEN_URL" in one]
COMMANDS = BLOCK.partition("javac")[0]


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Of Maven Central, with what the page asks for, as Kafka's own jars are pinned."""
    known = {jar.name: jar for jar in jars()}
    for path in re.findall(r"\$MAVEN_URL/(\S+?)\"", COMMANDS):
        place = tmp_path / "mirror" / path
        place.parent.mkdir(parents=True)
        shutil.copy(known[place.name], place)
    serve = partial(SimpleHTTPRequestHandler, directory=str(tmp_path / "mirror"))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path / "mirror", f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def followed(folder: Path, address: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    shutil.copy(OURS, folder)
    told = {**os.environ, "MAVEN_URL": address}
    words = ["bash", "-e", "-c", COMMANDS]
    return subprocess.run(
        words, cwd=folder, env=told, capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False
    )


def test_the_page_brings_the_jars_that_the_stack_itself_has(tmp_path: Path, mirror: tuple[Path, str]) -> None:
    ours = OURS.read_text().replace("lib/", "").splitlines()
    assert set(ours) <= set(SUMS.read_text().splitlines())
    done = followed(tmp_path / "java", mirror[1])
    assert done.returncode == 0, done.stderr
    assert {jar.name for jar in (tmp_path / "java" / "lib").iterdir()} == {line.split()[1] for line in ours}


def test_another_jar_under_the_name_is_refused(tmp_path: Path, mirror: tuple[Path, str]) -> None:
    folder, address = mirror
    [jar] = folder.rglob("slf4j-api-*.jar")
    jar.write_bytes(b"something else")
    assert followed(tmp_path / "java", address).returncode != 0
