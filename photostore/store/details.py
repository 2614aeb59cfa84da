"""One asset in full: what the info panel and `GET /api/v1/assets/{id}` show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photostore.store.derivation import UNDATED_MS
from photostore.store.edits import Edit, Field, load_edits, with_keywords
from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.store.db import Reading, Row
    from photostore.store.scope import Scope


@dataclass(frozen=True, slots=True)
class FileDetails:
    """One file of an asset; `path` is absolute as the volume is mounted now."""

    id: int
    path: bytes
    folder: bytes
    name: bytes
    relative: bytes
    volume_uuid: str
    sha1: bytes | None
    size: int
    mtime_ns: int
    state: str
    kind: str | None
    mime: str | None
    is_video: bool
    width: int | None
    height: int | None
    preview_version: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AssetDetails:
    """An asset with its files, the shown one first. Unknown values are None.

    `rotation`: degrees clockwise that a person turned it by; `extra` are the shown file's facts.
    """

    id: int
    public_id: str
    shelf: str
    is_video: bool
    captured_ms: int | None
    captured_precision: str | None
    captured_offset_min: int | None
    captured_source: str | None
    thumbhash: bytes | None
    duration_ms: int | None
    favourite: bool
    rating: int | None
    title: str | None
    description: str | None
    keywords: tuple[str, ...]
    people: tuple[str, ...]
    lat: float | None
    lon: float | None
    alt_m: float | None
    make: str | None
    model: str | None
    lens: str | None
    exposure_s: float | None
    f_number: float | None
    iso: int | None
    focal_mm: float | None
    extra: Mapping[str, object]
    added_at: int
    rotation: int
    edits: Mapping[str, Edit]
    files: tuple[FileDetails, ...]

    @property
    def shown(self) -> FileDetails:
        """The file that stands for the asset."""
        return self.files[0]


async def find_asset_id(reading: Reading, scope: Scope, public_id: str) -> int | None:
    """The database id of an asset that the scope may see."""
    found = await reading.fetch_value(
        "SELECT id FROM asset WHERE public_id = ? AND owner_id = ?", (public_id, scope.user_id)
    )
    return None if found is None else int(found)


async def find_asset_ids(
    reading: Reading, scope: Scope, public_ids: Sequence[str]
) -> dict[str, int]:
    """Database ids by public id, without those that the scope may not see."""
    rows = await reading.fetch_all(
        # The plus keeps the planner from walking all of an owner's assets by an index.
        """SELECT public_id, id FROM asset WHERE +owner_id = :owner
             AND public_id IN (SELECT value FROM json_each(:ids))""",
        {"owner": scope.user_id, "ids": json.dumps(list(public_ids))},
    )
    return {row["public_id"]: row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class AssetTag:
    """A tag of an asset; `names` from the root of its tree. `codes` are those of countries."""

    id: int
    kind: str
    names: tuple[str, ...]
    codes: tuple[str | None, ...]


async def load_tags(reading: Reading, asset_id: int) -> list[AssetTag]:
    """The narrowest tags of an asset, each with its way from the root."""
    rows = await reading.fetch_all(
        """SELECT asset_tag.tag_id, tag.kind, above.name, above.code FROM asset_tag
           JOIN tag ON tag.id = asset_tag.tag_id
           JOIN tag_line ON tag_line.tag_id = tag.id
           JOIN tag AS above ON above.id = tag_line.ancestor_id
           WHERE asset_tag.asset_id = ? ORDER BY tag.kind, tag.key, above.level""",
        (asset_id,),
    )
    tags: dict[int, tuple[str, list[str], list[str | None]]] = {}
    for row in rows:
        _, names, codes = tags.setdefault(row["tag_id"], (row["kind"], [], []))
        names.append(row["name"])
        codes.append(row["code"])
    return [
        AssetTag(tag_id, kind, tuple(names), tuple(codes))
        for tag_id, (kind, names, codes) in tags.items()
    ]


async def load_assets(
    reading: Reading, scope: Scope, asset_ids: Sequence[int]
) -> list[AssetDetails]:
    """Details of these assets, in the order asked for, without those the scope may not see."""
    parameters = {"ids": json.dumps(list(asset_ids)), "owner": scope.user_id}
    assets = await reading.fetch_all(
        """SELECT * FROM asset WHERE +owner_id = :owner
             AND id IN (SELECT value FROM json_each(:ids))""",
        parameters,
    )
    files = await reading.fetch_all(
        """SELECT file.*, folder.path AS folder, volume.mount_path, volume.uuid FROM file
           JOIN folder ON folder.id = file.folder_id JOIN volume ON volume.id = folder.volume_id
           WHERE file.asset_id IN (SELECT value FROM json_each(:ids))
           ORDER BY file.gone_at IS NOT NULL, file.show_rank DESC, file.width * file.height DESC,
             file.id""",
        parameters,
    )
    by_asset: dict[int, list[Row]] = {}
    for file in files:
        by_asset.setdefault(file["asset_id"], []).append(file)
    edits = await load_edits(reading, asset_ids)
    found = {asset["id"]: asset for asset in assets}
    return [
        _details(found[asset_id], by_asset[asset_id], edits.get(asset_id, {}))
        for asset_id in asset_ids
        if asset_id in found and asset_id in by_asset
    ]


def _details(asset: Row, files: Sequence[Row], edits: Mapping[str, Edit]) -> AssetDetails:
    ordered = sorted(files, key=lambda file: file["id"] != asset["shown_file_id"])
    shown = ordered[0]
    undated = asset["captured_ms"] == UNDATED_MS
    return AssetDetails(
        id=asset["id"],
        public_id=asset["public_id"],
        shelf=asset["shelf"],
        is_video=bool(asset["is_video"]),
        captured_ms=None if undated else asset["captured_ms"],
        captured_precision=asset["captured_precision"],
        captured_offset_min=asset["captured_offset_min"],
        captured_source=asset["captured_source"],
        thumbhash=asset["thumbhash"],
        duration_ms=asset["duration_ms"],
        favourite=bool(asset["favourite"]),
        rating=asset["rating"],
        title=asset["title"],
        description=asset["description"],
        keywords=with_keywords(_merged(ordered, "keywords"), edits.get(Field.KEYWORDS)),
        people=_merged(ordered, "people"),
        lat=asset["lat"],
        lon=asset["lon"],
        alt_m=asset["alt_m"],
        make=shown["make"],
        model=shown["model"],
        lens=shown["lens"],
        exposure_s=shown["exposure_s"],
        f_number=shown["f_number"],
        iso=shown["iso"],
        focal_mm=shown["focal_mm"],
        extra=json.loads(shown["facts"] or "{}"),
        added_at=asset["added_at"],
        rotation=asset["rotation"],
        edits=edits,
        files=tuple(_file_details(file) for file in ordered),
    )


def _file_details(file: Row) -> FileDetails:
    folder = join_path(file["mount_path"], file["folder"])
    # A trashed file whose name another one took since has its id behind a slash.
    name = file["name"].partition(b"/")[0]
    return FileDetails(
        id=file["id"],
        path=join_path(folder, name),
        folder=folder,
        name=name,
        relative=join_path(file["folder"], name),
        volume_uuid=file["uuid"],
        sha1=file["sha1"],
        size=file["size"],
        mtime_ns=file["mtime_ns"],
        state=_state(file),
        kind=file["kind"],
        mime=file["mime"],
        is_video=bool(file["is_video"]),
        width=file["width"],
        height=file["height"],
        preview_version=file["preview_version"],
        facts=json.loads(file["facts"] or "{}"),
    )


def _state(file: Row) -> str:
    """What a person is told of a file: where it is counts before how it was read."""
    if file["trashed"] is not None:
        return "trashed"
    return "missing" if file["gone_at"] is not None else str(file["state"])


def _merged(files: Sequence[Row], column: str) -> tuple[str, ...]:
    """The values of all files, each once, in the order of first occurrence."""
    return tuple(dict.fromkeys(value for file in files for value in json.loads(file[column])))
