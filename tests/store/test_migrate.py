"""The ledger of migrations: DESIGN 2, SPEC 12.5."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from photostore.base.errors import LibraryError, LibraryTooNewError
from photostore.store.db import Database
from photostore.store.migrate import check_ledger, known_migrations, migrate

if TYPE_CHECKING:
    from pathlib import Path

FIRST = {"0001": "CREATE TABLE one (a); INSERT INTO one VALUES (7);"}
SECOND = FIRST | {"0002": "CREATE TABLE two (b);"}
BROKEN = FIRST | {"0002": "CREATE TABLE two (b); INSERT INTO nothing VALUES (1);"}


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }


def test_each_step_is_applied_once(tmp_path):
    path = tmp_path / "p.db"
    assert migrate(path, tmp_path / "backups", FIRST) == ("0001",)
    assert migrate(path, tmp_path / "backups", FIRST) == ()
    assert migrate(path, tmp_path / "backups", SECOND) == ("0002",)
    assert tables(path) == {"one", "two", "migration"}


def test_a_new_database_needs_no_backup_and_an_old_one_gets_one(tmp_path):
    path, backups = tmp_path / "p.db", tmp_path / "backups"
    migrate(path, backups, FIRST)
    assert not backups.exists()
    migrate(path, backups, SECOND)
    (backup,) = backups.iterdir()
    assert backup.name.endswith("-before-0002.db")
    assert tables(backup) == {"one", "migration"}


def test_a_failed_step_leaves_nothing_behind(tmp_path):
    path = tmp_path / "p.db"
    migrate(path, tmp_path / "backups", FIRST)
    with pytest.raises(LibraryError, match="0002 failed"):
        migrate(path, tmp_path / "backups", BROKEN)
    assert tables(path) == {"one", "migration"}
    assert migrate(path, tmp_path / "backups", SECOND) == ("0002",)


def test_a_newer_library_is_refused_untouched(tmp_path):
    path = tmp_path / "p.db"
    migrate(path, tmp_path / "backups", SECOND)
    before = path.read_bytes()
    with pytest.raises(LibraryTooNewError, match="0002"):
        migrate(path, tmp_path / "backups", FIRST)
    assert path.read_bytes() == before


def test_what_is_no_database_is_said_in_one_line(tmp_path):
    path = tmp_path / "p.db"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        migrate(path, tmp_path / "backups")


async def test_opening_says_why_it_cannot(tmp_path):
    """SPEC 1.5: the reason reaches a person."""
    path = tmp_path / "p.db"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(LibraryError, match="cannot be opened"):
        await Database.open(path, tmp_path)


def test_reading_does_not_migrate(tmp_path):
    path = tmp_path / "p.db"
    migrate(path, tmp_path / "backups", FIRST)
    with pytest.raises(LibraryTooNewError):
        check_ledger(path)
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(LibraryError, match="older"):
        check_ledger(tmp_path / "empty.db")


def test_the_shipped_migrations_are_numbered_and_apply(tmp_path):
    names = list(known_migrations())
    assert names == sorted(names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert migrate(tmp_path / "p.db", tmp_path / "backups") == tuple(names)


def test_every_table_is_strict_and_every_reference_indexed(tmp_path):
    """DESIGN 2: STRICT tables, foreign keys."""
    migrate(tmp_path / "p.db", tmp_path / "backups")
    with closing(sqlite3.connect(tmp_path / "p.db")) as connection:
        loose = [
            name
            for name, sql in connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
            )
            if "STRICT" not in sql and "VIRTUAL" not in sql and not name.startswith("asset_")
        ]
        assert loose == []
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
