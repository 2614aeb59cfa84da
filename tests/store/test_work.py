"""What is still to be read, and whether a result may be recorded: SPEC 5.4, 5.7, DESIGN 1."""

from __future__ import annotations

import pytest

from photostore.store import files
from photostore.store.assets import record_file
from photostore.store.facts import ScreenState, Versions
from photostore.store.files import Pictures
from photostore.store.problems import (
    NewProblem,
    count_problems,
    list_problems,
    next_retry_at,
    record_problem,
    retry_due,
    retry_state,
)
from photostore.store.volumes import configure_roots, set_root_state
from photostore.store.work import (
    accept_failure,
    accept_reading,
    accept_screen,
    count_pending,
    pending_files,
)
from tests.store.stock import NOW, facts, wall_ms


async def pending(stock, limit=100, probe=1, preview=1):
    async with stock.database.read() as reading:
        found = await pending_files(
            reading, probe_version=probe, preview_version=preview, limit=limit
        )
        count = await count_pending(reading, probe_version=probe, preview_version=preview)
    assert len(found) == min(limit, count.total)
    return found


async def fail(stock, file_id, state="failed", retry_at=None):
    async with stock.database.write() as transaction:
        problem = NewProblem(file_id, state, "read", "reason", retry_at)
        await record_problem(transaction, problem, NOW)


async def test_new_files_come_in_order_with_their_path(stock):
    for name in ("b.jpg", "a.jpg", "c/d.jpg"):
        await stock.register(name)
    found = await pending(stock)
    assert [work.path for work in found] == [b"/photos/b.jpg", b"/photos/a.jpg", b"/photos/c/d.jpg"]
    assert [work.path for work in await pending(stock, limit=2)] == [
        work.path for work in found[:2]
    ]


async def test_a_raised_version_makes_all_files_pending_again(stock):
    """DESIGN 1: redoing all previews is a constant bump."""
    await stock.add("a.jpg")
    await stock.register("b.jpg")
    assert len(await pending(stock)) == 1
    assert len(await pending(stock, preview=2)) == 2
    assert len(await pending(stock, probe=2, preview=2)) == 2


async def test_screen_pictures_that_are_due_come_last_and_the_newest_first(stock):
    """docs/decisions/0015; what was recorded of another content meanwhile stays due."""
    due = Versions(1, 1, ScreenState.DUE)
    ids = {}
    for year in (2019, 2021, 2020):
        ids[year] = await stock.register(f"{year}.jpg")
        found = facts(str(year), captured_ms=wall_ms(year, 1, 1))
        async with stock.database.write() as transaction:
            await record_file(transaction, ids[year], found, due, NOW)
    await stock.add("done.jpg")
    await stock.register("new.jpg")
    found = await pending(stock)
    assert [work.path for work in found] == [
        b"/photos/new.jpg",
        b"/photos/2021.jpg",
        b"/photos/2020.jpg",
        b"/photos/2019.jpg",
    ]
    assert [work.pictures for work in found] == [Pictures.BOTH, *[Pictures.SCREEN] * 3]
    latest = found[1]
    async with stock.database.write() as transaction:
        assert not await accept_screen(transaction, latest, b"another content")
        assert await accept_screen(transaction, latest, latest.earlier.sha1)
        # Facts that are read again leave a picture due.
        untouched = Versions(1, 1, ScreenState.UNTOUCHED)
        await record_file(transaction, ids[2020], facts("2020"), untouched, NOW)
    assert len(await pending(stock)) == 3


@pytest.mark.parametrize("state", ["failed", "rejected", "waiting"])
async def test_what_is_set_aside_is_not_pending(stock, state):
    await fail(stock, await stock.register("a.jpg"), state)
    assert await pending(stock) == []


async def test_what_is_on_a_disk_that_is_away_waits(stock):
    """SPEC 4.3: it does not fail."""
    await stock.register("a.jpg")
    async with stock.database.write() as transaction:
        await set_root_state(transaction, stock.root.id, "unavailable", "not mounted")
    assert await pending(stock) == []
    async with stock.database.write() as transaction:
        await set_root_state(transaction, stock.root.id, "missing", "many files vanished")
    assert len(await pending(stock)) == 1


async def test_what_lies_in_a_root_that_is_not_wanted_waits(stock):
    await stock.register("a.jpg")
    async with stock.database.write() as transaction:
        await configure_roots(transaction, [])
    assert await pending(stock) == []


async def test_a_missing_file_is_not_pending(stock):
    await stock.set_gone(await stock.register("a.jpg"), NOW)
    assert await pending(stock) == []


# What was read against what is known now


async def test_a_result_counts_for_the_file_that_was_claimed(stock):
    await stock.register("a.jpg", size=5, mtime_ns=50)
    (work,) = await pending(stock)
    async with stock.database.write() as transaction:
        assert await accept_reading(transaction, work, 5, 50)
        assert await accept_failure(transaction, work)


async def test_a_file_that_was_newer_when_it_was_read_is_known_as_that(stock):
    await stock.register("a.jpg", size=5, mtime_ns=50)
    (work,) = await pending(stock)
    async with stock.database.write() as transaction:
        assert await accept_reading(transaction, work, 6, 60)
    assert await stock.value("SELECT size || '/' || mtime_ns FROM file") == "6/60"


async def test_an_old_reading_of_a_file_that_was_registered_anew_is_dropped(stock):
    """The new content would never be read otherwise."""
    await stock.register("a.jpg", size=5, mtime_ns=50)
    (work,) = await pending(stock)
    await stock.register("a.jpg", size=6, mtime_ns=60)
    async with stock.database.write() as transaction:
        assert not await accept_reading(transaction, work, 5, 50)
        assert not await accept_failure(transaction, work)
        # But a reading of just that content may stay.
        assert await accept_reading(transaction, work, 6, 60)


async def test_a_failure_says_nothing_of_a_file_that_moved_or_went(stock):
    file_id = await stock.register("a.jpg", size=5, mtime_ns=50)
    (work,) = await pending(stock)
    folder = await stock.value("SELECT folder_id FROM file")
    async with stock.database.write() as transaction:
        await files.move_file(transaction, file_id, folder, b"b.jpg")
        assert not await accept_failure(transaction, work)
        assert await accept_reading(transaction, work, 5, 50)
        await files.move_file(transaction, file_id, folder, b"a.jpg")
        assert await accept_failure(transaction, work)
        await files.set_gone(transaction, [file_id], NOW)
        assert not await accept_failure(transaction, work)


# Problems and retries


async def test_a_failure_is_tried_again_when_it_is_due(stock):
    file_id = await stock.register("a.jpg")
    await fail(stock, file_id, retry_at=NOW + 30_000)
    async with stock.database.write() as transaction:
        assert await next_retry_at(transaction) == NOW + 30_000
        assert await retry_due(transaction, NOW + 29_999) == 0
        assert await retry_due(transaction, NOW + 30_000) == 1
        assert await next_retry_at(transaction) is None
    (work,) = await pending(stock)
    assert work.attempts == 1


async def test_a_person_may_have_all_failures_tried_again(stock):
    for number, state in enumerate(["failed", "failed", "rejected"]):
        await fail(stock, await stock.register(f"{number}.jpg"), state)
    async with stock.database.write() as transaction:
        assert await retry_state(transaction, "failed") == 2
    assert [work.attempts for work in await pending(stock)] == [0, 0]


async def test_the_list_of_problems_pages_and_searches(stock):
    for number in range(5):
        await fail(
            stock,
            await stock.register(f"Trip/{number}.jpg"),
            "failed" if number % 2 else "rejected",
        )
    await fail(stock, gone := await stock.register("Trip/gone.jpg"))
    await stock.set_gone(gone, NOW)

    async def names(**asked):
        asked = {"state": None, "words": "", "after": 0, "limit": 10} | asked
        async with stock.database.read() as reading:
            return [problem.name[:1] for problem in await list_problems(reading, **asked)]

    assert await names() == [b"0", b"1", b"2", b"3", b"4"]
    assert await names(state="failed") == [b"1", b"3"]
    assert await names(state="failed", limit=1) == [b"1"]
    assert await names(words="TRIP", after=3) == [b"3", b"4"]
    assert await names(words="reason") == await names()
    assert await names(words="nowhere") == []
    async with stock.database.read() as reading:
        assert await count_problems(reading) == {"rejected": 3, "failed": 2, "waiting": 0}
