"""What the colours of a picture are meant to be, in words: its profile's name, or its code points.

Only names are read here; `colour` applies a profile.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from photostore.media.text import clean_text

MAX_PROFILE: Final = 4 * 1024 * 1024
_MAX_TAGS: Final = 100
_MAX_NAME: Final = 120
_GAIN_MAPS: Final = (b"http://ns.adobe.com/hdr-gain-map/1.0/", b"ns.apple.com/HDRGainMap/1.0/")
GAIN_MAP: Final = "gain map"
# ITU-T H.273: colour primaries and transfer characteristics.
_PRIMARIES: Final = {1: "BT.709", 9: "BT.2020", 11: "DCI-P3", 12: "Display P3"}
_TRANSFERS: Final = {16: "PQ", 18: "HLG"}


def name_profile(profile: bytes | None) -> str | None:
    """Return the name that an ICC profile gives itself (ICC.1, `desc`), None without one."""
    if not profile or len(profile) < 132:
        return None
    for index in range(min(int.from_bytes(profile[128:132], "big"), _MAX_TAGS)):
        entry = profile[132 + 12 * index : 144 + 12 * index]
        if entry[:4] == b"desc" and len(entry) == 12:
            offset, size = struct.unpack_from(">II", entry, 4)
            return _text(profile[offset : offset + size])
    return None


def _text(body: bytes) -> str | None:
    """Read a description: ASCII in version 2, the first of several languages in version 4."""
    if body[:4] == b"desc" and len(body) > 12:
        length = int.from_bytes(body[8:12], "big")
        text = body[12 : 12 + length].split(b"\x00")[0].decode("latin-1")
    elif body[:4] == b"mluc" and len(body) >= 28:
        length, offset = struct.unpack_from(">II", body, 20)
        text = body[offset : offset + length].decode("utf-16-be", "replace")
    else:
        return None
    return clean_text(text[:_MAX_NAME])


def name_code_points(primaries: int | None, transfer: int | None) -> tuple[str | None, str | None]:
    """Return what code points of H.273 mean: the colours (None for the usual), the kind of HDR."""
    name = _PRIMARIES.get(primaries or 0)
    return (None if primaries == 1 else name), _TRANSFERS.get(transfer or 0)


def has_gain_map(xmp: bytes | None) -> bool:
    """Whether a packet speaks of a gain map, which makes an HDR picture of a plain one."""
    return xmp is not None and any(mark in xmp for mark in _GAIN_MAPS)


def inflate_profile(chunk: bytes) -> bytes | None:
    """Unpack a PNG's profile: a name, a zero, the method, then deflate. None for damage."""
    packed = chunk.partition(b"\x00")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, MAX_PROFILE)
    except zlib.error:
        return None
