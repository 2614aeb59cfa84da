"""What is decoded in a child rather than in a thread: SPEC 5.7, DESIGN 3."""

from __future__ import annotations

import os

import pytest
import pyvips

from photostore.base.errors import MediaRejectedError
from photostore.decode.doubt import DoubtfulError, doubt_start
from photostore.decode.examination import Request, Stage, examine
from photostore.media.filters import Limits
from tests.samples import make_photo, make_video

RAW = b"II*\0\x10\0\0\0CR\2\0" + bytes(500)
JXL = b"\xff\x0a" + bytes(500)


def ask(path):
    return Request(bytes(path), path.stat().st_size, Limits(enabled=False), 1440)


@pytest.mark.parametrize(("name", "content"), [("a.cr2", RAW), ("a.jxl", JXL), ("a.jpg", RAW)])
def test_raw_and_rare_formats_are_told_by_their_first_bytes(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DoubtfulError):
        doubt_start(bytes(path))
    with pytest.raises(DoubtfulError):
        examine(ask(path), Stage(), with_care=True)


def test_ordinary_files_are_decoded_here(tmp_path):
    for path in (make_photo(tmp_path / "a.jpg"), make_video(tmp_path / "b.mp4")):
        assert examine(ask(path), Stage(), with_care=True) == examine(ask(path), Stage())


def test_what_cannot_be_read_is_not_judged(tmp_path):
    os.mkfifo(tmp_path / "pipe.cr2")
    for name in ("pipe.cr2", "gone.cr2"):
        doubt_start(bytes(tmp_path / name))


def test_a_terabyte_of_nothing_is_refused_unread(tmp_path):
    """Row 14: a sparse file, also with all filters off."""
    path = tmp_path / "sparse.jpg"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(MediaRejectedError, match="256 MiB"):
        examine(ask(path), Stage())


@pytest.mark.parametrize(
    ("name", "side", "options", "is_doubtful"),
    [
        ("a.jpg", 6000, {"interlace": True}, True),  # progressive: held whole
        ("a.jpg", 6000, {}, False),
        ("a.png", 6000, {"interlace": True, "compression": 1}, True),
        ("a.png", 6000, {"compression": 1}, False),
        ("a.jpg", 10_100, {}, True),
    ],
)
def test_what_takes_much_memory_or_time_is_told_by_its_header(
    tmp_path, name, side, options, is_doubtful
):
    path = tmp_path / name
    pyvips.Image.black(side, side, bands=3).write_to_file(str(path), **options)
    if is_doubtful:
        with pytest.raises(DoubtfulError):
            examine(ask(path), Stage(), with_care=True)
    else:
        assert examine(ask(path), Stage(), with_care=True).facts.width == side
