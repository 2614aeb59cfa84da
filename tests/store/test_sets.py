"""The sets in memory find what the database finds, whatever is asked and changed (SPEC 7.5)."""

from __future__ import annotations

import json
import random

import pytest

from photostore.store.scope import OWNER
from photostore.store.search import FILTERS, Order, QueryError, View, compile_view
from photostore.store.sets import (
    evaluation,
    find_columns,
    follow_changes,
    is_answerable,
    load_sets,
    loading,
    memory,
)
from photostore.store.timeline import load_columns
from tests.store.stock import NOW, facts, open_stock, raw, video, wall_ms

PLACES = ({}, {"lat": 52.52, "lon": 13.405}, {"lat": 38.72, "lon": -9.14}, {"lat": 60, "lon": 180})
CAMERAS = (("Canon", "Canon EOS 80D", "EF-S18"), ("NIKON", "D90", None), (None, None, None))
WORDS = ("beach", "dog", "Trips/Sea", "snow", "a|b", "it's")
ATOMS = [
    *(example for kind in FILTERS for example in kind.examples if "in:" not in example),
    *("beach", "img", '"beach dog"', "cat", "canon", "2019", "jpg", "berlin", "-snow"),
    *("rating:no", "rating:0", "rating:-1", "rating:1-5", "favourite:no", "undated:no", "geo:no"),
    *("type:photo", "type:photo|video", "type:raw", "portrait:no", "square", "panorama:no"),
    *("year:2019", "year:2018-2020", "taken:2019-07-14", "before:2019-07", "added:2023-11-14"),
    *("keyword:no", "keyword:dog|snow", "camera:no", "lens:no", "country:de", "city:berlin"),
    *("near:52.52,13.4 dist:20", "near:60,-179.99 dist:9", "title:yes", "description:no"),
    *("iso:200", "f:2.8", "mm:35", "mp:12-", "ext:jpg", "ext:nef", "filename:IMG_1*"),
    *("filename:*2*", "faces:yes", "faces:0", "faces:0-1", "album:no", "album:Some", "folder:2019"),
    *("month:7", "onthisday:7-14", "person:jane", "person:no", "path:2019/a", 'tag:"Keywords"'),
]


def some_facts(rng: random.Random, number: int):
    """Facts of a file, with anything that filters ask for, or without it."""
    make, model, lens = rng.choice(CAMERAS)
    kind = rng.choice([facts, facts, facts, video, raw])
    return kind(
        f"{number} {rng.random()}",
        captured_ms=rng.choice(
            [
                None,
                wall_ms(2019, 7, 14, rng.randrange(24)),
                wall_ms(rng.choice([1969, 2018, 2020]), 7, 1),
            ]
        ),
        make=make,
        model=model,
        lens=lens,
        iso=rng.choice([None, 100, 200, 3200]),
        f_number=rng.choice([None, 1.8, 2.8]),
        focal_mm=rng.choice([None, 35.0, 50.0]),
        rating=rng.choice([None, None, -1, 1, 4, 5]),
        width=rng.choice([400, 4000, 8000]),
        height=rng.choice([400, 3000, 3900]),
        title=rng.choice([None, "A beach"]),
        keywords=tuple(rng.sample(WORDS, rng.randrange(3))),
        people=rng.choice([(), ("Jane Doe",)]),
        extra=json.dumps({}),
        **rng.choice(PLACES),
    )


async def change(stock, rng: random.Random, files: list[int]) -> None:
    """Something happens to some assets."""
    for _ in range(rng.choice([1, 3])):
        act = rng.random()
        number = len(files)
        if act < 0.4 or not files:
            folder = rng.choice(["2019", "2019/a", "home"])
            name = f"{folder}/{rng.choice(['IMG_', 'x'])}{number}.{rng.choice(['jpg', 'nef'])}"
            files.append((await stock.add(name, some_facts(rng, number)))[0])
        elif act < 0.7:
            await stock.record(rng.choice(files), some_facts(rng, number))
        elif act < 0.8:
            await stock.set_gone(rng.choice(files), rng.choice([None, NOW]))
        else:
            async with stock.database.write() as transaction:
                await transaction.execute(
                    """UPDATE asset SET favourite = 1 - favourite, revision = ?
                       WHERE id = (SELECT asset_id FROM file WHERE id = ?)""",
                    (await transaction.revision(), rng.choice(files)),
                )


async def check(stock, sets, query: str, order: Order) -> None:
    view = View(query, order)
    try:
        compile_view(view)
    except QueryError:
        return  # two years at once
    async with stock.database.read(consistent=True) as reading:
        assert await follow_changes(reading, sets)
        if not is_answerable(view, compile_view(view), sets):
            return
        found = await find_columns(reading, sets, view)
        wanted = await load_columns(reading, view)
    assert list(found.ids) == list(wanted.ids), query
    assert (list(found.keys), bytes(found.ratios)) == (list(wanted.keys), bytes(wanted.ratios))


def some_query(rng: random.Random) -> str:
    """One to four filters, with - | and brackets between them."""
    parts = []
    for _ in range(rng.randint(1, 4)):
        atom = rng.choice(ATOMS)
        if "dist:" not in atom and rng.random() < 0.3:
            other = rng.choice([one for one in ATOMS if "dist:" not in one])
            atom = rng.choice([f"-{atom}", f"({atom} | {other})", f"-({atom} {other})"])
            atom = atom.replace("--", "-")
        parts.append(atom)
    if sum("dist:" in part for part in parts) > 1:
        parts = parts[:1]
    return " ".join(parts)


@pytest.fixture
async def stock(database):
    return await open_stock(database)


@pytest.mark.parametrize("seed", range(4))
async def test_sets_find_what_the_database_finds(stock, seed, monkeypatch):
    """Every filter alone, and three at once, while the library changes."""
    rng = random.Random(seed)
    monkeypatch.setattr(evaluation, "FEW", rng.choice([0, 5, 1_000]))
    monkeypatch.setattr(loading, "CHUNK", rng.choice([7, 50_000]))
    files: list[int] = []
    for _ in range(15):
        await change(stock, rng, files)
    async with stock.database.write() as transaction:
        await transaction.execute(
            """INSERT INTO album (id, public_id, owner_id, name, created_at, revision)
               VALUES (1, 'a1', 1, 'Some', 1, 1)"""
        )
        await transaction.execute("INSERT INTO album_asset SELECT 1, id, id, 1 FROM asset LIMIT 5")
    sets = await load_sets(stock.database, OWNER)
    for atom in ATOMS:
        await check(stock, sets, atom, Order.NEWEST)
    for _ in range(25):
        await change(stock, rng, files)
        for _ in range(6):
            await check(stock, sets, some_query(rng), rng.choice([Order.NEWEST, Order.OLDEST]))


async def test_loading_follows_what_happens_meanwhile(stock, monkeypatch):
    """The pieces are read at different moments."""
    monkeypatch.setattr(loading, "CHUNK", 5)
    rng, files = random.Random(3), []
    for _ in range(10):
        await change(stock, rng, files)
    load_files = loading._load_files

    async def interrupted(database, sets):
        await change(stock, rng, files)
        await load_files(database, sets)
        await change(stock, rng, files)

    monkeypatch.setattr(loading, "_load_files", interrupted)
    sets = await load_sets(stock.database, OWNER)
    for query in ("", "iso:100-", "type:video", "rating:4-", "keyword:dog"):
        await check(stock, sets, query, Order.NEWEST)


async def test_a_column_with_many_values_is_left_to_the_database(stock, monkeypatch):
    monkeypatch.setattr(memory, "MAX_VALUES", 2)
    for number, iso in enumerate((100, 200, 400, 800)):
        await stock.add(f"{number}.jpg", facts(str(number), iso=iso))
    sets = await load_sets(stock.database, OWNER)
    assert sets.values["iso"] is None
    await check(stock, sets, "iso:150-500 type:photo", Order.NEWEST)


async def test_too_many_changes_are_said(stock, monkeypatch):
    sets = await load_sets(stock.database, OWNER)
    monkeypatch.setattr(loading, "FOLLOW_LIMIT", 1)
    for number in range(3):
        await stock.add(f"{number}.jpg", facts(str(number)))
    async with stock.database.read(consistent=True) as reading:
        assert not await follow_changes(reading, sets)


class Meddled(list[int]):
    """Moments; while they are read, as by a search, another thread takes all assets out."""

    sets: memory.AssetSets

    def __getitem__(self, index):
        for one in list(self.sets.all_sets()):
            one.clear()
        return super().__getitem__(index)


def test_a_search_in_time_is_not_disturbed_by_changes():
    """The set that it goes through is another thread's to change: DESIGN 3."""
    sets = memory.AssetSets(1, 1)
    sets.place(range(1, 4000), range(1, 4000), [128] * 3999)
    sets.moments = Meddled(sets.moments)
    sets.moments.sets = sets
    assert list(sets.between(10, 3000)) == list(range(10, 3000))
