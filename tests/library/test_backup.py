"""Backups of the database (SPEC 12.5): whole, kept in number, checked before they replace."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from photostore.base.errors import LibraryError, LibraryLockedError, LibraryTooNewError
from photostore.base.settings import Settings
from photostore.library import backup as module
from photostore.library.backup import back_up, list_backups, restore
from photostore.library.lock import lock_library
from photostore.store.migrate import migrate
from photostore.sync import upkeep

NOW = datetime(2026, 1, 2, 3, 4, 5)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "support" / "photostore.db"
    path.parent.mkdir()
    migrate(path, tmp_path / "support" / "backups")
    return path


def set_flag(database: Path, value: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('flag', ?)", (value,))


def flag(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT value FROM meta WHERE key = 'flag'").fetchone()[0]


def test_backup_is_a_whole_database_while_another_writes(database: Path, tmp_path: Path) -> None:
    set_flag(database, "before")
    with closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE meta SET value = 'half done' WHERE key = 'flag'")
        copy = back_up(database, tmp_path / "backups", NOW, keep=7)
        writer.execute("COMMIT")
    assert copy.name == "20260102-030405.db"
    assert flag(copy) == "before"
    assert flag(database) == "half done"


def test_the_oldest_go_and_those_before_an_upgrade_stay(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "20200101-000000-before-0002.db").write_bytes(b"kept")
    for day in range(5):
        back_up(database, folder, NOW + timedelta(days=day), keep=3)
    names = [path.name for path in list_backups(folder)]
    assert names == ["20260106-030405.db", "20260105-030405.db", "20260104-030405.db"]
    assert (folder / "20200101-000000-before-0002.db").exists()


def test_another_who_backs_up_at_the_same_time_removes_the_same_old_ones(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`photostore backup` beside the nightly one."""
    folder = tmp_path / "backups"
    back_up(database, folder, NOW, keep=1)

    def list_and_remove(where: Path) -> list[Path]:
        found = list_backups(where)
        found[-1].unlink()
        return found

    monkeypatch.setattr(module, "list_backups", list_and_remove)
    copy = back_up(database, folder, NOW + timedelta(days=1), keep=1)
    assert list_backups(folder) == [copy]


async def test_an_old_backup_that_cannot_be_removed_is_told_and_nothing_else_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "old.db")

    monkeypatch.setattr(upkeep, "back_up", refuse)
    opened = SimpleNamespace(path=tmp_path / "photostore.db")
    care = upkeep.Upkeep(opened, tmp_path, Settings(), None)  # type: ignore[arg-type]
    await care.back_up()
    assert "Permission denied" in (care.backup_problem or "")


def test_restore_keeps_what_it_replaces(database: Path, tmp_path: Path) -> None:
    set_flag(database, "old")
    copy = back_up(database, tmp_path / "backups", NOW, keep=7)
    set_flag(database, "new")
    (database.parent / "journal").mkdir()
    (database.parent / "journal" / "2026-01.jsonl").write_text("an act of later")
    kept = restore(copy, database, tmp_path / "lock", NOW)
    assert flag(database) == "old"
    assert kept is not None
    assert not (database.parent / "journal").exists(), "later acts are not done again"
    (aside,) = database.parent.glob("journal.before-*/*.jsonl")
    assert aside.read_text() == "an act of later"
    assert flag(kept) == "new"
    assert flag(copy) == "old", "the backup itself stays"


def test_restore_without_a_database(database: Path, tmp_path: Path) -> None:
    set_flag(database, "only copy")
    copy = back_up(database, tmp_path / "backups", NOW, keep=7)
    database.unlink()
    assert restore(copy, database, tmp_path / "lock", NOW) is None
    assert flag(database) == "only copy"


def test_restore_over_a_broken_database(database: Path, tmp_path: Path) -> None:
    set_flag(database, "sound")
    copy = back_up(database, tmp_path / "backups", NOW, keep=7)
    database.write_bytes(b"rubbish" * 1000)
    kept = restore(copy, database, tmp_path / "lock", NOW)
    assert flag(database) == "sound"
    assert kept is not None
    assert kept.read_bytes() == b"rubbish" * 1000


def damage(copy: Path) -> None:
    data = bytearray(copy.read_bytes())
    data[4096 * 3 : 4096 * 9] = b"\xff" * 4096 * 6
    copy.write_bytes(data)


def truncate(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:5000])


def empty(copy: Path) -> None:
    copy.write_bytes(b"")


@pytest.mark.parametrize("spoil", [damage, truncate, empty, Path.unlink])
def test_what_is_not_sound_replaces_nothing(database: Path, tmp_path: Path, spoil) -> None:
    set_flag(database, "mine")
    copy = back_up(database, tmp_path / "backups", NOW, keep=7)
    spoil(copy)
    with pytest.raises(LibraryError, match=r"20260102"):
        restore(copy, database, tmp_path / "lock", NOW)
    assert flag(database) == "mine"


def test_a_newer_library_is_refused(database: Path, tmp_path: Path) -> None:
    copy = back_up(database, tmp_path / "backups", NOW, keep=7)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("INSERT INTO migration VALUES ('9999_future', 0)")
    with pytest.raises(LibraryTooNewError):
        restore(copy, database, tmp_path / "lock", NOW)


def test_a_library_in_use_is_not_replaced(database: Path, tmp_path: Path) -> None:
    set_flag(database, "in use")
    copy = back_up(database, tmp_path / "backups", NOW, keep=7)
    with lock_library(tmp_path / "lock"), pytest.raises(LibraryLockedError):
        restore(copy, database, tmp_path / "lock", NOW)


def test_a_folder_that_cannot_be_made_is_named(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.write_text("a file is in the way")
    with pytest.raises(LibraryError):
        back_up(database, folder / "inner", NOW, keep=7)
