"""What is compared: a field's target, what the truth says of a file, what photostore says.

An expectation of None means that the truth has no value for this file: it is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from photostore.media.dates import is_believable, parse_offset, parse_stamp
from photostore.media.facts import Facts
from photostore.media.kinds import Group

Item = Mapping[str, Any]

# exiftool's names for kinds that photostore calls otherwise, or does not tell apart.
_SAME_KIND: Final = {
    "image/apng": "image/png",
    "image/heif": "image/heic",
    "image/heif-sequence": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/x-j2c": "image/jp2",
    "image/jpx": "image/jp2",
    "image/x-tiff-big": "image/tiff",
    "application/vnd.adobe.photoshop": "image/vnd.adobe.photoshop",
    "video/m2ts": "video/mp2t",
    "image/x-raw": "image/x-phaseone-iiq",
    "video/3gpp": "video/mp4",
}
_FAR_FUTURE: Final = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the table. `target` is the share that has to be right."""

    name: str
    target: float
    expected: Callable[[Item], Any]
    found: Callable[[Facts], Any]
    same: Callable[[Any, Any], bool] = lambda wanted, found: wanted == found


def _truth(name: str) -> Callable[[Item], Any]:
    return lambda item: item["truth"].get(name)


def _kind(item: Item) -> str | None:
    mime = item["truth"].get("mime")
    return _SAME_KIND.get(mime, mime)


def _size(item: Item) -> tuple[int, int] | None:
    """As displayed: what a decoder measured, else what is stored, turned where it has to be."""
    truth, decoded = item["truth"], item.get("decoded") or {}
    whole = decoded.get("width") and decoded.get("by") not in ("libraw", "LibRaw")
    source = decoded if whole and not _is_raw(item) else truth
    width, height = source.get("width"), source.get("height")
    if not width or not height:
        return None
    mime = str(truth.get("mime"))
    upright = mime.startswith(("image/hei", "image/avif", "image/jxl")) and source is decoded
    turned = (truth.get("orientation") or 1) >= 5 and not upright
    turned = turned or truth.get("rotation") in (90, 270)
    return (height, width) if turned else (width, height)


def _is_raw(item: Item) -> bool:
    mime = str(item["truth"].get("mime"))
    return (mime.startswith("image/x-") and mime not in _SAME_KIND) or item["kind"] == "raw"


def _captured(item: Item) -> datetime | None:
    """Only dates with a time of day that can be right at all.

    Where Takeout's JSON has a date and the file has none, that is the truth (in UTC).
    """
    text = str(item["truth"].get("date_time_original") or "")
    stamp = parse_stamp(text, "truth")
    if stamp is None or re.search(r"\d\d:\d\d:\d\d.*\d\d:\d\d", text) is None:
        return None
    return stamp.local.replace(microsecond=0) if is_believable(stamp, _FAR_FUTURE) else None


def _offset(item: Item) -> int | None:
    truth = item["truth"]
    if _captured(item) is None:
        return None
    if str(truth.get("date_tag", "")).endswith(":CreationDate"):
        stamp = parse_stamp(truth["date_time_original"], "truth")
        return stamp.offset_min if stamp else None
    return parse_offset(str(truth.get("offset") or ""))


def _utc(item: Item) -> datetime | None:
    """A film's own clock, which is in UTC, where there is nothing better."""
    truth = item["truth"]
    if _captured(item) or not str(truth.get("mime")).startswith("video/"):
        return None
    stamp = parse_stamp(str(truth.get("create_date") or ""), "truth")
    return stamp.local if stamp and is_believable(stamp, _FAR_FUTURE) else None


def _found_utc(facts: Facts) -> datetime | None:
    taken = facts.captured
    if taken is None:
        return None
    return taken.local.replace(microsecond=0) - timedelta(minutes=taken.offset_min or 0)


def _position(item: Item) -> tuple[float, float] | None:
    truth = item["truth"]
    lat, lon = truth.get("gps_lat"), truth.get("gps_lon")
    if not isinstance(lat, (int, float)) or not isinstance(lon, (int, float)):
        return None
    return (lat, lon) if (lat or lon) and abs(lat) <= 90 and abs(lon) <= 180 else None


def _near(wanted: tuple[float, float], found: tuple[float, float] | None) -> bool:
    return found is not None and all(abs(a - b) <= 1e-4 for a, b in zip(wanted, found, strict=True))


def _text(name: str) -> Callable[[Item], str | None]:
    def read(item: Item) -> str | None:
        value = item["truth"].get(name)
        text = " ".join(str(value).replace("\x00", " ").split()) if value is not None else ""
        return text or None

    return read


def _same_text(wanted: str, found: str | None) -> bool:
    return found is not None and " ".join(found.split()) == wanted


def _number(name: str) -> Callable[[Item], float | None]:
    def read(item: Item) -> float | None:
        try:
            value = float(item["truth"].get(name))
        except (TypeError, ValueError):
            return None
        return value or None

    return read


def _close(share: float) -> Callable[[float, float | None], bool]:
    return lambda wanted, found: found is not None and abs(found - wanted) <= share * abs(wanted)


def _words(name: str) -> Callable[[Item], list[str] | None]:
    def read(item: Item) -> list[str] | None:
        value = item["truth"].get(name)
        if not value:
            return None
        return sorted({" ".join(str(word).split()) for word in value} - {""}) or None

    return read


def _motion(item: Item) -> bool | None:
    return item["truth"]["is_motion_photo"] if item["truth"].get("mime") else None


FIELDS: Final = (
    Field("kind", 0.99, _kind, lambda f: _SAME_KIND.get(f.kind.mime, f.kind.mime)),
    Field("width and height", 0.99, _size, lambda f: (f.width, f.height)),
    Field(
        "capture time",
        0.99,
        _captured,
        lambda f: f.captured.local.replace(microsecond=0) if f.captured else None,
    ),
    Field("offset", 0.98, _offset, lambda f: f.captured.offset_min if f.captured else None),
    Field("film's clock (UTC)", 0.99, _utc, _found_utc),
    Field(
        "position",
        0.99,
        _position,
        lambda f: (f.position.lat, f.position.lon) if f.position else None,
        _near,
    ),
    Field("make", 0.99, _text("make"), lambda f: f.make, _same_text),
    Field("model", 0.99, _text("model"), lambda f: f.model, _same_text),
    Field("exposure", 0.98, _number("exposure_time"), lambda f: f.exposure_time_s, _close(0.01)),
    Field("f-number", 0.98, _number("f_number"), lambda f: f.f_number, _close(0.01)),
    Field("ISO", 0.98, _number("iso"), lambda f: f.iso, _close(0)),
    Field("focal length", 0.98, _number("focal_length"), lambda f: f.focal_length_mm, _close(0.01)),
    Field("lens", 0.90, _text("lens"), lambda f: f.lens, _same_text),
    Field("rating", 0.98, _truth("rating"), lambda f: f.rating or 0),
    Field("keywords", 0.98, _words("keywords"), lambda f: sorted(f.keywords)),
    Field("people", 0.98, _words("people"), lambda f: sorted(f.people)),
    Field("title", 0.98, _text("title"), lambda f: f.title, _same_text),
    Field("description", 0.98, _text("description"), lambda f: f.description, _same_text),
    Field(
        "duration",
        0.99,
        _number("duration_s"),
        lambda f: f.duration_s,
        lambda wanted, found: found is not None and abs(wanted - found) <= 0.1,
    ),
    Field("video codec", 0.99, _truth("video_codec"), lambda f: f.video_codec),
    Field("audio codec", 0.99, _truth("audio_codec"), lambda f: f.audio_codec),
    Field("content identifier", 0.99, _truth("content_identifier"), lambda f: f.content_identifier),
    Field("motion photo", 0.99, _motion, lambda f: f.motion_photo),
)


def is_film(facts: Facts) -> bool:
    return facts.kind.group is Group.VIDEO
