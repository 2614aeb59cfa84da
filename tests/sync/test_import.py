"""From pending files to assets: SPEC 5.4, 5.6, 5.7."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime

import pytest

from photostore.base.errors import CodecMissingError
from photostore.base.events import LibraryChanged, PreviewsMade, ProblemsChanged
from photostore.decode import examination
from photostore.library.machine import Obstacle
from photostore.library.previews import PreviewSize
from photostore.sync import outcomes, pipeline, worker
from photostore.sync.journey import FailedFile, ImportedFile, PreviewsUnwritableError
from tests.samples import make_photo, make_video
from tests.store.stock import facts
from tests.sync.shop import counts, old, read_only

# Whole runs


async def test_a_folder_of_pictures_becomes_a_library(real_shop):
    """Real files through all stages: facts, previews, assets, problems."""
    top = real_shop.photos
    for number in range(4):
        taken = datetime(2020, 1, 1 + number, 12)
        old(make_photo(top / f"{number}.jpg", taken=taken, seed=number, size=(400, 300)))
    (top / "copy").mkdir()
    old_copy = top / "copy" / "0 (1).jpg"
    old_copy.write_bytes((top / "0.jpg").read_bytes())
    old(old_copy)
    old(make_video(top / "clip.mp4"))
    real_shop.write("text.jpg", content="no picture at all " * 1000)
    real_shop.write("cut.jpg", content=(top / "1.jpg").read_bytes()[:1000])
    real_shop.write("empty.jpg", content=b" ")
    report = await real_shop.sync()
    assert counts(report) == {"found": 9, "imported": 6, "rejected": 2, "failed": 1}
    assert report.complete
    rows = await real_shop.rows()
    assert rows["0.jpg"]["asset_id"] == rows["copy/0 (1).jpg"]["asset_id"]
    assert len({row["asset_id"] for row in rows.values() if row["asset_id"]}) == 5
    for row in rows.values():
        if row["state"] == "ready":
            assert real_shop.previews.read(row["sha1"], PreviewSize.GRID)
            assert real_shop.previews.read(row["sha1"], PreviewSize.SCREEN)
            assert len(row["thumbhash"]) <= 25
    assert rows["clip.mp4"]["duration_ms"] == pytest.approx(2000, abs=100)
    assert "no photo or video" in (await real_shop.problems())["text.jpg"][1]
    assert counts(await real_shop.sync()) == {"found": 9, "unchanged": 9}


async def test_what_a_run_reports(shop):
    """Each found file is one of these; what failed before is not tried in the next run."""
    shop.write("a.jpg", "b.jpg", "c/d.jpg")
    shop.write("no.jpg", content="rejected: too small")
    shop.write("bad.jpg", content="failed: damaged")
    shop.write("raw.nef", content="waiting: no decoder")
    report = await shop.sync()
    assert counts(report) == {"found": 6, "imported": 3, "rejected": 1, "failed": 1, "waiting": 1}
    shop.move("a.jpg", "c/a.jpg")
    shop.remove("b.jpg")
    shop.write("new.jpg")
    report = await shop.sync()
    assert counts(report) == {"found": 6, "imported": 1, "unchanged": 5, "moved": 1, "missing": 1}
    assert (report.complete, report.reasons) == (True, ())


async def test_a_run_over_a_part(shop):
    shop.write("a/x.jpg", "b/y.jpg")
    assert counts(await shop.sync("a")) == {"found": 1, "imported": 1}
    assert counts(await shop.sync("b/y.jpg")) == {"found": 1, "imported": 1}
    assert counts(await shop.sync("")) == {"found": 2, "unchanged": 2}


async def test_a_path_outside_is_said(shop):
    report = await shop.sync("../elsewhere")
    assert not report.complete
    assert "lies in no folder that is scanned" in report.reasons[0]


async def test_a_run_waits_for_what_was_just_written(shop):
    """SPEC 5.5; a damaged one is not put off then, since nobody waits for a later try."""
    shop.write("a.jpg", age_s=0)
    started = time.monotonic()
    assert counts(await shop.sync()) == {"found": 1, "imported": 1}
    assert time.monotonic() - started >= 0.3


async def test_a_young_file_that_ends_early_gets_time_but_not_in_a_single_run(real_shop):
    whole = make_photo(real_shop.photos.parent / "whole.jpg", size=(900, 600)).read_bytes()
    real_shop.write("cut.jpg", content=whole[: len(whole) * 2 // 3], age_s=5)
    async with real_shop.running():
        await real_shop.until(real_shop.problems)
    assert "being copied" in (await real_shop.problems())["cut.jpg"][1]
    async with real_shop.database.write() as transaction:
        await transaction.execute("UPDATE file SET state = 'pending'")
    assert (await real_shop.sync()).imported == 1


async def test_a_run_ends_when_there_is_no_room(shop):
    shop.write("a.jpg")
    shop.obstacle = Obstacle("no free space")
    report = await shop.sync()
    assert counts(report) == {"found": 1}
    assert not report.complete
    assert "free space" in report.reasons[0]
    shop.obstacle = None
    assert counts(await shop.sync()) == {"found": 1, "imported": 1, "unchanged": 1}


async def test_heat_holds_even_a_single_run_up_and_passes(shop, monkeypatch):
    """SPEC 5.6."""
    monkeypatch.setattr(pipeline, "OBSTACLE_CHECK_S", 0.05)
    shop.write("a.jpg")
    shop.obstacle = Obstacle("too hot", passes=True)
    running = asyncio.create_task(shop.sync())
    await shop.until(lambda: shop.engine.obstacle == "too hot")
    await asyncio.sleep(1.0)
    assert not running.done()
    shop.obstacle = None
    assert counts(await running) == {"found": 1, "imported": 1}
    assert shop.engine.obstacle is None


async def test_what_happens_is_told(shop):
    shop.write("a.jpg")
    shop.write("bad.jpg", content="failed")
    told = []

    async def listen():
        with shop.bus.subscribe() as events:
            async for event in events:
                told.append(event)  # noqa: PERF401 - read one by one, as they come

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    await shop.sync()
    await asyncio.sleep(0.05)
    listening.cancel()
    (made,) = [event for event in told if isinstance(event, PreviewsMade)]
    assert len(made.asset_ids) == 1
    assert any(isinstance(event, LibraryChanged) for event in told)
    assert any(isinstance(event, ProblemsChanged) for event in told)


# One bad file


async def test_one_that_breaks_a_reader_is_a_row_and_the_rest_goes_on(real_shop, monkeypatch):
    """SPEC 5.7."""
    for number in range(6):
        old(make_photo(real_shop.photos / f"{number}.jpg", seed=number, size=(320, 240)))

    def probe(content):
        if content.path.endswith(b"3.jpg"):
            raise KeyError("\udcff odd")
        if content.path.endswith(b"4.jpg"):
            raise CodecMissingError(content.path, "needs a decoder")
        return real_probe(content)

    real_probe = examination.probe
    monkeypatch.setattr(examination, "probe", probe)
    report = await real_shop.sync()
    assert counts(report) == {"found": 6, "imported": 4, "failed": 1, "waiting": 1}
    stage, reason = (await real_shop.problems())["3.jpg"]
    assert (stage, reason[:26]) == ("probe", "unexpected error: KeyError")


@pytest.mark.parametrize("bad", [{"title": "\udcff"}, {"keywords": ("\ud800",)}, {"iso": 2**70}])
async def test_one_that_the_database_refuses_is_a_row_and_the_rest_goes_on(shop, monkeypatch, bad):
    shop.write(*[f"{number}.jpg" for number in range(5)])

    def travel(work, workshop):
        outcome = read_only(work, workshop)
        if work.path.endswith(b"2.jpg"):
            found = facts("bad", **bad)
            return ImportedFile(work, found, outcome.size, outcome.mtime_ns)
        return outcome

    monkeypatch.setattr(pipeline, "travel", travel)
    report = await shop.sync()
    assert counts(report) == {"found": 5, "imported": 4, "failed": 1}
    assert (await shop.problems())["2.jpg"][0] == "record"


async def test_a_reason_that_is_no_text_is_a_row_too(shop, monkeypatch):
    shop.write("a.jpg")

    def travel(work, workshop):
        return FailedFile(work, "failed", "probe", "odd \udcff", again=False)

    monkeypatch.setattr(pipeline, "travel", travel)
    assert (await shop.sync()).failed == 1


async def test_one_that_hangs_is_given_up(shop, monkeypatch):
    """SPEC 5.7."""
    shop.write("hangs.jpg", "a.jpg", "b.jpg", "c.jpg")
    release = threading.Event()

    def travel(work, workshop):
        if work.path.endswith(b"hangs.jpg"):
            release.wait(10)
        return read_only(work, workshop)

    monkeypatch.setattr(pipeline, "travel", travel)
    monkeypatch.setattr(worker, "FILE_LIMIT_S", 0.3)
    try:
        report = await shop.sync()
    finally:
        release.set()
    assert counts(report) == {"found": 4, "imported": 3, "failed": 1}
    assert "given up" in (await shop.problems())["hangs.jpg"][1]


async def test_a_failure_is_tried_twice_again_and_then_left(shop, monkeypatch):
    """SPEC 5.7: growing delays."""
    tries = []

    def travel(work, workshop):
        tries.append(work.attempts)
        return read_only(work, workshop)

    monkeypatch.setattr(pipeline, "travel", travel)
    monkeypatch.setattr(pipeline, "RETRY_CHECK_S", 0.02)
    monkeypatch.setattr(outcomes, "RETRY_AFTER_MS", (100, 300))
    shop.write("bad.jpg", content="failed")
    async with shop.running() as engine:
        await shop.until(lambda: len(tries) == 3)
        await asyncio.sleep(0.5)
        assert tries == [0, 1, 2]
        # A person asks.
        async with shop.database.write() as transaction:
            await transaction.execute("UPDATE problem SET attempts = 0")
            await transaction.execute("UPDATE file SET state = 'pending'")
        engine.problems_changed()
        await shop.until(lambda: len(tries) == 4)


# A file that does not hold still


async def test_a_file_that_changes_while_it_is_read_is_read_again(shop, monkeypatch):
    shop.write("a.jpg", content="before")

    def travel(work, workshop):
        outcome = read_only(work, workshop)
        if outcome.facts.sha1 == facts("before").sha1:
            shop.write("a.jpg", content="after, and longer")
            asyncio.run_coroutine_threadsafe(shop.scan(), loop).result()
        return outcome

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(pipeline, "travel", travel)
    assert (await shop.sync()).imported == 1
    row = (await shop.rows())["a.jpg"]
    assert row["sha1"] == facts("after, and longer").sha1
    assert row["size"] == len("after, and longer")


async def test_a_file_that_changed_before_it_was_read_is_known_as_it_was_read(shop, monkeypatch):
    shop.write("a.jpg", content="before")

    def travel(work, workshop):
        if work.size == len("before"):
            shop.write("a.jpg", content="after, and longer")
        return read_only(work, workshop)

    monkeypatch.setattr(pipeline, "travel", travel)
    await shop.sync()
    row = (await shop.rows())["a.jpg"]
    assert (row["size"], row["sha1"]) == (17, facts("after, and longer").sha1)
    assert (await shop.sync()).unchanged == 1


@pytest.mark.parametrize("scanned", [False, True])
async def test_a_file_that_is_removed_before_it_is_read_is_missing_not_failed(
    shop, monkeypatch, scanned
):
    """Also without a watch, and whether or not a scan saw it first."""
    shop.write("a.jpg", "b.jpg")

    def travel(work, workshop):
        if work.path.endswith(b"a.jpg"):
            shop.remove("a.jpg")
            if scanned:
                asyncio.run_coroutine_threadsafe(shop.scan(), loop).result()
        return read_only(work, workshop)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(pipeline, "travel", travel)
    report = await shop.sync()
    assert await shop.states() == {"a.jpg": "missing", "b.jpg": "ready"}
    assert (report.imported, report.missing) == (1, 0 if scanned else 1)


async def test_a_file_that_is_moved_before_it_is_read_is_read_at_its_new_place(shop, monkeypatch):
    shop.write("a.jpg")

    def travel(work, workshop):
        if work.path.endswith(b"a.jpg"):
            shop.move("a.jpg", "b/c.jpg")
            asyncio.run_coroutine_threadsafe(shop.scan(), loop).result()
        return read_only(work, workshop)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(pipeline, "travel", travel)
    assert counts(await shop.sync()) == {"found": 1, "imported": 1}
    assert await shop.states() == {"b/c.jpg": "ready"}


# Obstacles


async def test_previews_that_cannot_be_written_hold_the_import_up(shop, monkeypatch):
    """A wrong owner or a full disk is no fault of the files."""
    writable = threading.Event()

    def travel(work, workshop):
        if not writable.is_set():
            raise PreviewsUnwritableError("Permission denied")
        return read_only(work, workshop)

    monkeypatch.setattr(pipeline, "travel", travel)
    monkeypatch.setattr(pipeline, "OBSTACLE_CHECK_S", 0.05)
    shop.write(*[f"{number}.jpg" for number in range(12)])
    async with shop.running() as engine:
        await shop.until(lambda: engine.obstacle)
        assert "Permission denied" in engine.obstacle
        assert set((await shop.states()).values()) == {"pending"}
        writable.set()
        await shop.until(lambda: shop.are(**{f"{number}.jpg": "ready" for number in range(12)}))
        assert engine.obstacle is None


async def test_a_single_run_ends_at_an_obstacle(real_shop):
    old(make_photo(real_shop.photos / "a.jpg", size=(320, 240)))
    real_shop.previews.folder.write_bytes(b"a file where the folder should be")
    report = await real_shop.sync()
    assert (report.imported, report.failed, report.complete) == (0, 0, False)
    assert "previews cannot be written" in report.reasons[0]


async def test_a_database_that_cannot_grow_holds_the_import_up(shop, monkeypatch):
    monkeypatch.setattr(outcomes, "OBSTACLE_WAIT_S", 0.05)
    shop.write(*[f"{number}.jpg" for number in range(30)])
    await shop.scan()
    async with shop.database.write() as transaction:
        pages = await transaction.fetch_value("PRAGMA page_count")
        await transaction.fetch_value(f"PRAGMA max_page_count = {pages}")
    async with shop.running():
        await asyncio.sleep(0.5)
        assert "ready" not in set((await shop.states()).values())
        async with shop.database.write() as transaction:
            await transaction.fetch_value("PRAGMA max_page_count = 1000000")
        await shop.until(lambda: shop.are(**{f"{number}.jpg": "ready" for number in range(30)}))
