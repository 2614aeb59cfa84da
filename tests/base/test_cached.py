"""DESIGN 3: the event loop never waits for a disk, so it reads only what is in memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photostore.base.cached import CachedReader

SIZE = 1 << 20


@pytest.fixture
def file(tmp_path: Path) -> bytes:
    path = tmp_path / "picture"
    path.write_bytes(os.urandom(SIZE))
    with path.open("rb") as opened:
        os.fsync(opened.fileno())
    return bytes(path)


def test_a_file_in_memory_is_read_whole(file: bytes) -> None:
    found = CachedReader().read(file, SIZE)
    if found is None:
        pytest.skip("this file system does not tell what it has in memory")
    assert found == Path(os.fsdecode(file)).read_bytes()


def test_what_is_on_the_disk_only_is_not_waited_for(file: bytes) -> None:
    reader = CachedReader()
    if reader.read(file, SIZE) is None:
        pytest.skip("this file system does not tell what it has in memory")
    descriptor = os.open(file, os.O_RDONLY)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
    assert reader.read(file, SIZE) is None


def test_what_is_absent_empty_or_too_large_is_nothing(file: bytes, tmp_path: Path) -> None:
    reader = CachedReader()
    (tmp_path / "empty").touch()
    assert reader.read(bytes(tmp_path / "absent"), SIZE) is None
    assert reader.read(bytes(tmp_path / "empty"), SIZE) is None
    assert reader.read(file, SIZE - 1) is None
    assert reader.read(bytes(tmp_path), SIZE) is None


def test_a_system_without_the_call_is_not_asked_again(
    file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photostore.base.cached._OPENAT2", 100_000)
    reader = CachedReader()
    assert reader.read(file, SIZE) is None
    assert reader._libc is None
    assert reader.read(file, SIZE) is None
