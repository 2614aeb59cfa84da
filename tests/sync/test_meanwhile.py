"""What happens between a look at the disk and what follows from it: SPEC 4.4, 5.4."""

from __future__ import annotations

import asyncio

from photostore.sync import engine as engine_module
from photostore.sync import missing, pipeline, scan
from photostore.sync.missing import purge_missing
from tests.sync.shop import Shop, read_only
from tests.sync.test_purging import age_missing
from tests.sync.yard import Yard, imported
from tests.turns import Turn, until_done_or_waiting


async def test_a_file_that_another_scan_finds_under_a_new_name_is_not_missing(
    yard: Yard, monkeypatch
):
    """A folder is renamed while the nightly scan runs: the watch is told of the new name."""
    ids, _ = await imported(yard, "a/x.jpg", "z.jpg")
    yard.move("a/x.jpg", "b/x.jpg")
    turn = yard.scanner.turn = Turn()
    really_gone, others = scan._really_gone, []
    loop = asyncio.get_running_loop()

    def look_and_wait(located):
        monkeypatch.setattr(scan, "_really_gone", really_gone)
        gone = really_gone(located)
        asyncio.run_coroutine_threadsafe(find(), loop).result()
        return gone

    async def find() -> None:
        others.append(asyncio.create_task(yard.look("b")))
        await until_done_or_waiting(turn, *others)

    monkeypatch.setattr(scan, "_really_gone", look_and_wait)
    await yard.look("a")
    await asyncio.gather(*others)
    assert await yard.present() == {"b/x.jpg", "z.jpg"}
    assert (await yard.ids())["b/x.jpg"] == ids["a/x.jpg"]


async def test_a_file_that_is_back_when_it_is_forgotten_is_found(yard: Yard, monkeypatch):
    """The nightly scan and the forgetting of what is long missing begin at the same time."""
    await imported(yard, "a.jpg", "z.jpg")
    yard.remove("a.jpg")
    await yard.scan()
    await age_missing(yard, 31)
    turn = yard.scanner.turn = Turn()
    really_gone, detect_moves, scans = missing._really_gone, scan.detect_moves, []
    loop = asyncio.get_running_loop()
    has_compared, is_forgotten = asyncio.Event(), asyncio.Event()

    async def detect_and_wait(*args) -> None:
        has_compared.set()
        await is_forgotten.wait()
        await detect_moves(*args)

    def look_and_wait(files, roots):
        gone = really_gone(files, roots)
        yard.write("a.jpg")
        asyncio.run_coroutine_threadsafe(find(), loop).result()
        return gone

    async def find() -> None:
        scans.append(asyncio.create_task(yard.scan()))
        await until_done_or_waiting(turn, asyncio.create_task(has_compared.wait()))

    monkeypatch.setattr(scan, "detect_moves", detect_and_wait)
    monkeypatch.setattr(missing, "_really_gone", look_and_wait)
    await purge_missing(yard.shared, quiet=lambda: turn)
    is_forgotten.set()
    await asyncio.gather(*scans)
    assert await yard.present() == {"a.jpg", "z.jpg"}


async def test_a_person_who_pauses_while_the_import_begins_is_heard(shop: Shop, monkeypatch):
    """SPEC 5.6: the flag was read, and then set as if nobody had changed it."""
    engine, pauses, set_to = shop.engine, [], []
    turn = engine._pausing = Turn()
    load_flag, pause = engine_module.load_flag, engine.importer.pause

    async def load_and_wait(reading, name: str) -> bool:
        found = await load_flag(reading, name)
        pauses.append(asyncio.create_task(engine.pause(paused=True)))
        await until_done_or_waiting(turn, *pauses)
        return found

    async def pause_and_tell(*, paused: bool) -> None:
        await pause(paused=paused)
        set_to.append(paused)

    monkeypatch.setattr(engine_module, "load_flag", load_and_wait)
    monkeypatch.setattr(engine.importer, "pause", pause_and_tell)
    running = asyncio.create_task(engine.run())
    await shop.until(lambda: len(set_to) == 2)
    running.cancel()
    await asyncio.wait({running})
    assert set_to == [False, True]


async def test_a_file_that_is_moved_while_it_is_read_is_read_where_it_is(shop: Shop, monkeypatch):
    """SPEC 6.3: a date may come from a name, and that of before says nothing any more."""
    shop.write("a.jpg", content="one")
    loop, paths = asyncio.get_running_loop(), []

    def travel(work, workshop):
        outcome = read_only(work, workshop)
        paths.append(shop.name_of(work.path))
        if paths == ["a.jpg"]:
            shop.move("a.jpg", "2019/20190501_101500.jpg")
            asyncio.run_coroutine_threadsafe(shop.scan(), loop).result()
        return outcome

    monkeypatch.setattr(pipeline, "travel", travel)
    await shop.sync()
    assert paths == ["a.jpg", "2019/20190501_101500.jpg"]
    assert await shop.are(**{"2019/20190501_101500.jpg": "ready"})


async def test_a_disk_that_is_taken_off_after_its_missing_files_were_accepted_is_not_given_up(
    shop: Shop,
):
    """SPEC 4.3: the answer was about some files; the scan that it asks for may wait for hours."""
    engine = shop.engine
    await imported(shop, "a.jpg", "b.jpg")
    shop.remove("a.jpg")
    await engine.accept_missing([shop.path()])
    aside = shop.photos.with_name("aside")
    shop.photos.rename(aside)
    await engine._scan(engine._requests.popleft())
    assert await shop.present() == {"a.jpg", "b.jpg"}
    assert (await shop.root()).state == "unavailable"
    # Of a disk that is away, the answer is about all of it.
    await engine.accept_missing([shop.path()])
    await engine._scan(engine._requests.popleft())
    assert await shop.present() == set()
    aside.rename(shop.photos)
    await engine._scan(engine_module._Request())
    assert await shop.present() == {"b.jpg"}
