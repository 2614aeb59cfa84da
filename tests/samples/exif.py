"""Writers of metadata: EXIF as TIFF (EXIF 2.32, TIFF 6.0), XMP packets, JPEG segments.

Only writes; never reads a file. Little-endian throughout.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SRATIONAL = 1, 2, 3, 4, 5, 7, 10
_SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, SRATIONAL: 8}
SUB_IFD, EXIF_IFD, GPS_IFD = 0x014A, 0x8769, 0x8825

Entries = dict[int, tuple[int, object]]  # tag -> (type, value)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a picture was taken."""

    time_s: float
    f_number: float
    iso: int
    focal_mm: float
    focal_35mm: int | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """What a person wrote about a picture."""

    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    rating: int | None = None


def _pack(kind: int, value: object) -> tuple[int, bytes]:
    """(count, bytes) of one value; sequences give several."""
    if kind == ASCII:
        data = str(value).encode() + b"\0"
        return len(data), data
    if kind in (UNDEFINED, BYTE) and isinstance(value, bytes):
        return len(value), value
    values = value if isinstance(value, list | tuple) else [value]
    if kind in (RATIONAL, SRATIONAL):
        code = "<II" if kind == RATIONAL else "<ii"
        parts = (Fraction(v).limit_denominator(1_000_000) for v in values)
        return len(values), b"".join(struct.pack(code, p.numerator, p.denominator) for p in parts)
    code = {BYTE: "B", SHORT: "H", LONG: "I"}[kind]
    return len(values), struct.pack(f"<{len(values)}{code}", *values)


def write_tiff(entries: Entries, below: Mapping[int, Entries], blobs: Mapping[int, bytes]) -> bytes:
    """A TIFF file: IFD0 with `entries`, sub-IFDs by their pointer tag, data blobs by offset tag.

    `blobs` are put behind the directories; a tag in it gets the place of its blob (a strip).
    A blob under a negative tag belongs to the sub-IFDs (-0x0111: StripOffsets there).
    """
    main = dict(entries)
    for tag in (*below, *(t for t in blobs if t > 0)):
        main[tag] = (LONG, 0)
    inner = {tag: dict(ifd) for tag, ifd in below.items()}
    for tag in (t for t in blobs if t < 0):
        inner[SUB_IFD][-tag] = (LONG, 0)
    place = 8 + len(_directory(main, 0))
    for tag, ifd in inner.items():
        main[tag] = (LONG, place)
        place += len(_directory(ifd, 0))
    for tag, blob in blobs.items():
        (main if tag > 0 else inner[SUB_IFD])[abs(tag)] = (LONG, place)
        place += len(blob) + len(blob) % 2
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    out += _directory(main, len(out))
    for ifd in inner.values():
        out += _directory(ifd, len(out))
    for blob in blobs.values():
        out += blob + b"\0" * (len(blob) % 2)
    return bytes(out)


def _directory(entries: Entries, at: int) -> bytes:
    """One IFD that starts at byte `at`, with its long values behind it."""
    values = at + 2 + 12 * len(entries) + 4
    head, tail = bytearray(struct.pack("<H", len(entries))), bytearray()
    for tag, (kind, value) in sorted(entries.items()):
        count, data = _pack(kind, value)
        head += struct.pack("<HHI", tag, kind, count)
        if len(data) <= 4:
            head += data.ljust(4, b"\0")
        else:
            head += struct.pack("<I", values + len(tail))
            tail += data + b"\0" * (len(data) % 2)
    return bytes(head + struct.pack("<I", 0) + tail)


def describe(
    *,
    taken: datetime | None = None,
    offset_min: int | None = None,
    gps: tuple[float, float, float | None] | None = None,
    camera: tuple[str | None, str | None, str | None] = (None, None, None),
    exposure: Exposure | None = None,
    orientation: int = 1,
) -> tuple[Entries, dict[int, Entries]]:
    """IFD0 entries and sub-IFDs for a picture; `camera` is (make, model, lens).

    Sub-seconds are written when `taken` has any, offsets when `offset_min` is known.
    """
    make, model, lens = camera
    main: Entries = {0x0112: (SHORT, orientation)}
    exif: Entries = {0x9000: (UNDEFINED, b"0232"), 0xA001: (SHORT, 1)}
    for tag, text in ((0x010F, make), (0x0110, model)):
        if text:
            main[tag] = (ASCII, text)
    if lens:
        exif[0xA434] = (ASCII, lens)
    if taken is not None:
        text = f"{taken:%Y:%m:%d %H:%M:%S}"
        main[0x0132] = exif[0x9003] = exif[0x9004] = (ASCII, text)
        if taken.microsecond:
            exif[0x9291] = exif[0x9292] = (ASCII, f"{taken.microsecond // 1000:03d}")
        if offset_min is not None:
            exif[0x9010] = exif[0x9011] = (ASCII, offset_text(offset_min))
    if exposure is not None:
        exif |= {
            0x829A: (RATIONAL, Fraction(exposure.time_s).limit_denominator(8000)),
            0x829D: (RATIONAL, Fraction(str(exposure.f_number))),
            0x8827: (SHORT, exposure.iso),
            0x920A: (RATIONAL, Fraction(str(exposure.focal_mm))),
        }
        if exposure.focal_35mm:
            exif[0xA405] = (SHORT, exposure.focal_35mm)
    below = {EXIF_IFD: exif}
    if gps is not None:
        below[GPS_IFD] = _gps(gps)
    return main, below


def offset_text(minutes: int) -> str:
    """Minutes east of UTC as ``+02:00``."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _gps(place: tuple[float, float, float | None]) -> Entries:
    lat, lon, alt = place

    def sexagesimal(value: float) -> list[Fraction]:
        hundredths = round(abs(value) * 3600 * 100)  # 0.01" is about 30 cm on the ground
        minutes, rest = divmod(hundredths, 6000)
        return [Fraction(minutes // 60), Fraction(minutes % 60), Fraction(rest, 100)]

    entries: Entries = {
        0: (BYTE, [2, 3, 0, 0]),
        1: (ASCII, "N" if lat >= 0 else "S"),
        2: (RATIONAL, sexagesimal(lat)),
        3: (ASCII, "E" if lon >= 0 else "W"),
        4: (RATIONAL, sexagesimal(lon)),
    }
    if alt is not None:
        entries[5] = (BYTE, 0 if alt >= 0 else 1)
        entries[6] = (RATIONAL, abs(Fraction(str(round(alt, 1)))))
    return entries


def write_xmp(caption: Caption) -> bytes:
    """An XMP packet, for a JPEG segment or for a sidecar file."""

    def language(tag: str, text: str | None) -> str:
        item = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text or "")}</rdf:li></rdf:Alt>'
        return f"<dc:{tag}>{item}</dc:{tag}>" if text else ""

    words = "".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in caption.keywords)
    subject = f"<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>" if words else ""
    rating = f' xmp:Rating="{caption.rating}"' if caption.rating is not None else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/"{rating}>'
        f"{language('title', caption.title)}{language('description', caption.description)}{subject}"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def into_jpeg(jpeg: bytes, tiff: bytes | None, xmp: bytes | None) -> bytes:
    """The JPEG with EXIF and XMP segments right behind its first marker."""
    segments = b""
    for head, body in ((b"Exif\0\0", tiff), (b"http://ns.adobe.com/xap/1.0/\0", xmp)):
        if body is not None:
            segments += b"\xff\xe1" + struct.pack(">H", 2 + len(head) + len(body)) + head + body
    return jpeg[:2] + segments + jpeg[2:]
