"""Every tag in the boxes of an MP4 or QuickTime film, as text. Nothing is decoded.

`quicktime` reads the few that photostore uses; this is for showing all of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from photostore.media.headers.isobmff import Box, body_of, find_box, iter_boxes
from photostore.media.quicktime import TO_1970_S, XMP_UUID, canon_exif, decode_value
from photostore.media.text import decode_text

if TYPE_CHECKING:
    from photostore.media.headers.source import Source

_MAX_TEXT: Final = 8192
_MAX_ITEMS: Final = 1000
# User data with a body that is no text, or that is read elsewhere.
_OPAQUE: Final = frozenset((b"meta", b"XMP_", b"CNTH", b"NCDT", b"loci", b"GPMF", b"hinf", b"hnti"))


@dataclass(slots=True)
class FilmTags:
    """Tags in the order of the file, and blocks that have readers of their own."""

    entries: list[tuple[str, str]] = field(default_factory=list)
    exif: bytes | None = None
    xmp: bytes | None = None


def read_film_tags(source: Source) -> FilmTags:
    """Read all tags. Never raises; damage ends the reading of the part it is in."""
    found = FilmTags()
    try:
        for box in iter_boxes(source):
            if box.name == b"ftyp":
                body = body_of(source, box, 256)
                brands = [body[:4], *(body[at : at + 4] for at in range(8, len(body) - 3, 4))]
                found.entries.append(("Brands", ", ".join(map(_word, dict.fromkeys(brands)))))
            elif box.name == b"moov":
                _movie(source, box, found)
            elif box.name == b"meta":
                _meta(source, box, found)
            elif box.name == b"uuid":
                _uuid(source, box, found)
    except (struct.error, IndexError, ValueError, OverflowError):
        found.entries.append(("Damage", "the film's metadata breaks off here"))
    return found


def _word(raw: bytes) -> str:
    return raw.decode("latin-1").strip()


def _movie(source: Source, movie: Box, found: FilmTags) -> None:
    track = 0
    for box in iter_boxes(source, movie.start, movie.end):
        if box.name == b"mvhd":
            _times(source, box, "", found)
        elif box.name == b"trak":
            track += 1
            _track(source, box, f"Track {track} ", found)
        elif box.name == b"meta":
            _meta(source, box, found)
        elif box.name == b"udta":
            _user_data(source, box, found)
        elif box.name == b"uuid":
            _uuid(source, box, found)


def _times(source: Source, box: Box, prefix: str, found: FilmTags) -> None:
    body = body_of(source, box, 40)
    wide = body[:1] == b"\x01"
    created, modified = struct.unpack_from(">QQ" if wide else ">II", body, 4)
    for name, seconds in (("created", created), ("modified", modified)):
        if TO_1970_S <= seconds < 1 << 34:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds - TO_1970_S)
            label = f"{prefix}{name}".capitalize()
            found.entries.append((label, f"{moment:%Y-%m-%d %H:%M:%S} UTC"))
    if box.name in (b"mvhd", b"mdhd"):
        scale, ticks = struct.unpack_from(">IQ" if wide else ">II", body, 20 if wide else 12)
        if scale and ticks not in ((1 << 32) - 1, (1 << 64) - 1):
            found.entries.append((f"{prefix}duration".capitalize(), f"{ticks / scale:.3f} s"))


def _track(source: Source, track: Box, prefix: str, found: FilmTags) -> None:
    handler = find_box(source, track, b"mdia", b"hdlr")
    if handler:
        found.entries.append((prefix + "handler", _word(source.read(handler.start + 8, 4))))
    header = find_box(source, track, b"mdia", b"mdhd")
    if header:
        _times(source, header, prefix, found)
    samples = find_box(source, track, b"mdia", b"minf", b"stbl", b"stsd")
    if samples:
        found.entries.append((prefix + "format", _word(source.read(samples.start + 12, 4))))
    for name, reader in ((b"meta", _meta), (b"udta", _user_data)):
        box = find_box(source, track, name)
        if box:
            reader(source, box, found)


def _meta(source: Source, meta: Box, found: FilmTags) -> None:
    start = meta.start
    if source.read(start + 4, 4) not in (b"hdlr", b"keys", b"ilst", b"xml "):
        start += 4
    names: list[str] = []
    for box in iter_boxes(source, start, meta.end):
        if box.name == b"keys":
            inside = iter_boxes(source, box.start + 8, box.end)
            keys = zip(range(_MAX_ITEMS), inside, strict=False)
            names = [decode_text(body_of(source, key, 256)) for _, key in keys]
        elif box.name == b"ilst":
            _items(source, box, names, found)
        elif box.name == b"xml ":
            text = decode_text(body_of(source, box, _MAX_TEXT)).strip("\x00")
            found.entries.append(("XML", text))


def _items(source: Source, box: Box, names: list[str], found: FilmTags) -> None:
    inside = iter_boxes(source, box.start, box.end)
    for _, item in zip(range(_MAX_ITEMS), inside, strict=False):
        index = int.from_bytes(item.name, "big")
        name = names[index - 1] if 0 < index <= len(names) else _word(item.name)
        for data in iter_boxes(source, item.start, item.end):
            if data.name == b"data":
                body = body_of(source, data, _MAX_TEXT)
                text = decode_value(int.from_bytes(body[1:4], "big"), body[8:])
                found.entries.append((name, text or f"({len(body) - 8} bytes)"))


def _user_data(source: Source, box: Box, found: FilmTags) -> None:
    for part in iter_boxes(source, box.start, box.end):
        if part.name == b"meta":
            _meta(source, part, found)
        elif part.name == b"XMP_":
            found.xmp = found.xmp or body_of(source, part)
        elif part.name == b"CNTH":
            found.exif = found.exif or canon_exif(source, part)
        elif part.name not in _OPAQUE:
            body = body_of(source, part, _MAX_TEXT)
            skip = 4 if part.name[:1] == b"\xa9" else 6
            text = decode_text(body[skip:].strip(b"\x00"))
            shown = text if text.isprintable() else f"({part.end - part.start} bytes)"
            found.entries.append((_word(part.name), shown))


def _uuid(source: Source, box: Box, found: FilmTags) -> None:
    if source.read(box.start, 16) == XMP_UUID:
        found.xmp = found.xmp or body_of(source, box)[16:]
