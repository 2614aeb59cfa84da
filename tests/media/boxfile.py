"""Makes MP4-like files out of boxes, for tests of what is read from them."""

from __future__ import annotations

import struct
from datetime import datetime


def box(name: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + name + body


def full(name: bytes, *bodies: bytes) -> bytes:
    return box(name, b"\0\0\0\0", *bodies)


def since_1904(stamp: datetime) -> int:
    return int((stamp - datetime(1904, 1, 1)).total_seconds())


def movie_header(created: int, seconds: float = 2.0) -> bytes:
    return full(b"mvhd", struct.pack(">IIII", created, created, 1000, int(seconds * 1000)))


def international(name: bytes, text: str) -> bytes:
    raw = text.encode()
    return box(name, struct.pack(">HH", len(raw), 0x15C7), raw)


def keys(values: dict[str, str]) -> bytes:
    """A QuickTime metadata box."""
    names = [name.encode() for name in values]
    listed = b"".join(struct.pack(">I4s", len(name) + 8, b"mdta") + name for name in names)
    items = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0), text.encode()))
        for number, text in enumerate(values.values(), 1)
    )
    handler = full(b"hdlr", b"\0\0\0\0mdta" + b"\0" * 13)
    count = struct.pack(">I", len(names))
    return box(b"meta", handler, full(b"keys", count, listed), box(b"ilst", items))


def film(*parts: bytes) -> bytes:
    return box(b"ftyp", b"mp42\0\0\0\0isom") + box(b"moov", *parts) + box(b"mdat", b"\0" * 64)
