"""What is known about one media file (SPEC 6): the types that leave this floor."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from photostore.media.kinds import Kind


class Precision(StrEnum):
    """How exactly a capture time is known (SPEC 6.3)."""

    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Captured:
    """When a picture was taken: the wall clock at the place (SPEC 6.3).

    `local` is naive; `offset_min` is minutes east of UTC, None where unknown; `source` is a machine
    name such as `EXIF:DateTimeOriginal`, `QuickTime:CreationDate`, `file-name`, `mtime`.
    """

    local: datetime
    precision: Precision
    offset_min: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth: signed decimal degrees (WGS 84), metres above sea level where known."""

    lat: float
    lon: float
    alt_m: float | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody in a picture, as another program marked it; `name` None for an unknown face.

    `box` is left, top, width, height as shares (0..1) of the picture, None for a name without one.
    """

    name: str | None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class ClipRange:
    """Where the clip of a motion photo lies inside its still: bytes of the file, and what it is."""

    offset: int
    length: int
    mime: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything read from one file.

    `width` and `height` are as displayed, after orientation (SPEC 6.4), in pixels. `orientation` is
    the EXIF number 1..8 that stands in the file (for HEIF and video its equivalent). `notes` are
    sentences that a person may want to read: wrong extension, damage, dropped numbers (SPEC 6.6).
    `rating` is -1 (rejected) to 5. `faces` lie in the picture as displayed. `favourite` and
    `archived` are what another library said, None where it said nothing. `projection` is
    `equirectangular` and the like for pictures around one. `colour` names the colours where they
    are not the usual ones (a profile's own name), `hdr` is `gain map`, `PQ` or `HLG`. `dates` are
    all that were found, before one was chosen. Unknown is None or empty.

    `said` is what a person said in an earlier photostore, from the sidecar that it wrote.

    `sources` says for each known field, by its name here, where its value comes from: `EXIF`,
    `XMP`, `IPTC`, `maker-note`, `QuickTime`, `container`, `sidecar:xmp`, `sidecar:takeout`. For
    `captured` it is `Captured.source`; `offset` is that of its offset: a tag's name, `position`,
    `gps-time`, `file-name`, or `UTC` for an instant whose wall clock is unknown.
    """

    kind: Kind
    width: int
    height: int
    orientation: int
    sha1: bytes
    captured: Captured | None = None
    position: Position | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    iso: int | None = None
    duration_s: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    animated: bool = False
    has_alpha: bool = False
    rating: int | None = None
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    content_identifier: str | None = None
    motion_photo: bool = False
    notes: tuple[str, ...] = ()
    clip: ClipRange | None = None
    label: str | None = None
    keyword_paths: tuple[tuple[str, ...], ...] = ()
    faces: tuple[Face, ...] = ()
    albums: tuple[str, ...] = ()
    favourite: bool | None = None
    archived: bool | None = None
    projection: str | None = None
    colour: str | None = None
    hdr: str | None = None
    dates: tuple[Captured, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict, hash=False)
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)
