"""Disk against library, and files that move: SPEC 4.2, 4.4, 5.4."""

from __future__ import annotations

import asyncio
import os
import random
import shutil

import pytest

from photostore.library.roots import settle_roots
from photostore.store.problems import NewProblem, record_problem, set_aside
from photostore.store.volumes import configured_roots
from photostore.sync import recording, scan, walk
from tests.sync.yard import MANY, Yard, age, counts, imported

# New, changed, unchanged


async def test_new_then_unchanged(yard):
    yard.write("a.jpg", "b/c.jpg", "b/d/e.mp4", "b/x.txt", "b/c.jpg.xmp")
    assert counts(await yard.scan()) == {"found": 3, "new": 3, "sidecars": 1, "ignored": 1}
    assert await yard.pending() == {"a.jpg", "b/c.jpg", "b/d/e.mp4"}
    assert counts(await yard.scan()) == {"found": 3, "unchanged": 3, "sidecars": 1, "ignored": 1}


async def test_a_no_op_scan_changes_no_asset(yard):
    yard.write("a.jpg", "b/c.jpg")
    await yard.scan()
    await yard.import_all()
    before = [dict(row) for row in (await yard.rows()).values()]
    async with yard.database.read() as reading:
        revision = await reading.fetch_value("SELECT value FROM meta WHERE key = 'revision'")
    await yard.scan()
    assert [dict(row) for row in (await yard.rows()).values()] == before
    async with yard.database.read() as reading:
        assert revision == await reading.fetch_value(
            "SELECT value FROM meta WHERE key = 'revision'"
        )


@pytest.mark.parametrize(
    ("shift_s", "changed"), [(0, False), (0.9, False), (-0.9, False), (1.5, True), (-1.5, True)]
)
async def test_a_second_of_mtime_is_no_change(yard, shift_s, changed):
    """FAT and some copies round (SPEC 5.4)."""
    yard.write("a.jpg")
    await yard.scan()
    await yard.import_all()
    moment = os.stat(yard.path("a.jpg")).st_mtime_ns + int(shift_s * 10**9)
    os.utime(yard.path("a.jpg"), ns=(moment, moment))
    summary = await yard.scan()
    assert (summary.changed, summary.unchanged) == (int(changed), int(not changed))


async def test_a_changed_size_is_a_change(yard):
    yard.write("a.jpg", content="one")
    await yard.scan()
    await yard.import_all()
    yard.write("a.jpg", content="other")
    assert counts(await yard.scan()) == {"found": 1, "changed": 1}
    assert await yard.pending() == {"a.jpg"}


async def test_any_name(yard):
    """SPEC 4.2: not UTF-8, newline, NFC beside NFD, other case."""
    names = [b"\xff.jpg", b"a\nb.jpg", "\u00e9.jpg".encode(), "e\u0301.jpg".encode(), b"A.JPG"]
    yard.write(*names, b"a.jpg", b"\xfe\xff/-x.jpg")
    assert (await yard.scan()).new == 7
    assert (await yard.scan()).unchanged == 7
    assert {os.fsencode(name) for name in await yard.present()} == {
        *names,
        b"a.jpg",
        b"\xfe\xff/-x.jpg",
    }


# Fresh files


async def test_a_fresh_file_waits_until_it_is_quiet(yard):
    """SPEC 5.5."""
    yard.write("a.jpg", age_s=0)
    assert (await yard.scan()).new == 0
    assert await yard.pending() == set()
    yard.now_s += 2
    (settled,) = yard.tracker.poll()
    await yard.scanner.compare_settled(await yard.root(), settled.folder, [settled.name])
    assert await yard.pending() == {"a.jpg"}


async def test_a_settled_file_counts_whatever_its_mtime_says(yard):
    """A clock that runs ahead."""
    yard.write("a.jpg", age_s=-30)
    await yard.scan()
    await yard.scanner.compare_settled(await yard.root(), yard.path(), [b"a.jpg"])
    assert await yard.pending() == {"a.jpg"}


async def test_a_fresh_file_that_settles_where_nothing_is_scanned(yard):
    yard.write("a/x.jpg", age_s=0)
    await yard.scan()
    yard.write("a/.nomedia")
    await yard.scanner.compare_settled(await yard.root(), yard.path("a"), [b"x.jpg"])
    assert await yard.pending() == set()


# Moves


async def test_a_file_renamed_in_its_folder_keeps_its_row(yard):
    ids, assets = await imported(yard, "a/x.jpg", "a/y.jpg")
    yard.move("a/x.jpg", "a/z.jpg")
    assert counts(await yard.scan()) == {"found": 2, "unchanged": 2, "moved": 1}
    assert await yard.ids() == {"a/z.jpg": ids["a/x.jpg"], "a/y.jpg": ids["a/y.jpg"]}
    assert (await yard.assets())["a/z.jpg"] == assets["a/x.jpg"]
    assert await yard.pending() == set()


@pytest.mark.parametrize(("old", "new"), [("a/x.jpg", "z/x.jpg"), ("z/x.jpg", "a/x.jpg")])
async def test_a_file_moved_to_another_folder_keeps_its_row(yard, old, new):
    """Whichever of the two folders is compared first."""
    ids, _ = await imported(yard, old, "a/other.jpg", "z/other.jpg")
    yard.move(old, new)
    assert (await yard.scan()).moved == 1
    assert (await yard.ids())[new] == ids[old]
    assert await yard.missing() == set()
    assert set((await yard.shelves()).values()) == {"timeline"}


async def test_a_renamed_tree_keeps_all_rows(yard):
    """More than the guard would let vanish."""
    names = [f"old/{n % 3}/{n}.jpg" for n in range(MANY * 2)]
    ids, _ = await imported(yard, *names)
    yard.move("old", "renamed")
    summary = await yard.scan()
    assert (summary.moved, summary.missing, summary.complete) == (MANY * 2, 0, True)
    assert await yard.ids() == {name.replace("old", "renamed"): key for name, key in ids.items()}


async def test_names_that_two_files_exchange(yard):
    ids, _ = await imported(yard, "a/x.jpg", "a/y.jpg")
    yard.write("a/y.jpg", content="something else, and longer")
    await yard.scan()
    await yard.import_all()
    yard.move("a/x.jpg", "a/t")
    yard.move("a/y.jpg", "a/x.jpg")
    yard.move("a/t", "a/y.jpg")
    assert (await yard.scan()).moved == 2
    assert await yard.ids() == {"a/x.jpg": ids["a/y.jpg"], "a/y.jpg": ids["a/x.jpg"]}
    assert await yard.missing() == set()


async def test_a_file_moved_over_another_one(yard):
    ids, _ = await imported(yard, "a/x.jpg", "b/y.jpg")
    os.replace(yard.path("a/x.jpg"), yard.path("b/y.jpg"))
    assert (await yard.scan()).moved == 1
    assert (await yard.ids())["b/y.jpg"] == ids["a/x.jpg"]
    assert len(await yard.missing()) == 1


async def test_a_file_moved_to_the_name_of_a_missing_one(yard):
    ids, _ = await imported(yard, "a/x.jpg", "a/y.jpg")
    yard.remove("a/y.jpg")
    await yard.scan()
    yard.move("a/x.jpg", "a/y.jpg")
    assert (await yard.scan()).moved == 1
    assert (await yard.ids())["a/y.jpg"] == ids["a/x.jpg"]
    assert await yard.present() == {"a/y.jpg"}


async def test_a_new_file_at_the_name_that_another_left(yard):
    ids, _ = await imported(yard, "a/x.jpg")
    yard.move("a/x.jpg", "a/y.jpg")
    yard.write("a/x.jpg", content="a new photo")
    summary = await yard.scan()
    assert (summary.moved, summary.new) == (1, 1)
    after = await yard.ids()
    assert after["a/y.jpg"] == ids["a/x.jpg"] != after["a/x.jpg"]


async def test_an_editor_that_saves_by_renaming_changes_the_file(yard):
    ids, assets = await imported(yard, "a/x.jpg")
    yard.write("a/.x.tmp", content="edited")
    os.replace(yard.path("a/.x.tmp"), yard.path("a/x.jpg"))
    assert counts(await yard.scan()) == {"found": 1, "changed": 1}
    await yard.import_all()
    assert (await yard.ids(), await yard.assets()) == (ids, assets)


async def test_a_copy_is_not_a_move(yard):
    await imported(yard, "a/x.jpg")
    shutil.copy2(yard.path("a/x.jpg"), yard.path("a/y.jpg"))
    assert counts(await yard.scan()) == {"found": 2, "new": 1, "unchanged": 1}


async def test_many_links_to_one_file_are_no_moves_and_no_burden(yard):
    yard.write("a/0.jpg")
    for number in range(1, 200):
        os.link(yard.path("a/0.jpg"), yard.path(f"a/{number}.jpg"))
    assert (await yard.scan()).new == 200
    os.link(yard.path("a/0.jpg"), yard.path("a/more.jpg"))
    assert (await yard.scan()).new == 1


async def test_a_move_to_another_disk_is_found_by_hash(yard, database, tmp_path):
    """SPEC 4.4: the asset is kept. Another root stands for another disk here."""
    _, assets = await imported(yard, "a/x.jpg")
    other = tmp_path / "other"
    other.mkdir()
    await settle_roots(database, [yard.path(), os.fsencode(other)])
    shutil.copy2(yard.path("a/x.jpg"), other / "y.jpg")  # another inode
    yard.remove("a/x.jpg")
    async with database.read() as reading:
        for root in await configured_roots(reading):
            await yard.scanner.scan_root(root)
    await yard.import_all()
    after = await yard.rows()
    assert after["a/x.jpg"]["gone_at"] is not None
    assert after["../other/y.jpg"]["asset_id"] == assets["a/x.jpg"]
    assert after["../other/y.jpg"]["shelf"] == "timeline"


# Interrupted, resumed, bounded


async def test_an_interrupted_scan_is_gone_on_with(yard, monkeypatch):
    """SPEC 5.4: it loses no result, and does not take what went meanwhile for seen."""
    monkeypatch.setattr(walk, "STEP_FOLDERS", 1)
    yard.write(*[f"{letter}/x.jpg" for letter in "abcdef"])
    await yard.scan()
    await yard.import_all()
    yard.write("a/new.jpg")
    steps = 0

    async def stop_in_the_middle(*arguments):
        nonlocal steps
        steps += 1
        if steps == 5:
            raise KeyboardInterrupt
        await record(*arguments)

    record = scan.record_differences
    monkeypatch.setattr(scan, "record_differences", stop_in_the_middle)
    with pytest.raises(KeyboardInterrupt):
        await yard.scan()
    monkeypatch.setattr(scan, "record_differences", record)
    assert "a/new.jpg" in await yard.present()
    shutil.rmtree(yard.path("b"))
    summary = await yard.scan()
    assert (summary.new, summary.missing, summary.complete) == (0, 1, True)
    assert await yard.missing() == {"b/x.jpg"}


async def test_transactions_are_bounded(yard, monkeypatch):
    """Others who write must not wait for a folder of ten thousand files."""
    monkeypatch.setattr(recording, "MAX_REGISTERED", 10)
    sizes = []
    register = recording.files.register_files

    async def count(transaction, rows, now_ms):
        sizes.append(len(rows))
        await register(transaction, rows, now_ms)

    monkeypatch.setattr(recording.files, "register_files", count)
    yard.write(*[f"a/{number}.jpg" for number in range(35)])
    await yard.scan()
    assert sizes == [10, 10, 10, 5]
    assert len(await yard.present()) == 35


async def test_scans_that_overlap_agree(yard):
    """The watch compares folders while the nightly scan runs."""
    rng = random.Random(3)
    yard.write(*[f"{n % 7}/{n}.jpg" for n in range(70)])

    async def disturb():
        for step in range(30):
            act = rng.choice(["write", "move", "look"])
            if act == "write":
                yard.write(f"{rng.randrange(7)}/new{step}.jpg")
            elif act == "move":
                names = sorted(os.listdir(yard.path(f"{step % 7}")))
                if names:
                    yard.move(f"{step % 7}/{os.fsdecode(names[0])}", f"m{step}/moved.jpg")
            await yard.look(f"{step % 7}", f"m{step}")

    await asyncio.gather(yard.scan(), disturb(), yard.scan())
    await yard.scan()
    assert await yard.present() == yard.on_disk()
    assert await yard.missing() == set()


# Parts of a root


async def test_a_new_folder_is_compared_with_all_below_it(yard):
    yard.write("a/x.jpg", "old/y.jpg")
    await yard.look("old")
    summary = await yard.look("a")
    assert summary.new_folders == [yard.path("a")]
    yard.write("a/b/c/d.jpg")
    summary = await yard.look("a")
    assert summary.new_folders == [yard.path("a/b"), yard.path("a/b/c")]
    assert await yard.present() == {"a/x.jpg", "old/y.jpg", "a/b/c/d.jpg"}


async def test_a_known_folder_is_compared_alone(yard):
    yard.write("a/x.jpg", "a/b/y.jpg")
    await yard.scan()
    yard.write("a/b/new.jpg")
    await yard.look("a")
    assert len(await yard.present()) == 2
    await yard.look("a", deep=True)
    assert len(await yard.present()) == 3


async def test_a_removed_file_and_a_removed_folder(yard):
    await imported(yard, "a/x.jpg", "b/c/y.jpg", "b/z.jpg", "keep.jpg")
    yard.remove("a/x.jpg")
    shutil.rmtree(yard.path("b"))
    await yard.look("a/x.jpg", "b/c/y.jpg", "b")
    assert await yard.present() == {"keep.jpg"}


async def test_a_folder_renamed_under_a_watch(yard):
    ids, _ = await imported(yard, "old/x.jpg", "old/b/y.jpg")
    yard.move("old", "new")
    await yard.look("old", "new")
    assert await yard.ids() == {name.replace("old", "new"): key for name, key in ids.items()}
    assert await yard.missing() == set()


async def test_one_file_alone(yard):
    """`photostore sync FILE`: nothing is concluded of the others in its folder."""
    await imported(yard, "a/x.jpg", "a/y.jpg")
    yard.remove("a/y.jpg")
    yard.write("a/new.jpg", "a/other.jpg")
    summary = await yard.scanner.scan_file(await yard.root(), yard.path("a/new.jpg"))
    assert counts(summary)["found"] == 1
    assert await yard.present() == {"a/x.jpg", "a/y.jpg", "a/new.jpg"}


# Roots that share what they hold


async def test_a_folder_that_becomes_part_of_another_root(database, tmp_path):
    """First scanned for itself, later with the folder around it."""
    inner = Yard(database, tmp_path / "photos" / "2020")
    inner.write("x.jpg", "y/z.jpg")
    await inner.settle()
    await inner.scan()
    outer = Yard(database, tmp_path / "photos")
    await outer.settle()
    summary = await outer.scan()
    assert (summary.unchanged, summary.new) == (2, 0)
    outer.remove("2020/x.jpg")
    shutil.rmtree(outer.path("2020/y"))
    outer.write("keep.jpg")
    assert (await outer.scan()).missing == 2


async def test_another_disk_at_the_place_of_a_root_is_not_compared(yard, monkeypatch):
    """SPEC 4.3: on another device than before."""
    await imported(yard, "a/x.jpg", "b.jpg")
    monkeypatch.setattr(scan, "find_obstacle", lambda _: "Another disk than before")
    yard.remove("b.jpg")
    for look in (yard.scan(), yard.look("")):
        summary = await look
        assert not summary.complete
        assert await yard.missing() == set()
        assert (await yard.root()).state == "unavailable"


async def test_a_file_in_place_of_a_folder(yard):
    await imported(yard, "a/x.jpg", "b.jpg")
    shutil.rmtree(yard.path("a"))
    yard.write("a")
    os.unlink(yard.path("b.jpg"))
    os.mkdir(yard.path("b.jpg"))
    age(yard.path("b.jpg"), 1000)
    yard.write("c.jpg")
    await yard.scan()
    assert await yard.present() == {"c.jpg"}


async def test_a_failed_file_that_was_written_since_is_tried_though_it_looks_the_same(yard):
    """As a share is written to: the length first, then the content, the old time at the end."""
    yard.write("a.jpg", "b.jpg", "c.jpg")
    await yard.scan()
    ids = await yard.ids()
    written = os.lstat(yard.path("a.jpg")).st_ctime_ns // 1_000_000
    async with yard.database.write() as transaction:
        for name, state, at in (("a.jpg", "rejected", -500), ("b.jpg", "failed", 500)):
            problem = NewProblem(ids[name], state, "probe", "nothing but zeros")
            await record_problem(transaction, problem, written + at)
        await set_aside(transaction, [ids["c.jpg"]], written - 90_000)
        await transaction.execute("UPDATE file SET state = 'failed' WHERE id = ?", (ids["c.jpg"],))
    assert (await yard.scan()).changed == 1
    assert await yard.pending() == {"a.jpg"}, "not what killed us"
