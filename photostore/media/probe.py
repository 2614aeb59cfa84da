"""Everything that is read from one file, in one call: gate, then metadata. Never decodes a picture.

(For a video the first frame is decoded: nothing else tells whether it plays.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from photostore.base.errors import FileError, MediaRejectedError
from photostore.media.blocks import HEIF, read_blocks
from photostore.media.capture import decide
from photostore.media.dates import dates_of_file, parse_stamp
from photostore.media.exif import ExifFields, read_exif
from photostore.media.facts import Facts
from photostore.media.gamut import name_profile
from photostore.media.gate import read_header
from photostore.media.headers.source import Memory
from photostore.media.iptc import IptcFields, read_iptc
from photostore.media.kinds import Group, Kind, disagreement, sniff
from photostore.media.layers import Layer, combine, join
from photostore.media.makernotes import MakerFields, read_maker_notes
from photostore.media.motion import locate_clip
from photostore.media.names import date_from_folders, date_from_name
from photostore.media.quicktime import QuickTimeFields, read_quicktime
from photostore.media.raw import read_raw_size
from photostore.media.regions import turn_face
from photostore.media.text import clean_text
from photostore.media.video import ISO_KINDS, read_video
from photostore.media.xmp import MotionFields, XmpFields, read_xmp

if TYPE_CHECKING:
    from photostore.media.blocks import Blocks
    from photostore.media.facts import Captured, Position
    from photostore.media.headers.header import Header
    from photostore.media.reading import Content

# No sensor is smaller than this: a RAW file that says so speaks of a thumbnail.
_MIN_RAW_SIDE: Final = 16


def probe(content: Content, *, now: datetime | None = None) -> Facts:
    """Return the facts of a file; `now` (aware) bounds the dates that are believed.

    Raises `MediaRejectedError` for what is no media or over a safety limit, `UnreadableError` for
    damage, `CodecMissingError` for what needs another decoder.
    """
    kind = sniff(content.data if content.data is not None else content.head)
    if kind is None:
        raise MediaRejectedError(content.path, why_no_media(content.head))
    now = now or datetime.now(UTC)
    if kind.group is Group.VIDEO:
        return _probe_video(content, kind, now)
    return _probe_picture(content, kind, now)


def why_no_media(head: bytes) -> str:
    """What a person is told of a file that begins like this and is no media."""
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start or start.startswith(b"<!doctype svg"):
        return "SVG pictures can carry scripts and are never imported"
    if not head.strip(b"\x00"):
        return "the content is nothing but zeros: no photo or video"
    return "the content is no photo or video of a known kind"


@dataclass(frozen=True, slots=True)
class _Texts:
    """What a picture says in plain named texts (PNG)."""

    title: str | None = None
    description: str | None = None
    captured: tuple[Captured, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What the blocks of a picture say; `motion` tells of a clip behind it."""

    exif: ExifFields
    xmp: XmpFields
    maker: MakerFields
    motion: MotionFields
    layers: tuple[Layer, ...]


def _read_blocks(found: Blocks) -> _Said:
    exif = read_exif(found.exif) if found.exif else ExifFields()
    xmp = read_xmp(found.xmp) if found.xmp else XmpFields()
    rest = read_xmp(found.xmp_rest) if found.xmp_rest else XmpFields()
    maker = read_maker_notes(found.exif) if found.exif else MakerFields()
    layers = (
        Layer("EXIF", exif),
        Layer("IPTC", read_iptc(found.iptc) if found.iptc else IptcFields()),
        Layer("XMP", xmp),
        Layer("XMP", rest),
        # Last: of some makers only figures are known, where others have written a name.
        Layer("maker-note", maker),
        Layer("PNG", _named_texts(found.texts)),
    )
    # Long packets have their clip in the second part.
    motion = xmp.motion if xmp.motion != MotionFields() else rest.motion
    return _Said(exif, xmp, maker, motion, layers)


def _probe_picture(content: Content, kind: Kind, now: datetime) -> Facts:
    header = read_header(content, kind)
    if kind.group is Group.RAW and (min(header.width, header.height) < _MIN_RAW_SIDE):
        header = _by_libraw(content, header)
    found = read_blocks(content, kind, header)
    said = _read_blocks(found)
    exif, xmp, layers = said.exif, said.xmp, said.layers
    values, sources = combine(layers)
    orientation = header.orientation or exif.orientation or xmp.orientation or 1
    width, height = found.width, found.height
    # HEIF sizes are as displayed already: EXIF's number only repeats what its boxes do.
    if kind.name not in HEIF and orientation >= 5:
        width, height = height, width
    if "lens" not in values and exif.lens_range:
        values["lens"], sources["lens"] = exif.lens_range, "EXIF"
    if kind.name not in HEIF:
        values["faces"] = tuple(turn_face(face, orientation) for face in values.get("faces", ()))
    clip = None
    if content.data is not None and kind.name in ("jpeg", "heic"):
        clip = locate_clip(content.data, said.motion, heif=kind.name == "heic")
    film = QuickTimeFields()
    if kind.name in HEIF and found.animated and content.data is not None:
        film = read_quicktime(Memory(content.data))
    told = join(layer.value("captured") or () for layer in layers)
    dates = _with_camera_zone(told, said.maker)
    dates = (*dates, *film.captured, *dates_around(content))
    notes = [*exif.notes, *xmp.notes, *header.notes]
    captured = _settle(dates, values.get("position"), now, (notes, sources))
    return Facts(
        kind=kind,
        width=width,
        height=height,
        orientation=orientation,
        sha1=content.sha1,
        captured=captured,
        animated=found.animated,
        duration_s=film.duration_s,
        video_codec=film.codec,
        has_alpha=found.has_alpha,
        colour=name_profile(found.profile) or found.colour,
        hdr=found.hdr,
        dates=dates,
        motion_photo=clip is not None,
        clip=clip,
        notes=_all_notes(content, kind, notes),
        sources=sources,
        **values,
    )


def _by_libraw(content: Content, header: Header) -> Header:
    """Add the size that a RAW file's own structure does not tell."""
    try:
        found = read_raw_size(content.path, content.data or b"")
    except FileError:
        if not header.width:
            raise
        return header
    orientation = found.orientation if header.exif is None else header.orientation
    return replace(header, width=found.width, height=found.height, orientation=orientation)


def _named_texts(texts: tuple[tuple[str, str], ...]) -> _Texts:
    named = dict(texts)
    stamp = parse_stamp(named.get("created", ""), "PNG:CreationTime")
    return _Texts(
        title=clean_text(named.get("title", "")),
        description=clean_text(named.get("description") or named.get("comment") or ""),
        captured=(stamp,) if stamp else (),
    )


def _with_camera_zone(dates: tuple[Captured, ...], maker: MakerFields) -> tuple[Captured, ...]:
    """Give EXIF's dates the zone that the camera was set to, where they have none of their own."""
    if maker.offset_min is None:
        return dates
    return tuple(
        replace(date, offset_min=maker.offset_min)
        if date.offset_min is None and date.source.startswith("EXIF:DateTime")
        else date
        for date in dates
    )


def _probe_video(content: Content, kind: Kind, now: datetime) -> Facts:
    found = read_video(content, kind)
    xmp = read_xmp(found.xmp) if found.xmp else XmpFields()
    source = "QuickTime" if kind.name in ISO_KINDS else "container"
    layers = (Layer(source, found), Layer("XMP", xmp))
    values, sources = combine(layers)
    notes = [*found.notes, *xmp.notes]
    dates = (*join(layer.value("captured") or () for layer in layers), *dates_around(content))
    captured = _settle(dates, values.get("position"), now, (notes, sources))
    return Facts(
        kind=kind,
        width=found.width,
        height=found.height,
        orientation=found.orientation,
        sha1=content.sha1,
        captured=captured,
        duration_s=found.duration_s,
        video_codec=found.video_codec,
        audio_codec=found.audio_codec,
        colour=found.colour,
        hdr=found.hdr,
        dates=dates,
        notes=_all_notes(content, kind, notes),
        sources=sources,
        **values,
    )


def _settle(
    dates: tuple[Captured, ...],
    position: Position | None,
    now: datetime,
    into: tuple[list[str], dict[str, str]],
) -> Captured | None:
    """Choose the date; names and file system come last (SPEC 6.3). Adds notes and sources."""
    notes, sources = into
    decision = decide(dates, position, now)
    notes.extend(decision.notes)
    if decision.captured is not None:
        sources["captured"] = decision.captured.source
        if decision.offset_source:
            sources["offset"] = decision.offset_source
    return decision.captured


def dates_around(content: Content) -> tuple[Captured, ...]:
    """Return the dates that name, folders and file system give a file."""
    named = (date_from_name(content.path), date_from_folders(content.path))
    system = dates_of_file(content.mtime_ns, content.ctime_ns)
    return (*(date for date in named if date is not None), *system)


def _all_notes(content: Content, kind: Kind, notes: list[str]) -> tuple[str, ...]:
    wrong = disagreement(content.path, kind)
    return (*((wrong,) if wrong else ()), *dict.fromkeys(notes))
