"""WebP headers (RFC 9649): canvas, alpha, animation, EXIF and XMP chunks."""

from __future__ import annotations

import struct
from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header

_MAX_CHUNKS: Final = 10_000


def read_webp(data: bytes) -> Header:
    """Read the chunks of a WebP file. Raises `DamagedHeaderError` when no picture is in it."""
    width = height = 0
    alpha = animated = lossless = picture = False
    frames = 0
    exif: bytes | None = None
    xmp: bytes | None = None
    profile: bytes | None = None
    for name, start, end in _chunks(data):
        if name == b"VP8X" and end - start >= 10:
            flags = data[start]
            alpha, animated = bool(flags & 0x10), bool(flags & 0x02)
            width = int.from_bytes(data[start + 4 : start + 7], "little") + 1
            height = int.from_bytes(data[start + 7 : start + 10], "little") + 1
        elif name in (b"VP8 ", b"VP8L"):
            picture = True
            lossless = name == b"VP8L"
            if not width:
                width, height, alpha = _bitstream_size(name, data[start : start + 10])
        elif name == b"ANMF":
            frames += 1
            # The frame's own chunk follows 16 bytes of placing.
            lossless = lossless or data[start + 16 : start + 20] == b"VP8L"
        elif name == b"EXIF" and exif is None:
            exif = data[start:end].removeprefix(b"Exif\x00\x00")
        elif name == b"ICCP" and profile is None:
            profile = data[start:end]
        elif name == b"XMP " and xmp is None:
            xmp = data[start:end]
    if not width or not height or not (picture or frames):
        raise DamagedHeaderError("no picture data in the WebP container")
    return Header(
        width,
        height,
        has_alpha=alpha,
        frames=max(frames, 1),
        # Lossless pictures and animations are composed whole in memory; lossy ones stream.
        whole_bytes=width * height * 4 if lossless or animated else 0,
        exif=exif,
        xmp=xmp,
        profile=profile,
    )


def _bitstream_size(name: bytes, body: bytes) -> tuple[int, int, bool]:
    if name == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise DamagedHeaderError("the VP8 frame has no start code")
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if body[:1] != b"\x2f":
        raise DamagedHeaderError("the lossless frame has no signature")
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1, bool(bits >> 28 & 1)


def _chunks(data: bytes) -> list[tuple[bytes, int, int]]:
    found: list[tuple[bytes, int, int]] = []
    at = 12
    while at + 8 <= len(data) and len(found) < _MAX_CHUNKS:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4], at + 8, min(at + 8 + length, len(data))))
        at += 8 + length + (length & 1)
    return found
