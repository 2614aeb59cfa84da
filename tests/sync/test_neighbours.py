"""Files that take date or zone from their neighbours (SPEC 6.3)."""

from __future__ import annotations

import json
import random
import time

import pytest

from photostore.base.events import Bus
from photostore.store.facts import FILE_SYSTEM_RANK
from photostore.store.neighbours import mark_unsettled
from photostore.sync import neighbours
from photostore.sync.neighbours import settle_neighbours
from photostore.sync.progress import Meter
from photostore.sync.shared import Shared
from tests.store.stock import facts, open_stock, wall_ms

UNDATED = {"captured_source": "mtime", "captured_rank": FILE_SYSTEM_RANK, "captured_offset_min": 0}
FILM = {"captured_source": "QuickTime:CreateDate", "captured_offset_min": 0, "is_video": True}


@pytest.fixture
async def stock(database):
    return await open_stock(database)


@pytest.fixture
def shared(database):
    return Shared(database, Bus(), Meter(time.monotonic))


@pytest.fixture
async def folder(stock):
    """Photos of one evening in Oslo, a film by UTC, a scan without a date, and one far away."""

    async def fill(names: list[str]) -> dict[str, int]:
        found = {
            "IMG_1.jpg": facts("1", captured_ms=wall_ms(2023, 7, 1, 20), captured_offset_min=120),
            "IMG_2.jpg": facts("2", captured_ms=wall_ms(2024, 1, 1), **UNDATED),
            "IMG_3.jpg": facts("3", captured_ms=wall_ms(2023, 7, 1, 21), captured_offset_min=120),
            "MOV_4.mp4": facts("4", captured_ms=wall_ms(2023, 7, 1, 19), **FILM),
            "scan.jpg": facts("5", captured_ms=wall_ms(2024, 1, 2), **UNDATED),
        }
        ids = {}
        for name in names:
            ids[name], _ = await stock.add(name, found[name])
        async with stock.database.write() as transaction:
            await mark_unsettled(transaction, ids.values())
        return ids

    return fill


NAMES = ["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg", "MOV_4.mp4", "scan.jpg"]


async def dates(stock) -> dict[str, tuple[object, ...]]:
    async with stock.database.read() as reading:
        rows = await reading.fetch_all(
            """SELECT name, file.captured_ms, file.captured_offset_min, file.captured_source,
                      asset.captured_ms AS shown FROM file JOIN asset ON asset.id = asset_id"""
        )
    assert all(row["captured_ms"] == row["shown"] for row in rows)
    return {row["name"].decode(): tuple(row)[1:4] for row in rows}


EXPECTED = {
    "IMG_1.jpg": (wall_ms(2023, 7, 1, 20), 120, "EXIF:DateTimeOriginal"),
    "IMG_2.jpg": (wall_ms(2023, 7, 1), None, "siblings"),
    "IMG_3.jpg": (wall_ms(2023, 7, 1, 21), 120, "EXIF:DateTimeOriginal"),
    "MOV_4.mp4": (wall_ms(2023, 7, 1, 21), 120, "QuickTime:CreateDate"),
    "scan.jpg": (wall_ms(2024, 1, 2), 0, "mtime"),
}


@pytest.mark.parametrize("seed", range(4))
async def test_neighbours_tell_in_any_order(stock, shared, folder, seed):
    names = random.Random(seed).sample(NAMES, len(NAMES))
    await folder(names[:3])
    await settle_neighbours(shared)
    await folder(names[3:])
    await settle_neighbours(shared)
    assert await dates(stock) == EXPECTED


async def test_sources_say_so_and_a_second_look_changes_nothing(stock, shared, folder):
    ids = await folder(NAMES)
    await settle_neighbours(shared)
    text = await stock.value("SELECT facts FROM file WHERE id = ?", ids["IMG_2.jpg"])
    assert json.loads(text)["sources"]["captured"] == "siblings"
    text = await stock.value("SELECT facts FROM file WHERE id = ?", ids["MOV_4.mp4"])
    assert json.loads(text)["sources"]["offset"] == "siblings"
    revision = await stock.value("SELECT max(revision) FROM asset")
    async with stock.database.write() as transaction:
        await mark_unsettled(transaction, ids.values())
    await settle_neighbours(shared)
    assert await stock.value("SELECT max(revision) FROM asset") == revision
    assert await stock.value("SELECT count(*) FROM folder WHERE unsettled") == 0


async def test_neighbours_that_no_longer_tell_give_the_own_date_back(stock, shared, folder):
    ids = await folder(NAMES)
    await settle_neighbours(shared)
    await stock.record(ids["IMG_1.jpg"], facts("1", captured_ms=wall_ms(2010, 1, 1)))
    await stock.record(ids["IMG_3.jpg"], facts("3", captured_ms=wall_ms(2011, 1, 1)))
    async with stock.database.write() as transaction:
        await mark_unsettled(transaction, ids.values())
    await settle_neighbours(shared)
    found = await dates(stock)
    assert found["IMG_2.jpg"] == (wall_ms(2024, 1, 1), 0, "mtime")
    assert found["MOV_4.mp4"] == (wall_ms(2023, 7, 1, 19), 0, "QuickTime:CreateDate")


async def test_a_person_wins(stock, shared, folder):
    ids = await folder(NAMES)
    asset = await stock.value("SELECT asset_id FROM file WHERE id = ?", ids["IMG_2.jpg"])
    said = json.dumps({"local": "1999-05-06T07:08:09", "precision": "second", "offset_min": 60})
    async with stock.database.write() as transaction:
        await transaction.execute(
            "INSERT INTO asset_edit VALUES (?, 'captured', ?, 1, 0)", (asset, said)
        )
    await settle_neighbours(shared)
    shown = await stock.value("SELECT captured_ms FROM asset WHERE id = ?", asset)
    assert shown == wall_ms(1999, 5, 6, 7, 8, 9)


async def test_a_folder_still_being_read_waits(stock, shared, folder):
    await folder(NAMES)
    await stock.register("IMG_9.jpg")
    await settle_neighbours(shared)
    assert await stock.value("SELECT count(*) FROM folder WHERE unsettled") == 1


async def test_a_file_that_comes_meanwhile(stock, shared, folder, monkeypatch):
    """It is looked at once more."""
    ids = await folder(NAMES)
    read = neighbours.dated_files

    async def slow(reading, folder_id):
        found = await read(reading, folder_id)
        async with stock.database.write() as transaction:
            await mark_unsettled(transaction, [ids["scan.jpg"]])
        return found

    monkeypatch.setattr(neighbours, "dated_files", slow)
    await settle_neighbours(shared)
    assert (await dates(stock))["IMG_2.jpg"][2] == "mtime"
    monkeypatch.undo()
    await settle_neighbours(shared)
    assert await dates(stock) == EXPECTED
