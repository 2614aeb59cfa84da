"""The engine at work, with a real watch: SPEC 5.5, 4.3."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from photostore.base.mounts import Mount
from photostore.library.roots import settle_roots
from photostore.sync import engine as engine_module
from photostore.sync import watch, watching
from photostore.sync.inotify import WatchLimitError
from photostore.sync.watch import RootWatcher

# From the last write until it is seen: 0.3 s to settle here, two polls, one batch.
SOON_S = 20


@pytest.fixture
async def live(shop):
    """A shop whose engine watches."""
    shop.write("first.jpg")
    async with shop.running(watch=True) as engine:
        await shop.until(lambda: shop.are(**{"first.jpg": "ready"}))
        await shop.until(lambda: all(state.watched for state in engine.watch_states()))
        yield shop


async def sees(shop, **states):
    await shop.until(lambda: shop.are(**{"first.jpg": "ready"} | states))


# The watch


async def test_a_file_that_is_written_slowly_appears_once_and_whole(live):
    """SPEC 5.5: imported once it is quiet."""
    seen = set()
    path = live.path("slow.jpg")
    with open(path, "wb") as file:  # noqa: ASYNC230 - another program writes it
        for number in range(8):
            file.write(b"chunk %d " % number * 50)
            file.flush()
            await asyncio.sleep(0.15)
            seen.add((await live.states()).get("slow.jpg"))
    written = time.monotonic()
    await sees(live, **{"slow.jpg": "ready"})
    assert time.monotonic() - written < SOON_S
    assert seen == {None}
    assert (await live.rows())["slow.jpg"]["size"] == os.stat(path).st_size


async def test_a_renamed_file_is_no_second_one(live):
    ids = await live.ids()
    live.move("first.jpg", "renamed.jpg")
    await live.until(lambda: live.are(**{"renamed.jpg": "ready"}))
    assert list((await live.ids()).values()) == list(ids.values())


async def test_a_removed_file_leaves_and_returns(live):
    live.write("a/x.jpg")
    await sees(live, **{"a/x.jpg": "ready"})
    os.rename(live.path("a/x.jpg"), live.path("../aside.jpg"))
    await sees(live, **{"a/x.jpg": "missing"})
    os.rename(live.path("../aside.jpg"), live.path("a/x.jpg"))
    await sees(live, **{"a/x.jpg": "ready"})


async def test_folders_in_folders_made_at_once(live):
    """Up to 78 % of the files in them have no event."""
    names = [f"n/{n % 5}/{n % 3}/{n}.jpg" for n in range(60)]
    live.write(*names)
    await sees(live, **dict.fromkeys(names, "ready"))


async def test_a_tree_that_is_moved_in_and_renamed(live):
    outside = Path(os.fsdecode(live.path("../outside")))
    for number in range(5):
        live.write(f"../outside/a/{number}.jpg")
    shutil.move(outside, live.photos / "in")
    await sees(live, **{f"in/a/{number}.jpg": "ready" for number in range(5)})
    ids = sorted((await live.ids()).values())
    live.move("in", "elsewhere")
    await sees(live, **{f"elsewhere/a/{number}.jpg": "ready" for number in range(5)})
    assert sorted((await live.ids()).values()) == ids


async def test_a_marker_is_noticed(live):
    live.write("a/b/x.jpg")
    await sees(live, **{"a/b/x.jpg": "ready"})
    live.write("a/.nomedia")
    await sees(live, **{"a/b/x.jpg": "missing"})
    live.remove("a/.nomedia")
    await sees(live, **{"a/b/x.jpg": "ready"})


async def test_a_name_that_is_no_text_does_not_end_the_watch_for_good(live, monkeypatch):
    """Elsewhere than on Linux watchfiles gives up at such a name; a scan finds what follows."""
    monkeypatch.setattr(watching, "REARM_AFTER_S", (0.1,))
    live.write(b"\xff\xfe.jpg")
    name = os.fsdecode(b"\xff\xfe.jpg")
    await sees(live, **{name: "ready"})
    await live.until(lambda: all(state.watched for state in live.engine.watch_states()))
    live.write("after.jpg")
    await sees(live, **{name: "ready", "after.jpg": "ready"})


async def test_a_long_scan_does_not_hold_up_what_is_watched(live, monkeypatch):
    """Scans take turns step by step."""
    monkeypatch.setattr("photostore.sync.walk.STEP_FOLDERS", 1)
    monkeypatch.setattr("photostore.sync.walk.STEP_FILES", 1)
    for number in range(300):
        os.makedirs(live.path(f"many/{number}"))
    live.engine.request_scan()
    await live.until(lambda: live.engine.progress().state == "scanning")
    live.write("new.jpg")
    await sees(live, **{"new.jpg": "ready"})


async def test_no_thread_and_no_task_is_left(shop):
    shop.write("a.jpg")
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    for _ in range(3):
        async with shop.running(watch=True) as engine:
            await shop.until(lambda: shop.are(**{"a.jpg": "ready"}))
            await shop.until(lambda engine=engine: [s for s in engine.watch_states() if s.watched])
    assert asyncio.all_tasks() == tasks
    left = {thread for thread in set(threading.enumerate()) - threads if thread.is_alive()}
    # The loop's own pool stays; decode threads end with their last job.
    for thread in left:
        if not thread.name.startswith("asyncio"):
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


@pytest.mark.parametrize(
    ("path", "of_interest"),
    [
        ("/r/a.jpg", True),
        ("/r/a/.nomedia", True),
        ("/r/.NoMedia", True),
        ("/r/.photostore/previews/ab/cd.grid", False),
        ("/r/.hidden.jpg", False),
        ("/r/@eaDir/a.jpg", False),
        ("/r/a/#recycle/b.jpg", False),
        ("/r", True),
    ],
)
def test_what_happens_in_hidden_folders_is_not_told(path, of_interest):
    """Each preview that is written would wake the scanner otherwise."""
    assert RootWatcher(b"/r")._is_of_interest(watch.watchfiles.Change.added, path) is of_interest


async def test_a_library_that_is_a_root_is_watched_around_its_support_folder(shop):
    """Its previews lie in tens of thousands of folders, each of which would cost a watch."""
    shop.write(".photostore/previews/ab/x", "a/x.jpg")
    parts = RootWatcher(shop.path())._parts()
    assert parts == [([shop.path()], False), ([shop.path("a")], True)]
    async with shop.running(watch=True):
        await shop.until(lambda: shop.are(**{"a/x.jpg": "ready"}))
        shop.write("b/y.jpg")
        await shop.until(lambda: shop.are(**{"a/x.jpg": "ready", "b/y.jpg": "ready"}))
        shop.write("b/c/z.jpg", "top.jpg")
        names = ("a/x.jpg", "b/y.jpg", "b/c/z.jpg", "top.jpg")
        await shop.until(lambda: shop.are(**dict.fromkeys(names, "ready")))


# Where a watch is no use


async def test_the_limit_of_watches_is_said_and_the_root_is_scanned(shop, monkeypatch):
    """SPEC 5.5: /health says so with the sysctl to raise."""

    def refuse(*_, **__):
        raise WatchLimitError

    monkeypatch.setattr(watch, "TreeWatch", refuse)
    async with shop.running(watch=True, poll_interval=timedelta(seconds=0.2)) as engine:
        await shop.until(lambda: engine.watch_states() and engine.watch_states()[0].problem)
        (state,) = engine.watch_states()
        assert "sysctl fs.inotify.max_user_watches" in state.problem
        shop.write("a.jpg")
        await shop.until(lambda: shop.are(**{"a.jpg": "ready"}))


async def test_a_network_disk_is_scanned_now_and_then(shop, monkeypatch):
    mount = Mount(shop.photos, "/", "nfs4", is_read_only=False)
    monkeypatch.setattr(watching, "read_mounts", lambda: (mount,))
    async with shop.running(watch=True, poll_interval=timedelta(seconds=0.2)) as engine:
        await shop.until(engine.watch_states)
        await shop.until(lambda: engine.watch_states()[0].problem)
        assert "nfs4" in engine.watch_states()[0].problem
        shop.write("a.jpg")
        await shop.until(lambda: shop.are(**{"a.jpg": "ready"}))


# Roots that come and go


async def test_a_root_that_is_not_there_at_the_start_is_picked_up(shop, monkeypatch):
    monkeypatch.setattr(engine_module, "ROOT_CHECK_S", 0.2)
    monkeypatch.setattr(watching, "REARM_AFTER_S", (0.2,))
    await settle_roots(shop.database, [shop.path("late")])
    assert (await shop.root()).state == "unavailable"
    async with shop.running(watch=True):
        await asyncio.sleep(0.3)
        shop.write("late/a.jpg")
        await shop.until(lambda: shop.are(**{"late/a.jpg": "ready"}))
        assert (await shop.root()).state == "ok"
        shop.write("late/b.jpg")
        await shop.until(lambda: shop.are(**{"late/a.jpg": "ready", "late/b.jpg": "ready"}))


async def test_a_disk_that_goes_and_comes_back(shop, monkeypatch):
    """SPEC 4.3; and it is watched again after that."""
    monkeypatch.setattr(engine_module, "ROOT_CHECK_S", 0.2)
    monkeypatch.setattr(watching, "REARM_AFTER_S", (0.2,))
    shop.write("a.jpg")
    aside = shop.photos.parent / "aside"
    async with shop.running(watch=True):
        await shop.until(lambda: shop.are(**{"a.jpg": "ready"}))
        os.rename(shop.photos, aside)

        async def state():
            return (await shop.root()).state

        async def is_away():
            return await state() == "unavailable"

        async def is_back():
            return await state() == "ok"

        await shop.until(is_away)
        assert await shop.states() == {"a.jpg": "ready"}
        os.rename(aside, shop.photos)
        await shop.until(is_back)
        await asyncio.sleep(0.5)
        shop.write("b.jpg")
        await shop.until(lambda: shop.are(**{"a.jpg": "ready", "b.jpg": "ready"}))


async def test_a_person_accepts_what_is_missing(shop):
    shop.write(*[f"{number}.jpg" for number in range(70)], "keep.jpg")
    async with shop.running() as engine:
        await shop.until(lambda: shop.are(**dict.fromkeys(shop.on_disk(), "ready")))
        for number in range(70):
            shop.remove(f"{number}.jpg")
        engine.request_scan()

        async def is_asked():
            return (await shop.root()).state == "missing"

        await shop.until(is_asked)
        assert "missing" not in (await shop.states()).values()
        await engine.accept_missing([shop.path()])

        async def is_done():
            return len(await shop.present()) == 1 and (await shop.root()).state == "ok"

        await shop.until(is_done)


# Requests


async def test_requests_that_are_waiting_already_are_not_made_twice(shop):
    engine = shop.make_engine()
    for _ in range(5):
        engine.request_scan([b"/a"])
        engine.request_scan()
        engine.request_scan([b"/b"])
    assert [request.paths for request in engine._requests] == [(b"/a",), ()]


async def test_a_scan_that_fails_is_not_the_end(shop, monkeypatch):
    async def fail(*_, **__):
        raise OSError(5, "Input/output error")

    async with shop.running() as engine:
        with monkeypatch.context() as patch:
            patch.setattr(engine._scanner, "scan_root", fail)
            engine.request_scan()
            await asyncio.sleep(0.3)
        shop.write("a.jpg")
        engine.request_scan([shop.path() + b"/"])
        await shop.until(lambda: shop.are(**{"a.jpg": "ready"}))


async def test_a_gap_in_time_makes_a_full_scan(shop, monkeypatch):
    """A process that was stopped missed events without a word."""
    monkeypatch.setattr(engine_module, "GAP_S", 0.3)
    monkeypatch.setattr(engine_module, "SETTLE_POLL_S", 0.1)
    async with shop.running(watch=True) as engine:
        await shop.until(lambda: engine.progress().state == "idle")
        await asyncio.sleep(0.5)
        asked = []
        monkeypatch.setattr(engine, "request_scan", lambda *paths: asked.append(paths))
        time.sleep(0.6)  # noqa: ASYNC251 - the loop stands still
        await shop.until(lambda: () in asked)
