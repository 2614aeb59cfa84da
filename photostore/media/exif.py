"""EXIF: a TIFF block in, typed fields out (Exif 2.32 / CIPA DC-008). Maker notes are not read.

exifread does the parsing. A crafted block can keep it busy for hours (counts, pointers and chains
are all taken at their word), so it reads through a window that allows a bounded number of reads.
"""

from __future__ import annotations

import io
import logging
import math
from dataclasses import dataclass
from typing import Any, Final

import exifread

from photostore.media.dates import parse_offset, parse_stamp, with_fraction
from photostore.media.facts import Captured, Position
from photostore.media.makernotes import describe_lens
from photostore.media.text import clean_text, decode_text

MAX_READS: Final = 60_000
PATIENCE: Final = 100_000

# exifread logs each oddity of each file; what matters becomes a note.
logging.getLogger("exifread").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class ExifFields:
    """What photostore takes from EXIF; unknown or out of range is None.

    `captured` holds the dates found, best first; `notes` says what was dropped.
    """

    orientation: int | None = None
    captured: tuple[Captured, ...] = ()
    position: Position | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    lens_range: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    focal_length_mm: float | None = None
    iso: int | None = None
    rating: int | None = None
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _TooManyReadsError(Exception):
    pass


class _Window(io.BytesIO):
    """Bytes that allow a bounded number of reads.

    Behind the bound they seem to end, so that what was read up to there is kept; a parser that goes
    on asking even then is stopped.
    """

    left = MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            if self.left < -PATIENCE:
                raise _TooManyReadsError
            return b""
        return super().read(size)


def read_exif(block: bytes) -> ExifFields:
    """Read a TIFF block (behind the `Exif` name in APP1, or a whole TIFF file). Never raises."""
    try:
        tags = exifread.process_file(_Window(block), details=False, extract_thumbnail=False)
    except _TooManyReadsError:
        return ExifFields(notes=("the EXIF data is larger than any camera writes: ignored",))
    except Exception as error:  # noqa: BLE001 - exifread raises nine types on damaged blocks
        return ExifFields(notes=(f"the EXIF data is damaged: {type(error).__name__}",))
    return _Reader(tags).fields()


def read_all_tags(block: bytes) -> dict[str, list[tuple[str, str]]]:
    """Read every tag of a TIFF block as text, maker notes too, by directory. Never raises."""
    try:
        tags = exifread.process_file(_Window(block), details=True, extract_thumbnail=False)
    except Exception as error:  # noqa: BLE001 - as in `read_exif`
        return {"EXIF": [("Damage", type(error).__name__)]}
    found: dict[str, list[tuple[str, str]]] = {}
    for name, tag in tags.items():
        group, _, own = name.partition(" ")
        if own:
            label = _GROUPS.get(group, group)
            found.setdefault(label, []).append((own, str(getattr(tag, "printable", tag))))
    return found


_GROUPS: Final = {"Image": "EXIF, picture", "MakerNote": "Maker note"}


class _Reader:
    """Takes typed values out of exifread's tags; collects notes on what was dropped."""

    def __init__(self, tags: dict[str, Any]) -> None:
        self._tags = tags
        self._notes: list[str] = []

    def fields(self) -> ExifFields:
        orientation = self._number("Image Orientation")
        known = orientation in range(1, 9)
        if orientation is not None and not known and orientation != 0:
            self._notes.append(f"orientation {orientation:g} is none of 1 to 8: ignored")
        rating = self._number("Image Rating")
        title = self._text("Image Tag 0x9C9B")
        return ExifFields(
            orientation=int(orientation) if orientation is not None and known else None,
            captured=self._dates(),
            position=self._position(),
            make=self._text("Image Make"),
            model=self._text("Image Model"),
            lens=self._lens(),
            lens_range=self._lens_range(),
            exposure_time_s=self._ranged("EXIF ExposureTime", "exposure time", 1e-7, 1e6),
            f_number=self._ranged("EXIF FNumber", "aperture", 0.1, 1000),
            focal_length_mm=self._ranged("EXIF FocalLength", "focal length", 0.01, 100_000),
            iso=self._iso(),
            rating=int(rating) if rating is not None and 0 <= rating <= 5 else None,
            title=self._windows_text("Image XPTitle") or title,
            description=self._text("Image ImageDescription")
            or self._windows_text("Image XPComment"),
            keywords=self._keywords(),
            notes=tuple(self._notes),
        )

    def _values(self, name: str) -> Any:
        tag = self._tags.get(name)
        return getattr(tag, "values", None)

    def _text(self, name: str) -> str | None:
        values = self._values(name)
        if isinstance(values, bytes):
            values = decode_text(values)
        elif isinstance(values, list) and len(values) == 1 and isinstance(values[0], int):
            values = str(values[0])  # a number where text belongs
        if not isinstance(values, str):
            return None
        return clean_text(values)

    def _windows_text(self, name: str) -> str | None:
        """Windows keeps its own text tags as bytes of UTF-16."""
        values = self._values(name)
        if not isinstance(values, list) or not all(isinstance(v, int) for v in values):
            return None
        raw = bytes(value & 255 for value in values)
        return clean_text(raw.decode("utf-16-le", "replace"))

    def _keywords(self) -> tuple[str, ...]:
        text = self._windows_text("Image XPKeywords") or ""
        return tuple(dict.fromkeys(word.strip() for word in text.split(";") if word.strip()))

    def _number(self, name: str) -> float | None:
        values = self._values(name)
        first = values[0] if isinstance(values, list) and values else None
        return _as_float(first)

    def _ranged(self, name: str, label: str, least: float, most: float) -> float | None:
        value = self._number(name)
        if value is None or value == 0:
            return None
        if not least <= value <= most:
            self._notes.append(f"{label} {value:g} is out of range: ignored")
            return None
        return value

    def _iso(self) -> int | None:
        value = self._number("EXIF ISOSpeedRatings")
        # 65535 says "more than fits": the real figure stands in the newer tag.
        for tag in ("RecommendedExposureIndex", "ISOSpeed", "StandardOutputSensitivity"):
            if value is None or value in (0, 65535):
                value = self._number(f"EXIF {tag}") or value
        if value is None or value == 0:
            return None
        if not 1 <= value <= 10_000_000:
            self._notes.append(f"ISO {value:g} is out of range: ignored")
            return None
        return int(value)

    def _lens(self) -> str | None:
        text = self._text("EXIF LensModel")
        # Cameras without a lens that they know fill the field with dashes.
        return text if text and text.strip("-. 0/") else None

    def _lens_range(self) -> str | None:
        values = self._values("EXIF LensSpecification")
        if not isinstance(values, list) or len(values) != 4:
            return None
        return describe_lens(tuple(_as_float(value) or 0.0 for value in values))

    def _dates(self) -> tuple[Captured, ...]:
        found = []
        for name, source, fraction, offset in (
            ("EXIF DateTimeOriginal", "EXIF:DateTimeOriginal", "Original", "Original"),
            ("EXIF DateTimeDigitized", "EXIF:DateTimeDigitized", "Digitized", "Digitized"),
            ("Image DateTimeOriginal", "EXIF:DateTimeOriginal", "Original", "Original"),
        ):
            text = self._text(name)
            captured = parse_stamp(text, source) if text else None
            if captured is None:
                if text and any(char in "123456789" for char in text):
                    self._notes.append(f'the date "{text[:40]}" of {source} is no date: ignored')
                continue
            captured = with_fraction(captured, self._text(f"EXIF SubSecTime{fraction}"))
            minutes = parse_offset(self._text(f"EXIF OffsetTime{offset}"))
            if minutes is None:
                minutes = parse_offset(self._text("EXIF OffsetTime"))
            if minutes is not None:
                captured = Captured(captured.local, captured.precision, minutes, captured.source)
            found.append(captured)
        return (*found, *self._gps_date())

    def _gps_date(self) -> tuple[Captured, ...]:
        day, clock = self._text("GPS GPSDate"), self._values("GPS GPSTimeStamp")
        if not day or not isinstance(clock, list) or len(clock) < 3:
            return ()
        parts = [_as_float(part) for part in clock[:3]]
        if any(part is None or not 0 <= part < 61 for part in parts):
            return ()
        hour, minute, second = (part or 0.0 for part in parts)
        stamp = f"{day} {int(hour):02}:{int(minute):02}:{int(second):02}Z"
        captured = parse_stamp(stamp, "EXIF:GPSTimeStamp")
        return (captured,) if captured else ()

    def _position(self) -> Position | None:
        lat = self._degrees("Latitude", "S", 90)
        lon = self._degrees("Longitude", "W", 180)
        if lat is None or lon is None:
            return None
        if lat == 0 and lon == 0:
            self._notes.append("the position 0, 0 is what a receiver without a fix writes: ignored")
            return None
        altitude = self._number("GPS GPSAltitude")
        if altitude is not None and self._number("GPS GPSAltitudeRef") == 1:
            altitude = -altitude
        if altitude is not None and not -12_000 <= altitude <= 100_000:
            self._notes.append(f"altitude {altitude:g} m is out of range: ignored")
            altitude = None
        return Position(lat, lon, altitude)

    def _degrees(self, axis: str, negative: str, most: int) -> float | None:
        values = self._values(f"GPS GPS{axis}")
        if not isinstance(values, list) or not values:
            return None
        parts = [_as_float(value) for value in values[:3]]
        if parts[0] is None or (len(parts) > 1 and parts[1] is None):
            return None
        # Some writers give degrees and minutes only, and 0/0 for the seconds.
        degrees: float = sum((part or 0.0) / 60**power for power, part in enumerate(parts))
        reference = (self._text(f"GPS GPS{axis}Ref") or "").upper()[:1]
        if abs(degrees) > most:
            self._notes.append(f"the {axis.lower()} {degrees:g} is out of range: ignored")
            return None
        return -degrees if reference == negative and degrees > 0 else degrees


def _as_float(value: Any) -> float | None:
    """Return a finite number of what exifread gives for one value: int, Ratio or a tuple of one."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    try:
        number: float = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None
