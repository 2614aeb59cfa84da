"""Reading a view in its order, whole and by pages."""

from __future__ import annotations

import random

import pytest

from photostore.base.errors import BadRequestError
from photostore.store import db
from photostore.store.assets import UNDATED_MS, aspect_byte
from photostore.store.scope import OWNER, Scope
from photostore.store.search import Order, View
from photostore.store.timeline import load_page, load_places, rows_by_id
from tests.store.stock import facts, video

TIMED = [Order.NEWEST, Order.OLDEST, Order.ADDED]


@pytest.fixture
async def library(stock):
    """Forty assets, some of one moment, some without a date."""
    rng = random.Random(4)
    for number in range(40):
        taken = rng.choice([None, *range(1000, 1012)])
        await stock.add(f"{number}.jpg", facts(str(number), captured_ms=taken))
    return stock


async def expected(stock, order):
    async with stock.database.read() as reading:
        rows = await reading.fetch_all("SELECT id, captured_ms, added_at FROM asset")
    key = "added_at" if order is Order.ADDED else "captured_ms"
    ordered = sorted(rows, key=lambda row: (row[key], row["id"]))
    ids = [row["id"] for row in ordered]
    return ids if order is Order.OLDEST else ids[::-1]


@pytest.mark.parametrize("order", TIMED)
async def test_a_view_is_in_order_however_it_is_cut(library, order, monkeypatch):
    monkeypatch.setattr(db, "COLUMN_ROWS", 7)
    async with library.database.read() as reading:
        places = await load_places(reading, View(order=order))
    assert [place.id for place in places] == await expected(library, order)


@pytest.mark.parametrize("order", TIMED)
@pytest.mark.parametrize("limit", [1, 7, 39, 40, 41])
async def test_pages_are_the_view(library, order, limit):
    found, cursor = [], None
    while True:
        async with library.database.read() as reading:
            page, cursor = await load_page(reading, View(order=order), limit, cursor)
        assert len(page) <= limit
        found += page
        if cursor is None:
            break
    assert found == await expected(library, order)


async def test_what_has_no_date_stands_last(library):
    async with library.database.read() as reading:
        places = await load_places(reading, View())
    dated = [place.key != UNDATED_MS for place in places]
    assert dated == sorted(dated, reverse=True)
    assert not dated[-1]


@pytest.mark.parametrize("cursor", ["x", "éé", "MTIz", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OjE", "Ojo6"])
async def test_a_made_up_cursor_is_refused(library, cursor):
    async with library.database.read() as reading:
        with pytest.raises(BadRequestError, match="cursor"):
            await load_page(reading, View(), 10, cursor)


async def test_another_user_sees_nothing(library):
    other = Scope(99)
    async with library.database.read() as reading:
        assert await load_places(reading, View(scope=other)) == []
        assert await rows_by_id(reading, other, [1, 2, 3]) == {}
        assert len(await rows_by_id(reading, OWNER, [1, 2, 3, 999])) == 3


async def test_a_row_says_what_the_grid_shows(stock):
    found = video("v", thumbhash=b"hash", title="A film", extra='{"motion_photo": true}')
    _, asset_id = await stock.add(b"a/\xff.mp4", found)
    async with stock.database.read() as reading:
        (row,) = (await rows_by_id(reading, OWNER, [asset_id])).values()
    assert (row.is_video, row.duration_ms, row.thumbhash) == (True, 2000, b"hash")
    assert (row.title, row.file_name, row.motion) == ("A film", b"\xff.mp4", True)
    assert row.preview_of == found.sha1


@pytest.mark.parametrize("width", [1, 3, 400, 4000, 65_535])
@pytest.mark.parametrize("height", [1, 300, 3000, 65_535])
def test_the_aspect_byte_is_within_two_percent(width, height):
    """width / height = 2 ** ((byte - 128) / 32), ends clamped."""
    byte = aspect_byte(width, height)
    assert 0 <= byte <= 255
    ratio = max(2**-4, min(2 ** (127 / 32), width / height))
    assert 2 ** ((byte - 128) / 32) == pytest.approx(ratio, rel=0.012)


def test_an_impossible_size_is_square():
    assert aspect_byte(0, 5) == aspect_byte(5, 0) == aspect_byte(7, 7) == 128
