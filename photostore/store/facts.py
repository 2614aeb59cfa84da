"""What was read in a file, in the columns that the database keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# show_rank of each class of file (SPEC 7.2: JPEG over HEIC over RAW; a still over its clip).
BROWSER_RANK, HEIC_RANK, RAW_RANK, VIDEO_RANK = 40, 30, 20, 10
# captured_rank: how far the source of a date is trusted (SPEC 6.3).
UNDATED_RANK, FILE_SYSTEM_RANK, FOLDER_RANK, FILE_NAME_RANK, CAMERA_RANK = 0, 1, 2, 3, 4


class ScreenState(Enum):
    """What became of a file's screen picture: made with the grid picture, to follow, untouched."""

    MADE = "made"
    DUE = "due"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the readers that made some facts (`pending_files` compares them)."""

    probe: int
    preview: int
    screen: ScreenState = ScreenState.MADE


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was read in a file, in the columns that the database keeps. Units are in the names."""

    sha1: bytes
    kind: str
    mime: str
    is_video: bool
    width: int
    height: int
    orientation: int
    show_rank: int
    duration_ms: int | None = None
    captured_ms: int | None = None
    captured_precision: str | None = None
    captured_offset_min: int | None = None
    captured_source: str | None = None
    captured_rank: int = 0
    lat: float | None = None
    lon: float | None = None
    alt_m: float | None = None
    title: str | None = None
    description: str | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    content_identifier: str | None = None
    extra: str = "{}"
    thumbhash: bytes | None = None
    sidecars: bytes | None = None


FACT_COLUMNS = (
    "sha1",
    "kind",
    "mime",
    "is_video",
    "width",
    "height",
    "orientation",
    "show_rank",
    "duration_ms",
    "captured_ms",
    "captured_precision",
    "captured_offset_min",
    "captured_source",
    "captured_rank",
    "lat",
    "lon",
    "alt_m",
    "title",
    "description",
    "rating",
    "make",
    "model",
    "lens",
    "exposure_s",
    "f_number",
    "iso",
    "focal_mm",
    "content_identifier",
    "thumbhash",
    "sidecars",
)
