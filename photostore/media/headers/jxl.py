"""JPEG XL headers (ISO 18181-1): the picture's size. There is no decoder for the rest here."""

from __future__ import annotations

from typing import Final

from photostore.media.headers.header import DamagedHeaderError, Header

_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_SIZE_BITS: Final = (9, 13, 18, 30)


class _Bits:
    """Reads numbers from bytes, lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        number = self._value & ((1 << count) - 1)
        self._value >>= count
        return number


def read_jxl(data: bytes) -> Header:
    """Read the size from the bare codestream or its container."""
    at = data.find(b"\xff\x0a", 0, 1 << 16)
    if at < 0 or len(data) < at + 6:
        raise DamagedHeaderError("no JPEG XL codestream")
    bits = _Bits(data[at + 2 : at + 16])
    small = bits.take(1)
    height = _side(bits, small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return Header(height * across // down, height)
    return Header(_side(bits, small), height)


def _side(bits: _Bits, small: int) -> int:
    if small:
        return (bits.take(5) + 1) * 8
    return bits.take(_SIZE_BITS[bits.take(2)]) + 1
