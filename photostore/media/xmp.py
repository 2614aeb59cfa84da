"""XMP packets: the properties that photostore shows, in the dialects of those who write them.

Adobe, darktable, digiKam, Lightroom, Windows, ACDSee, Google. Values leave as text and numbers that
a person may see; what cannot be is left out.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from photostore.media.dates import parse_stamp
from photostore.media.facts import Face, Position
from photostore.media.rdf import Packet, RefusedPacketError, parse_packet
from photostore.media.regions import read_faces
from photostore.media.said import look_through, read_said
from photostore.media.text import clean_text, clean_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from photostore.media.facts import Captured
    from photostore.media.rdf import Node

MAX_VALUES: Final = 1000

_DC: Final = "http://purl.org/dc/elements/1.1/"
_XMP: Final = "http://ns.adobe.com/xap/1.0/"
_EXIF: Final = "http://ns.adobe.com/exif/1.0/"
_EXIF_EX: Final = "http://cipa.jp/exif/1.0/"
_AUX: Final = "http://ns.adobe.com/exif/1.0/aux/"
_TIFF: Final = "http://ns.adobe.com/tiff/1.0/"
_PHOTOSHOP: Final = "http://ns.adobe.com/photoshop/1.0/"
_LIGHTROOM: Final = "http://ns.adobe.com/lightroom/1.0/"
_DIGIKAM: Final = "http://www.digikam.org/ns/1.0/"
_DARKTABLE: Final = "http://darktable.sf.net/"
_MICROSOFT: Final = "http://ns.microsoft.com/photo/1.0/"
_MICROSOFT_TYPO: Final = "http://ns.microsoft.com/photo/1.0"
_ACDSEE: Final = "http://ns.acdsee.com/iptc/1.0/"
_MEDIAPRO: Final = "http://ns.iview-multimedia.com/mediapro/1.0/"
_IPTC_EXT: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_COLLECTIONS: Final = "http://www.metadataworkinggroup.com/schemas/collections/"
_PANORAMA: Final = "http://ns.google.com/photos/1.0/panorama/"
_CAMERA: Final = "http://ns.google.com/photos/1.0/camera/"
_CONTAINER: Final = "http://ns.google.com/photos/1.0/container/"
_ITEM: Final = "http://ns.google.com/photos/1.0/container/item/"
_NOTE: Final = "http://ns.adobe.com/xmp/note/"

_DATES: Final = (
    (f"{_EXIF} DateTimeOriginal", "XMP:DateTimeOriginal"),
    (f"{_PHOTOSHOP} DateCreated", "XMP:DateCreated"),
    (f"{_EXIF} DateTimeDigitized", "XMP:DateTimeDigitized"),
    (f"{_XMP} CreateDate", "XMP:CreateDate"),
    (f"{_EXIF} GPSTimeStamp", "XMP:GPSTimeStamp"),
)
# Trees of keywords, and what separates their levels.
_TREES: Final = (
    (f"{_LIGHTROOM} hierarchicalSubject", "|"),
    (f"{_DIGIKAM} TagsList", "/"),
    (f"{_MICROSOFT} LastKeywordXMP", "/"),
    (f"{_MEDIAPRO} CatalogSets", "|"),
)
# digiKam and darktable keep colours as numbers; the names are those that Adobe uses.
_DIGIKAM_COLOURS: Final = ("", "Red", "Orange", "Yellow", "Green", "Blue", "Magenta")
_DARKTABLE_COLOURS: Final = ("Red", "Yellow", "Green", "Blue", "Purple")
_COORDINATE: Final = re.compile(
    r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])\Z"
)


@dataclass(frozen=True, slots=True)
class MotionFields:
    """What a still says of a clip behind it, in bytes.

    `offset_from_end` is how far before the end of the file the clip starts; `clip_length` how long
    it is, with `behind_clip` more bytes between it and the end.
    """

    flagged: bool = False
    offset_from_end: int | None = None
    clip_length: int | None = None
    behind_clip: int = 0


@dataclass(frozen=True, slots=True)
class XmpFields:
    """What photostore takes from XMP; unknown is None or empty.

    `captured` holds the dates found, in the order of SPEC 6.3. `rating` is -1 (rejected) to 5.
    `keyword_paths` are keywords of a tree, outermost first. `extended` is the digest of the rest of
    a packet that did not fit into one segment. `said` is what a person said in photostore (`said`).
    """

    captured: tuple[Captured, ...] = ()
    position: Position | None = None
    orientation: int | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    iso: int | None = None
    rating: int | None = None
    label: str | None = None
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    keyword_paths: tuple[tuple[str, ...], ...] = ()
    people: tuple[str, ...] = ()
    faces: tuple[Face, ...] = ()
    albums: tuple[str, ...] = ()
    projection: str | None = None
    motion: MotionFields = MotionFields()
    extended: str | None = None
    said: Mapping[str, Any] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()


def read_xmp(packet: bytes) -> XmpFields:
    """Read a packet. Never raises: damage gives a note beside what was read before it."""
    try:
        whole = parse_packet(packet)
    except RefusedPacketError as refusal:
        return XmpFields(notes=(f"the XMP data {refusal}: ignored",))
    parsed = look_through(whole)
    faces = read_faces(parsed)
    paths = tuple(_paths(parsed))
    flat = clean_words(list(parsed.texts(f"{_DC} subject")))
    return XmpFields(
        captured=tuple(_dates(parsed)),
        position=_position(parsed),
        orientation=_whole(parsed.text(f"{_TIFF} Orientation"), 1, 8),
        make=_shown(parsed, f"{_TIFF} Make"),
        model=_shown(parsed, f"{_TIFF} Model"),
        lens=_shown(
            parsed, f"{_EXIF_EX} LensModel", f"{_AUX} Lens", f"{_EXIF} Lens", f"{_EXIF} LensModel"
        ),
        exposure_time_s=_ratio(parsed.text(f"{_EXIF} ExposureTime"), 1e-7, 1e6),
        f_number=_ratio(parsed.text(f"{_EXIF} FNumber"), 0.1, 1000),
        focal_length_mm=_ratio(parsed.text(f"{_EXIF} FocalLength"), 0.01, 100_000),
        iso=_whole(
            parsed.text(f"{_EXIF_EX} PhotographicSensitivity", f"{_EXIF} ISOSpeedRatings"),
            1,
            10_000_000,
        ),
        rating=_rating(parsed),
        label=_label(parsed),
        title=_shown(parsed, f"{_DC} title", f"{_ACDSEE} caption"),
        description=_shown(
            parsed, f"{_DC} description", f"{_TIFF} ImageDescription", f"{_ACDSEE} notes"
        ),
        keywords=flat[:MAX_VALUES],
        keyword_paths=paths[:MAX_VALUES],
        people=_people(parsed, faces)[:MAX_VALUES],
        faces=faces,
        albums=_albums(parsed)[:MAX_VALUES],
        projection=_shown(parsed, f"{_PANORAMA} ProjectionType"),
        motion=_motion(parsed),
        extended=parsed.text(f"{_NOTE} HasExtendedXMP"),
        said=read_said(whole),
        notes=("the XMP data is damaged",) if parsed.damaged else (),
    )


def _shown(packet: Packet, *names: str) -> str | None:
    for name in names:
        text = clean_text(packet.text(name) or "")
        if text:
            return text
    return None


def _dates(packet: Packet) -> Iterator[Captured]:
    for name, source in _DATES:
        captured = parse_stamp(packet.text(name) or "", source)
        if captured is not None:
            yield captured


def _rating(packet: Packet) -> int | None:
    """Ratings are -1 (rejected) or 0 to 5; Windows counts in percent, ACDSee has a name of its own.

    Some writers put a decimal point.
    """
    for name in (f"{_XMP} Rating", f"{_XMP} rating", f"{_ACDSEE} rating"):
        number = _number(packet.text(name))
        if number is not None and -1 <= number <= 5:
            return int(number)
    percent = _number(packet.text(f"{_MICROSOFT} Rating", f"{_MICROSOFT_TYPO} Rating"))
    if percent is not None and 0 <= percent <= 100:
        return next(
            stars for stars, least in enumerate((1, 13, 38, 63, 88, 101)) if percent < least
        )
    return None


def _label(packet: Packet) -> str | None:
    label = _shown(packet, f"{_XMP} Label")
    if label:
        return label
    number = _whole(packet.text(f"{_DIGIKAM} ColorLabel"), 1, len(_DIGIKAM_COLOURS) - 1)
    if number is not None:
        return _DIGIKAM_COLOURS[number]
    number = _whole(packet.text(f"{_DARKTABLE} colorlabels"), 0, len(_DARKTABLE_COLOURS) - 1)
    return None if number is None else _DARKTABLE_COLOURS[number]


def _paths(packet: Packet) -> Iterator[tuple[str, ...]]:
    seen = set()
    for name, separator in _TREES:
        for text in packet.texts(name):
            path = tuple(part for part in map(clean_text, text.split(separator)) if part)
            if path and path not in seen:
                seen.add(path)
                yield path


def _people(packet: Packet, faces: tuple[Face, ...]) -> tuple[str, ...]:
    named = clean_words(list(packet.texts(f"{_IPTC_EXT} PersonInImage")))
    return tuple(dict.fromkeys((*(face.name for face in faces if face.name), *named)))


def _albums(packet: Packet) -> tuple[str, ...]:
    name = f"{_COLLECTIONS} CollectionName"
    found = (
        fields[name].text()
        for fields in packet.structures(f"{_COLLECTIONS} Collections")
        if name in fields
    )
    return clean_words(list(found))


def _position(packet: Packet) -> Position | None:
    lat = _degrees(packet.text(f"{_EXIF} GPSLatitude"), 90)
    lon = _degrees(packet.text(f"{_EXIF} GPSLongitude"), 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    altitude = _ratio(packet.text(f"{_EXIF} GPSAltitude"), -12_000, 100_000)
    if altitude is not None and (packet.text(f"{_EXIF} GPSAltitudeRef") or "0").startswith("1"):
        altitude = -altitude
    return Position(lat, lon, altitude)


def _degrees(text: str | None, most: int) -> float | None:
    """Read `47,22.614N`, `47,22,36.84N`, or signed decimal degrees, which some programs write."""
    match = _COORDINATE.match((text or "").strip())
    if match is not None:
        degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
        degrees = -degrees if match[4] in "SW" else degrees
    else:
        number = _number(text)
        if number is None:
            return None
        degrees = number
    return degrees if abs(degrees) <= most else None


def _motion(packet: Packet) -> MotionFields:
    """Read Google's two ways to announce a clip: the container directory, and MicroVideo."""
    flagged = packet.text(f"{_CAMERA} MotionPhoto", f"{_CAMERA} MicroVideo") == "1"
    offset = _whole(packet.text(f"{_CAMERA} MicroVideoOffset"), 1, 1 << 40)
    length: int | None = None
    behind = 0
    for entry in packet.structures(f"{_CONTAINER} Directory"):
        # Writers put an Item structure around the fields, or leave it out.
        inner = entry.get(f"{_CONTAINER} Item")
        fields = inner.fields() if inner is not None else entry
        size = _whole(_field(fields, "Length"), 0, 1 << 40) or 0
        mime = _field(fields, "Mime") or ""
        if _field(fields, "Semantic") == "MotionPhoto" or mime.startswith("video/"):
            length, behind = size or None, 0
        elif length is not None:
            behind += size
    return MotionFields(flagged, offset, length, behind)


def _field(fields: dict[str, Node], name: str) -> str | None:
    node = fields.get(f"{_ITEM} {name}")
    return node.text() if node is not None else None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(text: str | None, least: int, most: int) -> int | None:
    number = _number(text)
    return int(number) if number is not None and least <= number <= most else None


def _ratio(text: str | None, least: float, most: float) -> float | None:
    """Read `28/10` or `2.8`."""
    above, _, below = (text or "").partition("/")
    number, divisor = _number(above), _number(below) if below else 1.0
    if number is None or not divisor:
        return None
    value = number / divisor
    return value if least <= value <= most and value else None
