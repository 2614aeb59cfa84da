"""Folders that are hidden come back as they were: SPEC 5.2."""

from __future__ import annotations

from photostore.sync import recording
from tests.sync.yard import MANY, imported


async def test_a_marker_hides_and_nothing_is_lost_when_it_goes(yard):
    """SPEC 5.2; more files than the guard would let vanish."""
    names = [f"a/b/{number}.jpg" for number in range(MANY)] + ["a/x.jpg", "c.jpg"]
    ids, assets = await imported(yard, *names)
    yard.write("a/.nomedia")
    summary = await yard.scan()
    assert (summary.found, summary.missing, summary.complete) == (1, 0, True)
    assert await yard.present() == {"c.jpg"}
    assert {row["excluded"] for name, row in (await yard.rows()).items() if name != "c.jpg"} == {
        "it holds .nomedia"
    }
    await yard.scan()
    yard.remove("a/.nomedia")
    await yard.scan()
    assert (await yard.ids(), await yard.assets()) == (ids, assets)
    assert set((await yard.shelves()).values()) == {"timeline"}
    assert {row["excluded"] for row in (await yard.rows()).values()} == {None}


async def test_a_marker_that_a_watch_sees_come_and_go(yard):
    await imported(yard, "a/x.jpg", "a/b/c/y.jpg", "d.jpg")
    yard.write("a/nomedia")
    await yard.look("a/nomedia")
    assert await yard.present() == {"d.jpg"}
    yard.remove("a/nomedia")
    await yard.look("a/nomedia")
    assert await yard.present() == {"a/x.jpg", "a/b/c/y.jpg", "d.jpg"}


async def test_a_marker_in_the_root_hides_all_of_it(yard):
    await imported(yard, "a/x.jpg")
    yard.write(".nomedia")
    assert (await yard.scan()).complete
    root = await yard.root()
    assert (root.state, root.reason) == ("ok", "Nothing is scanned here: it holds .nomedia")
    assert await yard.shelves() == {"a/x.jpg": "missing"}
    yard.remove(".nomedia")
    await yard.scan()
    assert await yard.shelves() == {"a/x.jpg": "timeline"}
    assert (await yard.root()).reason is None


async def test_new_files_in_an_excluded_folder_are_not_looked_at(yard):
    yard.write("a/x.jpg", "a/.nomedia", "b/@eaDir/y.jpg", ".c/z.jpg")
    assert (await yard.scan()).found == 0
    assert await yard.look("a", "b/@eaDir", "a/x.jpg", deep=True)
    assert await yard.present() == set()


async def test_patterns_hide_folders_and_files_and_nothing_is_lost(yard):
    names = [f"Cache/{number}.jpg" for number in range(MANY)] + ["x.jpg", "y.tmp.jpg"]
    await imported(yard, *names)
    yard.make_scanner(exclude_globs=["**/Cache/**", "*.tmp.jpg"])
    assert (await yard.scan()).complete
    assert await yard.present() == {"x.jpg"}
    yard.make_scanner()
    await yard.scan()
    assert await yard.present() == set(names)


async def test_an_excluded_tree_costs_nothing_on_the_next_scan(yard, monkeypatch):
    await imported(yard, "a/x.jpg", "c.jpg")
    yard.write("a/.nomedia")
    await yard.scan()

    async def fail(*_):
        raise AssertionError

    monkeypatch.setattr(recording, "set_gone", fail)
    await recording.exclude_folder(yard.shared, await yard.root(), yard.path("a"), "again")
