"""The ZIP archive that is sent, with Python's reader and Info-ZIP's `unzip` as referees."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from photostore.library.archive import (
    Entry,
    Written,
    archive_size,
    descriptor,
    directory,
    local_header,
    span,
    unique_names,
)

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


def write(files: list[tuple[Entry, bytes]]) -> bytes:
    """An archive of these contents."""
    out = bytearray()
    written = []
    for entry, content in files:
        offset = len(out)
        crc = zlib.crc32(content)
        out += local_header(entry) + content + descriptor(entry, crc)
        assert len(out) - offset == span(entry)
        written.append(Written(entry, crc, offset))
    for piece in directory(written):
        out += piece
    assert len(out) == archive_size(entry for entry, _ in files)
    return bytes(out)


def check(data: bytes, files: list[tuple[Entry, bytes]]) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert [one.filename for one in opened.infolist()] == [e.name.decode() for e, _ in files]
        assert [opened.read(one) for one in opened.infolist()] == [content for _, content in files]


def referee(data: bytes, folder: Path) -> None:
    path = folder / "made.zip"
    path.write_bytes(data)
    if shutil.which("unzip"):
        done = subprocess.run(["unzip", "-tqq", path], capture_output=True, check=False)
        assert done.returncode == 0, done


@given(st.lists(st.tuples(NAMES, st.binary(max_size=300), st.integers(-(2**40), 2**40))))
def test_any_files(given: list[tuple[str, bytes, int]]) -> None:
    names = unique_names([name.encode() for name, _, _ in given])
    files = [
        (Entry(name, len(content), mtime), content)
        for name, (_, content, mtime) in zip(names, given, strict=True)
    ]
    check(write(files), files)


def test_unzip_reads_it_and_its_times(tmp_path: Path) -> None:
    at = int(datetime(2019, 7, 14, 12, 30, 31, tzinfo=UTC).timestamp())
    contents = {"Grüße.jpg": b"a" * 100_000, "空.jpg": b"b", "plain.jpg": b""}
    files = [(Entry(name.encode(), len(c), at), c) for name, c in contents.items()]
    data = write(files)
    check(data, files)
    referee(data, tmp_path)
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-q", tmp_path / "made.zip", "-d", tmp_path / "out"], check=True)
        assert int((tmp_path / "out" / "plain.jpg").stat().st_mtime) == at


def test_many_files(tmp_path: Path) -> None:
    """More than 65,535: their number needs eight bytes."""
    data = write([(Entry(b"%d.jpg" % n, 1, 0), b"x") for n in range(66_000)])
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert len(opened.infolist()) == 66_000
        assert opened.read("65999.jpg") == b"x"
    referee(data, tmp_path)


def test_a_large_file(tmp_path: Path) -> None:
    """A sparse 4 GiB behind which another file lies: its offset needs eight bytes too."""
    size = 2**32 + 5
    large, small = Entry(b"film.mp4", size, 0), Entry(b"a.jpg", 3, 0)
    path = tmp_path / "large.zip"
    crc = 0
    block = bytes(1 << 24)
    for start in range(0, size, len(block)):
        crc = zlib.crc32(block[: min(len(block), size - start)], crc)
    with path.open("wb") as file:
        file.write(local_header(large))
        file.seek(size, 1)
        file.write(descriptor(large, crc))
        offset = file.tell()
        file.write(local_header(small) + b"abc" + descriptor(small, zlib.crc32(b"abc")))
        for piece in directory(
            [Written(large, crc, 0), Written(small, zlib.crc32(b"abc"), offset)]
        ):
            file.write(piece)
        assert file.tell() == archive_size([large, small])
    with zipfile.ZipFile(path) as opened:
        assert [one.file_size for one in opened.infolist()] == [size, 3]
        assert opened.read("a.jpg") == b"abc"
        assert [one.header_offset for one in opened.infolist()] == [0, offset]
    if shutil.which("unzip"):
        listed = subprocess.run(["unzip", "-l", path], capture_output=True, check=True, text=True)
        assert str(size) in listed.stdout


def test_names_can_be_unpacked_anywhere() -> None:
    given = [
        b"a.jpg",
        b"A.JPG",
        b"a.jpg",
        b"caf\xe9.jpg",
        b"caf_.jpg",
        b"a:b.jpg",
        b".x",
        b"a\\b.jpg",
    ]
    assert unique_names(given) == [
        *(b"a.jpg", b"A-1.JPG", b"a-2.jpg", b"caf_.jpg", b"caf_-1.jpg"),
        *(b"a_b.jpg", b"_.x", b"a_b-1.jpg"),
    ]
    same = unique_names([b"x" * 255] * 1000)
    assert len(set(same)) == 1000
    assert max(map(len, same)) <= 255
