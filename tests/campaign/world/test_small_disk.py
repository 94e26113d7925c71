"""A disk that fills up, and that can be written to again once it is freed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.world.small_disk import NoDisk, SmallDisk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk", megabytes=2)
    try:
        disk.open()
    except NoDisk as reason:
        pytest.skip(str(reason))
    yield disk
    disk.close()
    assert not disk.folder.is_mount()


def test_full_means_not_one_byte_more(disk: SmallDisk) -> None:
    (disk.folder / "before").write_bytes(b"x")
    disk.fill()
    assert disk.left == 0
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        (disk.folder / "another").write_bytes(bytes(4096))
    disk.free()
    (disk.folder / "another").write_bytes(bytes(4096))
    assert (disk.folder / "before").read_bytes() == b"x"


def test_opened_again_it_is_the_same_disk(disk: SmallDisk) -> None:
    (disk.folder / "before").write_bytes(b"x")
    disk.open()
    assert (disk.folder / "before").exists()
