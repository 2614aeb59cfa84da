"""A folder of files, a database, and a scanner between them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from photostore.base.events import Bus
from photostore.library.roots import settle_roots
from photostore.store.assets import record_file
from photostore.store.volumes import configured_roots
from photostore.store.work import pending_files
from photostore.sync.progress import Meter
from photostore.sync.scan import COUNTS, Scanner, ScanSummary
from photostore.sync.settle import SettleTracker
from photostore.sync.shared import Shared
from tests.store.stock import NOW, VERSIONS, facts

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.store.db import Database
    from photostore.store.volumes import Root

# Files of tests are old, unless a test says otherwise.
AGE_S = 1000
# What it takes to trip the guard of SPEC 4.3: more than 50, and more than a tenth.
MANY = 60


def write(path: Path | bytes, content: str | bytes = "", *, age_s: float = AGE_S) -> Path | bytes:
    """Write a file as if some time ago; without content, one that only this path has."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    with open(path, "wb") as file:
        file.write(data or b"content of " + os.path.basename(os.fsencode(path)))
    age(path, age_s)
    return path


def age(path: Path | bytes, age_s: float) -> None:
    moment = time.time() - age_s
    os.utime(path, (moment, moment))


def read(path: bytes) -> str:
    with open(path, "rb") as file:
        return file.read().decode("latin-1")


class Yard:
    """`photos` is the one root. `clock` is that of the settle tracker."""

    def __init__(self, database: Database, photos: Path, **options: Any) -> None:
        self.database = database
        self.photos = photos
        self.bus = Bus()
        self.now_s = 0.0
        self.tracker = SettleTracker(2.0, lambda: self.now_s)
        self.shared = Shared(database, self.bus, Meter(time.monotonic))
        self.woken = 0
        self.make_scanner(**options)

    def make_scanner(self, **options: Any) -> None:
        def wake() -> None:
            self.woken += 1

        self.scanner = Scanner(self.shared, self.tracker, wake_importer=wake, **options)

    def path(self, name: str | bytes = "") -> bytes:
        root = os.fsencode(self.photos)
        return os.path.join(root, os.fsencode(name)) if name else root

    def write(self, *names: str | bytes, content: str | bytes = "", age_s: float = AGE_S) -> None:
        for name in names:
            write(self.path(name), content, age_s=age_s)

    def move(self, old: str | bytes, new: str | bytes) -> None:
        os.makedirs(os.path.dirname(self.path(new)), exist_ok=True)
        os.rename(self.path(old), self.path(new))

    def remove(self, name: str | bytes) -> None:
        os.unlink(self.path(name))

    async def settle(self) -> Root:
        await settle_roots(self.database, [self.path()])
        return await self.root()

    async def root(self) -> Root:
        async with self.database.read() as reading:
            return (await configured_roots(reading))[0]

    async def scan(self, **options: Any):
        return await self.scanner.scan_root(await self.root(), **options)

    async def look(self, *names: str | bytes, deep: bool = False):
        paths = [self.path(name) for name in names]
        return await self.scanner.scan_paths(await self.root(), paths, deep=deep)

    async def import_all(self) -> None:
        """What the importer would do, by the content of the files alone."""
        async with self.database.write() as transaction:
            for work in await pending_files(
                transaction, probe_version=1, preview_version=1, limit=100_000
            ):
                found = facts(read(work.path))
                await record_file(transaction, work.id, found, VERSIONS, NOW)

    async def rows(self) -> dict[str, Any]:
        """Every file by its path below the root."""
        async with self.database.read() as reading:
            rows = await reading.fetch_all(
                """SELECT file.*, folder.path AS folder, volume.mount_path, folder.excluded,
                     (SELECT shelf FROM asset WHERE id = file.asset_id) AS shelf
                   FROM file JOIN folder ON folder.id = folder_id
                   JOIN volume ON volume.id = folder.volume_id ORDER BY file.id"""
            )
        named = {}
        for row in rows:
            named[self.name_of(os.path.join(row["mount_path"], row["folder"], row["name"]))] = row
        return named

    def name_of(self, path: bytes) -> str:
        return os.fsdecode(os.path.relpath(path, self.path()))

    def on_disk(self) -> set[str]:
        return {
            self.name_of(os.path.join(folder, name))
            for folder, _, names in os.walk(self.path())
            for name in names
        }

    async def present(self) -> set[str]:
        return {name for name, row in (await self.rows()).items() if row["gone_at"] is None}

    async def missing(self) -> set[str]:
        return {name for name, row in (await self.rows()).items() if row["gone_at"] is not None}

    async def ids(self) -> dict[str, int]:
        return {name: row["id"] for name, row in (await self.rows()).items()}

    async def assets(self) -> dict[str, int]:
        return {name: row["asset_id"] for name, row in (await self.rows()).items()}

    async def pending(self) -> set[str]:
        return {
            name
            for name, row in (await self.rows()).items()
            if row["state"] == "pending" and row["gone_at"] is None
        }

    async def shelves(self) -> dict[str, str]:
        return {name: row["shelf"] for name, row in (await self.rows()).items()}


async def imported(yard: Yard, *names: str) -> tuple[dict[str, int], dict[str, int]]:
    """Write, scan and import files; returns file and asset ids by name."""
    yard.write(*names)
    await yard.scan()
    await yard.import_all()
    return await yard.ids(), await yard.assets()


def counts(summary: ScanSummary) -> dict[str, int]:
    """The counts of a scan that are not zero."""
    return {name: getattr(summary, name) for name in COUNTS if getattr(summary, name)}
