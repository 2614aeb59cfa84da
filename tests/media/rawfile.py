"""Builds a DNG as small as a reader needs: one directory of raw pixels, one JPEG beside it."""

from __future__ import annotations

import struct


def _directory(tags: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)


def build_dng(jpeg: bytes, *, orientation: int, size: tuple[int, int] = (1280, 960)) -> bytes:
    """Return the bytes of a DNG whose first directory is the preview, as cameras write it."""
    first_length = 2 + 12 * 8 + 4
    raw_at = 8 + first_length
    raw_length = 2 + 12 * 9 + 4
    jpeg_at = raw_at + raw_length
    pixels_at = jpeg_at + len(jpeg)
    first = _directory(
        [
            (0xFE, 4, 1, 1),
            (0x103, 3, 1, 7),
            (0x106, 3, 1, 6),
            (0x111, 4, 1, jpeg_at),
            (0x112, 3, 1, orientation),
            (0x117, 4, 1, len(jpeg)),
            (0x14A, 4, 1, raw_at),
            (0xC612, 1, 4, 0x0401),
        ]
    )
    raw = _directory(
        [
            (0xFE, 4, 1, 0),
            (0x100, 4, 1, size[0]),
            (0x101, 4, 1, size[1]),
            (0x102, 3, 1, 8),
            (0x103, 3, 1, 1),
            (0x106, 3, 1, 32803),
            (0x111, 4, 1, pixels_at),
            (0x115, 3, 1, 1),
            (0x117, 4, 1, 64),
        ]
    )
    return b"II*\x00\x08\x00\x00\x00" + first + raw + jpeg + bytes(64)
