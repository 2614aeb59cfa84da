"""JPEG headers (ITU-T T.81, Exif 2.32): frame, scans, metadata segments."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Final

from photostore.media.gamut import GAIN_MAP, has_gain_map
from photostore.media.headers.header import DamagedHeaderError, Header, RefusedHeaderError

# A scan of a progressive picture goes over the whole frame again; cameras and encoders write about
# ten, a file of hundreds is made to cost minutes. Both limits hold: the count, and count x pixels.
MAX_SCANS: Final = 100
MAX_SCAN_PIXELS: Final = 3_000_000_000
_MAX_SEGMENTS: Final = 4096
# A header that announces fifty times more than there can be is a lie, not a picture cut short.
MIN_PRESENT: Final = 0.02

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_ARITHMETIC: Final = frozenset(range(0xC9, 0xD0))
_LOSSLESS: Final = frozenset((0xC3, 0xC7, 0xCB, 0xCF))
# Inside entropy-coded data FF is followed by 00, a restart marker or another FF; all else ends it.
_NEXT_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\x00"
_XMP_REST: Final = b"http://ns.adobe.com/xmp/extension/\x00"
# Depth maps and the like come as XMP of many megabytes, with nothing in it that is shown.
_MAX_XMP_REST: Final = 1024 * 1024
_PROFILE: Final = b"ICC_PROFILE\x00"
_ISO_GAIN_MAP: Final = b"urn:iso:std:iso:ts:21496:-1"
_PHOTOSHOP: Final = b"Photoshop 3.0\x00"


@dataclass(slots=True)
class _Walk:
    """What was collected on the way from the start marker to the first scan."""

    frame: int = 0
    width: int = 0
    height: int = 0
    sampling: list[tuple[int, int]] = field(default_factory=list)
    exif: bytes | None = None
    xmp: bytes | None = None
    xmp_rest: dict[int, bytes] = field(default_factory=dict)
    iptc: bytes | None = None
    profile: dict[int, bytes] = field(default_factory=dict)
    gain_map: bool = False


def read_jpeg(data: bytes) -> Header:
    """Read the header of a JPEG file.

    Raises `DamagedHeaderError` when there is no picture behind the metadata or by far too few
    bytes for it, `RefusedHeaderError` for a scan bomb and for lossless JPEG.
    """
    walk = _Walk()
    scan = _walk_segments(data, walk)
    if scan is None or not walk.frame:
        raise DamagedHeaderError("no picture data: the file ends behind its headers")
    if not walk.width or not walk.height or not walk.sampling:
        raise DamagedHeaderError("the frame header gives no size")
    if walk.frame in _LOSSLESS:
        raise RefusedHeaderError("lossless JPEG, for which there is no decoder")
    notes = _check_amount(walk, len(data) - scan)
    components = struct.unpack_from("B", data, scan + 4)[0] if scan + 4 < len(data) else 0
    several = walk.frame in _PROGRESSIVE or components < len(walk.sampling)
    if several:
        _check_scans(data, scan, walk.width * walk.height)
    return Header(
        walk.width,
        walk.height,
        whole_bytes=_blocks(walk) * 128 if several else 0,
        exif=walk.exif,
        xmp=walk.xmp,
        xmp_rest=_joined(walk.xmp_rest),
        iptc=walk.iptc,
        notes=notes,
        profile=b"".join(part for _, part in sorted(walk.profile.items())) or None,
        colour="CMYK" if len(walk.sampling) == 4 else None,
        hdr=GAIN_MAP if walk.gain_map or has_gain_map(walk.xmp) else None,
    )


def _walk_segments(data: bytes, walk: _Walk) -> int | None:
    """Walk the marker segments; return the offset of the first scan's marker or None."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        at = data.find(b"\xff", at)
        if at < 0 or at + 4 > len(data):
            return None
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 1
            continue
        if marker == 0xD9:
            return None
        if marker == 0xDA:
            return at
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            raise DamagedHeaderError("a segment gives an impossible length")
        _take_segment(marker, data, at + 4, min(at + 2 + length, len(data)), walk)
        at += 2 + length
    raise DamagedHeaderError("too many segments before the picture")


def _take_segment(marker: int, data: bytes, start: int, end: int, walk: _Walk) -> None:
    if marker in _FRAMES:
        _take_frame(marker, data[start:end], walk)
    elif marker == 0xE1:
        if data.startswith(b"Exif\x00", start) and walk.exif is None:
            walk.exif = data[start + 6 : end]
        elif data.startswith(_XMP, start) and walk.xmp is None:
            walk.xmp = data[start + len(_XMP) : end]
        elif data.startswith(_XMP_REST, start):
            _take_rest(data[start + len(_XMP_REST) : end], walk)
    elif marker == 0xE2 and data.startswith(_PROFILE, start):
        # The number of the part, how many there are, then the part.
        walk.profile[data[start + 12]] = data[start + 14 : end]
    elif marker == 0xE2 and data.startswith(_ISO_GAIN_MAP, start):
        walk.gain_map = True
    elif marker == 0xED and data.startswith(_PHOTOSHOP, start):
        # Resources of more than 64 kB go on in the next segment.
        walk.iptc = (walk.iptc or b"") + data[start + len(_PHOTOSHOP) : end]


def _take_rest(body: bytes, walk: _Walk) -> None:
    """Keep a piece of extended XMP: digest (32), whole length (4), offset (4), text."""
    if len(body) > 40 and int.from_bytes(body[32:36], "big") <= _MAX_XMP_REST:
        walk.xmp_rest[int.from_bytes(body[36:40], "big")] = body[40:]


def _joined(pieces: dict[int, bytes]) -> bytes | None:
    """Join the pieces of extended XMP when none is missing."""
    whole = b""
    for offset, piece in sorted(pieces.items()):
        if offset != len(whole):
            return None
        whole += piece
    return whole or None


def _take_frame(marker: int, body: bytes, walk: _Walk) -> None:
    if len(body) < 6 or walk.frame:
        return
    walk.frame = marker
    _, walk.height, walk.width, count = struct.unpack_from(">BHHB", body)
    for index in range(min(count, (len(body) - 6) // 3, 4)):
        pair = body[6 + 3 * index + 1]
        walk.sampling.append((pair >> 4, pair & 15))


def _blocks(walk: _Walk) -> int:
    """Count the 8 x 8 blocks of all components."""
    across = max((h for h, _ in walk.sampling), default=1) or 1
    down = max((v for _, v in walk.sampling), default=1) or 1
    units = -(-walk.width // (8 * across)) * -(-walk.height // (8 * down))
    return units * sum(max(h, 1) * max(v, 1) for h, v in walk.sampling)


def _check_amount(walk: _Walk, rest: int) -> tuple[str, ...]:
    """Hold a frame against the bytes behind its header; return a note when they cannot fill it.

    A Huffman-coded block takes two bits at least (one for its DC, one for its end), in a
    progressive picture one; arithmetic coding may take less and is left alone.
    """
    if walk.frame in _ARITHMETIC:
        return ()
    least = _blocks(walk) * (1 if walk.frame in _PROGRESSIVE else 2) / 8
    if rest < least * MIN_PRESENT:
        raise DamagedHeaderError(
            f"{walk.width} x {walk.height} pixels are announced, "
            f"but there are only {rest:,} bytes of picture data"
        )
    if rest < least:
        return (f"at most {rest / least:.0%} of the picture is in the file",)
    return ()


def _check_scans(data: bytes, scan: int, pixels: int) -> None:
    """Count the scans of one picture; stops at its end marker or at the limit."""
    limit = min(MAX_SCANS, max(1, MAX_SCAN_PIXELS // max(pixels, 1)))
    count = 0
    at = scan
    while True:
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            return
        at = found.start()
        marker = data[at + 1]
        if marker == 0xD9:
            return
        if marker == 0xDA:
            count += 1
            if count > limit:
                raise RefusedHeaderError(f"more than {limit} scans in one picture: a decoder bomb")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + max(length, 2)
