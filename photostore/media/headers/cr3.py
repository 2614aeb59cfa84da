"""Canon CR3 headers: boxes that hold TIFF blocks, previews, and the size of the raw track."""

from __future__ import annotations

import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header
from photostore.media.headers.ifd import Directories, join_blocks
from photostore.media.headers.isobmff import Box, body_of, find_box, iter_boxes
from photostore.media.headers.jpeg import read_jpeg
from photostore.media.headers.source import Memory

_CANON: Final = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_PREVIEW: Final = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_EXIF_IFD: Final = 0x8769
_GPS_IFD: Final = 0x8825
_MAX_SIDE: Final = 65_535


def read_cr3(data: bytes) -> Header:
    """Read a CR3 file: size of the raw picture, EXIF put together again, the largest JPEG.

    Raises `DamagedHeaderError` without a movie box.
    """
    source = Memory(data)
    movie = find_box(source, None, b"moov")
    if movie is None:
        raise DamagedHeaderError("no metadata box")
    blocks: dict[bytes, bytes] = {}
    for box in iter_boxes(source, movie.start, movie.end):
        if box.name == b"uuid" and source.read(box.start, 16) == _CANON:
            for part in iter_boxes(source, box.start + 16, box.end):
                blocks.setdefault(part.name, body_of(source, part))
    exif = None
    if b"CMT1" in blocks:
        parts = {_EXIF_IFD: blocks.get(b"CMT2"), _GPS_IFD: blocks.get(b"CMT4")}
        exif = join_blocks(blocks[b"CMT1"], {tag: part for tag, part in parts.items() if part})
    width, height = _own_size(blocks.get(b"CMT1")) or _raw_size(source, movie)
    return Header(
        width, height, exif=exif, xmp=_packet(source), preview=_largest_jpeg(source, movie)
    )


def _own_size(block: bytes | None) -> tuple[int, int] | None:
    """Return the size that the camera gives its picture: without the sensor's border."""
    if block is None:
        return None
    file = Directories(block)
    entries, _ = file.directory(file.first)
    size = file.one(entries, 0x100), file.one(entries, 0x101)
    return size if all(size) else None


def _packet(source: Memory) -> bytes | None:
    for box in iter_boxes(source):
        if box.name == b"uuid" and source.read(box.start, 16) == _XMP:
            return body_of(source, box)[16:]
    return None


def _tracks(source: Memory, movie: Box) -> list[Box]:
    return [box for box in iter_boxes(source, movie.start, movie.end) if box.name == b"trak"]


def _sample_entry(source: Memory, track: Box) -> bytes:
    table = find_box(source, track, b"mdia", b"minf", b"stbl", b"stsd")
    return source.read(table.start + 8, 120) if table else b""


def _raw_size(source: Memory, movie: Box) -> tuple[int, int]:
    """Return the largest size of the tracks: the raw picture's."""
    sizes = [(0, 0)]
    for track in _tracks(source, movie):
        entry = _sample_entry(source, track)
        if entry[4:8] == b"CRAW" and len(entry) >= 36:
            width, height = struct.unpack_from(">HH", entry, 32)
            sizes.append((width, height))
    return max(sizes, key=lambda size: size[0] * size[1])


def _largest_jpeg(source: Memory, movie: Box) -> tuple[int, int] | None:
    """Look in the first track (full size in most cameras) and in the preview box."""
    places = []
    for track in _tracks(source, movie)[:1]:
        offsets = find_box(source, track, b"mdia", b"minf", b"stbl", b"co64")
        sizes = find_box(source, track, b"mdia", b"minf", b"stbl", b"stsz")
        if offsets and sizes:
            start = int.from_bytes(source.read(offsets.start + 8, 8), "big")
            fixed = int.from_bytes(source.read(sizes.start + 4, 4), "big")
            length = fixed or int.from_bytes(source.read(sizes.start + 12, 4), "big")
            places.append((start, length))
    for box in iter_boxes(source):
        if box.name == b"uuid" and source.read(box.start, 16) == _PREVIEW:
            at = source.data.find(b"\xff\xd8\xff", box.start, box.start + 256)
            if at > 0:
                places.append((at, box.end - at))
    found = [(place, _jpeg_pixels(source.data, *place)) for place in places]
    best = max(found, key=lambda one: one[1], default=None)
    return best[0] if best and best[1] else None


def _jpeg_pixels(data: bytes, start: int, length: int) -> int:
    if data[start : start + 3] != b"\xff\xd8\xff" or start + length > len(data):
        return 0
    try:
        inner = read_jpeg(data[start : start + length])
    except (ValueError, struct.error, IndexError):
        return 0
    return inner.width * inner.height if max(inner.width, inner.height) <= _MAX_SIDE else 0
