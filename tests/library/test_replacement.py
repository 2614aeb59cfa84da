"""A crash in the middle of a recovery or a restore loses nothing: SPEC 12.5.

A process is killed before each thing that it does to the disk in turn, and the next start looks.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from photostore.base.errors import LibraryError
from photostore.library.backup import back_up, restore
from photostore.library.opening import open_database
from photostore.library.recovery import recover
from photostore.library.replacement import NOTE
from tests.library.test_recovery import NOW, Places, names, places, spoil, use

__all__ = ["places"]

TOUCHES = frozenset({"os.rename", "os.remove", "os.truncate", "open", "sqlite3.connect"})


def killed_at(step: int, act: Callable[[], object]) -> bool:
    """Run in a process of its own, which is killed before a step; False if it ended before that."""
    child = os.fork()
    if not child:
        left = step

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event not in TOUCHES or str(arguments[0]).endswith(".py"):
                return
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            act()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def copies_of(folder: Path, data: bytes) -> int:
    return sum(path.read_bytes() == data for path in folder.glob("photostore*.db"))


async def test_a_recovery_that_is_killed_at_any_step_is_finished(places: Places) -> None:
    await use(places, "early")
    back_up(places.database, places.backups, NOW, keep=7)
    await use(places, "late")
    damaged = spoil(places.database)
    wal = places.database.with_name("photostore.db-wal")
    before = {path.name: path.read_bytes() for path in places.support.glob("*.*") if path.is_file()}
    step = kills = 0
    while True:
        for path in places.support.glob("*.*"):
            path.unlink()
        for name, data in before.items():
            (places.support / name).write_bytes(data)
        wal.write_bytes(b"what a crash left")
        if not killed_at(step, lambda: recover(places.database, places.backups, NOW)):
            break
        kills, step = kills + 1, step + 1
        said = await use(places)
        assert names(places.database) >= {"early"}, step
        assert len(said) == 1, step
        assert "20260501-123045.db" in said[0]
        assert copies_of(places.support, damaged) == 1, "what was put aside is there"
        assert not list(places.support.glob("*.restoring*"))
        # An orderly stop has said it; from then on all is well.
        assert await use(places) == ()
    assert kills > 8


async def test_a_restore_that_is_killed_at_any_step_is_done_whole_or_not_at_all(
    places: Places,
) -> None:
    await use(places, "early")
    backup = back_up(places.database, places.backups, NOW, keep=7)
    await use(places, "late")
    late = places.database.read_bytes()
    journal = places.support / "journal"
    lock = places.support / "lock"
    seen = set()
    step = 0
    while True:
        for path in places.support.glob("*.*"):
            if path.is_file():
                path.unlink()
        for number, path in enumerate(places.support.glob("journal.*")):
            path.rename(places.library / f"{step}-{number}")
        places.database.write_bytes(late)
        journal.mkdir(exist_ok=True)
        (journal / "2026-05.jsonl").write_text("acts of later")
        if not killed_at(step, lambda: restore(backup, places.database, lock, NOW)):
            break
        step += 1
        await use(places)
        is_restored = "late" not in names(places.database)
        seen.add(is_restored)
        # What was done later is not done again after a restore, and is not lost either.
        assert journal.exists() is not is_restored, step
        aside = list(places.support.glob("journal.before-*/2026-05.jsonl"))
        assert len(aside) == is_restored
        kept = list(places.support.glob("photostore-replaced-*.db"))
        assert [names(path) >= {"early", "late"} for path in kept] == [True] * is_restored
    assert seen == {True, False}


async def test_it_is_said_until_an_orderly_stop(places: Places, monkeypatch) -> None:
    await use(places, "early")
    back_up(places.database, places.backups, NOW, keep=7)
    spoil(places.database)
    recover(places.database, places.backups, NOW)
    for _ in range(2):
        async with open_database(places, places.backups) as opened:
            (said,) = opened.notices
            assert "was damaged" in said
            # As a crash leaves it: without the note of an orderly stop, with the other.
            note = (places.support / NOTE).read_bytes()
        (places.support / "closed.json").unlink()
        (places.support / NOTE).write_bytes(note)
    await use(places)
    assert await use(places) == ()


async def test_without_room_for_the_backup_the_damaged_one_stays(places, monkeypatch) -> None:
    await use(places, "early")
    back_up(places.database, places.backups, NOW, keep=7)
    damaged = spoil(places.database)

    def refuse(*_: object) -> None:
        raise LibraryError("No space left on device")

    monkeypatch.setattr("photostore.library.replacement.prepare_copy", refuse)
    with pytest.raises(LibraryError, match="No space"):
        await use(places)
    assert places.database.read_bytes() == damaged
    monkeypatch.undo()
    assert len(await use(places)) == 1
    assert "early" in names(places.database)


async def test_a_database_that_is_gone_comes_back_from_the_backup(places: Places) -> None:
    await use(places, "early")
    back_up(places.database, places.backups, NOW, keep=7)
    for path in places.support.glob("photostore.db*"):
        path.unlink()
    (said,) = await use(places)
    assert "was gone: the backup 20260501-123045.db" in said
    assert "early" in names(places.database)


async def test_what_a_lost_database_left_is_not_taken_for_the_new_ones(places: Places) -> None:
    (places.support / "photostore.db-wal").write_bytes(b"of another")
    assert await use(places, "new") == ()
    assert "new" in names(places.database)
    (kept,) = places.support.glob("photostore-damaged-*.db-wal")
    assert kept.read_bytes() == b"of another"


async def test_a_backup_that_took_the_place_works_with_a_wal(places: Places) -> None:
    """Else readers and the writer would wait for each other."""
    await use(places, "early")
    back_up(places.database, places.backups, NOW, keep=7)
    spoil(places.database)
    async with (
        open_database(places, places.backups) as opened,
        opened.database.read() as reading,
    ):
        assert await reading.fetch_value("PRAGMA journal_mode") == "wal"
