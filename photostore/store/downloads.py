"""The files of some assets, to be downloaded together."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.volumes import join_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.db import Reading, Row
    from photostore.store.scope import Scope


@dataclass(frozen=True, slots=True)
class Download:
    """One file. `path` is where it lies now, `folder` what it must really lie in (SPEC 11.5).

    `name` is what it is called, also in the trash.
    """

    path: bytes
    folder: bytes
    name: bytes
    size: int
    mtime_ns: int
    is_shown: bool


async def load_downloads(
    reading: Reading, scope: Scope, public_ids: Sequence[str]
) -> list[Download]:
    """The files of assets in the order asked for, the shown one first, each content once.

    Left out is what is missing, or on a disk that is away.
    """
    rows = await reading.fetch_all(
        """SELECT asset.public_id, file.id = asset.shown_file_id AS is_shown, file.name, file.size,
             file.mtime_ns, file.sha1, file.trashed, folder.path AS folder, volume.mount_path,
             root.path AS root_path
           FROM json_each(:ids) AS wanted JOIN asset ON asset.public_id = wanted.value
           JOIN file ON file.asset_id = asset.id JOIN folder ON folder.id = file.folder_id
           JOIN volume ON volume.id = folder.volume_id JOIN root ON root.id = folder.root_id
           WHERE asset.owner_id = :owner AND (file.gone_at IS NULL OR file.trashed IS NOT NULL)
             AND file.state <> 'rejected' AND root.state <> 'unavailable'
           ORDER BY wanted.key, is_shown DESC, file.id""",
        {"ids": json.dumps(list(public_ids)), "owner": scope.user_id},
    )
    found: list[Download] = []
    seen: set[tuple[str, bytes]] = set()
    for row in rows:
        key = (row["public_id"], row["sha1"] or b"")
        if row["sha1"] is None or key not in seen:
            seen.add(key)
            found.append(_download(row))
    return found


def _download(row: Row) -> Download:
    mount = row["mount_path"]
    path = join_path(join_path(mount, row["folder"]), row["name"])
    folder, name = join_path(mount, row["root_path"]), row["name"]
    if row["trashed"] is not None:
        path = os.path.join(mount, row["trashed"])
        # A row that made way for another file has its id behind its name.
        folder, name = os.path.dirname(path), row["name"].split(b"/")[0]
    return Download(path, folder, name, row["size"], row["mtime_ns"], bool(row["is_shown"]))
