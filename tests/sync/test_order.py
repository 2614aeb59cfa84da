"""What is read when, and that nothing is held up: SPEC 5.6, 1.4, DESIGN 3."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time

from photostore.store.files import WorkFile
from photostore.sync import journey, outcomes, pipeline
from tests.samples import make_photo
from tests.sync.shop import counts, old, read_only

LAG_S = 0.05


class Gate:
    """Journeys that wait to be let through, and the order in which they began."""

    def __init__(self, monkeypatch):
        self.began = []
        self.let = threading.Semaphore(0)
        monkeypatch.setattr(pipeline, "travel", self.travel)

    def travel(self, work, workshop):
        self.began.append(os.path.basename(work.path))
        assert self.let.acquire(timeout=60)
        return read_only(work, workshop)


async def work_of(shop, name):
    row = (await shop.rows())[name]
    return WorkFile(row["id"], shop.path(name), row["size"], row["mtime_ns"], 0, unfiltered=True)


async def test_what_a_person_waits_for_overtakes(shop, monkeypatch):
    """SPEC 5.6; also one that is in the backlog already, and also when all is done."""
    gate = Gate(monkeypatch)
    shop.write(*[f"{number:03}.jpg" for number in range(60)])
    async with shop.running() as engine:
        await shop.until(lambda: len(gate.began) == 2)
        near, far = await work_of(shop, "004.jpg"), await work_of(shop, "050.jpg")
        asked = [asyncio.create_task(engine.import_now(work)) for work in (far, near, near)]
        await shop.until(lambda: len(engine.importer._lanes._urgent) == 2)
        # The two that are on their way, so that each worker takes one more.
        gate.let.release(2)
        await shop.until(lambda: len(gate.began) >= 4)
        # Before all others; which of the two comes first is not promised.
        assert set(gate.began[2:]) == {b"050.jpg", b"004.jpg"}
        gate.let.release(100)
        assert await asyncio.gather(*asked) == [True] * 3
        await shop.until(lambda: len(gate.began) == 60)
        assert sorted(gate.began) == sorted(set(gate.began))
        assert await engine.import_now(await work_of(shop, "007.jpg"))
        assert gate.began.count(b"007.jpg") == 2


async def test_one_who_hangs_up_does_not_end_the_work(shop, monkeypatch):
    gate = Gate(monkeypatch)
    shop.write("a.jpg")
    await shop.scan()
    async with shop.running() as engine:
        asked = asyncio.create_task(engine.import_now(await work_of(shop, "a.jpg")))
        await shop.until(lambda: gate.began)
        asked.cancel()
        gate.let.release(5)
        await shop.until(lambda: shop.are(**{"a.jpg": "ready"}))


async def test_a_request_for_a_file_that_fails_is_answered(shop):
    shop.write("a.jpg", content="failed")
    async with shop.running() as engine:
        await shop.until(shop.problems)
        assert not await engine.import_now(await work_of(shop, "a.jpg"))


async def test_a_pause_holds_the_backlog_but_not_a_person(shop):
    """SPEC 5.6: kept over restarts."""
    shop.write("a.jpg", "b.jpg")
    await shop.engine.pause(paused=True)
    async with shop.running() as engine:
        await shop.until(lambda: engine.progress().state == "paused")
        await shop.until(shop.pending)
        assert await engine.import_now(await work_of(shop, "b.jpg"))
        await asyncio.sleep(0.3)
        assert await shop.states() == {"a.jpg": "pending", "b.jpg": "ready"}
    async with shop.running() as engine:
        await shop.until(lambda: engine.progress().state == "paused")
        await engine.pause(paused=False)
        await shop.until(lambda: shop.are(**{"a.jpg": "ready", "b.jpg": "ready"}))


async def test_what_is_opened_while_the_import_counts_is_claimed_once(shop, monkeypatch):
    """Else whoever opened it waits for a work that another one takes the place of."""
    shop.write("a.jpg")
    opened = []
    async with shop.running() as engine:
        begin = engine.importer._begin

        async def count():
            opened.append(await engine.importer.import_soon(await work_of(shop, "a.jpg")))
            await begin()

        monkeypatch.setattr(engine.importer, "_begin", count)
        await shop.until(lambda: opened)
        async with asyncio.timeout(20):
            assert await opened[0]


async def test_work_in_flight_is_bounded(shop, monkeypatch):
    gate = Gate(monkeypatch)
    shop.write(*[f"{number:03}.jpg" for number in range(100)])
    async with shop.running() as engine:
        await shop.until(lambda: len(gate.began) == 2)
        await asyncio.sleep(0.3)
        assert len(gate.began) == 2
        assert len(engine.importer._in_flight) <= 2 + 4 * 2
        gate.let.release(200)
        await shop.until(lambda: len(gate.began) == 100)


async def test_what_was_in_flight_at_the_end_is_pending_again(shop, monkeypatch):
    """SPEC 1.4."""
    gate = Gate(monkeypatch)
    shop.write("a.jpg", "b.jpg", "c.jpg")
    async with shop.running():
        await shop.until(lambda: len(gate.began) == 2)
    assert set((await shop.states()).values()) == {"pending"}
    gate.let.release(10)
    assert (await shop.sync()).imported == 3


async def test_a_raised_version_reads_all_files_again(shop, monkeypatch):
    """DESIGN 1."""
    shop.write("a.jpg", "b.jpg")
    await shop.sync()
    before = await shop.assets()
    for module in (pipeline, journey):
        monkeypatch.setattr(module, "PREVIEW_VERSION", 2)
    monkeypatch.setattr(outcomes, "VERSIONS", outcomes.Versions(journey.PROBE_VERSION, 2))
    assert counts(await shop.sync()) == {"found": 2, "imported": 2, "unchanged": 2}
    assert await shop.assets() == before
    assert counts(await shop.sync()) == {"found": 2, "unchanged": 2}


async def test_the_event_loop_is_never_held_up(real_shop):
    """DESIGN 3: real pictures, many folders, one of them large."""
    top = real_shop.photos
    for number in range(24):
        old(make_photo(top / f"{number}.jpg", seed=number, size=(1600, 1200)))
    real_shop.write(*[f"large/{number}.jpg" for number in range(3000)])
    lags, work = [], []

    async def watch():
        loop = asyncio.get_running_loop()
        while True:
            before, cpu = loop.time(), time.thread_time()
            await asyncio.sleep(0.001)
            lags.append(loop.time() - before - 0.001)
            work.append(time.thread_time() - cpu)

    # The garbage of all tests before is not what is measured.
    gc.collect()
    gc.freeze()
    watching = asyncio.create_task(watch())
    engine = real_shop.make_engine()
    report = await engine.run_once()
    watching.cancel()
    gc.unfreeze()
    assert report.imported == 24
    # What the loop's own thread computed at a stretch does not depend on what else runs here; the
    # collector, which runs in any thread over the objects of a whole test session, may take one.
    assert sum(stretch > LAG_S for stretch in work) <= 1
    # Waiting for a disk would show in the clock alone; a loaded machine too, but not mostly.
    assert sorted(lags)[len(lags) // 2] < LAG_S
