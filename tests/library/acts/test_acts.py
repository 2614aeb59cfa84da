"""What people do to assets and how it is taken back: SPEC 9.1, 9.6, 7.1."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from photostore.base.errors import BadRequestError, NotFoundError
from photostore.base.events import Bus, LibraryChanged
from photostore.library.acts import Acts, Change, NotUndoableError, read_change
from photostore.library.acts.copy import JournalCopy, read_copy
from photostore.store.details import load_assets
from photostore.store.edits import Field
from photostore.store.journal import find_act, list_acts
from photostore.store.scope import OWNER
from tests.store.stock import Stock, facts, open_stock, raw, wall_ms
from tests.turns import Turn, until_done_or_waiting

NOON = wall_ms(2020, 6, 1, 12)


@pytest.fixture
async def stock(database) -> Stock:
    return await open_stock(database)


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def acts(stock, bus, tmp_path) -> Acts:
    return Acts(stock.database, bus, JournalCopy(stock.database, tmp_path / "journal"))


async def names(stock, *asset_ids) -> list[str]:
    return [await stock.value("SELECT public_id FROM asset WHERE id = ?", one) for one in asset_ids]


async def show(stock, asset_id):
    async with stock.database.read() as reading:
        (asset,) = await load_assets(reading, OWNER, [asset_id])
    return asset


async def test_an_edit_wins_and_its_undo_brings_the_files_word_back(stock, acts, bus):
    _, asset_id = await stock.add("a.jpg", facts(title="file", rating=2, keywords=("x", "y")))
    (name,) = await names(stock, asset_id)
    change = read_change(
        {
            "set": {
                "title": " Mine ",
                "rating": 5,
                "favourite": True,
                "gps": {"lat": 1, "lon": 2.5},
                "captured": {"local": "2001-02-03T04:05:06", "offset": "-03:30"},
            },
            "add_keywords": ["z"],
            "remove_keywords": ["x"],
            "rotate": 90,
        }
    )
    with bus.subscribe() as subscription:
        done = await acts.edit(OWNER, [name], change)
        assert await anext(subscription) == LibraryChanged(done.revision)
    assert (done.changed, done.skipped) == (1, 0)
    asset = await show(stock, asset_id)
    assert (asset.title, asset.rating, asset.favourite) == ("Mine", 5, True)
    assert (asset.lat, asset.lon, asset.rotation) == (1, 2.5, 90)
    assert (asset.captured_ms, asset.captured_offset_min) == (wall_ms(2001, 2, 3, 4, 5, 6), -210)
    assert asset.keywords == ("y", "z")
    assert done.act is not None
    undone = await acts.undo(OWNER, done.act)
    assert (undone.changed, undone.skipped) == (1, 0)
    asset = await show(stock, asset_id)
    assert (asset.title, asset.rating, asset.favourite, asset.lat) == ("file", 2, False, None)
    assert (asset.keywords, asset.rotation, asset.edits) == (("x", "y"), 0, {})
    with pytest.raises(NotUndoableError, match="already"):
        await acts.undo(OWNER, done.act)
    assert undone.act is not None
    await acts.undo(OWNER, undone.act)
    assert (await show(stock, asset_id)).title == "Mine"
    async with stock.database.read() as reading:
        assert (await find_act(reading, OWNER, done.act)).undone_by is None


async def test_what_was_changed_since_is_left_alone(stock, acts):
    _, one = await stock.add("a.jpg")
    _, two = await stock.add("b.jpg")
    named = await names(stock, one, two)
    first = await acts.edit(OWNER, named, read_change({"set": {"rating": 1}, "rotate": 90}))
    await acts.edit(OWNER, named[:1], read_change({"set": {"rating": 2, "rotation": 0}}))
    await acts.edit(OWNER, named[1:], read_change({"set": {"rating": 3}}))
    undone = await acts.undo(OWNER, first.act)
    assert (undone.changed, undone.skipped) == (1, 1)
    assert [(await show(stock, x)).rating for x in (one, two)] == [2, 3]
    assert [(await show(stock, x)).rotation for x in (one, two)] == [0, 0]


async def test_each_keyword_is_taken_back_on_its_own(stock, acts):
    _, asset_id = await stock.add("a.jpg")
    named = await names(stock, asset_id)
    first = await acts.edit(OWNER, named, Change(add_keywords=("sea",)))
    await acts.edit(OWNER, named, Change(add_keywords=("sun",)))
    await acts.undo(OWNER, first.act)
    assert (await show(stock, asset_id)).keywords == ("sun",)


async def test_shift_offset_and_reset(stock, acts):
    _, asset_id = await stock.add("a.jpg", facts(captured_ms=NOON))
    _, undated = await stock.add("b.jpg", facts("b", captured_ms=None))
    named = await names(stock, asset_id, undated)
    done = await acts.edit(OWNER, named, read_change({"shift_s": -3600, "offset": "+02:00"}))
    assert (done.changed, done.skipped) == (1, 1)
    asset = await show(stock, asset_id)
    assert (asset.captured_ms, asset.captured_offset_min) == (NOON - 3_600_000, 120)
    assert asset.captured_source == "person"
    await acts.edit(OWNER, named, read_change({"reset": ["captured"]}))
    assert (await show(stock, asset_id)).captured_ms == NOON


async def test_nothing_changed_is_no_act(stock, acts):
    _, asset_id = await stock.add("a.jpg")
    named = await names(stock, asset_id)
    await acts.edit(OWNER, named, read_change({"set": {"rating": 1}}))
    again = await acts.edit(OWNER, [*named, "unknown"], read_change({"set": {"rating": 1}}))
    assert (again.act, again.changed, again.skipped) == (None, 0, 2)


async def test_hidden_is_a_shelf(stock, acts):
    _, asset_id = await stock.add("a.jpg")
    named = await names(stock, asset_id)
    done = await acts.edit(OWNER, named, read_change({"set": {"hidden": True}}))
    assert (await show(stock, asset_id)).shelf == "hidden"
    await acts.undo(OWNER, done.act)
    assert (await show(stock, asset_id)).shelf == "timeline"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Nothing is to be changed"),
        ({"sett": {}}, '"sett" is unknown'),
        ({"set": {"ratings": 1}}, 'no field "ratings"'),
        ({"set": {"rating": 6}}, "rating: must be a whole number from -1"),
        ({"set": {"rating": True}}, "rating"),
        ({"set": {"title": "a\0b"}}, r"title: holds the character U\+0000"),
        ({"set": {"title": "x" * 1001}}, "1000 characters at most"),
        ({"set": {"gps": {"lat": 91, "lon": 0}}}, "gps.lat: must be a number from -90 to 90"),
        ({"set": {"gps": {"lat": 1}}}, "gps: must be"),
        ({"set": {"captured": None}}, "captured: cannot be none"),
        ({"set": {"captured": {"local": "2020-01-01T00:00:00Z"}}}, "captured.local"),
        ({"set": {"captured": {"local": "1700-01-01T00:00:00"}}}, "between the year 1826"),
        ({"set": {"captured": {"local": "2020-01-01", "offset": "2"}}}, "captured.offset"),
        ({"set": {"rotation": 45}}, "rotation: must be 0, 90, 180 or 270"),
        ({"rotate": 0}, "rotate: must be 90, 180 or 270"),
        ({"add_keywords": ["a"], "remove_keywords": ["a"]}, 'both name "a"'),
        ({"add_keywords": [" "]}, "a keyword must have a letter"),
        ({"shift_s": 1.5}, "shift_s"),
        ({"reset": ["everything"]}, 'no field "everything"'),
        ({"reset": ["title"], "set": {"title": "a"}}, "reset and set both name title"),
    ],
)
def test_wrong_values_are_explained(body, told):
    with pytest.raises(BadRequestError, match=told):
        read_change(body)


async def test_split_and_merge_and_back(stock, acts):
    """SPEC 7.1: a person can split, merge, choose the shown file."""
    jpeg, asset_id = await stock.add("d/i.jpg", facts("jpeg", captured_ms=NOON))
    nef, _ = await stock.add("d/i.nef", raw("raw", captured_ms=NOON))
    (name,) = await names(stock, asset_id)
    chosen = await acts.choose_shown(OWNER, name, nef)
    assert (await show(stock, asset_id)).shown.id == nef
    await acts.undo(OWNER, chosen.act)
    assert (await show(stock, asset_id)).shown.id == jpeg
    done, (_, other) = await acts.split(OWNER, name, [nef])
    other_id = await stock.value("SELECT id FROM asset WHERE public_id = ?", other)
    assert [one.id for one in (await show(stock, asset_id)).files] == [jpeg]
    assert [one.id for one in (await show(stock, other_id)).files] == [nef]
    await stock.record(nef, raw("raw", captured_ms=NOON))
    assert await stock.value("SELECT asset_id FROM file WHERE id = ?", nef) == other_id
    await acts.edit(OWNER, [other], read_change({"set": {"title": "RAW"}, "add_keywords": ["k"]}))
    merge, target = await acts.merge(OWNER, [name, other])
    assert target == name
    merged = await show(stock, asset_id)
    assert (len(merged.files), merged.title, merged.keywords) == (2, "RAW", ("k",))
    await acts.undo(OWNER, merge.act)
    assert (await show(stock, asset_id)).title is None
    assert (await show(stock, other_id)).title == "RAW"
    await acts.undo(OWNER, done.act)
    assert len((await show(stock, asset_id)).files) == 2
    assert await stock.value("SELECT count(*) FROM file WHERE group_key IS NOT NULL") == 0
    with pytest.raises(BadRequestError, match="must stay"):
        await acts.split(OWNER, name, [jpeg, nef])
    with pytest.raises(BadRequestError, match="files of this"):
        await acts.split(OWNER, name, [999])
    with pytest.raises(NotFoundError):
        await acts.choose_shown(OWNER, name, 999)


async def test_the_copy_follows_and_survives_a_torn_line(stock, acts, tmp_path):
    """SPEC 9.6: the journal lies beside the database."""
    _, asset_id = await stock.add("a.jpg")
    named = await names(stock, asset_id)
    for rating in range(3):
        await acts.edit(OWNER, named, Change({Field.RATING: rating}))
    (path,) = (tmp_path / "journal").iterdir()
    whole = path.read_bytes()
    assert [act.id for act in read_copy(tmp_path / "journal")] == [1, 2, 3]
    path.write_bytes(whole[:-20])
    await JournalCopy(stock.database, tmp_path / "journal").catch_up()
    assert path.read_bytes() == whole
    lines = [json.loads(line) for line in whole.splitlines()]
    assert lines[1]["before"]["assets"][named[0]]["edits"] == {"rating": [0]}
    # An older database: what it does not know is kept under another name.
    path.write_bytes(whole + whole.splitlines(keepends=True)[2].replace(b'"id":3', b'"id":9'))
    await JournalCopy(stock.database, tmp_path / "journal").catch_up()
    assert path.read_bytes() == whole
    assert len(list(tmp_path.glob("journal.before-*/*.jsonl"))) == 1


async def test_many_are_one_act_with_a_short_after(stock, acts):
    assets = [(await stock.add(f"{n}.jpg"))[1] for n in range(12)]
    named = await names(stock, *assets)
    done = await acts.edit(OWNER, named, Change({Field.RATING: 4}))
    async with stock.database.read() as reading:
        act = await find_act(reading, OWNER, done.act)
        (head,) = await list_acts(reading, OWNER, 10)
    assert act.after == {"edits": {"rating": [4]}}
    assert act.count == head.count == 12
    assert head.sample == tuple(named[:4])
    assert (await acts.undo(OWNER, done.act)).changed == 12


async def test_the_copy_is_whole_after_one_who_wrote_it_was_cancelled(
    stock, acts, tmp_path, monkeypatch
):
    """SPEC 9.6: the thread goes on, and another would write among its lines."""
    _, asset_id = await stock.add("a.jpg")
    copy = JournalCopy(stock.database, tmp_path / "copy")
    await acts.edit(OWNER, await names(stock, asset_id), Change({Field.RATING: 4}))
    turn = copy._turn = Turn()
    loop, append = asyncio.get_running_loop(), copy._append
    has_begun, is_over, go_on = asyncio.Event(), asyncio.Event(), threading.Event()

    def append_slowly(lines):
        monkeypatch.setattr(copy, "_append", append)
        loop.call_soon_threadsafe(has_begun.set)
        go_on.wait()
        append(lines)
        loop.call_soon_threadsafe(is_over.set)

    monkeypatch.setattr(copy, "_append", append_slowly)
    first = asyncio.create_task(copy.catch_up())
    await has_begun.wait()
    first.cancel()
    second = asyncio.create_task(copy.catch_up())
    await until_done_or_waiting(turn, second)
    go_on.set()
    await asyncio.wait({first, second})
    await is_over.wait()
    assert first.cancelled()
    assert [act.id for act in read_copy(tmp_path / "copy")] == [1]
