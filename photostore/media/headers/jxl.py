"""JPEG XL headers (ISO 18181-1 and -2): size as displayed, frames, metadata boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from photostore.media.headers.header import DamagedHeaderError, Header

if TYPE_CHECKING:
    from collections.abc import Iterator

_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIZE_BITS: Final = (9, 13, 18, 30)
_MAX_BOXES: Final = 1000
_CODESTREAM: Final = b"\xff\x0a"
_SIGNATURE: Final = b"\x00\x00\x00\x0cJXL "


class _Bits:
    """Reads numbers from bytes, lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        number = self._value & ((1 << count) - 1)
        self._value >>= count
        return number


def read_jxl(data: bytes) -> Header:
    """Read the bare codestream or its container.

    Width and height are stored ones; `orientation` turns them. Raises `DamagedHeaderError` when
    there is no codestream.
    """
    boxes = dict(_boxes(data)) if data.startswith(_SIGNATURE) else {}
    if boxes:
        stream = boxes.get(b"jxlc") or boxes.get(b"jxlp", b"")[4:]
        at = stream.find(_CODESTREAM, 0, 4)
    else:
        stream, at = data, data.find(_CODESTREAM, 0, 1 << 16)
    if at < 0 or len(stream) < at + 6:
        raise DamagedHeaderError("no JPEG XL codestream")
    bits = _Bits(stream[at + 2 : at + 40])
    width, height = _size(bits)
    orientation, animated = _look(bits)
    exif = boxes.get(b"Exif", b"")
    # The TIFF block starts behind a count of bytes to skip.
    block = exif[4 + int.from_bytes(exif[:4], "big") :] if len(exif) > 8 else b""
    return Header(
        width,
        height,
        frames=2 if animated else 1,
        orientation=orientation,
        whole_bytes=width * height * 8,
        exif=block or None,
        xmp=boxes.get(b"xml "),
    )


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = _side(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return _side(bits, small), height


def _side(bits: _Bits, small: int) -> int:
    if small:
        return (bits.take(5) + 1) * 8
    return bits.take(_SIZE_BITS[bits.take(2)]) + 1


def _look(bits: _Bits) -> tuple[int, bool]:
    """Read the start of the image metadata: orientation, and whether there are more frames."""
    if bits.take(1) or not bits.take(1):  # all defaults, or none of the extra fields
        return 1, False
    orientation = bits.take(3) + 1
    if bits.take(1):  # an intrinsic size
        _size(bits)
    if bits.take(1):  # a preview: what follows is not needed enough to go on
        return orientation, False
    return orientation, bool(bits.take(1))


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the last of each box kind last; `dict` keeps the first by walking backwards."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at + 8 <= len(data) and len(found) < _MAX_BOXES:
        length, start = int.from_bytes(data[at : at + 4], "big"), at + 8
        if length == 1:
            length, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        end = at + length if length else len(data)
        if end < start:
            break
        found.append((data[at + 4 : at + 8], data[start : min(end, len(data))]))
        at = end
    yield from reversed(found)
