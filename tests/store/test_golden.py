"""Libraries of earlier versions open with this one and keep what they held: DESIGN 2, SPEC 12.5.

`golden/NAME.db.gz` is a database as the version whose last migration was NAME left it: five photos
on the timeline; since 0005 one more is hidden and one in the trash, and people did seven things or
more, among them in 0009 an upload and an arranged album.
"""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photostore.base.events import Bus
from photostore.library.acts import Acts
from photostore.store.db import Database
from photostore.store.migrate import known_migrations, migrate
from photostore.store.scope import OWNER
from photostore.store.search import View
from photostore.store.timeline import load_page

GOLDEN = Path(__file__).parent / "golden"
KEPT = (
    "SELECT public_id, shelf, captured_ms, captured_source, ratio, thumbhash FROM asset ORDER BY 1",
    "SELECT folder_id, name, size, mtime_ns, state, gone_at, sha1, asset_id FROM file ORDER BY id",
    "SELECT file_id, state, stage, reason FROM problem ORDER BY 1",
    "SELECT path, generation, scanned_at, state FROM root ORDER BY 1",
)
# What people did is kept since this one.
ACTS = "0003_acts"
KEPT_ACTS = (
    "SELECT id, at, user_id, act, count, before, after, undoes, undone_by FROM journal ORDER BY 1",
    "SELECT asset_id, field, value FROM asset_edit ORDER BY 1, 2",
    "SELECT public_id, name, query, position FROM album ORDER BY 1",
    "SELECT album_id, asset_id, position FROM album_asset ORDER BY 1, 3",
)
WITH_ACTS = ("0005", "0009")


@pytest.fixture(params=sorted(GOLDEN.glob("*.db.gz")), ids=lambda path: path.name.split(".")[0])
def old(request, tmp_path):
    path = tmp_path / "photostore.db"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return path


def kept(path):
    with closing(sqlite3.connect(path)) as connection:
        queries = KEPT + (KEPT_ACTS if ACTS in ledger(path) else ())
        return [connection.execute(query).fetchall() for query in queries]


def ledger(path):
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM migration")}


def test_a_migrated_library_keeps_what_it_held(old, tmp_path):
    before, had = kept(old), ledger(old)
    applied = migrate(old, tmp_path / "backups")
    assert applied == tuple(name for name in known_migrations() if name not in had)
    assert kept(old)[: len(before)] == before
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def schema(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()


def test_a_migrated_library_has_the_tables_of_a_new_one(old, tmp_path):
    migrate(old, tmp_path / "backups")
    fresh = tmp_path / "fresh.db"
    migrate(fresh, tmp_path / "backups")
    assert schema(old) == schema(fresh)


@pytest.mark.anyio
async def test_a_migrated_library_shows_its_timeline(old, tmp_path):
    database = await Database.open(old, tmp_path / "backups")
    try:
        async with database.read() as reading:
            ids, _ = await load_page(reading, View(scope=OWNER), 100, None)
    finally:
        await database.close()
    assert len(ids) == 5


@pytest.mark.anyio
@pytest.mark.parametrize("name", WITH_ACTS)
async def test_what_was_done_before_a_migration_is_undone_after_it(name, tmp_path):
    path = tmp_path / "photostore.db"
    path.write_bytes(gzip.decompress((GOLDEN / f"{name}.db.gz").read_bytes()))
    database = await Database.open(path, tmp_path / "backups")
    acts, view = Acts(database, Bus()), View("rating:4 keyword:beach", scope=OWNER)

    async def count():
        async with database.read() as reading:
            return len((await load_page(reading, view, 100, None))[0])

    try:
        assert await count() == 2
        undone = await acts.undo(OWNER, 1)
        assert (undone.changed, undone.skipped) == (2, 0)
        assert await count() == 0
        await acts.undo(OWNER, undone.act)
        assert await count() == 2
    finally:
        await database.close()
