"""Everything that is read from one file, in one call: gate, then metadata. Never decodes a picture.

(For a video the first frame is decoded: nothing else tells whether it plays.)
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pillow_heif

from photostore.base.errors import CodecMissingError, MediaRejectedError, UnreadableError
from photostore.media.dates import date_from_mtime, date_from_name, is_believable, parse_stamp
from photostore.media.exif import ExifFields, read_exif
from photostore.media.facts import Captured, Facts
from photostore.media.gate import check_size, read_header
from photostore.media.iptc import IptcFields, read_iptc
from photostore.media.kinds import Group, Kind, disagreement, sniff
from photostore.media.libvips import Image, VipsError, reason_of
from photostore.media.video import read_video
from photostore.media.xmp import XmpFields, read_xmp

if TYPE_CHECKING:
    from photostore.media.headers.header import Header
    from photostore.media.reading import Content

_HEIF: Final = ("heic", "avif")


def probe(content: Content, *, now: datetime | None = None) -> Facts:
    """Return the facts of a file; `now` (aware) bounds the dates that are believed.

    Raises `MediaRejectedError` for what is no media or over a safety limit, `UnreadableError` for
    damage, `CodecMissingError` for what needs another decoder.
    """
    kind = sniff(content.data if content.data is not None else content.head)
    if kind is None:
        raise MediaRejectedError(content.path, _why_no_media(content.head))
    now = now or datetime.now(UTC)
    if kind.group is Group.VIDEO:
        return _probe_video(content, kind, now)
    return _probe_picture(content, kind, now)


def _why_no_media(head: bytes) -> str:
    start = head[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start or start.startswith(b"<!doctype svg"):
        return "SVG pictures can carry scripts and are never imported"
    if not head.strip(b"\x00"):
        return "the content is nothing but zeros: no photo or video"
    return "the content is no photo or video of a known kind"


@dataclass(frozen=True, slots=True)
class _Metadata:
    """Where a picture's size and metadata come from, whatever its container."""

    width: int
    height: int
    has_alpha: bool
    animated: bool
    exif: bytes | None
    xmp: bytes | None
    iptc: bytes | None = None


def _probe_picture(content: Content, kind: Kind, now: datetime) -> Facts:
    header = read_header(content, kind)
    if kind.group is Group.RAW and not header.width:
        raise CodecMissingError(content.path, f"{kind.name.upper()} files cannot be read yet")
    found = _heif_metadata(content, kind, header) if kind.name in _HEIF else _plain(header)
    exif = read_exif(found.exif) if found.exif else ExifFields()
    xmp = read_xmp(found.xmp) if found.xmp else XmpFields()
    iptc = read_iptc(found.iptc) if found.iptc else IptcFields()
    width, height = found.width, found.height
    # HEIF sizes are as displayed already: EXIF's number only repeats what its boxes do.
    if kind.name not in _HEIF and (exif.orientation or 1) >= 5:
        width, height = height, width
    notes = [*exif.notes, *xmp.notes, *header.notes]
    dates = [*exif.captured, *_xmp_dates(xmp)]
    return Facts(
        kind=kind,
        width=width,
        height=height,
        orientation=exif.orientation or 1,
        sha1=content.sha1,
        captured=_choose_date(content, dates, now, notes),
        position=exif.position,
        make=exif.make,
        model=exif.model,
        lens=exif.lens or xmp.lens,
        exposure_time_s=exif.exposure_time_s,
        f_number=exif.f_number,
        focal_length_mm=exif.focal_length_mm,
        iso=exif.iso,
        animated=found.animated,
        has_alpha=found.has_alpha,
        rating=xmp.rating if xmp.rating is not None else exif.rating,
        title=xmp.title or iptc.title or exif.title,
        description=xmp.description or iptc.description or exif.description,
        keywords=tuple(dict.fromkeys((*iptc.keywords, *xmp.keywords))) or exif.keywords,
        people=xmp.people,
        motion_photo=_has_clip(content, xmp),
        notes=_all_notes(content, kind, notes),
    )


def _plain(header: Header) -> _Metadata:
    return _Metadata(
        header.width,
        header.height,
        header.has_alpha,
        header.frames > 1,
        header.exif,
        header.xmp,
        header.iptc,
    )


def _heif_metadata(content: Content, kind: Kind, header: Header) -> _Metadata:
    """Ask the decoder for the displayed size and the metadata items; nothing is decoded yet."""
    data = content.data or b""
    animated = header.frames > 1
    try:
        if kind.name == "avif":
            return _avif_metadata(data, animated=animated)
        file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        picture = file[file.primary_index]
    except VipsError as error:
        if header.width and animated:
            # A pure sequence: libvips wants a still, Pillow reads the first frame later.
            return _plain(header)
        raise UnreadableError(content.path, f"damaged: {reason_of(error)}") from error
    except (RuntimeError, ValueError, LookupError, EOFError, OSError, SyntaxError) as error:
        raise UnreadableError(content.path, f"damaged: {error}") from error
    check_size(content.path, *picture.size)
    xmp = picture.info.get("xmp")
    return _Metadata(
        *picture.size,
        has_alpha=picture.has_alpha,
        animated=animated,
        exif=_tiff_block(picture.info.get("exif")),
        xmp=xmp if isinstance(xmp, bytes) else None,
    )


def _avif_metadata(data: bytes, *, animated: bool) -> _Metadata:
    image: Any = Image.heifload_buffer(data, n=1)
    blobs = {
        name: image.get(name) if image.get_typeof(name) else None
        for name in ("exif-data", "xmp-data")
    }
    return _Metadata(
        image.width,
        image.height,
        has_alpha=bool(image.hasalpha()),
        animated=animated,
        exif=_tiff_block(blobs["exif-data"]),
        xmp=blobs["xmp-data"],
    )


def _tiff_block(exif: object) -> bytes | None:
    """Strip what stands before the TIFF block of an Exif item: an offset, or the APP1 name."""
    if not isinstance(exif, bytes):
        return None
    starts = [at for at in (exif.find(b"II*\x00", 0, 64), exif.find(b"MM\x00*", 0, 64)) if at >= 0]
    return exif[min(starts) :] if starts else None


def _probe_video(content: Content, kind: Kind, now: datetime) -> Facts:
    found = read_video(content, kind)
    notes: list[str] = []
    return Facts(
        kind=kind,
        width=found.width,
        height=found.height,
        orientation=found.orientation,
        sha1=content.sha1,
        captured=_choose_date(content, list(found.captured), now, notes),
        position=found.position,
        make=found.make,
        model=found.model,
        duration_s=found.duration_s,
        video_codec=found.video_codec,
        audio_codec=found.audio_codec,
        title=found.title,
        description=found.description,
        content_identifier=found.content_identifier,
        notes=_all_notes(content, kind, notes),
    )


def _xmp_dates(xmp: XmpFields) -> list[Captured]:
    pairs = ((xmp.taken, "XMP:DateTimeOriginal"), (xmp.created, "XMP:DateCreated"))
    dates = (parse_stamp(text, source) for text, source in pairs if text)
    return [date for date in dates if date is not None]


def _choose_date(
    content: Content, dates: list[Captured], now: datetime, notes: list[str]
) -> Captured:
    """Take the first date that can be believed; name and file system come last (SPEC 6.3)."""
    for date in dates:
        if is_believable(date, now):
            return date
        notes.append(f"the date {date.local} of {date.source} cannot be right: ignored")
    named = date_from_name(content.path)
    if named is not None and is_believable(named, now):
        return named
    return date_from_mtime(content.mtime_ns)


def _has_clip(content: Content, xmp: XmpFields) -> bool:
    """Say whether a short film is appended to a still: a flag alone is not believed."""
    data = content.data or b""
    samsung = data[-4:] == b"SEFT"
    if not (xmp.motion or samsung):
        return False
    return data.find(b"ftyp", 16) > 0


def _all_notes(content: Content, kind: Kind, notes: list[str]) -> tuple[str, ...]:
    wrong = disagreement(content.path, kind)
    return (*((wrong,) if wrong else ()), *dict.fromkeys(notes))
