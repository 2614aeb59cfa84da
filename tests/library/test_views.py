"""The shape of a view, and how it follows the library: DESIGN 1 "One grid"."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.base.errors import RevisionGoneError
from photostore.library.views import ViewCache, apply_changes, build_snapshot, day_text
from photostore.library.views import cache as cached_views
from photostore.store.assets import UNDATED_MS
from photostore.store.search import Order, View
from photostore.store.timeline import DESCENDING, Place, load_places
from tests.store.stock import NOW, facts, open_stock, video, wall_ms

DAY = 86_400_000
TIMED = [Order.NEWEST, Order.OLDEST, Order.ADDED]
# Few moments, ids and ratios, so that ties and returns are common.
MOMENTS = st.sampled_from([UNDATED_MS, -DAY, 0, 5, DAY, DAY + 1, 3 * DAY])
LIBRARIES = st.dictionaries(
    st.integers(1, 12), st.tuples(MOMENTS, st.integers(126, 128)), max_size=12
)


def places(library, order):
    found = [Place(key, captured, ratio) for key, (captured, ratio) in library.items()]
    found.sort(key=lambda place: (place.key, place.id), reverse=order in DESCENDING)
    return found


def seen(snapshot):
    """What a browser knows of a view: per asset its aspect byte and its day."""
    days = [day_text(moment // DAY) for moment in snapshot.keys]
    return list(zip(snapshot.ratios, days, strict=True))


def patched(before, patch):
    """What a browser makes of a patch: take out from the end, then put in from the beginning."""
    after = list(before)
    for ordinal in reversed(patch.removed):
        del after[ordinal]
    for ordinal, ratio, day in patch.inserted:
        after.insert(ordinal, (ratio, day))
    return after


@given(
    old=LIBRARIES, new=LIBRARIES, touched=st.sets(st.integers(1, 14)), order=st.sampled_from(TIMED)
)
def test_a_patch_leads_to_what_loading_anew_gives(old, new, touched, order):
    view = View(order=order)
    # Whatever differs has changed; other assets may have changed in their facts alone.
    changed = touched | {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    before = build_snapshot(view, 1, places(old, order))
    anew = build_snapshot(view, 2, places(new, order))
    present = [place for place in places(new, order) if place.id in changed]
    after, patch = apply_changes(before, 2, changed, present)
    assert (after.ids, after.keys, after.ratios) == (anew.ids, anew.keys, anew.ratios)
    assert patched(seen(before), patch) == seen(anew)
    assert (patch.start, patch.end) == (1, 2)
    assert list(patch.removed) == sorted(set(patch.removed))
    inserted = [ordinal for ordinal, *_ in patch.inserted]
    assert inserted == sorted(set(inserted))
    # What was touched and is neither put in nor gone is to be drawn anew.
    told = {after.ids[ordinal] for ordinal in (*inserted, *patch.changed)}
    assert told == changed & new.keys()


def test_the_wire_form_is_header_and_bytes():
    view = View()
    found = [Place(3, 2 * DAY, 140), Place(2, 2 * DAY, 120), Place(1, UNDATED_MS, 128)]
    raw = gzip.decompress(build_snapshot(view, 7, found).pack())
    length = int.from_bytes(raw[:4], "little")
    assert json.loads(raw[4 : 4 + length]) == {
        "revision": 7,
        "count": 3,
        "headings": True,
        "days": [["1970-01-03", 2], ["", 1]],
    }
    assert raw[4 + length :] == bytes([140, 120, 128])


@pytest.mark.parametrize(
    ("day", "text"),
    [(0, "1970-01-01"), (-1, "1969-12-31"), (-(10**9), "0001-01-01"), (10**9, "9999-12-31")],
)
def test_a_day_is_a_date(day, text):
    assert day_text(day) == text


@pytest.fixture
async def stock(database):
    return await open_stock(database)


async def exact(stock, view):
    async with stock.database.read() as reading:
        return [place.id for place in await load_places(reading, view)]


@pytest.mark.parametrize("with_sets", [True, False])
@pytest.mark.parametrize("query", ["", "type:video", "trip"])
@pytest.mark.parametrize("order", TIMED)
async def test_the_cache_follows_the_library(stock, query, order, with_sets, monkeypatch):
    """Random changes: snapshot and patch always agree with the database."""
    monkeypatch.setattr(cached_views, "PATCH_LIMIT", 5)
    rng = random.Random(11)
    cache, view = ViewCache(stock.database), View(query, order)
    files = []
    known = {}
    if with_sets:
        await cache.load_sets()
    for step in range(40):
        for _ in range(rng.choice([1, 1, 2, 8])):
            act = rng.random()
            taken = wall_ms(2020, 1, rng.randint(1, 9))
            make = rng.choice([facts, video])
            found = make(str(rng.random()), captured_ms=taken, width=rng.choice([300, 400]))
            if act < 0.5 or not files:
                folder = rng.choice(["trip", "home"])
                files.append((await stock.add(f"{folder}/{len(files)}.jpg", found))[0])
            elif act < 0.75:
                await stock.record(rng.choice(files), found)
            else:
                await stock.set_gone(rng.choice(files), rng.choice([None, NOW]))
        snapshot = await cache.current(view)
        assert list(snapshot.ids) == await exact(stock, view)
        since = rng.choice(list(known)) if known else snapshot.revision
        patch = await cache.patch(view, since)
        if patch is not None:
            assert patched(known.get(since, seen(snapshot)), patch) == seen(snapshot), step
        known[snapshot.revision] = seen(snapshot)


async def test_an_unchanged_library_is_not_read_again(stock):
    await stock.add("a.jpg")
    cache = ViewCache(stock.database)
    assert await cache.current(View()) is await cache.current(View())


async def test_an_old_revision_is_kept_for_a_moment(stock):
    cache = ViewCache(stock.database)
    revisions = []
    for number in range(cached_views.KEPT_SNAPSHOTS + 1):
        await stock.add(f"{number}.jpg")
        revisions.append((await cache.current(View())).revision)
    assert len(cache.at(View(), revisions[1]).ids) == 2
    with pytest.raises(RevisionGoneError):
        cache.at(View(), revisions[0])
    assert await cache.patch(View(), revisions[0]) is None


async def test_memory_is_bounded(stock, monkeypatch):
    for number in range(10):
        await stock.add(f"{number}.jpg")
    monkeypatch.setattr(cached_views, "KEPT_PLACES", 25)
    cache = ViewCache(stock.database)
    for query in ("", "0", "type:photo", "-type:video", "jpg"):
        await cache.current(View(query))
    kept = [one for of_view in cache._snapshots.values() for one in of_view]
    assert sum(len(one) for one in {id(one.ids): one.ids for one in kept}.values()) <= 25
    assert (await cache.current(View("jpg"))) in kept


async def test_a_change_that_moves_nothing_costs_no_second_shape(stock):
    """A favourite is not another million of places: they are shared, and so is what is packed."""
    file, _ = await stock.add("a.jpg", facts("a"))
    await stock.add("b.jpg", facts("b"))
    cache = ViewCache(stock.database)
    before = await cache.current(View())
    packed = before.pack()
    await stock.record(file, facts("a", title="A title"))
    after = await cache.current(View())
    assert after.revision > before.revision
    assert after.ids is before.ids
    assert after.packed is before.packed
    raw, other = gzip.decompress(packed), gzip.decompress(after.pack())
    assert raw.replace(b'"revision":%d' % before.revision, b"") == other.replace(
        b'"revision":%d' % after.revision, b""
    )
    patch = await cache.patch(View(), before.revision)
    assert patch is not None
    assert (patch.removed, patch.inserted, len(patch.changed)) == ((), (), 1)


async def test_more_changes_than_a_patch_names_move_nothing(stock, monkeypatch):
    """Twenty thousand stars at once: what is chosen in a browser stays chosen, all is read anew."""
    monkeypatch.setattr(cached_views, "PATCH_LIMIT", 2)
    files = [(await stock.add(f"{name}.jpg", facts(name)))[0] for name in "abcd"]
    cache = ViewCache(stock.database)
    before = await cache.current(View())
    for file, name in zip(files, "abcd", strict=True):
        await stock.record(file, facts(name, title="A title"))
    patch = await cache.patch(View(), before.revision)
    assert patch is not None
    assert (patch.removed, patch.inserted, patch.changed) == ((), (), None)
    for file, name in zip(files, "dcba", strict=True):
        await stock.record(file, facts(name, captured_ms=wall_ms(2020, 1, ord(name) - 96)))
    assert await cache.patch(View(), before.revision) is None


async def test_searches_go_on_where_the_sets_cannot_be_read(stock, monkeypatch, caplog):
    """They are made again when they are wanted, and the database answers meanwhile."""
    await stock.add("a.jpg", facts("a", keywords=("dog",)))
    cache, tried = ViewCache(stock.database), asyncio.Queue()

    async def fail(database, scope):
        tried.put_nowait(scope)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(cached_views, "load_sets", fail)
    keeping = asyncio.ensure_future(cache.keep_sets())
    await tried.get()
    assert len((await cache.current(View("keyword:dog"))).ids) == 1
    assert "disk I/O error" in caplog.text
    cache.clear()
    await tried.get()
    keeping.cancel()


async def test_what_was_begun_before_all_was_forgotten_is_not_kept(database, monkeypatch):
    """Tags that are derived anew change views and no asset, so that nothing else would mend it."""
    stock = await open_stock(database)
    await stock.add("a.jpg", facts("a", keywords=("dog",)))
    views, view = ViewCache(database), View("keyword:dog")
    load_columns = cached_views.load_columns

    async def load_and_forget(*args):
        monkeypatch.setattr(cached_views, "load_columns", load_columns)
        found = await load_columns(*args)
        async with database.write() as transaction:
            await transaction.execute("DELETE FROM asset_tag")
            await transaction.revision()
        views.clear()
        return found

    monkeypatch.setattr(cached_views, "load_columns", load_and_forget)
    assert len((await views.current(view)).ids) == 1
    assert len((await views.current(view)).ids) == 0
