"""PNG and APNG headers (W3C PNG, third edition): sizes, interlacing, metadata chunks."""

from __future__ import annotations

import struct
from typing import Any, Final

from photostore.media.gamut import inflate_profile, name_code_points
from photostore.media.headers.header import DamagedHeaderError, Header
from photostore.media.headers.pngtext import MAX_TEXT, PngTexts

_MAX_CHUNKS: Final = 100_000
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# A row that deflate cannot shrink further still takes about one byte in 1032 of its raw size.
_MAX_DEFLATE_RATIO: Final = 1040


def read_png(data: bytes) -> Header:
    """Read the chunks up to the end of the file; only EXIF and text are kept.

    Raises `DamagedHeaderError` when there is no valid first chunk or no picture data.
    """
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise DamagedHeaderError("the first chunk is not a PNG header")
    width, height, depth, colour, _, _, interlace = struct.unpack_from(">IIBBBBB", data, 16)
    channels = _CHANNELS.get(colour)
    if not width or not height or channels is None or depth not in (1, 2, 4, 8, 16):
        raise DamagedHeaderError("the PNG header gives an impossible size, depth or colour")
    exif: bytes | None = None
    texts = PngTexts()
    frames, picture_bytes, transparent = 1, 0, False
    chunks = _chunks(data)
    for name, start, end in chunks:
        if name == b"IDAT":
            picture_bytes += end - start
        elif name == b"acTL" and end - start >= 8:
            frames = max(1, int.from_bytes(data[start : start + 4], "big"))
        elif name == b"tRNS":
            transparent = True
        elif name == b"eXIf" and exif is None:
            exif = data[start:end].removeprefix(b"Exif\x00\x00")
        elif name in (b"tEXt", b"zTXt", b"iTXt"):
            texts.take(name, data[start : min(end, start + MAX_TEXT)])
    row = -(-width * channels * depth // 8)
    if picture_bytes == 0:
        raise DamagedHeaderError("no picture data behind the header")
    if row * height > picture_bytes * _MAX_DEFLATE_RATIO * 4:
        raise DamagedHeaderError(
            f"{width} x {height} pixels are announced, "
            f"but there are only {picture_bytes:,} bytes of picture data"
        )
    return Header(
        width,
        height,
        has_alpha=colour in (4, 6) or transparent,
        frames=frames,
        whole_bytes=_decoded_row(width, channels, depth) * height if interlace else 0,
        exif=exif or texts.exif,
        xmp=texts.xmp,
        iptc=texts.iptc,
        texts=tuple(texts.shown.items()),
        **_colours(data, chunks),
    )


def _colours(data: bytes, chunks: list[tuple[bytes, int, int]]) -> dict[str, Any]:
    """Return the header's fields on colour: a profile, or code points in its place."""
    found: dict[str, Any] = {}
    for name, start, end in chunks:
        if name == b"IDAT":
            break
        if name == b"iCCP":
            found["profile"] = inflate_profile(data[start:end])
        elif name == b"cICP" and end - start >= 2:
            found["colour"], found["hdr"] = name_code_points(data[start], data[start + 1])
    return found


def _decoded_row(width: int, channels: int, depth: int) -> int:
    """Palettes and small depths are decoded to at least three bytes a pixel."""
    return width * max(channels, 3) * (2 if depth == 16 else 1)


def _chunks(data: bytes) -> list[tuple[bytes, int, int]]:
    """List name, start and end of each chunk; a last one that is cut short ends with the file."""
    found: list[tuple[bytes, int, int]] = []
    at = 8
    while at + 8 <= len(data) and len(found) < _MAX_CHUNKS:
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        found.append((name, at + 8, min(at + 8 + length, len(data))))
        if name == b"IEND":
            break
        at += 12 + length
    return found
