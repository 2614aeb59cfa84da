"""The tag tree and its exact counts: SPEC 7.3, 7.4."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing

import pytest

from photostore.store.assets import UNDATED_MS, count_assets, refresh
from photostore.store.db import Database
from photostore.store.files import count_files, count_present
from photostore.store.folding import fold
from photostore.store.labels import make_name, split_keyword
from photostore.store.migrate import known_migrations, migrate
from photostore.store.places import distance_km, find_named, find_place
from photostore.store.search import View
from photostore.store.tagging import TAG_VERSION, prune_tags, retag, untagged_assets
from photostore.store.timeline import load_places
from tests.store.stock import NOW, facts, raw, video, wall_ms

BERLIN = {"lat": 52.52, "lon": 13.405}
KEEPSAKES = "UPDATE asset SET hidden_at = ? WHERE id = ?"


async def tags_of(stock, asset_id):
    """The keys of an asset's tags."""
    async with stock.database.read() as reading:
        rows = await reading.fetch_all(
            "SELECT key FROM tag JOIN asset_tag ON tag_id = id WHERE asset_id = ?", (asset_id,)
        )
    return {row["key"] for row in rows}


async def tag(stock, *asset_ids):
    async with stock.database.write() as transaction:
        await retag(transaction, asset_ids)


async def counts(stock):
    async with stock.database.read() as reading:
        rows = await reading.fetch_all("SELECT key, asset_count FROM tag WHERE asset_count <> 0")
    return {row["key"]: row["asset_count"] for row in rows}


async def counted(stock):
    """The counts as a person would count."""
    async with stock.database.read() as reading:
        rows = await reading.fetch_all(
            """SELECT tag.key, count(DISTINCT asset.id) AS number FROM tag
               JOIN tag_line ON ancestor_id = tag.id
               JOIN asset_tag ON asset_tag.tag_id = tag_line.tag_id
               JOIN asset ON asset.id = asset_tag.asset_id AND shelf = 'timeline'
               GROUP BY tag.id"""
        )
    return {row["key"]: row["number"] for row in rows}


async def test_an_asset_has_its_narrowest_tags(stock):
    found = facts(
        "a",
        captured_ms=wall_ms(2019, 7, 14),
        make="NIKON CORPORATION",
        model="NIKON D90",
        lens="18.0-105.0 mm f/3.5-5.6",
        keywords=("Dog", "Animals"),
        people=("Zoë",),
        extra=json.dumps({"keyword_paths": ["Animals/Dog"]}),
        **BERLIN,
    )
    _, asset_id = await stock.add("trips/2019/a.jpg", found)
    await tag(stock, asset_id)
    assert await tags_of(stock, asset_id) == {
        "when/2019/07",
        "where/germany/state of berlin/berlin",
        "camera/nikon/d90",
        "lens/18.0-105.0 mm f\\/3.5-5.6",
        "type/photo",
        "keywords/animals/dog",
        "people/zoe",
        "folders/Computer/trips/2019",
    }
    code = await stock.value("SELECT code FROM tag WHERE key = 'where/germany'")
    assert code == "DE"


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        (facts(), {"type/photo"}),
        (video(), {"type/video"}),
        (raw(), {"type/photo", "type/raw"}),
        (facts(extra='{"motion_photo": true}'), {"type/photo", "type/live"}),
        (facts(extra='{"animated": true}'), {"type/photo", "type/animated"}),
        (facts(width=8000, height=2000), {"type/photo", "type/panorama"}),
        (facts(extra='{"projection": "equirectangular"}'), {"type/photo", "type/panorama"}),
    ],
)
async def test_types(stock, found, kinds):
    _, asset_id = await stock.add("a.jpg", found)
    await tag(stock, asset_id)
    assert {key for key in await tags_of(stock, asset_id) if key.startswith("type/")} == kinds


@pytest.mark.parametrize(
    ("taken", "precision", "key"),
    [(wall_ms(2019, 7, 1), "day", "when/2019/07"), (wall_ms(1950, 1, 1), "year", "when/1950"),
     (UNDATED_MS, None, None), (2**60, "second", None)],
)  # fmt: skip
async def test_when(stock, taken, precision, key):
    _, asset_id = await stock.add("a.jpg", facts(captured_ms=taken, captured_precision=precision))
    await tag(stock, asset_id)
    found = {one for one in await tags_of(stock, asset_id) if one.startswith("when")}
    assert found == ({key} if key else set())


async def test_a_person_changes_keywords(stock):
    _, asset_id = await stock.add("a.jpg", facts(keywords=("Dog", "beach")))
    edit = json.dumps({"add": ["Trips/Italy", "dog"], "remove": ["Beach"]})
    async with stock.database.write() as transaction:
        await transaction.execute(
            "INSERT INTO asset_edit VALUES (?, 'keywords', ?, 1, 1)", (asset_id, edit)
        )
        await retag(transaction, [asset_id])
    found = {key for key in await tags_of(stock, asset_id) if key.startswith("keywords")}
    assert found == {"keywords/dog", "keywords/trips/italy"}


async def test_counts_stay_exact_whatever_happens(stock):
    """SPEC 7.3: each count is that of the distinct assets on the timeline in a subtree."""
    rng = random.Random(7)
    files, assets = [], set()
    for step in range(60):
        act = rng.random()
        found = facts(
            str(step),
            captured_ms=wall_ms(2019, rng.randint(1, 3), 1),
            keywords=tuple(rng.sample(["a", "b", "c"], rng.randint(0, 3))),
            make=rng.choice([None, "Canon"]),
            **rng.choice([{}, BERLIN]),
        )
        if act < 0.5 or not files:
            file_id, asset_id = await stock.add(f"d{rng.randint(1, 3)}/{step}.jpg", found)
            files.append(file_id)
            assets.add(asset_id)
        elif act < 0.7:
            await stock.record(rng.choice(files), found)
        elif act < 0.8:
            await stock.set_gone(rng.choice(files), rng.choice([None, NOW]))
        elif act < 0.9:
            async with stock.database.write() as transaction:
                chosen = rng.choice(sorted(assets))
                await transaction.execute(KEEPSAKES, (rng.choice([None, NOW]), chosen))
                await refresh(transaction, [chosen])
        elif act < 0.95 and len(assets) > 3:
            gone = rng.choice(sorted(assets))
            async with stock.database.write() as transaction:
                await transaction.execute("DELETE FROM file WHERE asset_id = ?", (gone,))
                await transaction.execute("DELETE FROM asset WHERE id = ?", (gone,))
            assets.discard(gone)
            files = [
                one for one in files if await stock.value("SELECT 1 FROM file WHERE id=?", one)
            ]
        async with stock.database.read() as reading:
            assets = {row[0] for row in await reading.fetch_all("SELECT id FROM asset")}
        await tag(stock, *rng.sample(sorted(assets), len(assets) // 2), *sorted(assets)[-1:])
        assert await counts(stock) == await counted(stock), step


async def test_tags_that_nothing_has_are_pruned(stock):
    file_id, asset_id = await stock.add("a.jpg", facts(keywords=("x/y",)))
    await tag(stock, asset_id)
    await stock.record(file_id, facts("b"))
    await tag(stock, asset_id)
    async with stock.database.write() as transaction:
        assert await prune_tags(transaction) >= 1
    assert await stock.value("SELECT count(*) FROM tag WHERE kind = 'keyword'") == 0


async def test_what_an_older_version_tagged_waits(stock):
    _, asset_id = await stock.add("a.jpg")
    async with stock.database.write() as transaction:
        await transaction.execute("UPDATE asset SET tagged = ?", (TAG_VERSION - 1,))
    async with stock.database.read() as reading:
        assert await untagged_assets(reading, 10) == [asset_id]
    await tag(stock, asset_id)
    async with stock.database.read() as reading:
        assert await untagged_assets(reading, 10) == []


async def test_stats_are_kept_counts(stock):
    file_id, _ = await stock.add("a/a.jpg")
    await stock.add("b/b.mp4", video())
    await stock.register("a/c.jpg")
    await stock.set_gone(file_id, NOW)
    async with stock.database.read() as reading:
        tallies = await reading.fetch_all(
            "SELECT shelf, is_video, count FROM asset_tally WHERE count > 0"
        )
        states = await reading.fetch_all(
            "SELECT state, sum(count) FROM file_tally GROUP BY state HAVING sum(count) > 0"
        )
    assert {tuple(row) for row in tallies} == {("missing", 0, 1), ("timeline", 1, 1)}
    assert {tuple(row) for row in states} == {("missing", 1), ("ready", 1), ("pending", 1)}


@pytest.mark.parametrize(
    ("lat", "lon", "city"),
    [
        (48.8584, 2.2945, "Paris"),
        (-33.8568, 151.2153, "Sydney"),
        (48.575, 7.815, "Kehl"),
        (78.22, 15.63, "Longyearbyen"),
        (30.0, -40.0, None),
        (90.0, 0.0, None),
        (91.0, 0.0, None),
        (None, None, None),
    ],
)
def test_the_city_of_a_position(lat, lon, city):
    """SPEC 7.4: offline, within 25 km."""
    place = find_place(lat, lon)
    assert (place and place.city) == city
    if place:
        assert distance_km(lat, lon, place.lat, place.lon) <= 25.2


def test_places_by_name():
    assert find_named("BERLIN").country_code == "DE"
    assert find_named("koln").city == "Köln"
    assert find_named("nowhere at all") is None


@pytest.mark.parametrize(
    ("make", "name"),
    [("NIKON CORPORATION", "Nikon"), ("Canon", "Canon"), ("OLYMPUS CORP.", "Olympus"),
     ("LG", "LG"), ("EASTMAN KODAK COMPANY", "Eastman Kodak Company"), ("  ", None), (None, None)],
)  # fmt: skip
def test_makers_as_people_write_them(make, name):
    assert make_name(make) == name


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("dog", ("dog",)),
        ("a/b|c", ("a", "b", "c")),
        (" a / ", ("a",)),
        ("//", ()),
        (["x/y"], ("x/y",)),
    ],
)
def test_keywords_are_paths(given, path):
    assert split_keyword(given) == path


def test_folding():
    assert fold("  Île  de RÉ ") == fold("ile de re") == "ile de re"
    assert fold("STRASSE") == fold("Straße")


async def test_a_library_of_the_first_version_gets_its_tags(tmp_path):
    """Its rows are counted and tagged after the migrations, without reading a file again."""
    path = tmp_path / "p.db"
    steps = known_migrations()
    first = next(iter(steps))
    migrate(path, tmp_path, {first: steps[first]})
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(
            """
            INSERT INTO volume VALUES (1, 'u', 'mount-path', 'disk', x'2f', 0, 1);
            INSERT INTO root (id, volume_id, path, owner_id) VALUES (1, 1, x'', 1);
            INSERT INTO folder (id, volume_id, path, root_id) VALUES (1, 1, x'7472697073', 1);
            INSERT INTO asset (id, public_id, owner_id, captured_ms, ratio, is_video, lat, lon,
              added_at, revision) VALUES (1, 'a', 1, 0, 128, 0, 52.52, 13.405, 1, 1);
            INSERT INTO file (id, folder_id, name, size, mtime_ns, inode, state, found_at, asset_id,
              sha1, is_video, width, height, keywords) VALUES (1, 1, x'61', 1, 1, 1, 'ready', 1,
              1, x'00', 0, 1, 1, '["dog"]');
            INSERT INTO asset_text (rowid, title, place) VALUES (1, 'x', '');
            """
        )
    migrate(path, tmp_path)
    database = await Database.open(path, tmp_path)
    try:
        async with database.write() as transaction:
            await retag(transaction, await untagged_assets(transaction, 10))
        async with database.read() as reading:
            rows = await reading.fetch_all("SELECT key FROM tag WHERE asset_count = 1")
            assert await count_assets(reading, 1) == (1, 0)
            assert await count_present(reading, 1) == 1
            assert (await count_files(reading))["ready"] == 1
            assert await load_places(reading, View("berlin keyword:dog folder:trips"))
    finally:
        await database.close()
    assert {"when/1970/01", "keywords/dog", "folders/disk/trips"} <= {row["key"] for row in rows}
