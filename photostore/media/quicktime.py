"""Metadata in MP4 and QuickTime files: what FFmpeg does not tell, or tells without its zone.

Movie header, metadata keys and item lists, user data, XMP, and what makers add: Sony's XML, Canon's
thumbnail with EXIF, Nikon's and GoPro's tags, Samsung's offset from UTC. Nothing is decoded.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from photostore.media.dates import parse_offset, parse_stamp
from photostore.media.exif import ExifFields, read_exif
from photostore.media.facts import Captured, Position, Precision
from photostore.media.headers.isobmff import Box, body_of, find_box, iter_boxes
from photostore.media.text import clean_text, clean_words, decode_text

if TYPE_CHECKING:
    from photostore.media.headers.source import Source

XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
TO_1970_S: Final = 2_082_844_800  # from 1904, where QuickTime's clock starts
_MAX_TEXT: Final = 8192
_MAX_ITEMS: Final = 1000
_ISO_6709: Final = re.compile(r"([+-]\d{1,3}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?")
_KEYWORD_BREAK: Final = re.compile(r"[,;]")
_SONY: Final = {
    "date": re.compile(r'<CreationDate\s+value="([^"]{10,40})"'),
    "make": re.compile(r'<Device\s[^>]*manufacturer="([^"]{1,64})"'),
    "model": re.compile(r'<Device\s[^>]*modelName="([^"]{1,64})"'),
}
# Codecs of image sequences; those of films are FFmpeg's to name.
_CODECS: Final = {b"av01": "av1", b"hvc1": "hevc", b"hev1": "hevc"}
# Places of texts, the most telling first.
_KEYS, _ITEMS, _USER_DATA, _NOWHERE = range(4)
# The names of keys and user data, and what they are here.
_NAMES: Final = {
    "com.apple.quicktime.creationdate": "date",
    "com.apple.quicktime.make": "make",
    "com.apple.quicktime.model": "model",
    "com.apple.quicktime.title": "title",
    "com.apple.quicktime.displayname": "title",
    "com.apple.quicktime.description": "description",
    "com.apple.quicktime.keywords": "keywords",
    "com.apple.quicktime.location.iso6709": "position",
    "com.apple.quicktime.content.identifier": "identifier",
    "com.apple.quicktime.camera.lens_model": "lens",
    "com.android.manufacturer": "make",
    "com.android.model": "model",
    "com.samsung.android.utc_offset": "offset",
    "©xyz": "position",
    "©day": "date",
    "©mak": "make",
    "©mod": "model",
    "©mdl": "model",
    "©nam": "title",
    "©des": "description",
    "©cmt": "description",
    "©key": "keywords",
    "date": "date",
    "desc": "description",
    "keyw": "keywords",
    "titl": "title",
    "dscp": "description",
    "manu": "make",
    "modl": "model",
}


@dataclass(frozen=True, slots=True)
class QuickTimeFields:
    """What an MP4 or QuickTime file says beside its tracks. `xmp` is a packet; sizes in pixels.

    `shown_px` is the size of the first picture track as its header gives it, before turning.
    """

    captured: tuple[Captured, ...] = ()
    position: Position | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    content_identifier: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    iso: int | None = None
    shown_px: tuple[int, int] | None = None
    duration_s: float | None = None
    codec: str | None = None
    xmp: bytes | None = None
    notes: tuple[str, ...] = ()


def read_quicktime(source: Source) -> QuickTimeFields:
    """Read the metadata of a file. Never raises; damage ends the reading of the part it is in."""
    reader = _Reader(source)
    try:
        reader.read()
    except (struct.error, IndexError, ValueError, OverflowError):
        reader.notes.append("the film's metadata is damaged")
    return reader.fields()


@dataclass(slots=True)
class _Reader:
    source: Source
    values: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    stamps: dict[str, datetime] = field(default_factory=dict)
    exif: ExifFields = field(default_factory=ExifFields)
    xmp: bytes | None = None
    shown_px: tuple[int, int] | None = None
    duration_s: float | None = None
    codec: str | None = None
    place: Position | None = None
    gopro: bool = False
    notes: list[str] = field(default_factory=list)

    def read(self) -> None:
        for box in iter_boxes(self.source):
            if box.name == b"moov":
                self._movie(box)
            elif box.name == b"meta":
                self._meta(box)
            elif box.name == b"uuid":
                self._uuid(box)

    def _movie(self, movie: Box) -> None:
        for box in iter_boxes(self.source, movie.start, movie.end):
            if box.name == b"mvhd":
                self._stamp("QuickTime:CreateDate", box)
                self._duration(body_of(self.source, box, 36))
            elif box.name == b"trak":
                self._track(box)
            elif box.name == b"meta":
                self._meta(box)
            elif box.name == b"udta":
                self._user_data(box)
            elif box.name == b"uuid":
                self._uuid(box)

    def _stamp(self, name: str, box: Box) -> None:
        """Keep a header's creation time; zero says that nobody set it."""
        body = body_of(self.source, box, 32)
        wide = body[:1] == b"\x01"
        seconds = int(struct.unpack_from(">Q" if wide else ">I", body, 4)[0])
        if seconds == 0 or seconds > 1 << 40:
            return
        # Some writers count from 1970, as everybody else does.
        since_1970 = seconds - TO_1970_S if seconds >= TO_1970_S else seconds
        stamp = datetime(1970, 1, 1) + timedelta(seconds=since_1970)  # noqa: DTZ001 - naive UTC
        self.stamps.setdefault(name, stamp)

    def _duration(self, body: bytes) -> None:
        wide = body[:1] == b"\x01"
        scale, ticks = struct.unpack_from(">IQ" if wide else ">II", body, 20 if wide else 12)
        unknown = (1 << 64 if wide else 1 << 32) - 1
        if scale and ticks != unknown:
            self.duration_s = ticks / scale or None

    def _track(self, track: Box) -> None:
        handler = find_box(self.source, track, b"mdia", b"hdlr")
        kind = self.source.read(handler.start + 8, 4) if handler else b""
        header = find_box(self.source, track, b"tkhd")
        if kind in (b"vide", b"pict") and header and self.shown_px is None:
            wide = self.source.read(header.start, 1) == b"\x01"
            size = self.source.read(header.start + (88 if wide else 76), 8)
            across, down = struct.unpack(">II", size)
            self.shown_px = (across >> 16, down >> 16)
            media = find_box(self.source, track, b"mdia", b"mdhd")
            if media:
                self._stamp("QuickTime:MediaCreateDate", media)
            samples = find_box(self.source, track, b"mdia", b"minf", b"stbl", b"stsd")
            name = self.source.read(samples.start + 12, 4) if samples else b""
            self.codec = _CODECS.get(name)
        meta = find_box(self.source, track, b"meta")
        if meta and kind == b"vide":
            self._meta(meta)

    def _meta(self, meta: Box) -> None:
        """Read a metadata box: ISO puts a version in front, QuickTime does not."""
        start = meta.start
        if self.source.read(start + 4, 4) not in (b"hdlr", b"keys", b"ilst", b"xml "):
            start += 4
        names: list[str] = []
        for box in iter_boxes(self.source, start, meta.end):
            if box.name == b"keys":
                names = self._keys(box)
            elif box.name == b"ilst":
                self._items(box, names)
            elif box.name == b"xml ":
                self._sony(decode_text(body_of(self.source, box, 256 * 1024)))

    def _keys(self, box: Box) -> list[str]:
        names = []
        inside = iter_boxes(self.source, box.start + 8, box.end)
        for _, key in zip(range(_MAX_ITEMS), inside, strict=False):
            names.append(decode_text(body_of(self.source, key, 256)).lower())
        return names

    def _items(self, box: Box, names: list[str]) -> None:
        inside = iter_boxes(self.source, box.start, box.end)
        for _, item in zip(range(_MAX_ITEMS), inside, strict=False):
            index = int.from_bytes(item.name, "big")
            name = names[index - 1] if 0 < index <= len(names) else item.name.decode("latin-1")
            if name not in _NAMES:
                continue
            for data in iter_boxes(self.source, item.start, item.end):
                if data.name == b"data":
                    body = body_of(self.source, data, _MAX_TEXT)
                    text = decode_value(int.from_bytes(body[1:4], "big"), body[8:])
                    self._take(name, text, _KEYS if name.startswith("com.") else _ITEMS)

    def _user_data(self, box: Box) -> None:
        for part in iter_boxes(self.source, box.start, box.end):
            name = part.name.decode("latin-1")
            if part.name == b"meta":
                self._meta(part)
            elif part.name == b"XMP_":
                self.xmp = self.xmp or body_of(self.source, part)
            elif part.name == b"loci":
                self._place(body_of(self.source, part, _MAX_TEXT))
            elif part.name == b"CNTH":
                self._canon(part)
            elif part.name == b"NCDT":
                self._nikon(part)
            elif part.name == b"TAGS":
                self._camera(body_of(self.source, part, 64))
            elif part.name in (b"GPMF", b"FIRM"):
                self._gopro(body_of(self.source, part, 64 * 1024))
            elif name in _NAMES:
                self._text(name, body_of(self.source, part, _MAX_TEXT))

    def _text(self, name: str, body: bytes) -> None:
        """Read international text (length, language, text) or 3GPP's (version, language, text)."""
        if name.startswith("©"):
            length = int.from_bytes(body[:2], "big")
            text = body[4 : 4 + length] if 0 < length <= len(body) - 4 else body
            self._take(name, decode_text(text.rstrip(b"\x00")))
        elif name == "date":
            self._take(name, decode_text(body.rstrip(b"\x00")))
        elif len(body) > 6:
            wide = body[6:8] in (b"\xfe\xff", b"\xff\xfe")
            text16 = body[6:].decode("utf-16", "replace") if wide else decode_text(body[6:])
            self._take(name, text16.split("\x00")[0])

    def _take(self, name: str, text: str | None, rank: int = _USER_DATA) -> None:
        """Keep a text, unless one of a better place is known; of equal ones the first counts."""
        kept, wanted = clean_text(text or ""), _NAMES[name]
        if kept and rank < self.ranks.get(wanted, _NOWHERE):
            self.values[wanted], self.ranks[wanted] = kept, rank

    def _uuid(self, box: Box) -> None:
        if self.source.read(box.start, 16) == XMP_UUID:
            self.xmp = self.xmp or body_of(self.source, box)[16:]

    def _sony(self, text: str) -> None:
        for name, pattern in _SONY.items():
            match = pattern.search(text)
            if match:
                self.values.setdefault(name, match[1])

    def _place(self, body: bytes) -> None:
        """Read 3GPP's location: a name, a role, then degrees and metres as 16.16 fixed point."""
        end = body.index(b"\x00", 6)
        lon, lat, altitude = (value / 65536 for value in struct.unpack_from(">iii", body, end + 2))
        self.place = sound_position(lat, lon, altitude)

    def _canon(self, box: Box) -> None:
        """Canon keeps a JPEG with EXIF among the user data."""
        block = canon_exif(self.source, box)
        if block:
            self.exif = read_exif(block)

    def _nikon(self, box: Box) -> None:
        part = find_box(self.source, box, b"NCTG")
        body = body_of(self.source, part, 64 * 1024) if part else b""
        wanted = {1: "make", 2: "model", 0x12: "date", 0x11: "date"}
        at = 0
        while at + 8 <= len(body):
            tag, type_, count = struct.unpack_from(">IHH", body, at)
            size = count * {2: 1, 3: 2, 4: 4, 5: 8, 8: 2}.get(type_, 1)
            if tag in wanted and type_ == 2:
                text = clean_text(decode_text(body[at + 8 : at + 8 + count]))
                if text:
                    self.values.setdefault(wanted[tag], text)
            at += 8 + size

    def _camera(self, body: bytes) -> None:
        """Cameras of the 2000s: `NIKON DIGITAL CAMERA`, and at a fixed place the model."""
        make = body[:24].split(b"\x00")[0]
        if make.endswith(b" DIGITAL CAMERA"):
            self.values.setdefault("make", decode_text(make))
            model = clean_text(decode_text(body[24:32].split(b"\x00")[0]))
            if model and not make.startswith(b"PENTAX"):
                self.values.setdefault("model", model)

    def _gopro(self, body: bytes) -> None:
        self.gopro = True
        at = body.find(b"MINFc")
        if at >= 0:
            length = body[at + 5] * int.from_bytes(body[at + 6 : at + 8], "big")
            text = clean_text(decode_text(body[at + 8 : at + 8 + min(length, 64)]))
            if text:
                self.values.setdefault("model", text)
        if "make" not in self.values:
            self.values["make"] = "GoPro"

    def fields(self) -> QuickTimeFields:
        values, exif = self.values, self.exif
        position = parse_iso_6709(values.get("position", ""))
        return QuickTimeFields(
            captured=tuple(self._dates()),
            position=position or self.place or exif.position,
            make=values.get("make") or exif.make,
            model=values.get("model") or exif.model,
            lens=values.get("lens") or exif.lens,
            title=values.get("title"),
            description=values.get("description"),
            keywords=clean_words(_KEYWORD_BREAK.split(values.get("keywords", ""))),
            content_identifier=values.get("identifier"),
            exposure_time_s=exif.exposure_time_s,
            f_number=exif.f_number,
            focal_length_mm=exif.focal_length_mm,
            iso=exif.iso,
            shown_px=self.shown_px,
            duration_s=self.duration_s,
            codec=self.codec,
            xmp=self.xmp,
            notes=tuple(self.notes),
        )

    def _dates(self) -> list[Captured]:
        found = list(self.exif.captured)
        named = parse_stamp(self.values.get("date", ""), "QuickTime:CreationDate")
        # Music has a year where films have a date.
        if named is not None and named.precision is not Precision.YEAR:
            found.append(named)
        offset = parse_offset(self.values.get("offset"))
        for source, stamp in self.stamps.items():
            if self.gopro:
                # These cameras write their own clock where UTC belongs.
                found.append(Captured(stamp, Precision.SECOND, None, source))
            elif offset is not None:
                local = stamp + timedelta(minutes=offset)
                found.append(Captured(local, Precision.SECOND, offset, source))
            else:
                found.append(Captured(stamp, Precision.SECOND, 0, source))
        return found


def canon_exif(source: Source, box: Box) -> bytes | None:
    """Return the TIFF block in the thumbnail that Canon puts into user data (`CNTH`)."""
    part = find_box(source, box, b"CNDA")
    body = body_of(source, part) if part else b""
    at = body.find(b"Exif\x00\x00", 0, 4096)
    return body[at + 6 :] if at > 0 else None


def sound_position(lat: float, lon: float, altitude: float | None) -> Position | None:
    """Return a position that can be one; 0, 0 is what a receiver without a fix writes."""
    if abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return None
    if altitude is not None and not -12_000 <= altitude <= 100_000:
        altitude = None
    return Position(lat, lon, altitude)


def parse_iso_6709(text: str) -> Position | None:
    """Read `+47.3769+008.5417+408.000/`: signed decimal degrees, and metres where given."""
    match = _ISO_6709.match(text)
    if match is None:
        return None
    return sound_position(float(match[1]), float(match[2]), float(match[3]) if match[3] else None)


def decode_value(kind: int, value: bytes) -> str | None:
    """Decode a data atom: 1 is UTF-8, 2 UTF-16; others are numbers and pictures."""
    if kind == 2:
        return value.decode("utf-16-be", "replace")
    return decode_text(value) if kind in (0, 1) else None
