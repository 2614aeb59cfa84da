"""Long acts are done in pieces, and are one act at any moment: SPEC 9.1, 9.6."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from photostore.base.events import Bus, LibraryChanged
from photostore.library import tagging
from photostore.library.acts import Acts, Change, NotUndoableError, batches
from photostore.library.acts.copy import JournalCopy, read_copy
from photostore.store.db import Database
from photostore.store.edits import Field
from photostore.store.journal import find_act, list_acts
from photostore.store.scope import OWNER
from tests.store.stock import Stock, facts, open_stock

COUNT = 23
CHANGE = Change({Field.RATING: 4}, add_keywords=("sea",))
SEEN = """
  SELECT rating, (SELECT keywords FROM asset_text WHERE rowid = asset.id),
         (SELECT group_concat(tag_id) FROM asset_tag WHERE asset_id = asset.id)
  FROM asset ORDER BY id
"""
COUNTS = "SELECT key, asset_count FROM tag WHERE asset_count > 0 ORDER BY key"


@pytest.fixture
async def stock(database: Database) -> Stock:
    stock = await open_stock(database)
    for number in range(COUNT):
        rating = 4 if number == 7 else number % 3
        await stock.add(f"{number}.jpg", facts(str(number), rating=rating, keywords=("dog",)))
    return stock


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LEAST", 5)
    monkeypatch.setattr(batches, "MOST", 5)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def acts(stock: Stock, copied: Path) -> Acts:
    return Acts(stock.database, Bus(), JournalCopy(stock.database, copied))


async def look(stock: Stock) -> list[list[tuple]]:
    async with stock.database.read() as reading:
        return [await reading.fetch_plain(sql) for sql in (SEEN, COUNTS)]


async def named(stock: Stock) -> list[str]:
    async with stock.database.read() as reading:
        rows = await reading.fetch_plain("SELECT public_id FROM asset ORDER BY id")
    return [name for (name,) in rows]


async def test_many_pieces_are_one_act(stock: Stock, acts: Acts, copied: Path) -> None:
    before = await look(stock)
    told: list[int] = []
    done = await acts.edit(
        OWNER, await named(stock), CHANGE, progress=lambda done, _: told.append(done)
    )
    assert (done.changed, done.skipped) == (COUNT, 0)
    assert told == [5, 10, 15, 20, COUNT]
    assert await stock.value("SELECT count(*) FROM journal") == 1
    assert await stock.value("SELECT count(*) FROM journal_part") == 4
    async with stock.database.read() as reading:
        act = await find_act(reading, OWNER, done.act)
        (head,) = await list_acts(reading, OWNER, 10)
    assert head.count == act.count == COUNT
    assert list(act.before["assets"]) == await named(stock)
    (line,) = read_copy(copied)
    assert (line.before, line.after, line.count) == (act.before, act.after, COUNT)
    undone = await acts.undo(OWNER, done.act)
    assert (undone.changed, undone.skipped, undone.deleted) == (COUNT, 0, 0)
    assert await look(stock) == before
    redone = await acts.undo(OWNER, undone.act)
    assert redone.changed == COUNT
    with pytest.raises(NotUndoableError):
        await acts.undo(OWNER, undone.act)
    assert (await acts.undo(OWNER, done.act)).changed == COUNT
    assert await look(stock) == before


async def test_others_write_between_the_pieces(stock: Stock, acts: Acts) -> None:
    """An import or a favourite waits for a piece, not for all of it."""
    order: list[str] = []

    async def other() -> None:
        async with stock.database.write():
            order.append("other")

    waiting: list[asyncio.Task[None]] = []

    def progress(done: int, size_bytes: int) -> None:
        order.append(str(done))
        if done == 5:
            waiting.append(asyncio.ensure_future(other()))

    await acts.edit(OWNER, await named(stock), CHANGE, progress=progress)
    await asyncio.gather(*waiting)
    assert order[:3] in (["5", "other", "10"], ["5", "10", "other"])


async def test_an_act_is_copied_and_undone_only_when_it_is_whole(
    stock: Stock, acts: Acts, copied: Path
) -> None:
    ids = await named(stock)
    refused: list[asyncio.Task[object]] = []
    lines: list[int] = []

    def progress(done: int, size_bytes: int) -> None:
        if done == 10:
            refused.append(asyncio.ensure_future(acts.undo(OWNER, 1)))
            refused.append(asyncio.ensure_future(acts.edit(OWNER, ids[:1], Change(turn=90))))
        if done == 20:
            lines.append(len(list(read_copy(copied))))

    await acts.edit(OWNER, ids, CHANGE, progress=progress)
    answers = await asyncio.gather(*refused, return_exceptions=True)
    assert isinstance(answers[0], NotUndoableError)
    assert lines == [0]
    assert [act.id for act in read_copy(copied)] == [1, 2]


async def test_what_fails_in_the_middle_is_an_act_up_to_there(
    stock: Stock, acts: Acts, monkeypatch: pytest.MonkeyPatch, copied: Path
) -> None:
    before = await look(stock)

    def fail(done: int, size_bytes: int) -> None:
        if done == 10:
            raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await acts.edit(OWNER, await named(stock), CHANGE, progress=fail)
    assert [act.count for act in read_copy(copied)] == [10]
    assert (await acts.undo(OWNER, 1)).changed == 10
    assert await look(stock) == before


async def test_what_was_deleted_for_good_is_said(stock: Stock, acts: Acts) -> None:
    """SPEC 9.6: an undo that cannot reach some says why."""
    ids = await named(stock)
    done = await acts.edit(OWNER, ids, CHANGE)
    await acts.edit(OWNER, ids[:2], Change({Field.RATING: 1}, remove_keywords=("sea",)))
    async with stock.database.write() as transaction:
        await transaction.execute(
            """UPDATE file SET asset_id = NULL
               WHERE asset_id IN (SELECT id FROM asset WHERE public_id IN (?, ?, ?))""",
            ids[2:5],
        )
        await transaction.execute("DELETE FROM asset WHERE public_id IN (?, ?, ?)", ids[2:5])
    undone = await acts.undo(OWNER, done.act)
    assert (undone.changed, undone.skipped, undone.deleted) == (COUNT - 5, 5, 3)


async def test_who_looks_is_told_once(stock: Stock) -> None:
    bus = Bus()
    acts = Acts(stock.database, bus)
    with bus.subscribe() as events:
        done = await acts.edit(OWNER, await named(stock), CHANGE)
        assert await anext(events) == LibraryChanged(done.revision)


def cut_short(path: Path, what: str, pieces: int) -> None:
    command = [sys.executable, "-m", "tests.library.acts.cut_short", str(path), what, str(pieces)]
    ended = subprocess.run(command, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


async def test_killed_between_pieces_it_is_whole_and_can_be_undone(tmp_path: Path) -> None:
    path = tmp_path / "photostore.db"
    database = await Database.open(path, tmp_path / "backups")
    stock = await open_stock(database)
    for number in range(COUNT):
        await stock.add(f"{number}.jpg", facts(str(number), rating=1))
    before = await look(stock)
    await database.close()
    cut_short(path, "edit", 2)
    database = await Database.open(path, tmp_path / "backups")
    stock = Stock(database, stock.root)
    try:
        copy = JournalCopy(database, tmp_path / "journal")
        await copy.catch_up()
        assert [act.count for act in read_copy(tmp_path / "journal")] == [10]
        async with database.read() as reading:
            assert await reading.fetch_value("SELECT count(*) FROM asset WHERE rating = 4") == 10
    finally:
        await database.close()
    # The way back is cut short as well, and gone on with.
    cut_short(path, "undo", 1)
    database = await Database.open(path, tmp_path / "backups")
    stock = Stock(database, stock.root)
    try:
        async with database.read() as reading:
            assert await reading.fetch_value("SELECT count(*) FROM asset WHERE rating = 4") == 5
            act = await find_act(reading, OWNER, 1)
        assert act.undone_by is None
        acts = Acts(database, Bus(), JournalCopy(database, tmp_path / "journal"))
        undone = await acts.undo(OWNER, 1)
        assert (undone.changed, undone.skipped) == (5, 0)
        assert await look(stock) == before
        async with database.read() as reading:
            assert (await find_act(reading, OWNER, 1)).undone_by == undone.act
    finally:
        await database.close()


async def test_a_keyword_that_is_taken_away_while_it_is_renamed_gets_no_other_name(
    acts: Acts, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SPEC 7.3: a rename of many takes a while, and others go on."""
    async with stock.database.read() as reading:
        tag_id = await reading.fetch_value("SELECT id FROM tag WHERE name = 'dog'")
        ids = [row[0] for row in await reading.fetch_plain("SELECT public_id FROM asset")]
    keywords_below = tagging.keywords_below

    async def find_and_let_others_edit(*args):
        monkeypatch.setattr(tagging, "keywords_below", keywords_below)
        found = await keywords_below(*args)
        await acts.edit(OWNER, ids[-3:], Change({}, remove_keywords=("dog",)))
        return found

    monkeypatch.setattr(tagging, "keywords_below", find_and_let_others_edit)
    done = await tagging.rename_keyword(acts, OWNER, tag_id, "hound")
    assert (done.changed, done.skipped) == (COUNT - 3, 3)
    assert dict((await look(stock))[1])["keywords/hound"] == COUNT - 3
