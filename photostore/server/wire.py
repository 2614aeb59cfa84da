"""The JSON forms of an asset and its files. Names from files are text here, and stay text."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from photostore.base.text import display_name
from photostore.media.facts import Face
from photostore.media.regions import turn_face
from photostore.media.thumbhash import turn_thumbhash

if TYPE_CHECKING:
    from photostore.store.details import AssetDetails, FileDetails
    from photostore.store.timeline import TimelineRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Years 1 and 9999: a file system may hold any 64-bit time.
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_000
SOURCES = {
    "file-name": "from the file name",
    "folder": "from the folder's name",
    "mtime": "from the time the file was last changed",
    "ctime": "from the time its name or rights were last changed",
    "siblings": "from the files beside it",
    "person": "given by a person",
}


def wall_time(moment_ms: int | None) -> str | None:
    """Wall clock milliseconds as ISO text without a zone."""
    if moment_ms is None:
        return None
    moment = (EPOCH + timedelta(milliseconds=moment_ms)).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if moment_ms % 1000 else "seconds")


def utc_time(moment_ms: int) -> str:
    """UTC milliseconds as ISO text; what no calendar holds becomes the nearest that one does."""
    within = max(FIRST_MS, min(LAST_MS, moment_ms))
    return (EPOCH + timedelta(milliseconds=within)).isoformat(timespec="seconds")


def offset_text(minutes: int | None) -> str | None:
    """An offset from UTC as `+02:00`."""
    if minutes is None:
        return None
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def source_text(source: str | None) -> str | None:
    """Where a date came from, for people: `from EXIF DateTimeOriginal`."""
    if source is None:
        return None
    return SOURCES.get(source) or "from " + source.replace(":", " ")


def preview_version(sha1: bytes | None, version: int, rotation: int = 0) -> str | None:
    """What makes a preview's URL change whenever the picture does; None without a preview."""
    turned = f"-{rotation}" if rotation else ""
    return f"{sha1.hex()[:16]}-{version}{turned}" if sha1 and version else None


def thumbhash_text(thumbhash: bytes | None, rotation: int) -> str | None:
    """The placeholder of a picture that a person turned, in base64."""
    if not thumbhash:
        return None
    return base64.b64encode(turn_thumbhash(thumbhash, rotation)).decode()


def aspect_of(ratio: int) -> float:
    """Width divided by height, for an aspect byte (`derivation.aspect_byte`)."""
    return float(round(2 ** ((ratio - 128) / 32), 4))


def item_json(row: TimelineRow) -> dict[str, Any]:
    """An asset in a short list: a stream, an act of the journal."""
    return {
        "id": row.public_id,
        "kind": "video" if row.is_video else "photo",
        "ratio": aspect_of(row.ratio),
        "preview": preview_version(row.preview_of, row.preview_version, row.rotation),
        "thumbhash": thumbhash_text(row.thumbhash, row.rotation),
        "title": row.title,
        "taken": wall_time(row.captured_ms),
        "duration_s": None if row.duration_ms is None else row.duration_ms / 1000,
        "motion": row.motion,
        "favourite": row.favourite,
    }


def asset_json(asset: AssetDetails) -> dict[str, Any]:
    """An asset as `GET /api/v1/assets/{id}` shows it; unknown values are null."""
    shown = asset.shown
    upright = asset.rotation in (0, 180)
    return {
        "id": asset.public_id,
        "kind": "video" if asset.is_video else "photo",
        "mime": shown.mime,
        "width": shown.width if upright else shown.height,
        "height": shown.height if upright else shown.width,
        "thumbhash": thumbhash_text(asset.thumbhash, asset.rotation),
        "preview": preview_version(shown.sha1, shown.preview_version, asset.rotation),
        "rotation": asset.rotation,
        "duration_s": None if asset.duration_ms is None else asset.duration_ms / 1000,
        "captured": _captured_json(asset),
        "gps": None
        if asset.lat is None
        else {"lat": asset.lat, "lon": asset.lon, "alt": asset.alt_m},
        "make": asset.make,
        "model": asset.model,
        "lens": asset.lens,
        "exposure_time_s": asset.exposure_s,
        "f_number": asset.f_number,
        "iso": asset.iso,
        "focal_length_mm": asset.focal_mm,
        "video_codec": asset.extra.get("video_codec"),
        "audio_codec": asset.extra.get("audio_codec"),
        "rating": asset.rating,
        "title": asset.title,
        "description": asset.description,
        "keywords": asset.keywords,
        "people": asset.people,
        "favourite": asset.favourite,
        "shelf": asset.shelf,
        "hidden": asset.shelf == "hidden",
        "missing": asset.shelf == "missing",
        "motion_photo": is_moving(asset),
        "label": fact_of(asset, "label"),
        "projection": fact_of(asset, "projection"),
        "colour": asset.extra.get("colour"),
        "hdr": asset.extra.get("hdr"),
        "faces": faces_json(asset),
        "sources": sources_of(asset),
        "notes": asset.extra.get("notes", []),
        "added_at": utc_time(asset.added_at),
        "files": [file_json(file, shown=file is shown) for file in asset.files],
    }


def is_moving(asset: AssetDetails) -> bool:
    """Whether a still has a clip: inside it, or beside it (SPEC 6.5)."""
    beside = any(file.is_video and file.state != "missing" for file in asset.files)
    return not asset.is_video and (beside or bool(asset.extra.get("motion_photo")))


def fact_of(asset: AssetDetails, name: str) -> Any:
    """A fact that any of the files may tell, the shown one first."""
    return next((file.facts[name] for file in asset.files if file.facts.get(name)), None)


def faces_json(asset: AssetDetails) -> list[dict[str, Any]]:
    """The faces that other programs marked; boxes are shares of the picture as displayed."""
    faces = (
        Face(one["name"], tuple(one["box"])) for one in fact_of(asset, "faces") or () if one["box"]
    )
    turned = (turn_face(face, _TURNED.get(asset.rotation, 1)) for face in faces)
    return [
        {"name": face.name, **dict(zip(("x", "y", "width", "height"), face.box or (), strict=True))}
        for face in turned
    ]


def sources_of(asset: AssetDetails) -> dict[str, str]:
    """Where each value comes from, by its name here; what a person said wins (SPEC 6.2)."""
    sources: dict[str, str] = {}
    for file in reversed(asset.files):
        sources |= file.facts.get("sources") or {}
    sources |= dict.fromkeys(asset.edits, "person")
    if asset.captured_source:
        sources["captured"] = asset.captured_source
    return {_WIRE_NAMES.get(name, name): source for name, source in sources.items()}


# The orientation (EXIF) that turns a picture as far as a person did.
_TURNED = {90: 6, 180: 3, 270: 8}
_WIRE_NAMES = {"position": "gps"}


def _captured_json(asset: AssetDetails) -> dict[str, Any] | None:
    if asset.captured_ms is None:
        return None
    return {
        "local": wall_time(asset.captured_ms),
        "offset": offset_text(asset.captured_offset_min),
        "precision": asset.captured_precision,
        "source": asset.captured_source,
        "source_text": source_text(asset.captured_source),
    }


def file_json(file: FileDetails, *, shown: bool) -> dict[str, Any]:
    """One file of an asset. `uri` names it wherever its volume is mounted (SPEC 4.1)."""
    return {
        "id": file.id,
        "path": display_name(file.path),
        "name": display_name(file.name),
        "folder": display_name(file.folder),
        "volume": file.volume_uuid,
        "uri": f"psfile://{quote(file.volume_uuid, safe='')}/{quote(file.relative)}",
        "sha1": file.sha1.hex() if file.sha1 else None,
        "size": file.size,
        "mtime": utc_time(file.mtime_ns // 1_000_000),
        "state": file.state,
        "kind": file.kind,
        "mime": file.mime,
        "width": file.width,
        "height": file.height,
        "shown": shown,
    }
