"""Room kept in reserve for the database: DESIGN 3."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from photostore.library import ballast as module
from photostore.library.ballast import SIZE_BYTES, Ballast
from photostore.store.db import Database
from tests.library.trash.machine import Machine


def test_it_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 0)
    ballast.lay()
    found = (tmp_path / "ballast").stat()
    assert found.st_size == SIZE_BYTES
    assert found.st_blocks * 512 >= SIZE_BYTES
    ballast.lay()
    ballast.drop()
    assert not (tmp_path / "ballast").exists()
    ballast.drop()


def test_it_is_not_laid_where_room_is_scarce(tmp_path: Path) -> None:
    Ballast(tmp_path / "ballast", 10**18).lay()
    assert not (tmp_path / "ballast").exists()


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    Ballast(tmp_path / "gone" / "ballast", 0).lay()
    Ballast(tmp_path / "gone" / "ballast", 0).drop()


async def test_a_full_disk_can_be_mended_from_within(monkeypatch) -> None:
    """On a real disk: what failed for want of room works at the second try."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    monkeypatch.setattr(module, "SIZE_BYTES", 2 << 20)
    machine = Machine()
    try:
        disk = machine.tmpfs("small", "size=20m,mode=755")
        ballast = Ballast(disk / "ballast", 0)
        ballast.lay()
        assert (disk / "ballast").is_file()
        database = await Database.open(disk / "photostore.db", disk / "backups")
        database.on_full = ballast.drop
        try:
            (disk / "stone").write_bytes(bytes(os.statvfs(disk).f_bavail * 4096))

            async def remember() -> None:
                async with database.write(durable=True) as transaction:
                    await transaction.execute("INSERT INTO meta VALUES ('x', zeroblob(1000000))")

            with pytest.raises(sqlite3.OperationalError, match="full"):
                await remember()
            assert not (disk / "ballast").exists()
            await remember()
        finally:
            await database.close()
    finally:
        machine.close()
