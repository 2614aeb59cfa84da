"""Every list query runs along an index, without sorting: DESIGN 2."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import date

import pytest

from photostore.store import (
    assets,
    files,
    folders,
    problems,
    streams,
    suggestions,
    tagging,
    tags,
    timeline,
    work,
)
from photostore.store.db import Reading
from photostore.store.scope import OWNER
from photostore.store.search import Order, View
from photostore.store.sets import find_columns, follow_changes, load_sets
from tests.store.stock import facts, video

OLD = {"probe_version": 2, "preview_version": 2}
CURSOR = timeline.make_cursor(timeline.Place(5, 10**12, 128))
ADDED = View(order=Order.ADDED)
ALBUM = View("album:x", Order.ALBUM)
LISTS = {
    "places newest": lambda r: timeline.load_places(r, View()),
    "places oldest": lambda r: timeline.load_places(r, View(order=Order.OLDEST)),
    "places added": lambda r: timeline.load_places(r, ADDED),
    "places of a shelf": lambda r: timeline.load_places(r, View("in:hidden")),
    "places of an album": lambda r: timeline.load_places(r, ALBUM),
    "places of favourites": lambda r: timeline.load_places(r, View("favourite:yes")),
    "places of videos": lambda r: timeline.load_places(r, View("type:video")),
    "places of photos": lambda r: timeline.load_places(r, View("type:photo")),
    "page": lambda r: timeline.load_page(r, View(), 100, None),
    "next page": lambda r: timeline.load_page(r, View(), 100, CURSOR),
    "next page, oldest": lambda r: timeline.load_page(r, View(order=Order.OLDEST), 100, CURSOR),
    "next page, added": lambda r: timeline.load_page(r, ADDED, 100, CURSOR),
    "changed": lambda r: timeline.changed_assets(r, 1, 100),
    "pending": lambda r: work.pending_files(r, limit=10, **OLD),
    "count of pending": lambda r: work.count_pending(r, **OLD),
    "count of files": files.count_files,
    "count of a root": lambda r: files.count_present(r, 1),
    "known files": lambda r: files.known_files(r, [1, 2]),
    "known folders": lambda r: folders.known_folders(r, 1, [b"a", b"b"]),
    "files below": lambda r: folders.present_files_below(r, 1, b"a"),
    "inodes": lambda r: files.find_by_inode(r, 1, [1, 2]),
    "all problems": lambda r: problems.list_problems(r, state=None, words="", after=0, limit=9),
    "failed": lambda r: problems.list_problems(r, state="failed", words="x", after=3, limit=9),
    "problem counts": problems.count_problems,
    "rows": lambda r: timeline.rows_by_id(r, OWNER, [1, 2]),
    "changed places": lambda r: timeline.load_places(r, View(), only=[1, 2]),
    "picture": lambda r: timeline.find_picture(r, OWNER, "x"),
    "count of assets": lambda r: assets.count_assets(r, 1),
    "untagged": lambda r: tagging.untagged_assets(r, 100),
    "roots of tags": lambda r: tags.list_tags(r, OWNER, None),
    "tags below": lambda r: tags.list_tags(r, OWNER, 1),
    "tags of an asset": lambda r: tags.tags_of_asset(r, OWNER, 1),
    "tags by name": lambda r: tags.find_tags(r, OWNER, "ber"),
    "keywords below": lambda r: tags.keywords_below(r, 1),
    "around an asset": lambda r: streams.streams_around(r, OWNER, 1),
    "samples": lambda r: streams.sample_tags(r, OWNER, 7),
    "on this day": lambda r: streams.on_this_day(r, OWNER, date(2020, 1, 1), 7),
    "recently added": lambda r: streams.recently_added(r, OWNER),
    "suggestions": lambda r: suggestions.suggest(r, OWNER, "ca", 2),
    "suggested values": lambda r: suggestions.suggest(r, OWNER, "camera:ca", 9),
    "suggested albums": lambda r: suggestions.suggest(r, OWNER, "album:s", 7),
}
# Each filter with the index that it is found by.
SEARCHES = {
    "year:2019": "asset_timeline",
    "taken:2019-07-14": "asset_timeline",
    "after:2019 before:2021": "asset_timeline",
    "onthisday:12-24": "asset_timeline",
    "type:video": "asset_video",
    "favourite:yes": "asset_favourite",
    "portrait": "asset_timeline",
    "camera:canon": "asset_tag_tag",
    "country:de": "asset_tag_tag",
    "keyword:dog": "asset_tag_tag",
    "type:raw": "asset_tag_tag",
    "folder:2019": "asset_tag_tag",
    'tag:"Where/Germany"': "asset_tag_tag",
    "near:52.5,13.4": "asset_position",
    "iso:200-400": "file_asset",
    "f:2.8": "file_asset",
    "mp:12-": "file_asset",
    "filename:IMG_00": "asset_text",
    "dog": "asset_text",
    "album:x": "album_asset",
    "faces:2": "face_asset",
    "id:x": "sqlite_autoindex_asset_1",
}
# A few rows by id, found first and sorted then: sorting them is what is cheap.
SORTS_A_FEW = {"changed places", "tags by name", "tags of an asset", "tags below", "roots of tags"}
SORTS_A_FEW |= {"suggestions", "suggested values", "suggested albums", "keywords below", "samples"}
SORTS_A_FEW |= {"around an asset", "count of files"}
# A `scan` of an index alone counts; one of a table with all its columns does not scale.
SMALL_TABLES = ("root", "volume", "problem", "json_each", "CONSTANT", "file_tally")
# What a filter found, counted up to a limit, and the words' own index.
FOUND_FIRST = {*SMALL_TABLES, "(subquery-1)", "asset_text"}


class Explaining(Reading):
    """Notes the plan of each query, and answers it."""

    def __init__(self, connection):
        super().__init__(connection)
        self.plans = []

    async def fetch_all(self, sql, parameters=()):
        await self.explain(sql, parameters)
        return await super().fetch_all(sql, parameters)

    async def fetch_columns(self, sql, parameters=(), *, columns):
        await self.explain(sql, parameters)
        return await super().fetch_columns(sql, parameters, columns=columns)

    async def fetch_plain(self, sql, parameters=()):
        await self.explain(sql, parameters)
        return await super().fetch_plain(sql, parameters)

    async def explain(self, sql, parameters):
        rows = await super().fetch_all("EXPLAIN QUERY PLAN " + sql, parameters)
        self.plans += [row["detail"] for row in rows]


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_read_along_an_index(stock, name):
    for number in range(30):
        found = video(str(number)) if number % 3 == 0 else facts(str(number))
        await stock.add(f"f{number % 4}/{number}.jpg", found)
    async with stock.database.read() as reading:
        explaining = Explaining(reading._connection)
        await LISTS[name](explaining)
    assert explaining.plans
    for step in explaining.plans:
        if name not in SORTS_A_FEW:
            assert "TEMP B-TREE" not in step, explaining.plans
        if step.startswith("SCAN ") and "INDEX" not in step:
            assert step.split()[1] in SMALL_TABLES, explaining.plans


async def test_the_timeline_does_not_touch_the_table(stock):
    await stock.add("a.jpg")
    for query in ("", "type:photo", "type:video"):
        async with stock.database.read() as reading:
            explaining = Explaining(reading._connection)
            await timeline.load_places(explaining, View(query))
        assert any("COVERING INDEX asset_" in step for step in explaining.plans), explaining.plans


@pytest.mark.parametrize("query", SEARCHES)
async def test_a_search_is_found_by_an_index(stock, query):
    """SPEC 7.5 at a million: no filter reads all rows of a table."""
    for number in range(30):
        found = facts(str(number), make="Canon", model="D9", keywords=("dog",), lat=52.5, lon=13.4)
        await stock.add(f"2019/IMG_00{number}.jpg", found)
    async with stock.database.read() as reading:
        explaining = Explaining(reading._connection)
        await timeline.load_columns(explaining, View(query))
    assert any(SEARCHES[query] in step for step in explaining.plans), explaining.plans
    for step in explaining.plans:
        if step.startswith("SCAN ") and "INDEX" not in step:
            assert step.split()[1] in FOUND_FIRST, explaining.plans


# What the sets do not hold and the database is asked for, with the index that answers.
ASKED = {
    "dog img": "asset_text",
    "near:52.5,13.4 camera:canon": "asset_position",
    "album:x year:2020": "album_asset",
    "onthisday:7-14 -keyword:cat": "asset_timeline",
    "filename:IMG_00 iso:100": "asset_text",
    "filename:*3* rating:no": "file_asset",
    "faces:2 type:photo": "face_asset",
    "id:x": "sqlite_autoindex_asset_1",
    "title:yes month:1": "INTEGER PRIMARY KEY",
}
# Whole tables that are searched as such: virtual ones, values in a parameter, answers of others.
NOT_READ = {*FOUND_FIRST, "found", "asset_position", "album", "begun", "VIRTUAL"}


class Watched:
    """A database of which every plan is noted."""

    def __init__(self, database):
        self.database = database
        self.plans = []

    @asynccontextmanager
    async def read(self, *, consistent=False):
        async with self.database.read(consistent=consistent) as reading:
            explaining = Explaining(reading._connection)
            explaining.plans = self.plans
            yield explaining


def reads_no_table(plans):
    for step in plans:
        if step.startswith("SCAN ") and "INDEX" not in step:
            assert step.split()[1] in NOT_READ, plans


async def fill(stock):
    for number in range(30):
        found = facts(str(number), make="Canon", keywords=("dog",), lat=52.5, lon=13.4, iso=100)
        await stock.add(f"2019/IMG_00{number}.jpg", found)


async def test_the_sets_are_read_from_indexes(stock):
    """Of a million rows no wide one is read, also where they are brought up to date."""
    await fill(stock)
    watched = Watched(stock.database)
    sets = await load_sets(watched, OWNER)
    reads_no_table(watched.plans)
    for index in ("asset_timeline", "asset_rating", "asset_favourite", "asset_added", "file_asset"):
        assert any(f"COVERING INDEX {index}" in step for step in watched.plans), index
    assert any("INDEX asset_tag_tag" in step for step in watched.plans)
    await stock.add("new.jpg", facts("new"))
    watched.plans.clear()
    async with watched.read(consistent=True) as reading:
        assert await follow_changes(reading, sets)
    reads_no_table(watched.plans)
    assert any("asset_revision" in step for step in watched.plans)


@pytest.mark.parametrize("query", ASKED)
async def test_what_the_sets_do_not_hold_is_found_by_an_index(stock, query):
    await fill(stock)
    sets = await load_sets(stock.database, OWNER)
    watched = Watched(stock.database)
    async with watched.read() as reading:
        await find_columns(reading, sets, View(query))
    assert any(ASKED[query] in step for step in watched.plans), watched.plans
    reads_no_table(watched.plans)
