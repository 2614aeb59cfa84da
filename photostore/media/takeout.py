"""Google Takeout: which JSON belongs to which photo, and what it says (SPEC 6.2).

Names are cut to 46 characters in front of `.json`, numbered in several places, and shared by edited
twins and by the clips of live photos. Only names are looked at here; reading comes after.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from photostore.media.facts import Captured, Position, Precision
from photostore.media.text import clean_text, clean_words

MAX_STEM: Final = 46
_MIN_CUT: Final = 44
_SUPPLEMENT: Final = ".supplemental-metadata"
_NUMBERED: Final = re.compile(r"(.*)\((\d{1,5})\)\Z", re.DOTALL)
# How the app names edited copies, in the languages it speaks.
_EDITED: Final = (
    "-edited", "-effects", "-smile", "-mix", "-bearbeitet", "-modifié", "-modifie", "-editado",
    "-editada", "-modificato", "-bewerkt", "-edytowane", "-redigerad", "-redigeret", "-redigert",
    "-muokattu", "-upraveno", "-szerkesztett", "-düzenlendi", "-edicions", "-изменено",
    "-編集済み", "-已修改", "-已編輯", "-편집됨",
)  # fmt: skip
_ALBUM_NAME: Final = re.compile(r"m[eé]ta\w*(?:\(\d+\))?\.json\Z|мета\w*\.json\Z", re.IGNORECASE)
_MAX_PEOPLE: Final = 500
_FARTHEST_SAME_DEGREES: Final = 1e-4


@dataclass(frozen=True, slots=True)
class TakeoutFields:
    """What Google knew of a photo.

    `position` is what a person or Google set, `camera_position` what the file said;
    `original_name` is the name before Takeout shortened it.
    """

    original_name: str | None = None
    captured: tuple[Captured, ...] = ()
    position: Position | None = None
    camera_position: Position | None = None
    description: str | None = None
    people: tuple[str, ...] = ()
    favourite: bool | None = None
    archived: bool | None = None
    trashed: bool | None = None

    @property
    def moved(self) -> bool:
        """Whether the position is another one than the camera's: somebody corrected it."""
        set_, camera = self.position, self.camera_position
        if set_ is None or camera is None:
            return set_ is not None
        apart = max(abs(set_.lat - camera.lat), abs(set_.lon - camera.lon))
        return apart > _FARTHEST_SAME_DEGREES


def match_strength(media: str, sidecar: str) -> int | None:
    """Return how a JSON's name fits that of a photo or film: 0 is best, None not at all.

    Both are plain names, `sidecar` with its `.json`; case does not count.
    """
    wanted, given = media.lower(), sidecar.lower().removesuffix(".json")
    direct = _direct(wanted, given)
    if direct is not None:
        return direct
    stem, dot, extension = wanted.rpartition(".")
    if not dot:
        return None
    plain, number = _split_number(stem)
    for suffix in _EDITED:
        if plain.endswith(suffix):
            original = plain.removesuffix(suffix) + (f"({number})" if number else "")
            direct = _direct(f"{original}.{extension}", given)
            return None if direct is None else 4 + direct
    if given == stem:
        return 3
    # A live photo's clip: the JSON is the still's.
    still, still_dot, still_extension = given.partition(_SUPPLEMENT[:2])[0].rpartition(".")
    if extension in ("mp4", "mov", "mp") and still_dot and still_extension in _STILLS:
        return 8 if still == stem else None
    return None


_STILLS: Final = frozenset(("heic", "heif", "jpg", "jpeg"))


def _direct(media: str, given: str) -> int | None:
    if given == media:
        return 0
    base, number = _split_number(given)
    stem, dot, extension = media.rpartition(".")
    plain, own = _split_number(stem) if dot else (media, None)
    name = plain + dot + extension
    for candidate, candidate_number, base_, base_number in (
        (name, own, base, number),
        (media, None, given, None),
    ):
        if candidate_number != base_number:
            continue
        if base_ == candidate:
            return 0
        rest = base_.removeprefix(candidate)
        if rest != base_ and len(rest) >= 2 and _SUPPLEMENT.startswith(rest):
            return 1
        whole = candidate + _SUPPLEMENT
        if len(base_) >= _MIN_CUT and whole.startswith(base_) and len(base_) >= len(plain) - 4:
            return 2
        # Names cut both ways: the photo's keeps its extension, the JSON's does not.
        if len(base_) >= _MIN_CUT and plain.startswith(base_):
            return 2
    return None


def _split_number(stem: str) -> tuple[str, str | None]:
    match = _NUMBERED.match(stem)
    return (match[1], match[2]) if match else (stem, None)


def is_album_name(name: str) -> bool:
    """Say whether a file of this name may describe a folder as an album."""
    return _ALBUM_NAME.match(name) is not None


def parse_json(data: bytes) -> dict[str, Any] | None:
    """Return the object in a JSON file, None for anything else."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_takeout(data: bytes) -> TakeoutFields | None:
    """Read a photo's JSON; None when it is something else."""
    found = parse_json(data)
    if found is None or not ("photoTakenTime" in found or "geoData" in found):
        return None
    stamp = _stamp(found.get("photoTakenTime"))
    people = found.get("people")
    names = [
        str(person.get("name") or "")
        for person in (people[:_MAX_PEOPLE] if isinstance(people, list) else ())
        if isinstance(person, dict)
    ]
    return TakeoutFields(
        original_name=_text(found.get("title")),
        captured=(stamp,) if stamp else (),
        position=_position(found.get("geoData")),
        camera_position=_position(found.get("geoDataExif")),
        description=_text(found.get("description")),
        people=clean_words(names),
        favourite=True if found.get("favorited") is True else None,
        archived=True if found.get("archived") is True else None,
        trashed=True if found.get("trashed") is True else None,
    )


def read_album_title(data: bytes) -> str | None:
    """Return the title in a folder's `metadata.json`, None when it describes no album."""
    found = parse_json(data)
    if found is None or "photoTakenTime" in found:
        return None
    inner = found.get("albumData")
    return _text((inner if isinstance(inner, dict) else found).get("title"))


def _text(value: object) -> str | None:
    return clean_text(value) if isinstance(value, str) else None


def _stamp(value: object) -> Captured | None:
    seconds = value.get("timestamp") if isinstance(value, dict) else None
    try:
        stamp = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(str(seconds)))
    except (ValueError, OverflowError):
        return None
    return Captured(stamp.replace(tzinfo=None), Precision.SECOND, 0, "Takeout:photoTakenTime")


def _position(value: object) -> Position | None:
    if not isinstance(value, dict):
        return None
    numbers = [value.get(name) for name in ("latitude", "longitude", "altitude")]
    lat, lon, altitude = (
        float(number) if isinstance(number, int | float) and math.isfinite(number) else None
        for number in numbers
    )
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        return None
    return Position(lat, lon, altitude or None)
