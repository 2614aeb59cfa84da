"""Texts in PNG chunks (W3C PNG, 11.3.3): titles, XMP, and ImageMagick's raw profiles in hex."""

from __future__ import annotations

import binascii
import zlib
from dataclasses import dataclass, field
from typing import Final

MAX_TEXT: Final = 4 * 1024 * 1024
_MAX_SHOWN: Final = 4096
_XMP: Final = b"XML:com.adobe.xmp"
_PROFILE: Final = b"Raw profile type "
_SHOWN: Final = {
    b"title": "title",
    b"description": "description",
    b"comment": "comment",
    b"creation time": "created",
}


@dataclass(slots=True)
class PngTexts:
    """Collects the text chunks of one file; of each kind the first counts."""

    xmp: bytes | None = None
    exif: bytes | None = None
    iptc: bytes | None = None
    shown: dict[str, str] = field(default_factory=dict)

    def take(self, chunk: bytes, body: bytes) -> None:
        """Take the body of a `tEXt`, `zTXt` or `iTXt` chunk; what cannot be read is passed over."""
        keyword, _, rest = body.partition(b"\x00")
        name = _SHOWN.get(keyword.lower())
        profile = keyword.startswith(_PROFILE)
        if not (name or profile or keyword == _XMP):
            return
        text = _text_of(chunk, rest)
        if text is None:
            return
        if keyword == _XMP:
            self.xmp = self.xmp or text
        elif name is not None:
            shown = text[:_MAX_SHOWN].decode("utf-8" if chunk == b"iTXt" else "latin-1", "replace")
            self.shown.setdefault(name, shown)
        else:
            self._take_profile(keyword.removeprefix(_PROFILE).strip().lower(), text)

    def _take_profile(self, kind: bytes, text: bytes) -> None:
        block = _from_hex(text)
        if block is None:
            return
        if kind in (b"exif", b"app1") and block.startswith(b"Exif\x00"):
            self.exif = self.exif or block[6:]
        elif kind == b"exif":
            self.exif = self.exif or block
        elif kind == b"xmp" or (kind == b"app1" and b"<x:xmpmeta" in block[:2048]):
            self.xmp = self.xmp or block[max(block.find(b"<"), 0) :]
        elif kind == b"iptc":
            self.iptc = self.iptc or block.removeprefix(b"Photoshop 3.0\x00")


def _text_of(chunk: bytes, rest: bytes) -> bytes | None:
    if chunk == b"tEXt":
        return rest
    if chunk == b"zTXt":
        return _inflate(rest[1:])
    # Behind the keyword: compression flag and method, language tag, translated keyword.
    parts = rest[2:].split(b"\x00", 2)
    if len(parts) < 3:
        return None
    return _inflate(parts[2]) if rest[:1] == b"\x01" else parts[2]


def _inflate(packed: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(packed, MAX_TEXT)
    except zlib.error:
        return None


def _from_hex(text: bytes) -> bytes | None:
    """Read a raw profile: a line with its kind, a line with its length, lines of hex digits."""
    lines = text.strip().split(b"\n", 2)
    if len(lines) < 3:
        return None
    digits = b"".join(lines[2].split())
    try:
        return binascii.unhexlify(digits[: len(digits) // 2 * 2])
    except (binascii.Error, ValueError):
        return None
