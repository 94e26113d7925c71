"""What a full or read-only disk does to a file that `kpk` writes: nothing; and it is said which file it was."""

from __future__ import annotations

import errno
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.embedded.private_files import make_link_keys, write_private, write_whole
from deploy.kpk.trouble import way_out


@contextmanager
def files_may_have(most: int) -> Iterator[None]:
    """No file may be longer: the system takes what fits, then refuses the rest, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_is_private_and_replaces_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("old")
    write_whole(file, b"new")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o600)


@pytest.mark.parametrize("most", [0, 1, 999])
def test_what_does_not_fit_leaves_the_old_content_and_nothing_of_the_new_one(tmp_path: Path, most: int) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("")
    with files_may_have(most), pytest.raises(OSError, match=str(file)):
        write_whole(file, b"x" * 1000)
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"", [file])


@pytest.mark.parametrize("most", [0, 10])
def test_a_key_that_could_not_be_written_is_made_the_next_time(tmp_path: Path, most: int) -> None:
    """Half a key would never be completed: an existing one stays."""
    key = tmp_path / "secrets" / "answers.keys"
    with files_may_have(most), pytest.raises(OSError, match=key.name):
        make_link_keys(key)
    make_link_keys(key)
    assert len(key.read_text()) == 65


def test_a_full_disk_is_told_with_the_files_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system names no file where a write fails."""

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="state") as error:
        write_private(tmp_path / "state.json", {"a": 1})
    assert way_out(error.value) == f"{tmp_path}/state.json: the disk is full: make room, then the same again"


def test_a_missing_folder_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="profile"):
        write_whole(tmp_path / "missing" / "profile", b"x")
    assert not list(tmp_path.iterdir())
