"""Files as they were last seen: SPEC 4.2, 4.4, 5.4."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photostore.store import files, folders
from photostore.store.files import SeenFile, move_file, register_files
from photostore.store.problems import NewProblem, override_filters, record_problem
from photostore.store.volumes import (
    VolumeIdentity,
    begin_scan,
    complete_scan,
    record_root,
    record_volume,
)
from tests.store.stock import NOW, facts

NAMES = [
    b"plain.jpg",
    b"\xff\xfe.jpg",
    b"new\nline.jpg",
    b"-rf.jpg",
    "\u00e9.jpg".encode(),
    "e\u0301.jpg".encode(),
    b"A.JPG",
    b"a.jpg",
    b"%s.jpg",
    b"x" * 251 + b".jpg",
    b"quote'\".jpg",
    b" .jpg",
]


async def ids_by_name(stock):
    async with stock.database.read() as reading:
        rows = await reading.fetch_all(
            """SELECT file.id, file.name, folder.path FROM file
               JOIN folder ON folder.id = folder_id"""
        )
    return {(row["path"], row["name"]): row["id"] for row in rows}


async def test_names_are_bytes_and_never_collide(stock):
    """SPEC 4.2: not UTF-8, newline, 255 bytes, NFC and NFD, leading dash."""
    ids = {name: await stock.register(b"f\xff/" + name) for name in NAMES}
    assert len(set(ids.values())) == len(NAMES)
    assert await ids_by_name(stock) == {(b"f\xff", name): key for name, key in ids.items()}
    async with stock.database.read() as reading:
        (folder_id,) = {row[0] for row in await reading.fetch_all("SELECT folder_id FROM file")}
        known = list(await files.known_files(reading, [folder_id]))
    assert {file.name: file.id for file in known} == ids


PATHS = st.lists(
    st.lists(st.binary(min_size=1, max_size=3).filter(lambda p: b"/" not in p), max_size=3),
    max_size=12,
    unique_by=tuple,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(parts=PATHS)
async def test_below_is_what_begins_with_the_folder_and_a_slash(stock, parts):
    every = sorted({b"/".join(part) for part in parts} | {b"a", b"a/b", b"a-b", b"a0", b"\xff/x"})
    async with stock.database.write() as transaction:
        await transaction.execute("DELETE FROM folder")
        await folders.ensure_folders(transaction, stock.root.id, stock.root.volume_id, every)
        for path in every:
            await folders.exclude_below(transaction, stock.root.volume_id, path, "test")
            rows = await transaction.fetch_all("SELECT path FROM folder WHERE excluded = 'test'")
            inside = (path + b"/" if path else b"",)
            expected = {one for one in every if one == path or one.startswith(inside)}
            assert {row["path"] for row in rows} == expected
            await transaction.execute("UPDATE folder SET excluded = NULL")


async def test_a_move_keeps_the_row(stock):
    file_id, _ = await stock.add("a/x.jpg")
    await stock.register("b/other.jpg")
    target = await stock.value("SELECT id FROM folder WHERE path = ?", b"b")
    async with stock.database.write() as transaction:
        await move_file(transaction, file_id, target, b"y.jpg")
    assert (await ids_by_name(stock))[b"b", b"y.jpg"] == file_id
    assert await stock.value("SELECT state FROM file WHERE id = ?", file_id) == "ready"


async def test_a_move_onto_the_name_of_a_missing_file(stock):
    """The missing one keeps its asset, under the name that was left."""
    moved, _ = await stock.add("a/x.jpg")
    gone, asset_id = await stock.add("a/y.jpg")
    await stock.set_gone(gone, NOW)
    folder = await stock.value("SELECT folder_id FROM file WHERE id = ?", moved)
    async with stock.database.write() as transaction:
        await move_file(transaction, moved, folder, b"y.jpg")
    assert await ids_by_name(stock) == {(b"a", b"y.jpg"): moved, (b"a", b"x.jpg"): gone}
    assert await stock.value("SELECT asset_id FROM file WHERE id = ?", gone) == asset_id


@pytest.mark.parametrize("turn", [[1, 0], [1, 2, 0], [3, 0, 1, 2], [1, 0, 3, 2]])
async def test_files_that_change_names_with_each_other(stock, turn):
    ids = [(await stock.add(f"a/{number}.jpg"))[0] for number in range(len(turn))]
    folder = await stock.value("SELECT folder_id FROM file LIMIT 1")
    async with stock.database.write() as transaction:
        for number, to in enumerate(turn):
            await move_file(transaction, ids[number], folder, b"%d.jpg" % to)
    assert await ids_by_name(stock) == {
        (b"a", b"%d.jpg" % to): ids[number] for number, to in enumerate(turn)
    }


async def test_a_changed_file_is_pending_and_its_failure_forgotten(stock):
    """SPEC 5.7: tried again when it changes."""
    file_id, _ = await stock.add("a.jpg")
    async with stock.database.write() as transaction:
        await record_problem(transaction, NewProblem(file_id, "failed", "read", "why"), NOW)
        folder = await transaction.fetch_value("SELECT folder_id FROM file")
        await register_files(transaction, [(folder, SeenFile(b"a.jpg", 9, 9, 9))], NOW)
    async with stock.database.read() as reading:
        row = await reading.fetch_one("SELECT * FROM file")
    assert (row["id"], row["state"], row["size"], row["probe_version"]) == (
        file_id,
        "pending",
        9,
        0,
    )
    assert await stock.value("SELECT count(*) FROM problem") == 0


async def test_import_anyway_outlives_a_change(stock):
    file_id = await stock.register("a.jpg")
    async with stock.database.write() as transaction:
        await record_problem(transaction, NewProblem(file_id, "rejected", "probe", "tiny"), NOW)
        assert await override_filters(transaction, [file_id], 1) == [file_id]
        folder = await transaction.fetch_value("SELECT folder_id FROM file")
        await register_files(transaction, [(folder, SeenFile(b"a.jpg", 9, 9, 9))], NOW)
        await move_file(transaction, file_id, folder, b"b.jpg")
    assert await stock.value("SELECT overridden_by FROM problem") == 1


async def test_a_failed_file_that_returns_is_tried_again(stock):
    file_id, _ = await stock.add("a.jpg")
    async with stock.database.write() as transaction:
        await record_problem(transaction, NewProblem(file_id, "failed", "read", "gone"), NOW)
    await stock.set_gone(file_id, NOW)
    await stock.set_gone(file_id, None)
    assert await stock.value("SELECT state FROM file") == "pending"


async def test_a_scan_never_takes_the_number_of_another(stock):
    """A folder that went away during an interrupted scan must not count as seen by the next."""
    async with stock.database.write() as transaction:
        interrupted = await begin_scan(transaction, stock.root.id, NOW)
        second = await begin_scan(transaction, stock.root.id, NOW)
        await complete_scan(transaction, stock.root.id, second, NOW, found=3)
        third = await begin_scan(transaction, stock.root.id, NOW)
    assert interrupted < second < third
    assert await stock.value("SELECT count(*) FROM scan") == 2


async def test_a_volume_that_gets_a_uuid_file_stays_itself(stock):
    """SPEC 4.1: nothing is imported again."""
    better = VolumeIdentity(
        "uuid", "uuid-file", b"/photos", None, read_only=False, weaker=("fs", "path:/photos")
    )
    async with stock.database.write() as transaction:
        assert await record_volume(transaction, better, NOW) == stock.root.volume_id
    assert await stock.value("SELECT count(*) FROM volume") == 1


async def test_another_volume_at_the_same_place_is_another(stock):
    other = VolumeIdentity("other", "uuid-file", b"/photos", None, read_only=True)
    async with stock.database.write() as transaction:
        volume_id = await record_volume(transaction, other, NOW)
        await record_root(transaction, volume_id, b"", 1)
    assert volume_id != stock.root.volume_id


async def test_counts_by_state(stock):
    await stock.add("a.jpg")
    await stock.register("b.jpg")
    gone, _ = await stock.add("c.jpg", facts("c"))
    await stock.set_gone(gone, NOW)
    async with stock.database.read() as reading:
        assert await files.count_files(reading) == {
            "pending": 1,
            "ready": 1,
            "rejected": 0,
            "failed": 0,
            "waiting": 0,
            "missing": 1,
        }
