"""Headers that take a few lines each: GIF89a, BMP, Photoshop, JPEG 2000."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from photostore.media.headers.header import DamagedHeaderError, Header
from photostore.media.headers.isobmff import body_of, iter_boxes
from photostore.media.headers.source import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_BLOCKS: Final = 2_000_000
_GIF_FRAMES_COUNTED: Final = 2
_GIF_XMP: Final = b"\xff\x0bXMP DataXMP"
_JP2_BLOCKS: Final = {
    b"JpgTiffExif->JP2": "exif",
    bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"): "exif",
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "xmp",
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): "iptc",
}
_MAX_RESOURCES: Final = 1000
_PSD_XMP: Final = 1060
_PSD_EXIF: Final = 1058


def read_gif(data: bytes) -> Header:
    """Read the logical screen; whether there is more than one frame is all that is counted.

    Raises `DamagedHeaderError` when there is no frame.
    """
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    frames, transparent = 0, False
    xmp: bytes | None = None
    for _ in range(_MAX_BLOCKS):
        block = data[at : at + 1]
        if block == b"\x2c" and at + 10 <= len(data):
            left, top, across, down, local = struct.unpack_from("<HHHHB", data, at + 1)
            width, height = _grown(width, left + across), _grown(height, top + down)
            frames += 1
            if frames == _GIF_FRAMES_COUNTED:
                xmp = xmp or _gif_xmp(data, at)
                break
            table = 3 << (local & 7) + 1 if local & 0x80 else 0
            at = _skip_sub_blocks(data, at + 11 + table)
        elif block == b"\x21":
            if data[at + 1 : at + 3] == b"\xf9\x04":
                transparent = transparent or bool(data[at + 3] & 1)
            elif xmp is None and data.startswith(_GIF_XMP, at + 1):
                xmp = _gif_xmp(data, at)
            at = _skip_sub_blocks(data, at + 2)
        else:
            break
    if not frames or not width or not height:
        raise DamagedHeaderError("no frame behind the GIF header")
    return Header(
        width,
        height,
        has_alpha=transparent,
        frames=frames,
        whole_bytes=width * height * 4,
        xmp=xmp,
    )


def _gif_xmp(data: bytes, start: int) -> bytes | None:
    """Find an XMP packet: it is not cut into blocks; a table behind it leads readers to its end."""
    at = data.find(_GIF_XMP, start)
    end = data.find(b"\x01\xff\xfe", at) if at >= 0 else -1
    return data[at + len(_GIF_XMP) : end] if end > 0 else None


def _grown(screen: int, frame_end: int) -> int:
    """Decoders widen a screen of no size to the first frame."""
    return screen or frame_end


def _skip_sub_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def read_bmp(data: bytes) -> Header:
    """Read the bitmap header in any of its versions. Raises `DamagedHeaderError` for no size."""
    size = int.from_bytes(data[14:18], "little")
    if size == 12:
        width, height = struct.unpack_from("<HH", data, 18)
        depth = int.from_bytes(data[24:26], "little")
    else:
        width, height = struct.unpack_from("<ii", data, 18)
        depth = int.from_bytes(data[28:30], "little")
    height = abs(height)  # a negative height says that rows run from the top
    if width <= 0 or not height or depth not in (1, 2, 4, 8, 16, 24, 32):
        raise DamagedHeaderError("the bitmap header gives an impossible size or depth")
    return Header(width, height, has_alpha=depth == 32)


def read_psd(data: bytes) -> Header:
    """Read the Photoshop file header. Raises `DamagedHeaderError` for no size."""
    channels, height, width, _, mode = struct.unpack_from(">HIIHH", data, 12)
    if not width or not height or not channels:
        raise DamagedHeaderError("the Photoshop header gives no size")
    resources = _psd_resources(data)
    found = dict(_psd_parts(resources))
    return Header(
        width,
        height,
        has_alpha=mode == 3 and channels > 3,
        exif=found.get(_PSD_EXIF),
        xmp=found.get(_PSD_XMP),
        iptc=resources or None,
    )


def _psd_resources(data: bytes) -> bytes:
    """Return the image resources: they follow the header and the colour mode section."""
    at = 30 + int.from_bytes(data[26:30], "big")
    return data[at + 4 : at + 4 + int.from_bytes(data[at : at + 4], "big")]


def _psd_parts(resources: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MAX_RESOURCES):
        if resources[at : at + 4] != b"8BIM" or at + 12 > len(resources):
            return
        name = resources[at + 6] + 1
        size_at = at + 6 + name + (name & 1)
        size = int.from_bytes(resources[size_at : size_at + 4], "big")
        yield int.from_bytes(resources[at + 4 : at + 6], "big"), resources[size_at + 4 :][:size]
        at = size_at + 4 + size + (size & 1)


def read_jp2(data: bytes) -> Header:
    """Read the codestream's size marker (ISO 15444-1 A.5.1), inside boxes or bare."""
    at = data.find(b"\xff\x4f\xff\x51", 0, 1 << 20)
    if at < 0:
        raise DamagedHeaderError("no JPEG 2000 codestream")
    x1, y1, x0, y0 = struct.unpack_from(">IIII", data, at + 8)
    tile_x, tile_y = struct.unpack_from(">II", data, at + 24)
    components = int.from_bytes(data[at + 40 : at + 42], "big")
    width, height = x1 - x0, y1 - y0
    if width <= 0 or height <= 0 or not tile_x or not tile_y or not 1 <= components <= 5:
        raise DamagedHeaderError("the JPEG 2000 header gives an impossible size")
    tiles = -(-width // tile_x) * -(-height // tile_y)
    if tiles > 65_535:
        raise DamagedHeaderError("the JPEG 2000 header gives more tiles than the format allows")
    found = _jp2_blocks(data) if data[4:8] == b"jP  " else {}
    return Header(
        width,
        height,
        has_alpha=components in (2, 4),
        whole_bytes=width * height * 4 * components,
        exif=found.get("exif"),
        xmp=found.get("xmp"),
        iptc=found.get("iptc"),
    )


def _jp2_blocks(data: bytes) -> dict[str, bytes]:
    """Return the metadata boxes: EXIF, XMP and IPTC each have an identifier of their own."""
    source = Memory(data)
    found: dict[str, bytes] = {}
    for box in iter_boxes(source):
        name = _JP2_BLOCKS.get(source.read(box.start, 16)) if box.name == b"uuid" else None
        if name is not None:
            # Some writers keep the name that EXIF has in a JPEG.
            found.setdefault(name, body_of(source, box)[16:].removeprefix(b"Exif\x00\x00"))
    return found
