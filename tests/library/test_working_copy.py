"""The database of a library on a network disk works elsewhere: SPEC 4.5."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from photostore.library import working_copy as module
from photostore.library.backup import back_up, restore
from photostore.library.opening import open_database
from photostore.library.working_copy import WorkingCopy
from tests.library.test_recovery import NOW, Places, names, places, spoil  # noqa: F401


class Crash(BaseException):
    """The process ends here: nothing behind it is done."""


class Turn:
    """A lock that tells when somebody has to wait for it."""

    def __init__(self, is_wanted: threading.Event) -> None:
        self._lock = threading.Lock()
        self._is_wanted = is_wanted

    def __enter__(self) -> None:
        if self._lock.locked():
            self._is_wanted.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def on_network(places: Places):  # noqa: F811
    """The library's folder is on a network disk, the cache is not."""
    return lambda folder: folder == places.support


async def use(places: Places, name: str | None = None, *, crash: bool = False):  # noqa: F811
    try:
        async with open_database(places, places.backups, on_network=on_network(places)) as opened:
            if name:
                async with opened.database.write() as transaction:
                    await transaction.execute("INSERT INTO meta VALUES (?, 1)", (name,))
            if crash:
                copy = opened.working_copy
                copy.write_back = lambda: False
            return opened
    except Crash:
        return None


def working(places: Places) -> Path:  # noqa: F811
    return WorkingCopy(places).path


async def test_it_works_in_the_cache_and_is_written_back_at_the_stop(places):  # noqa: F811
    opened = await use(places, "a")
    assert opened.path == working(places)
    assert opened.path.is_relative_to(places.cache)
    assert names(places.database) >= {"a"}
    with closing(sqlite3.connect(places.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    beside = {path.name for path in places.support.iterdir()}
    assert beside <= {"photostore.db", "working-copy.json", "backups", "closed.json"}


async def test_on_a_disk_of_this_computer_nothing_is_copied(places):  # noqa: F811
    async with open_database(places, places.backups, on_network=lambda _: False) as opened:
        assert (opened.path, opened.working_copy) == (places.database, None)
    # Where the cache is on the network too, a copy would gain nothing.
    async with open_database(places, places.backups, on_network=lambda _: True) as opened:
        assert opened.path == places.database


async def test_what_a_crash_did_not_write_back_is_there_at_the_next_start(places):  # noqa: F811
    await use(places, "a")
    await use(places, "b", crash=True)
    assert "b" not in names(places.database)
    await use(places)
    assert names(places.database) >= {"a", "b"}


async def test_a_crash_before_the_first_copy_loses_nothing(places):  # noqa: F811
    await use(places, "a", crash=True)
    assert not places.database.exists()
    await use(places)
    assert names(places.database) >= {"a"}


async def test_a_copy_that_another_computer_wrote_wins_and_ours_is_kept(places):  # noqa: F811
    await use(places, "a")
    elsewhere = Places(places.library, places.support, places.database, places.cache / "other")
    elsewhere.cache.mkdir()
    await use(elsewhere, "theirs")
    opened = await use(places)
    assert "newer" in opened.notices[0]
    assert names(working(places)) >= {"a", "theirs"}
    assert len(list(opened.path.parent.glob("photostore-superseded-*.db"))) == 1
    assert (await use(places)).notices == ()


@pytest.mark.parametrize("step", ["copy_database", "write_stamp", "_copy_whole", "sync_folder"])
async def test_a_crash_in_the_middle_of_writing_back_is_safe(places, monkeypatch, step):  # noqa: F811
    await use(places, "a")

    def crash_after(*arguments):
        real(*arguments)
        raise Crash

    async def write_and_crash() -> None:
        async with open_database(places, places.backups, on_network=on_network(places)) as opened:
            async with opened.database.write() as transaction:
                await transaction.execute("INSERT INTO meta VALUES ('b', 1)")
            with monkeypatch.context() as patched:
                patched.setattr(module, step, crash_after)
                with pytest.raises(Crash):
                    opened.working_copy.write_back()
            opened.working_copy.write_back = lambda: False

    real = getattr(module, step)
    await write_and_crash()
    assert names(places.database) >= {"a"}, "what is in the library is whole at every moment"
    opened = await use(places)
    assert opened.notices == ()
    assert names(working(places)) >= {"a", "b"}
    assert names(places.database) >= {"a", "b"}


async def test_a_stop_while_it_is_written_back_writes_after_that(places, monkeypatch):  # noqa: F811
    """A thread that was left behind writes the same files."""
    await use(places, "a")
    await use(places, "b", crash=True)
    copy, others = WorkingCopy(places), []
    go_on, copy_whole = threading.Event(), module._copy_whole

    def copy_while_another_writes(source: Path, target: Path) -> None:
        monkeypatch.setattr(module, "_copy_whole", copy_whole)
        others.append(threading.Thread(target=write_back_too))
        others[0].start()
        go_on.wait()
        copy_whole(source, target)

    def write_back_too() -> None:
        copy.write_back()
        go_on.set()

    copy._turn = Turn(go_on)
    monkeypatch.setattr(module, "_copy_whole", copy_while_another_writes)
    assert copy.write_back()
    others[0].join()
    assert copy.problem is None
    assert names(places.database) >= {"a", "b"}
    assert (await use(places)).notices == ()


async def test_a_backup_that_was_restored_wins(places):  # noqa: F811
    await use(places, "a")
    opened = await use(places)
    copy = back_up(opened.path, places.backups, NOW, keep=7)
    await use(places, "b")
    restore(copy, places.database, places.support / "lock", NOW)
    await use(places)
    assert "b" not in names(working(places))
    assert "a" in names(working(places))


async def test_a_cache_of_another_library_at_the_same_place_is_not_taken(places):  # noqa: F811
    await use(places, "theirs")
    shutil.rmtree(places.support)
    places.support.mkdir()
    await use(places, "ours")
    assert "theirs" not in names(places.database)
    assert names(places.database) >= {"ours"}


async def test_a_damaged_copy_in_the_library_is_written_anew(places):  # noqa: F811
    await use(places, "a")
    places.database.write_bytes(b"damaged" * 1000)
    await use(places, "b")
    assert names(places.database) >= {"a", "b"}


async def test_a_damaged_working_database_is_mended(places):  # noqa: F811
    await use(places, "a")
    opened = await use(places)
    back_up(opened.path, places.backups, NOW, keep=7)
    spoil(opened.path)
    (said,) = (await use(places)).notices
    assert "damaged" in said
    assert names(working(places)) >= {"a"}


async def test_nothing_is_written_back_without_a_change(places):  # noqa: F811
    async with open_database(places, places.backups, on_network=on_network(places)) as opened:
        assert opened.working_copy.write_back()
        before = places.database.stat()
        assert not opened.working_copy.write_back()
        assert places.database.stat() == before


async def test_a_disk_that_is_away_is_said_and_tried_again(places):  # noqa: F811
    async with open_database(places, places.backups, on_network=on_network(places)) as opened:
        places.support.rename(places.library / "away")
        with pytest.raises(module.LibraryError, match="written back"):
            opened.working_copy.write_back()
        assert opened.working_copy.problem
        (places.library / "away").rename(places.support)
        assert opened.working_copy.write_back()
        assert opened.working_copy.problem is None


async def test_a_second_restore_after_a_crash_counts_too(places):  # noqa: F811
    """A person restored the wrong backup, the computer went down, and they restore another one."""
    await use(places, "a")
    first = back_up(places.database, places.backups, NOW, keep=7)
    await use(places, "b")
    second = back_up(places.database, places.backups, NOW + timedelta(days=1), keep=7)
    restore(first, places.database, places.support / "lock", NOW + timedelta(days=2))
    await use(places, "c", crash=True)
    restore(second, places.database, places.support / "lock", NOW + timedelta(days=3))
    await use(places)
    assert names(places.database) >= {"a", "b"}
    assert "c" not in names(places.database)
