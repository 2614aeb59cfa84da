"""A large new library can be looked at early: DESIGN 5, docs/decisions/0015."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import replace

import pytest

from photostore.library.previews import PreviewSize
from photostore.media.filters import Limits
from photostore.store.work import find_screen_due
from photostore.sync import journey, pipeline
from photostore.sync.journey import PREVIEW_VERSION, PROBE_VERSION
from tests.samples import make_photo
from tests.sync.shop import old

SIZE = (1400, 1050)
DUE = "SELECT name FROM file WHERE screen_version < preview_version ORDER BY name"


class Rounds:
    """Notes each journey, and holds back those for screen pictures."""

    def __init__(self, monkeypatch):
        self.began = []
        self.screens = threading.Event()
        self._travel = journey.travel
        monkeypatch.setattr(pipeline, "travel", self.travel)

    def travel(self, work, workshop):
        name = os.path.basename(work.path).decode()
        self.began.append((name, work.pictures.value))
        if work.pictures.value == "screen":
            assert self.screens.wait(20)
        return self._travel(work, workshop)


@pytest.fixture
def rounds(monkeypatch):
    return Rounds(monkeypatch)


@pytest.fixture
def photos(real_shop):
    for number in range(4):
        taken = f"202{number}:01:01 12:00:00"
        path = make_photo(real_shop.photos / f"{number}.jpg", seed=number, size=SIZE, exif=False)
        path.rename(real_shop.photos / f"{taken.replace(':', '-').replace(' ', '_')}.jpg")
    for path in real_shop.photos.iterdir():
        old(path)
    old(make_photo(real_shop.photos / "small.jpg", seed=9, size=(400, 300)))
    return real_shop


async def names(shop, sql=DUE):
    async with shop.database.read() as reading:
        return [bytes(row["name"]).decode() for row in await reading.fetch_all(sql)]


async def first_round(shop, rounds):
    """Wait until all five are recorded, and the first screen picture is held back."""
    await shop.until(lambda: len(rounds.began) == 6)

    async def is_over():
        return set((await shop.states()).values()) == {"ready"}

    await shop.until(is_over)


async def sha1_of(shop, name):
    return (await shop.rows())[name]["sha1"]


async def test_grid_pictures_come_first_and_the_newest_screen_pictures_next(photos, rounds):
    async with photos.running(first_pass_files=1, max_concurrent_imports=1) as engine:
        await first_round(photos, rounds)
        assert {kind for _, kind in rounds.began[:5]} == {"grid"}
        assert set((await photos.states()).values()) == {"ready"}
        due = await names(photos)
        assert len(due) == 4  # where a second decode does not pay both were made
        for name in due:
            sha1 = await sha1_of(photos, name)
            assert photos.previews.read(sha1, PreviewSize.GRID)
            assert photos.previews.read(sha1, PreviewSize.SCREEN) is None
        await photos.until(lambda: engine.progress().done == 5)
        progress = engine.progress()
        assert (progress.state, progress.found, progress.done) == ("importing", 5, 5)
        assert progress.screens_left == 4
        rounds.screens.set()
        await photos.until(lambda: engine.progress().state == "idle")
        assert engine.progress().screens_done == 4
    assert [name for name, kind in rounds.began if kind == "screen"] == sorted(due, reverse=True)
    assert await names(photos) == []
    for name in due:
        assert photos.previews.read(await sha1_of(photos, name), PreviewSize.SCREEN)


async def test_both_ways_end_alike(photos, tmp_path):
    """Facts and screen pictures are the same; grid pictures are alike (tests/media)."""
    columns = "name, state, hex(sha1) AS sha1, width, preview_version, screen_version, facts"
    sql = f"SELECT {columns} FROM file ORDER BY name"

    async def outcome():
        async with photos.database.read() as reading:
            rows = [tuple(row) for row in await reading.fetch_all(sql)]
        screens = {
            row[2]: photos.previews.read(bytes.fromhex(row[2]), PreviewSize.SCREEN) for row in rows
        }
        return rows, screens

    async with photos.running(first_pass_files=1) as engine:
        await photos.until(lambda: engine.progress().screens_done == 4)
        await photos.until(lambda: engine.progress().state == "idle")
    twice = await outcome()
    async with photos.database.write() as transaction:
        await transaction.execute("UPDATE file SET state = 'pending', probe_version = 0")
    await photos.sync(first_pass_files=1)
    assert await outcome() == twice


async def test_a_single_run_makes_both_at_once(photos, rounds):
    """Nobody looks meanwhile, so the cheaper way is taken."""
    await photos.sync(first_pass_files=1)
    assert {kind for _, kind in rounds.began} == {"both"}
    assert await names(photos) == []


async def test_few_files_are_made_in_one_pass(photos, rounds):
    async with photos.running(first_pass_files=6) as engine:
        await photos.until(lambda: len(rounds.began) == 5)
        await photos.until(lambda: engine.progress().state == "idle")
    assert {kind for _, kind in rounds.began} == {"both"}


async def test_a_single_run_makes_what_a_server_left_due(photos, rounds):
    async with photos.running(first_pass_files=1, max_concurrent_imports=1):
        await first_round(photos, rounds)
    rounds.screens.set()
    report = await photos.sync()
    assert (report.imported, report.failed) == (0, 0)
    assert await names(photos) == []


async def test_nothing_is_hashed_twice_and_what_is_opened_overtakes(photos, rounds, monkeypatch):
    """SPEC 5.6; the digest holds as long as size and mtime do."""
    hashed = []
    sha1 = hashlib.sha1

    def count(*args, **options):
        hashed.append(args)
        return sha1(*args, **options)

    async with photos.running(first_pass_files=1, max_concurrent_imports=1) as engine:
        await first_round(photos, rounds)
        monkeypatch.setattr("photostore.media.reading.hashlib.sha1", count)
        oldest = (await names(photos))[0]
        row = (await photos.rows())[oldest]
        async with photos.database.read() as reading:
            work = await find_screen_due(
                reading,
                row["id"],
                probe_version=PROBE_VERSION,
                preview_version=PREVIEW_VERSION,
            )
        future = await engine.importer.import_soon(work)
        rounds.screens.set()
        assert await future
        assert photos.previews.read(row["sha1"], PreviewSize.SCREEN)
        await photos.until(lambda: engine.progress().state == "idle")
    assert rounds.began[6] == (oldest, "screen")
    assert len([kind for _, kind in rounds.began if kind == "screen"]) == 4
    assert hashed == []


async def test_a_file_that_changed_between_the_rounds_is_read_anew(photos, rounds):
    async with photos.running(first_pass_files=1, max_concurrent_imports=1):
        await first_round(photos, rounds)
    name = (await names(photos))[0]
    before = await sha1_of(photos, name)
    # Nobody has scanned since: the row still speaks of the earlier content.
    old(make_photo(photos.photos / name, seed=77, size=SIZE, exif=False))
    rounds.screens.set()
    async with photos.running(first_pass_files=1000, max_concurrent_imports=1) as engine:
        await photos.until(lambda: engine.progress().state == "idle")
        await photos.until(lambda: not engine.progress().screens_left)

        async def is_whole():
            row = (await photos.rows())[name]
            return row["sha1"] != before and row["state"] == "ready" and await names(photos) == []

        await photos.until(is_whole)
    after = await sha1_of(photos, name)
    for size in PreviewSize:
        assert photos.previews.read(after, size)


async def test_a_screen_picture_is_not_filtered_anew(photos, rounds):
    """What the first pass accepted stays, whatever the filters say now."""

    async def is_first_over():
        return len(rounds.began) == 6 and set((await photos.states()).values()) == {"ready"}

    async with photos.running(first_pass_files=1, max_concurrent_imports=1):
        await photos.until(is_first_over)
    rounds.screens.set()
    engine = photos.make_engine()
    importer = engine.importer
    workshop = importer._workshop
    importer._workshop = replace(workshop, limits=Limits(min_image_px=5000))
    await engine.run_once()
    assert set((await photos.states()).values()) == {"ready"}
    assert await names(photos) == []
