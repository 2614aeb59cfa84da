"""Facts and poster frame of a video (SPEC 6.4, 8.2). FFmpeg is opened by `film`."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import UnreadableError
from photostore.media.avchd import CameraFields, read_camera_data
from photostore.media.dates import parse_stamp
from photostore.media.film import Reel, open_reel
from photostore.media.gamut import name_code_points
from photostore.media.headers.source import Disk
from photostore.media.image import Picture, turn
from photostore.media.libvips import Image
from photostore.media.quicktime import QuickTimeFields, parse_iso_6709, read_quicktime
from photostore.media.reading import open_regular
from photostore.media.text import clean_text
from photostore.media.tone import HDR_TRANSFERS, to_standard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from photostore.media.facts import Captured, Facts, Position
    from photostore.media.kinds import Kind
    from photostore.media.reading import Content

ISO_KINDS: Final = frozenset(("mp4", "mov", "3gp"))
POSTER_SHARE: Final = 0.1
POSTER_MAX_S: Final = 3.0
# How far to decode towards the wished frame, and how many later frames to look at for a bright one.
_MAX_FRAMES_TO_POSTER: Final = 240
_MAX_FRAMES_BEHIND: Final = 240
_MAX_FRAMES_TO_KEY: Final = 30
_LATER_SHARES: Final = (0.25, 0.5, 0.75)
_BLACK_MEAN: Final = 14.0
_DISPLAY_MATRIX: Final = "DISPLAYMATRIX"

# Signs of the display matrix's four terms (a, b, c, d) → EXIF orientation.
_MATRICES: Final = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


@dataclass(frozen=True, slots=True)
class VideoFields:
    """What a container and its first frame say. Sizes are as displayed, in pixels."""

    width: int
    height: int
    orientation: int
    duration_s: float | None
    video_codec: str | None
    audio_codec: str | None
    captured: tuple[Captured, ...]
    position: Position | None
    make: str | None
    model: str | None
    title: str | None
    description: str | None
    content_identifier: str | None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    iso: int | None = None
    keywords: tuple[str, ...] = ()
    xmp: bytes | None = None
    colour: str | None = None
    hdr: str | None = None
    notes: tuple[str, ...] = ()


def read_video(content: Content, kind: Kind) -> VideoFields:
    """Read a video's facts; decodes its first frame, which proves that it plays at all.

    Raises as `film.open_reel`.
    """
    own = _own_metadata(content, kind)
    with open_reel(content, kind) as reel:
        frame = next(reel.frames(), None)
        if frame is None:
            raise UnreadableError(content.path, "damaged or cut short: no frame can be decoded")
        orientation = _orientation(frame)
        width, height = _shown_size(reel.stream, frame, own.shown_px)
        if orientation >= 5:
            width, height = height, width
        audio = next((track for track in reel.container.streams if track.type == "audio"), None)
        tags = {
            key.lower(): value
            for source in (reel.stream.metadata, reel.container.metadata)
            for key, value in source.items()
        }
        codec = reel.stream.codec_context
        colour, hdr = name_code_points(int(codec.color_primaries), int(codec.color_trc))
        camera = _camera_data(reel, frame) if kind.name == "m2ts" else CameraFields()
        dates = own.captured if kind.name in ISO_KINDS else tuple(_dates(tags))
        return VideoFields(
            width=width,
            height=height,
            orientation=orientation,
            duration_s=_duration(reel, own.duration_s),
            video_codec=_codec_name(reel.stream),
            audio_codec=_codec_name(audio),
            captured=(*camera.captured, *dates),
            position=own.position or _position(tags),
            make=own.make or camera.make or _tag(tags, "make", "manufacturer"),
            model=own.model or camera.model or _tag(tags, "model"),
            title=own.title or _tag(tags, "title"),
            description=own.description or _tag(tags, "description", "comment"),
            content_identifier=own.content_identifier,
            lens=own.lens,
            exposure_time_s=own.exposure_time_s,
            f_number=own.f_number,
            focal_length_mm=own.focal_length_mm,
            iso=own.iso,
            keywords=own.keywords,
            xmp=own.xmp,
            colour=colour,
            hdr=hdr,
            notes=own.notes,
        )


def _camera_data(reel: Reel, first: Any) -> CameraFields:
    """Read what a camcorder wrote; it stands with key frames, and a stream may begin between."""
    found = read_camera_data(first)
    for _, frame in zip(range(_MAX_FRAMES_TO_KEY), reel.frames(), strict=False):
        if found.captured:
            break
        found = read_camera_data(frame)
    return found


def _own_metadata(content: Content, kind: Kind) -> QuickTimeFields:
    if kind.name not in ISO_KINDS:
        return QuickTimeFields()
    descriptor = open_regular(content.path)
    try:
        return read_quicktime(Disk(descriptor, content.size))
    except OSError as error:
        raise UnreadableError(content.path, f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)


def decode_poster(content: Content, facts: Facts, long_edge_px: int) -> Picture:
    """Return the frame that stands for a video: at 10 %, at most 3 s in, not black if one is not.

    Raises as `film.open_reel`.
    """
    with open_reel(content, facts.kind) as reel:
        wished_s = min((facts.duration_s or 0.0) * POSTER_SHARE, POSTER_MAX_S)
        first: Any = None
        for frame in _candidates(reel, wished_s, facts.duration_s or 0.0):
            image = _to_image(frame, reel.stream, long_edge_px)
            if not _is_black(image):
                first = image
                break
            first = image if first is None else first
        if first is None:
            raise UnreadableError(content.path, "damaged or cut short: no frame can be decoded")
        return Picture(turn(first, facts.orientation).copy_memory(), None)


def _candidates(reel: Reel, wished_s: float, duration_s: float) -> Iterator[Any]:
    """Yield the wished frame, then later ones, ever sparser."""
    last: Any = None
    start_s = float((reel.stream.start_time or 0) * (reel.stream.time_base or 0))
    for count, frame in enumerate(_frames_from(reel, start_s + wished_s)):
        last = frame
        reached = frame.time is None or frame.time - start_s >= wished_s - 0.001
        if reached or count >= _MAX_FRAMES_TO_POSTER:
            break
    if last is None:
        last = next(_frames_from(reel, 0.0), None)
        if last is None:
            return
    yield last
    for share in _LATER_SHARES:
        frame = next(_frames_from(reel, start_s + share * duration_s), None)
        if frame is not None:
            yield frame
    for count, frame in enumerate(_frames_from(reel, start_s)):
        if count >= _MAX_FRAMES_BEHIND:
            return
        if count % 6 == 5:
            yield frame


def _frames_from(reel: Reel, time_s: float) -> Iterator[Any]:
    """Yield frames from the key frame before a time; where seeking fails, from where it stands."""
    try:
        reel.container.seek(max(0, int(time_s * 1_000_000)))
    except OSError:
        return reel.frames()
    return reel.frames()


def _shown_size(
    stream: Any, frame: Any, announced: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Return a frame's size with square pixels; the container's own figure settles the rounding."""
    ratio = stream.sample_aspect_ratio or 0
    wide = frame.width * float(ratio) if 0.1 < ratio < 10 else frame.width
    if announced and abs(announced[0] - wide) <= 1 and announced[1] == frame.height:
        return max(1, announced[0]), int(frame.height)
    return max(1, round(wide)), int(frame.height)


def _to_image(frame: Any, stream: Any, long_edge_px: int) -> Any:
    """Scale a frame down in FFmpeg and return it as a libvips image, not yet turned."""
    width, height = _shown_size(stream, frame)
    scale = min(1.0, long_edge_px / max(width, height))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    small = frame.reformat(width, height, "rgb24", interpolation="AREA" if scale < 1 else "BICUBIC")
    plane = small.planes[0]
    row, raw = width * 3, memoryview(plane)
    if plane.line_size != row:
        raw = memoryview(
            b"".join(raw[y * plane.line_size : y * plane.line_size + row] for y in range(height))
        )
    image = Image.new_from_memory(bytes(raw[: row * height]), width, height, 3, "uchar")
    image = image.copy(interpretation="srgb")
    codec = stream.codec_context
    if codec.color_trc in HDR_TRANSFERS:
        return to_standard(image, int(codec.color_primaries), int(codec.color_trc))
    return image


def _is_black(image: Any) -> bool:
    return bool(image.avg() < _BLACK_MEAN)


def _orientation(frame: Any) -> int:
    """Turn a display matrix into the EXIF number that does the same."""
    for entry in frame.side_data:
        if entry.type.name == _DISPLAY_MATRIX and len(bytes(entry)) >= 36:
            a, b, _, c, d = struct.unpack_from("<5i", bytes(entry))
            largest = max(map(abs, (a, b, c, d))) or 1
            signs = tuple(round(value / largest) for value in (a, b, c, d))
            return _MATRICES.get(signs, 1)
    return 1


def _duration(reel: Reel, announced_s: float | None) -> float | None:
    """FFmpeg leaves out a long last frame; the movie header knows better unless it is far off."""
    duration: float | None = None
    if reel.container.duration:
        duration = float(reel.container.duration) / 1_000_000
    elif reel.stream.duration and reel.stream.time_base:
        duration = float(reel.stream.duration * reel.stream.time_base)
    if announced_s and (duration is None or 0.8 <= announced_s / duration <= 1.25):
        return announced_s
    return duration


def _codec_name(track: Any) -> str | None:
    codec = track.codec_context if track is not None else None
    return str(codec.codec.canonical_name) if codec is not None else None


def _dates(tags: Mapping[str, str]) -> Iterator[Captured]:
    """Yield the dates of containers that are no MP4. What has no zone is taken for wall clock."""
    for key, source in (
        ("date_time_original", "Container:DateTimeOriginal"),
        ("creation_time", "Container:Date"),
        ("date", "Container:Date"),
    ):
        captured = parse_stamp(tags.get(key, ""), source)
        if captured is not None:
            yield captured


def _position(tags: Mapping[str, str]) -> Position | None:
    return parse_iso_6709(_tag(tags, "com.apple.quicktime.location.iso6709", "location") or "")


def _tag(tags: Mapping[str, str], *names: str) -> str | None:
    for name in names:
        text = clean_text(tags.get(name, ""))
        if text:
            return text
    return None
