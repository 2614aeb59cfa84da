"""DESIGN 3: one read of a file, never through a symlink, a FIFO or a device."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from photostore.base.errors import FileChangedError, MediaRejectedError, UnreadableError
from photostore.media import reading
from photostore.media.reading import read_content

from .conftest import Write, encode, noise


def test_photo_is_read_whole(write: Write) -> None:
    data = encode(noise(64, 48), "JPEG")
    content = read_content(write("a.jpg", data))
    assert content.data == data
    assert content.head == data[:4096]
    assert content.size == len(data)
    assert content.sha1 == hashlib.sha1(data, usedforsecurity=False).digest()
    assert content.mtime_ns == os.stat(content.path).st_mtime_ns


def test_video_is_hashed_in_pieces(write: Write) -> None:
    data = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + bytes(3 * 1024 * 1024 + 7)
    content = read_content(write("a.mp4", data))
    assert content.data is None
    assert content.sha1 == hashlib.sha1(data, usedforsecurity=False).digest()


def test_large_file_is_not_held(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WHOLE_MAX_BYTES", 1000)
    content = read_content(write("a.jpg", b"\xff\xd8\xff" + bytes(2000)))
    assert content.data is None


def test_empty_file_is_rejected(write: Write) -> None:
    with pytest.raises(MediaRejectedError, match="empty"):
        read_content(write("a.jpg", b""))


def test_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_content(bytes(tmp_path / "none.jpg"))


def test_fifo_folder_and_symlink_are_refused_at_once(tmp_path: Path, write: Write) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "link.jpg").symlink_to(os.fsdecode(write("real.jpg", b"x")))
    for name in ("pipe.jpg", "folder.jpg"):
        with pytest.raises(MediaRejectedError, match="regular"):
            read_content(bytes(tmp_path / name))
    with pytest.raises(UnreadableError):
        read_content(bytes(tmp_path / "link.jpg"))


def test_names_are_bytes(tmp_path: Path) -> None:
    path = bytes(tmp_path) + b"/\xff\nname.jpg"
    Path(os.fsdecode(path)).write_bytes(b"data")
    assert read_content(path).data == b"data"


def test_change_during_reading_is_noticed(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.jpg", b"\xff\xd8\xff" + bytes(100))
    whole = reading._read_whole

    def touch(descriptor: int, size: int) -> bytes:
        data = whole(descriptor, size)
        os.utime(path, ns=(1, 1))
        return data

    monkeypatch.setattr(reading, "_read_whole", touch)
    with pytest.raises(FileChangedError):
        read_content(path)


def test_growth_during_reading_is_noticed(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.jpg", b"\xff\xd8\xff" + bytes(100))
    fstat = os.fstat

    def shrink(descriptor: int) -> os.stat_result:
        found = list(fstat(descriptor))
        found[6] -= 10
        return os.stat_result(found)

    monkeypatch.setattr(reading.os, "fstat", shrink)
    with pytest.raises(FileChangedError):
        read_content(path)
