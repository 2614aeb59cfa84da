"""Files and assets put straight into a database, without a disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from photostore.store import files, folders
from photostore.store.assets import record_file, refresh
from photostore.store.facts import BROWSER_RANK, RAW_RANK, VIDEO_RANK, FileFacts, Versions
from photostore.store.files import SeenFile
from photostore.store.scope import OWNER_ID
from photostore.store.volumes import (
    Root,
    VolumeIdentity,
    configured_roots,
    record_root,
    record_volume,
)

if TYPE_CHECKING:
    from photostore.store.db import Database

NOW = 1_700_000_000_000
VERSIONS = Versions(1, 1)
INODES = count(1_000)


def wall_ms(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


def facts(content: str = "a", **changes: Any) -> FileFacts:
    """The facts of a JPEG with that content; what is given wins."""
    values: dict[str, Any] = {
        "sha1": hashlib.sha1(content.encode(), usedforsecurity=False).digest(),
        "kind": "jpeg",
        "mime": "image/jpeg",
        "is_video": False,
        "width": 4000,
        "height": 3000,
        "orientation": 1,
        "show_rank": BROWSER_RANK,
        "captured_ms": wall_ms(2020, 1, 1, 12),
        "captured_precision": "second",
        "captured_source": "EXIF:DateTimeOriginal",
        "captured_rank": 4,
    }
    return FileFacts(**values | changes)


def raw(content: str = "raw", **changes: Any) -> FileFacts:
    changes = {"show_rank": RAW_RANK, "kind": "nef", "mime": "image/x-nikon-nef"} | changes
    return facts(content, **changes)


def video(content: str = "film", **changes: Any) -> FileFacts:
    changes = {"show_rank": VIDEO_RANK, "kind": "mp4", "mime": "video/mp4"} | changes
    return facts(content, is_video=True, duration_ms=2000, **changes)


@dataclass
class Stock:
    """One volume with one root, and ways to put files into it."""

    database: Database
    root: Root

    async def register(self, path: str | bytes, *, size: int = 1, mtime_ns: int = 10**18) -> int:
        """A pending file; returns its id."""
        whole = path if isinstance(path, bytes) else path.encode()
        folder, _, name = whole.rpartition(b"/")
        async with self.database.write() as transaction:
            await folders.ensure_folders(transaction, self.root.id, self.root.volume_id, [folder])
            known = await folders.known_folders(transaction, self.root.volume_id, [folder])
            seen = SeenFile(name, size, mtime_ns, next(INODES))
            await files.register_files(transaction, [(known[folder].id, seen)], NOW)
            return int(
                await transaction.fetch_value(
                    "SELECT id FROM file WHERE folder_id = ? AND name = ?",
                    (known[folder].id, name),
                )
            )

    async def record(self, file_id: int, found: FileFacts) -> int:
        """Facts for a file; returns its asset."""
        async with self.database.write() as transaction:
            return await record_file(transaction, file_id, found, VERSIONS, NOW)

    async def add(self, path: str | bytes, found: FileFacts | None = None) -> tuple[int, int]:
        """A file that was read: (file id, asset id)."""
        file_id = await self.register(path)
        return file_id, await self.record(file_id, found or facts(str(path)))

    async def set_gone(self, file_id: int, gone_at: int | None) -> None:
        async with self.database.write() as transaction:
            await refresh(transaction, await files.set_gone(transaction, [file_id], gone_at))

    async def value(self, sql: str, *parameters: Any) -> Any:
        async with self.database.read() as reading:
            return await reading.fetch_value(sql, parameters)

    async def asset(self, asset_id: int) -> Any:
        async with self.database.read() as reading:
            return await reading.fetch_one("SELECT * FROM asset WHERE id = ?", (asset_id,))


async def open_stock(database: Database, path: bytes = b"/photos") -> Stock:
    async with database.write() as transaction:
        identity = VolumeIdentity("path:/photos", "mount-path", path, None, read_only=False)
        volume_id = await record_volume(transaction, identity, NOW)
        await record_root(transaction, volume_id, b"", OWNER_ID)
    async with database.read() as reading:
        return Stock(database, (await configured_roots(reading))[0])
