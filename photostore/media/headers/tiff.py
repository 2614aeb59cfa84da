"""TIFF, BigTIFF and TIFF-based RAW headers (TIFF 6.0): size, layout, embedded previews."""

from __future__ import annotations

import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header, RefusedHeaderError
from photostore.media.headers.ifd import MAX_VALUES, Directories, Entry
from photostore.media.headers.jpeg import MAX_SCANS, read_jpeg

_MAX_DIRECTORIES: Final = 64
# One strip or tile is decoded whole.
_MAX_PIECE_BYTES: Final = 300 * 1024 * 1024
_JPEG: Final = (6, 7)


def read_tiff(data: bytes) -> Header:
    """Read the first picture of a TIFF file.

    Raises `DamagedHeaderError` for a directory that makes no picture, `RefusedHeaderError` for a
    strip or tile that would need too much memory at once.
    """
    file = Directories(data)
    entries, following = file.directory(file.first)
    width, height = file.one(entries, 0x100), file.one(entries, 0x101)
    if not width or not height:
        raise DamagedHeaderError("the first directory gives no size")
    samples = file.one(entries, 0x115, 1)
    _check_pieces(file, entries, width, height, samples)
    extra = file.values(entries, 0x152)
    return Header(
        width,
        height,
        has_alpha=bool(extra) and extra[0] in (1, 2),
        frames=1 if not following else 2,
        exif=data,
        xmp=file.block(entries, 0x2BC),
        iptc=_iptc(file, entries),
        profile=file.block(entries, 0x8773),
        colour="CMYK" if file.one(entries, 0x106) == 5 else None,
    )


def _iptc(file: Directories, entries: dict[int, Entry]) -> bytes | None:
    """Return IIM records of their own tag, else Photoshop's resources, which hold them too."""
    entry = entries.get(0x83BB)
    if entry is not None and entry.count <= MAX_VALUES:
        # Some writers say that these bytes are longs.
        size = entry.count * (4 if entry.type == 4 else 1)
        records = file.data[entry.at : entry.at + size]
        if records[:1] == b"\x1c":
            return records
    return file.block(entries, 0x8649)


def _check_pieces(
    file: Directories, entries: dict[int, Entry], width: int, height: int, samples: int
) -> None:
    """Hold strips and tiles against memory, against the number needed, and against the file."""
    bits = max(file.values(entries, 0x102) or (1,))
    if not 1 <= samples <= 64 or not 1 <= bits <= 64:
        raise DamagedHeaderError("an impossible number of samples or bits in a pixel")
    tile = file.one(entries, 0x142), file.one(entries, 0x143)
    if 0x142 in entries:
        across, down = tile
        offsets = file.values(entries, 0x144)
    else:
        across, down = width, min(file.one(entries, 0x116, height) or height, height)
        offsets = file.values(entries, 0x111)
    if not across or not down:
        raise DamagedHeaderError("a tile of no size")
    piece = -(-across * bits // 8) * down * samples
    if piece > _MAX_PIECE_BYTES:
        raise RefusedHeaderError(
            f"one strip or tile of {piece / 1e6:,.0f} MB: more than is decoded"
        )
    needed = -(-width // across) * -(-height // down)
    if needed > MAX_VALUES:
        raise RefusedHeaderError("more than a million strips or tiles")
    if file.one(entries, 0x103) in _JPEG and file.data.count(b"\xff\xda") > MAX_SCANS + 2 * needed:
        raise RefusedHeaderError("far more JPEG scans than strips or tiles: a decoder bomb")
    # Old-style JPEG has its data elsewhere.
    if not offsets and 0x201 not in entries:
        raise DamagedHeaderError("there is no picture data")


def read_raw(data: bytes) -> Header:
    """Read a TIFF-based RAW file: the largest size announced and the largest embedded JPEG.

    Width and height are 0 where nothing is found; `preview` is None when no JPEG is embedded.
    """
    if data[:2] not in (b"II", b"MM") or data[4:8] == b"HEAP" or data[6:10] == b"HEAP":
        return Header(0, 0)
    file = Directories(data)
    size = best_size = (0, 0)
    best: tuple[int, int] | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    for entries in _directories(file):
        iptc = iptc or _iptc(file, entries)
        xmp = xmp or file.block(entries, 0x2BC)
        here = file.one(entries, 0x100), file.one(entries, 0x101)
        if data[2:4] == b"U\x00":
            here = _within_borders(file, entries)
        if here[0] * here[1] > size[0] * size[1]:
            size = here
        for start, length in _jpegs(file, entries):
            found = _jpeg_size(data, start, length)
            if found[0] * found[1] > best_size[0] * best_size[1]:
                best_size, best = found, (start, length)
    if data[8:10] == b"CR":
        size = _canon_size(file) or size
    # Panasonic and Olympus have a magic number of their own; what follows is plain TIFF.
    plain = data if data[2:4] in (b"\x2a\x00", b"\x00\x2a") else _as_tiff(data)
    return Header(*size, exif=plain, xmp=xmp, iptc=iptc, preview=best)


def _canon_size(file: Directories) -> tuple[int, int] | None:
    """Canon's directories are those of small pictures; EXIF gives the size of the real one."""
    first, _ = file.directory(file.first)
    pointer = file.one(first, 0x8769)
    exif, _ = file.directory(pointer) if pointer else ({}, 0)
    size = file.one(exif, 0xA002), file.one(exif, 0xA003)
    return size if all(size) else None


def _within_borders(file: Directories, entries: dict[int, Entry]) -> tuple[int, int]:
    """Panasonic gives the sensor's top, left, bottom and right border in place of a size."""
    top, left, bottom, right = (file.one(entries, tag) for tag in (4, 5, 6, 7))
    return max(0, right - left), max(0, bottom - top)


def _as_tiff(data: bytes) -> bytes:
    mark = b"\x2a\x00" if data[:2] == b"II" else b"\x00\x2a"
    return data[:2] + mark + data[4:]


def _directories(file: Directories) -> list[dict[int, Entry]]:
    """List the chain of directories and their children, each once, bounded."""
    found: list[dict[int, Entry]] = []
    waiting, seen = [file.first], set[int]()
    while waiting and len(found) < _MAX_DIRECTORIES:
        at = waiting.pop(0)
        if at in seen or not 0 < at < len(file.data) - 2:
            continue
        seen.add(at)
        try:
            entries, following = file.directory(at)
        except (DamagedHeaderError, struct.error):
            continue
        found.append(entries)
        waiting.extend((following, *file.values(entries, 0x14A)[:16]))
    return found


def _jpegs(file: Directories, entries: dict[int, Entry]) -> list[tuple[int, int]]:
    """List where a directory points at JPEG data: in strips, by its own tags, or Panasonic's."""
    found: list[tuple[int, int]] = []
    starts, lengths = file.values(entries, 0x111), file.values(entries, 0x117)
    if len(starts) == 1 and len(lengths) == 1 and file.one(entries, 0x103) in (6, 7):
        found.append((starts[0], lengths[0]))
    start, length = file.one(entries, 0x201), file.one(entries, 0x202)
    if start and length:
        found.append((start, length))
    panasonic = entries.get(0x2E)
    if panasonic is not None and panasonic.type == 7:
        found.append((panasonic.at, panasonic.count))
    return found


def _jpeg_size(data: bytes, start: int, length: int) -> tuple[int, int]:
    if data[start : start + 3] != b"\xff\xd8\xff" or start + length > len(data):
        return 0, 0
    try:
        inner = read_jpeg(data[start : start + length])
    except (DamagedHeaderError, RefusedHeaderError, struct.error, IndexError):
        return 0, 0
    return inner.width, inner.height
