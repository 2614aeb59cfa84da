"""A small digital negative: a Bayer mosaic with a JPEG preview, in TIFF (DNG 1.4)."""

from __future__ import annotations

from .exif import (
    ASCII,
    BYTE,
    LONG,
    RATIONAL,
    SHORT,
    SRATIONAL,
    SUB_IFD,
    Entries,
    write_tiff,
)
from .paint import Image, grid

# XYZ (D65) to the colours of the "sensor", which is simply sRGB; DNG 1.4, ColorMatrix1.
_MATRIX = [
    *("3.2405", "-1.5371", "-0.4985"),
    *("-0.9693", "1.8760", "0.0416"),
    *("0.0556", "-0.2040", "1.0572"),
]


def write_dng(
    image: Image, preview: bytes, described: tuple[Entries, dict[int, Entries]], model: str
) -> bytes:
    """A DNG of an 8-bit RGB picture: IFD0 holds the JPEG preview, the SubIFD the mosaic."""
    main, below = described
    w, h = image.width, image.height
    linear = (((image / 255.0) ** 2.2) * 4095).cast("ushort")
    xy = grid(w, h)
    odd_x, odd_y = (xy[0] % 2) > 0.5, (xy[1] % 2) > 0.5
    top = odd_x.ifthenelse(linear[1], linear[0])
    bottom = odd_x.ifthenelse(linear[2], linear[1])
    mosaic = bytes(odd_y.ifthenelse(bottom, top).cast("ushort").write_to_memory())
    main = main | {
        0x00FE: (LONG, 1),  # a reduced picture
        0x0100: (LONG, w),
        0x0101: (LONG, h),
        0x0102: (SHORT, [8, 8, 8]),
        0x0103: (SHORT, 7),  # JPEG
        0x0106: (SHORT, 6),  # YCbCr
        0x0115: (SHORT, 3),
        0x0116: (LONG, h),
        0x0117: (LONG, len(preview)),
        0xC612: (BYTE, [1, 4, 0, 0]),
        0xC613: (BYTE, [1, 1, 0, 0]),
        0xC614: (ASCII, model),
        0xC621: (SRATIONAL, _MATRIX),
        0xC628: (RATIONAL, [1, 1, 1]),
        0xC65A: (SHORT, 21),  # D65
    }
    sensor: Entries = {
        0x00FE: (LONG, 0),
        0x0100: (LONG, w),
        0x0101: (LONG, h),
        0x0102: (SHORT, 16),
        0x0103: (SHORT, 1),
        0x0106: (SHORT, 32803),  # colour filter array
        0x0115: (SHORT, 1),
        0x0116: (LONG, h),
        0x0117: (LONG, len(mosaic)),
        0x828D: (SHORT, [2, 2]),
        0x828E: (BYTE, [0, 1, 1, 2]),  # red green / green blue
        0xC61D: (LONG, 4095),
    }
    return write_tiff(main, below | {SUB_IFD: sensor}, {0x0111: preview, -0x0111: mosaic})
