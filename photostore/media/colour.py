"""Brings any picture to honest 8-bit sRGB (SPEC 8.1): ICC profiles, CMYK, grey, 16 bit, float."""

from __future__ import annotations

import struct
from typing import Any, Final

from photostore.media.libvips import VipsError
from photostore.media.tone import HDR_TRANSFERS, to_standard

# What the sRGB profiles in circulation say for the three primaries (XYZ adapted to D50).
_SRGB: Final = {
    b"rXYZ": (0.4361, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
_TOLERANCE: Final = 0.003
_MAX_TAGS: Final = 100
# H.273: SMPTE 432, the primaries of Display P3.
_P3_PRIMARIES: Final = 12


def to_srgb(image: Any, code_points: tuple[int, int] | None = None) -> Any:
    """Return a libvips image as 8-bit sRGB with 3 bands, 4 when it has alpha.

    An embedded profile is believed when it can be applied; `code_points` (primaries and transfer of
    ITU-T H.273, from a HEIF colour box) count where there is none.
    """
    primaries, transfer = code_points or (None, None)
    profile = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else None
    image = _interpreted(image)
    if profile is not None and not is_srgb(profile):
        try:
            return _transform(image, embedded=True)
        except VipsError:
            image = image.copy()  # a broken profile, or one for another kind of picture
    elif (
        primaries is not None
        and transfer in HDR_TRANSFERS
        and image.interpretation in ("srgb", "rgb16")
        and image.format in ("uchar", "ushort")
    ):
        return to_standard(image, primaries, transfer)
    elif primaries == _P3_PRIMARIES and image.interpretation in ("srgb", "rgb16"):
        return _transform(image, input_profile="p3")
    if image.interpretation == "cmyk":
        return _transform(image, input_profile="cmyk")
    if image.interpretation != "srgb":
        image = image.colourspace("srgb")
    return _rgb_bands(image)


def _transform(image: Any, **source: Any) -> Any:
    """Black stays black: without compensation the ink of a printed page comes out as dark grey."""
    return _rgb_bands(
        image.icc_transform(
            "srgb", intent="relative", black_point_compensation=True, depth=8, **source
        )
    )


def _interpreted(image: Any) -> Any:
    """Give numbers a meaning where a file leaves it open."""
    if image.format in ("uint", "int"):
        # 32-bit scans: the upper byte or, where that is empty, the upper byte of 16.
        top = image.max()
        image = (image / (2**24 if top > 65_535 else 256 if top > 255 else 1)).cast("uchar")
        image = image.copy(interpretation="srgb" if image.bands >= 3 else "b-w")
    elif image.interpretation == "multiband":
        wide = image.format == "ushort"
        if image.bands >= 3:
            image = image.copy(interpretation="rgb16" if wide else "srgb")
        else:
            image = image.copy(interpretation="grey16" if wide else "b-w")
    return image


def _rgb_bands(image: Any) -> Any:
    if image.format != "uchar":
        image = image.cast("uchar")
    if image.bands < 3:
        image = image.colourspace("srgb")
    return image if image.bands <= 4 else image.extract_band(0, n=3)


def is_srgb(profile: bytes) -> bool:
    """Say whether an ICC profile is sRGB in all but name, so that converting would change nothing.

    Compares the primaries and the tone curve: many profiles named sRGB are not, and the reverse.
    """
    tags = _tags(profile)
    if profile[16:20] != b"RGB " or b"A2B0" in tags:
        return False
    for name, wanted in _SRGB.items():
        body = tags.get(name, b"")
        if len(body) < 20:
            return False
        found = [value / 65536 for value in struct.unpack_from(">3i", body, 8)]
        if any(abs(a - b) > _TOLERANCE for a, b in zip(found, wanted, strict=True)):
            return False
    return all(_is_srgb_curve(tags.get(name, b"")) for name in (b"rTRC", b"gTRC", b"bTRC"))


def _is_srgb_curve(body: bytes) -> bool:
    """A table must give 0.214 for a half (a plain gamma gives 0.218), a formula sRGB's terms."""
    if body[:4] == b"curv" and len(body) >= 12:
        count = int.from_bytes(body[8:12], "big")
        if count < 256 or len(body) < 12 + 2 * count:
            return False
        middle = int.from_bytes(body[12 + count // 2 * 2 :][:2], "big") / 65535
        dark = int.from_bytes(body[12 + count // 50 * 2 :][:2], "big") / 65535
        return abs(middle - 0.2140) < 0.003 and abs(dark - 0.00155) < 0.0004
    if body[:4] == b"para" and body[8:10] == b"\x00\x03" and len(body) >= 32:
        gamma, a, _, c, d = (value / 65536 for value in struct.unpack_from(">5i", body, 12))
        near = abs(gamma - 2.4) < 0.01 and abs(a - 0.9479) < 0.002
        return bool(near and abs(c - 0.0774) < 0.001 and abs(d - 0.04045) < 0.002)
    return False


def _tags(profile: bytes) -> dict[bytes, bytes]:
    if len(profile) < 132:
        return {}
    found: dict[bytes, bytes] = {}
    for index in range(min(int.from_bytes(profile[128:132], "big"), _MAX_TAGS)):
        entry = profile[132 + 12 * index : 144 + 12 * index]
        if len(entry) < 12:
            break
        offset, size = struct.unpack_from(">II", entry, 4)
        found[entry[:4]] = profile[offset : offset + size]
    return found
