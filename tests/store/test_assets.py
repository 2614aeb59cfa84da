"""What belongs together, what is shown, and what a person said: SPEC 7.1, 7.2, 4.4, 6.2."""

from __future__ import annotations

import json

import pytest

from photostore.store.assets import refresh
from photostore.store.details import load_assets
from photostore.store.facts import HEIC_RANK
from photostore.store.problems import NewProblem, record_problem
from photostore.store.scope import OWNER
from tests.store.stock import NOW, facts, raw, video, wall_ms

NOON = wall_ms(2020, 6, 1, 12)


async def edit(stock, asset_id, **values):
    async with stock.database.write() as transaction:
        for field, value in values.items():
            await transaction.execute(
                """INSERT INTO asset_edit VALUES (?, ?, ?, 1, ?)
                   ON CONFLICT (asset_id, field) DO UPDATE SET value = excluded.value""",
                (asset_id, field, json.dumps(value), NOW),
            )
        await refresh(transaction, [asset_id])


async def change(stock, asset_id, column, value):
    async with stock.database.write() as transaction:
        await transaction.execute(f"UPDATE asset SET {column} = ? WHERE id = ?", (value, asset_id))
        await refresh(transaction, [asset_id])


# Grouping


async def test_the_same_bytes_are_one_asset(stock):
    _, one = await stock.add("a.jpg", facts("same"))
    _, other = await stock.add("copy/b.jpg", facts("same"))
    assert one == other


async def test_other_bytes_are_another_asset(stock):
    assert (await stock.add("a.jpg"))[1] != (await stock.add("b.jpg"))[1]


@pytest.mark.parametrize("raw_first", [True, False])
async def test_raw_and_jpeg_of_one_shot_are_one_asset(stock, raw_first):
    pair = [("d/IMG_1.NEF", raw(captured_ms=NOON)), ("d/IMG_1.jpg", facts(captured_ms=NOON + 1500))]
    assets = [
        (await stock.add(path, found))[1] for path, found in (pair if raw_first else pair[::-1])
    ]
    assert assets[0] == assets[1]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("d/IMG_1.jpg", facts(captured_ms=NOON + 2001)),  # another moment
        ("d/IMG_1.jpg", facts(captured_ms=None)),  # no moment at all
        ("d/IMG_2.jpg", facts(captured_ms=NOON)),  # another name
        ("d/IMG_12.jpg", facts(captured_ms=NOON)),  # a name that only begins the same
        ("e/IMG_1.jpg", facts(captured_ms=NOON)),  # another folder
        ("d/IMG_1.dng", raw("other", captured_ms=NOON)),  # two raw files are no pair
        ("d/IMG_1.mp4", video(captured_ms=NOON)),
    ],
)
async def test_what_does_not_fit_is_no_pair(stock, path, found):
    _, one = await stock.add("d/IMG_1.NEF", raw(captured_ms=NOON))
    _, other = await stock.add(path, found)
    assert one != other


async def test_a_file_edited_in_place_stays_the_same_asset(stock):
    file_id, asset_id = await stock.add("a.jpg", facts("before"))
    assert await stock.record(file_id, facts("after", title="new")) == asset_id
    assert (await stock.asset(asset_id))["title"] == "new"


async def test_one_of_two_copies_that_is_edited_leaves_the_other(stock):
    """SPEC 7.1: a file must fit all files of the asset."""
    first, asset_id = await stock.add("a.jpg", facts("same", title="old"))
    second, _ = await stock.add("b.jpg", facts("same", title="old"))
    left = await stock.record(second, facts("edited", title="new"))
    assert left != asset_id
    assert (await stock.asset(asset_id))["title"] == "old"
    assert (await stock.asset(asset_id))["shown_file_id"] == first


async def test_an_edited_jpeg_stays_with_its_raw(stock):
    await stock.add("d/IMG_1.NEF", raw(captured_ms=NOON))
    jpeg, asset_id = await stock.add("d/IMG_1.jpg", facts("before", captured_ms=NOON))
    assert await stock.record(jpeg, facts("after", captured_ms=NOON)) == asset_id


async def test_a_file_that_becomes_a_copy_joins_the_other(stock):
    _, asset_id = await stock.add("a.jpg", facts("one"))
    second, left = await stock.add("b.jpg", facts("two"))
    assert await stock.record(second, facts("one")) == asset_id
    assert (await stock.asset(left))["shelf"] == "missing"


async def test_a_missing_file_that_comes_up_elsewhere_is_a_move(stock):
    """SPEC 4.4: the same content at a new path, by hash; also on another disk."""
    file_id, asset_id = await stock.add("old/a.jpg", facts("content"))
    await edit(stock, asset_id, title="Named by a person")
    await stock.set_gone(file_id, NOW)
    _, found = await stock.add("new/b.jpg", facts("content"))
    assert found == asset_id
    asset = await stock.asset(asset_id)
    assert (asset["shelf"], asset["title"]) == ("timeline", "Named by a person")


async def test_what_was_taken_out_of_the_library_is_not_imported_again(stock):
    """Issue 6.4: until a person takes that back."""
    _, asset_id = await stock.add("a.jpg", facts("content"))
    await change(stock, asset_id, "removed_at", NOW)
    _, found = await stock.add("b.jpg", facts("content"))
    assert found == asset_id
    assert (await stock.asset(asset_id))["shelf"] == "removed"


async def test_what_a_person_split_joins_nothing_by_itself(stock):
    """SPEC 7.1: that choice is kept for good."""
    jpeg, one = await stock.add("d/i.jpg", facts("jpeg", captured_ms=NOON))
    async with stock.database.write() as transaction:
        await transaction.execute("UPDATE file SET group_key = 'k' WHERE id = ?", (jpeg,))
    _, other = await stock.add("d/i.nef", raw(captured_ms=NOON))
    copied, copy = await stock.add("e/i.jpg", facts("jpeg", captured_ms=NOON))
    assert other != one
    assert copy == one
    assert await stock.value("SELECT group_key FROM file WHERE id = ?", copied) == "k"
    assert await stock.record(jpeg, facts("touched up", captured_ms=NOON)) == one


# Missing, and back


async def test_missing_and_back(stock):
    file_id, asset_id = await stock.add("a.jpg")
    before = dict(await stock.asset(asset_id))
    await stock.set_gone(file_id, NOW)
    gone = await stock.asset(asset_id)
    assert gone["shelf"] == "missing"
    assert gone["revision"] > before["revision"]
    await stock.set_gone(file_id, None)
    after = dict(await stock.asset(asset_id))
    assert after | {"revision": 0} == before | {"revision": 0}


async def test_one_copy_is_enough_to_be_there(stock):
    first, asset_id = await stock.add("a.jpg", facts("same"))
    second, _ = await stock.add("b.jpg", facts("same"))
    await stock.set_gone(first, NOW)
    asset = await stock.asset(asset_id)
    assert (asset["shelf"], asset["shown_file_id"]) == ("timeline", second)


async def test_where_a_person_put_it_it_stays(stock):
    file_id, asset_id = await stock.add("a.jpg")
    await edit(stock, asset_id, hidden=True)
    await stock.record(file_id, facts("read again"))
    asset = await stock.asset(asset_id)
    assert (asset["shelf"], asset["hidden_at"]) == ("hidden", NOW)
    await change(stock, asset_id, "removed_at", NOW)
    await stock.record(file_id, facts("read once more"))
    assert (await stock.asset(asset_id))["shelf"] == "removed"


async def test_the_trash_keeps_what_is_missing(stock):
    file_id, asset_id = await stock.add("a.jpg")
    await change(stock, asset_id, "trashed_at", NOW)
    await stock.set_gone(file_id, NOW)
    assert (await stock.asset(asset_id))["shelf"] == "trash"


async def test_reading_a_missing_file_late_does_not_bring_it_back(stock):
    """A file that was removed while it was read."""
    file_id = await stock.register("a.jpg")
    await stock.set_gone(file_id, NOW)
    asset_id = await stock.record(file_id, facts())
    assert (await stock.asset(asset_id))["shelf"] == "missing"


async def test_a_photo_that_became_something_else_leaves_the_timeline(stock):
    file_id, asset_id = await stock.add("a.jpg")
    async with stock.database.write() as transaction:
        problem = NewProblem(file_id, "rejected", "probe", "the content is no photo")
        await record_problem(transaction, problem, NOW)
    assert (await stock.asset(asset_id))["shelf"] == "missing"


async def test_a_photo_that_fails_to_be_read_again_stays(stock):
    file_id, asset_id = await stock.add("a.jpg")
    async with stock.database.write() as transaction:
        await record_problem(transaction, NewProblem(file_id, "failed", "read", "I/O error"), NOW)
    assert (await stock.asset(asset_id))["shelf"] == "timeline"


# What is shown


async def test_jpeg_is_shown_over_heic_over_raw(stock):
    """SPEC 7.2."""
    shown = []
    for name, found in (
        ("d/i.nef", raw(captured_ms=NOON)),
        ("d/i.heic", facts("heic", captured_ms=NOON, show_rank=HEIC_RANK)),
        ("d/i.jpg", facts("jpeg", captured_ms=NOON, width=100, height=100)),
    ):
        _, asset_id = await stock.add(name, found)
        async with stock.database.read() as reading:
            (asset,) = await load_assets(reading, OWNER, [asset_id])
        shown.append((asset.shown.name, len(asset.files)))
    assert shown == [(b"i.nef", 1), (b"i.heic", 2), (b"i.jpg", 3)]


async def test_what_a_person_chose_is_shown_as_long_as_it_is_there(stock):
    """SPEC 7.1: that choice is kept for good."""
    raw_file, asset_id = await stock.add("d/i.nef", raw("raw", captured_ms=NOON))
    jpeg, _ = await stock.add("d/i.jpg", facts(captured_ms=NOON))
    assert (await stock.asset(asset_id))["shown_file_id"] == jpeg
    await edit(stock, asset_id, shown={"sha1": raw("raw").sha1.hex(), "path": "d/i.nef"})
    assert (await stock.asset(asset_id))["shown_file_id"] == raw_file
    await stock.set_gone(raw_file, NOW)
    assert (await stock.asset(asset_id))["shown_file_id"] == jpeg
    await stock.set_gone(raw_file, None)
    assert (await stock.asset(asset_id))["shown_file_id"] == raw_file


async def test_a_person_chooses_between_copies_of_one_content(stock):
    first, asset_id = await stock.add("a.jpg", facts("same"))
    second, _ = await stock.add("d e/b%.jpg", facts("same"))
    wanted = {"sha1": facts("same").sha1.hex(), "path": "d%20e/b%25.jpg"}
    await edit(stock, asset_id, shown=wanted)
    assert (await stock.asset(asset_id))["shown_file_id"] == second
    await edit(stock, asset_id, shown=wanted | {"path": "elsewhere.jpg"})
    assert (await stock.asset(asset_id))["shown_file_id"] == first


async def test_the_date_that_is_trusted_most_counts(stock):
    await stock.add("d/i.jpg", facts(captured_ms=NOON, captured_rank=1))
    _, asset_id = await stock.add("d/i.nef", raw(captured_ms=NOON + 900, captured_rank=4))
    assert (await stock.asset(asset_id))["captured_ms"] == NOON + 900


# What a person said


async def test_what_a_person_said_is_never_overwritten(stock):
    """SPEC 6.2, DESIGN 2: a rescan never overwrites person-made values."""
    file_id, asset_id = await stock.add(
        "a.jpg", facts(title="from the file", rating=2, lat=1.0, lon=1.0)
    )
    await edit(
        stock,
        asset_id,
        title="Mine",
        rating=None,
        position=None,
        captured={"local": "2001-02-03T04:05:06", "precision": "day", "offset_min": None},
        favourite=True,
        keywords={"add": ["mine"], "remove": []},
    )
    said = dict.fromkeys(("rating", "lat", "lon", "captured_offset_min")) | {
        "title": "Mine",
        "captured_ms": wall_ms(2001, 2, 3, 4, 5, 6),
        "captured_precision": "day",
        "captured_source": "person",
        "favourite": 1,
    }
    await stock.record(
        file_id, facts("changed", title="from the file again", rating=4, lat=2.0, lon=2.0)
    )
    asset = await stock.asset(asset_id)
    assert {field: asset[field] for field in said} == said
    assert await stock.value("SELECT count(*) FROM asset_position") == 0
    found = "SELECT count(*) FROM asset_text WHERE asset_text MATCH 'keywords:mine AND title:mine'"
    assert await stock.value(found) == 1


async def test_a_turned_picture_has_its_ratio_turned(stock):
    """SPEC 9.1: rotate."""
    _, asset_id = await stock.add("a.jpg", facts(width=4000, height=3000))
    for rotation, ratio in ((90, 115), (180, 141), (270, 115), (0, 141)):
        await edit(stock, asset_id, rotation=rotation)
        asset = await stock.asset(asset_id)
        assert (asset["rotation"], asset["ratio"]) == (rotation, ratio)


async def test_albums_that_a_sidecar_names_are_taken_up_once(stock):
    """SPEC 7.6: from sidecars; what a person takes out stays out."""
    file_id, asset_id = await stock.add("a.jpg", facts(extra='{"albums": ["Trip"]}'))
    assert await stock.value("SELECT name FROM album") == "Trip"
    assert await stock.value("SELECT asset_id FROM album_asset") == asset_id
    async with stock.database.write() as transaction:
        await transaction.execute("DELETE FROM album_asset")
    await stock.record(file_id, facts("b", extra='{"albums": ["Trip"]}'))
    assert await stock.value("SELECT count(*) FROM album_asset") == 0


async def test_an_edit_cannot_move_an_asset_elsewhere(stock):
    """Only what files may say otherwise is taken from edits."""
    _, asset_id = await stock.add("a.jpg")
    await edit(stock, asset_id, id=99, shown_file_id=99, ratio=1, is_video=1)
    assert (await stock.asset(asset_id))["ratio"] != 1


async def test_the_index_of_words_follows(stock):
    file_id, asset_id = await stock.add("a.jpg", facts(keywords=("old",)))
    await stock.record(file_id, facts("b", keywords=("new",), lat=10.0, lon=20.0))
    words = "SELECT count(*) FROM asset_text WHERE asset_text MATCH ?"
    assert [await stock.value(words, word) for word in ("old", "new")] == [0, 1]
    assert await stock.value("SELECT id FROM asset_position") == asset_id
