"""Names in a search that nothing has, and albums that are searches: SPEC 7.5, 7.6."""

from __future__ import annotations

import pytest

from photostore.base.errors import BadRequestError
from photostore.store.scope import OWNER
from photostore.store.search import FILTERS, Order, QueryError, View
from photostore.store.smart import SmartAlbum, check_saved, resolve_view
from photostore.store.timeline import load_columns, load_page, load_places
from photostore.store.unknown import explain_nothing
from tests.store.stock import Stock, facts

BERLIN = {"lat": 52.52, "lon": 13.405}


@pytest.fixture
async def library(stock: Stock) -> Stock:
    """Three photos that have names of every kind."""
    await stock.add(
        "2019/Holiday/a.jpg",
        facts(
            "a", keywords=("beach", "Wüste"), people=("Jane Doe",), make="Canon",
            model="Canon EOS 80D", lens="EF-S18-135mm", rating=5, **BERLIN,
        ),
    )  # fmt: skip
    await stock.add("b.jpg", facts("b", keywords=("dog",)))
    await stock.add("c.jpg", facts("c", rating=1))
    return stock


async def album(stock: Stock, number: int, name: str, query: str | None, *members: int) -> None:
    async with stock.database.write() as transaction:
        await transaction.execute(
            """INSERT INTO album (id, public_id, owner_id, name, query, created_at, revision)
               VALUES (?, ?, 1, ?, ?, 1, 1)""",
            (number, f"a{number}", name, query),
        )
        for position, member in enumerate(members):
            await transaction.execute(
                "INSERT INTO album_asset VALUES (?, ?, ?, 1)", (number, member, position)
            )


async def find(stock: Stock, query: str, order: Order = Order.NEWEST) -> list[int]:
    view = View(query, order)
    async with stock.database.read() as reading:
        found = sorted((await load_columns(reading, view)).ids)
        assert sorted((await load_page(reading, view, 100, None))[0]) == found
        assert sorted(one.id for one in await load_places(reading, view, only=[1, 2, 3])) == found
    return found


async def explained(stock: Stock, query: str) -> QueryError | None:
    assert await find(stock, query) == []
    async with stock.database.read() as reading:
        try:
            await explain_nothing(reading, View(query))
        except QueryError as error:
            return error
    return None


@pytest.mark.parametrize(
    ("query", "suggestion"),
    [
        ("keyword:baech", "beach"),
        ("keyword:WUSTE|beech rating:1", "beach"),
        ("keyword:xyzzy", None),
        ("dog person:jan3", None),
        ('person:"Jane Do"', '"Jane Doe"'),
        ("camera:cannon", "Canon"),
        ("make:niko", None),
        ("model:canno", None),
        ("lens:ef-s18-35mm", None),
        ("country:germny", "Germany"),
        ("country:xx", None),
        ("state:berlim", '"State of Berlin"'),
        ("city:berlim", "Berlin"),
        ("folder:holidya", "Holiday"),
        ("path:2019/holidya", None),
        ("album:sumer", "Summer"),
        ("albums:sumer", "Summer"),
        ('tag:"Keywords/cat"', None),
        ("id:01h", None),
        ("(keyword:dgo beach) | keyword:baech", "dog"),
    ],
)
async def test_an_unknown_name_is_explained(
    library: Stock, query: str, suggestion: str | None
) -> None:
    await album(library, 1, "Summer", None, 1)
    error = await explained(library, query)
    assert error is not None
    assert "in this library" in error.message
    wrong = query[error.start : error.end].strip('"')
    assert wrong.strip('"') in error.message
    if suggestion is not None:
        assert error.suggestion == suggestion
        assert suggestion.strip('"') in error.message


@pytest.mark.parametrize(
    "query",
    [
        "zebra", "keyword:dog keyword:beach", "-keyword:zebra rating:3", "year:2004", "iso:12345",
        "type:live", "month:12", "panorama", "keyword:dog person:yes", "in:trash", "faces:7",
        "title:nothing", "favourite:yes", "undated:yes", "camera:canon keyword:dog",
    ],
)  # fmt: skip
async def test_a_right_search_may_find_nothing(library: Stock, query: str) -> None:
    assert await explained(library, query) is None


@pytest.mark.parametrize("kind", FILTERS, ids=lambda kind: kind.name)
async def test_no_value_of_a_filter_is_an_empty_page(library: Stock, kind) -> None:
    """Nonsense is refused at once, or explained where it found nothing."""
    free = {"title", "description", "filename", "ext"}  # any word may stand there
    for value in ("qqzzqq", "99999999-", "-", "''", "%", '""', "*q*z*", "1-2-3", "2020-13"):
        query = f"{kind.name}:{value}"
        try:
            found = await find(library, query)
        except QueryError as error:
            place = (error.start, error.end)
            assert 0 <= place[0] < place[1] <= len(query) + 1
            continue
        numbers = {"iso", "f", "mm", "mp", "faces", "rating"}
        if not found and kind.name not in free | numbers:
            assert await explained(library, query) is not None, query


async def test_a_saved_search_finds_as_an_album_what_it_finds(library: Stock) -> None:
    await album(library, 1, "Five stars", "rating:5 | keyword:dog")
    await album(library, 2, "By hand", None, 3)
    await album(library, 3, "Both", 'album:"Five stars" | album:a2')
    await album(library, 4, "Near", "near:berlin dist:10")
    await album(library, 5, "Five stars", None, 3)  # of the same name, by hand
    assert await find(library, "album:a1") == [1, 2]
    assert await find(library, "album:a1", Order.ALBUM) == [1, 2]
    assert await find(library, "album:a1 -keyword:dog") == [1]
    assert await find(library, "-album:a1") == [3]
    assert await find(library, "album:a1|a2") == [1, 2, 3]
    assert await find(library, "album:both") == [1, 2, 3]
    assert await find(library, 'album:"five stars"') == [1, 2, 3]
    assert await find(library, "album:near | rating:1") == [1, 3]
    assert await find(library, "album:near near:lisbon dist:3000") == [1]
    assert await find(library, "album:yes") == [3]


async def test_an_album_finds_what_its_page_shows_and_not_the_albums_in_it(library: Stock) -> None:
    await album(library, 1, "Italy", None, 1)
    await album(library, 2, "Rome", None, 2)
    async with library.database.write() as transaction:
        await transaction.execute("UPDATE album SET parent_id = 1 WHERE id = 2")
    assert await find(library, "album:italy") == [1]
    assert await find(library, "album:italy|rome") == [1, 2]


async def test_a_search_for_itself_is_explained(library: Stock) -> None:
    await album(library, 1, "Snake", "dog album:snake")
    await album(library, 2, "Left", "album:a3")
    await album(library, 3, "Right", "album:left")
    for query, said in (
        ("sea album:snake", "Snake → Snake"),
        ("album:left", "Left → Right → Left"),
    ):
        async with library.database.read() as reading:
            with pytest.raises(QueryError, match=said) as raised:
                await resolve_view(reading, View(query))
        assert query[raised.value.start : raised.value.end] in {"snake", "left"}
    async with library.database.read() as reading:
        with pytest.raises(BadRequestError, match="query: An album cannot search for itself"):
            await check_saved(reading, OWNER, SmartAlbum("a3", "Right", "album:left"))
        await check_saved(reading, OWNER, SmartAlbum("a9", "Fine", "dog | album:none"))


async def test_what_is_wrong_in_an_album_is_said_of_it(library: Stock) -> None:
    await album(library, 1, "Old", "colr:red")
    await album(library, 2, "Hidden", "in:hidden")
    for query, said in (
        ("a album:old", 'search of the album "Old" is not understood'),
        ("a album:hidden", "elsewhere than on the timeline"),
    ):
        async with library.database.read() as reading:
            with pytest.raises(QueryError, match=said) as raised:
                await resolve_view(reading, View(query))
        assert (raised.value.start, raised.value.end) == (8, len(query))
