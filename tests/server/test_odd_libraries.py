"""What a person looks around in, where the library is not as most are: SPEC 7.3, 7.5, 10.2."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from photostore.store.facts import FileFacts
from tests.server.conftest import Site, opened_site
from tests.store.stock import facts, open_stock, video, wall_ms

CAIRO = {"lat": 30.05, "lon": 31.25}
BEIJING = {"lat": 39.9, "lon": 116.4}
Photos = list[tuple[str, FileFacts]]


def undated() -> Photos:
    """No date and no position."""
    return [(f"{n}.jpg", facts(str(n), captured_ms=None, captured_source=None)) for n in range(8)]


def one_day() -> Photos:
    """All within an hour of one day."""
    moments = [wall_ms(2019, 7, 14, 12, minute) for minute in range(30)]
    return [(f"day/{n}.jpg", facts(str(n), captured_ms=one)) for n, one in enumerate(moments)]


def far_away() -> Photos:
    """Names in other scripts, and in both directions."""
    names = ("شاطئ البحر", "海滩", "Пляж", "a|b", 'so "gut"', "x:y", "-minus", "yes")
    return [
        (
            f"{name.replace('/', '')}/{number}.jpg",
            (video if number == 3 else facts)(
                str(number),
                keywords=(name, "común"),
                people=(name,),
                title=name,
                make=name,
                model="1",
                captured_ms=wall_ms(2019 + number % 3, 7, 14),
                **(CAIRO if number % 2 else BEIJING),
            ),
        )
        for number, name in enumerate(names)
    ]


def past_and_future() -> Photos:
    """The first photograph there could be, and one of the last second before midnight."""
    return [
        ("old.jpg", facts("old", captured_ms=wall_ms(1826, 1, 1), captured_precision="year")),
        ("late.jpg", facts("late", captured_ms=wall_ms(2024, 2, 29, 23, 59, 59))),
    ]


def empty() -> Photos:
    """Nothing at all."""
    return []


LIBRARIES = (empty, undated, one_day, far_away, past_and_future)


@pytest.fixture(params=LIBRARIES, ids=lambda make: make.__name__)
async def library(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Site, int]]:
    make: Callable[[], Photos] = request.param
    photos = tmp_path / "photos"
    photos.mkdir()
    async with opened_site(tmp_path, photos) as site:
        stock = await open_stock(site.context.library.database, b"/elsewhere")
        for path, found in make():
            await stock.add(path, found)
        await site.context.library.views.load_sets()
        yield site, len(make())


async def ask(site: Site, path: str, **parameters: Any) -> Any:
    answer = await site.client.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, (path, parameters, answer.text)
    return answer.json()


async def total(site: Site, query: str) -> int:
    return (await ask(site, "/assets", q=query, limit=1))["total"]


async def test_the_tree_counts_what_its_searches_find(library: tuple[Site, int]) -> None:
    site, count = library
    waiting = (await ask(site, "/tags"))["tags"]
    assert all(tag["count"] <= count for tag in waiting)
    while waiting:
        tag = waiting.pop()
        assert await total(site, tag["query"]) == tag["count"], tag["path"]
        assert (await ask(site, f"/tags/{tag['id']}"))["count"] == tag["count"]
        waiting += (await ask(site, "/tags", parent=tag["id"]))["tags"]


async def test_home_and_what_is_around_each(library: tuple[Site, int]) -> None:
    """Every stream says how many its search finds, and shows some of these."""
    site, count = library
    home = await ask(site, "/home", seed=5)
    assert home == await ask(site, "/home", seed=5)
    shown = [stream for stream in home["streams"] if stream["items"]]
    assert bool(shown) == bool(count)
    for page in [home, *[await ask(site, f"/assets/{one}/streams") for one in await ids_of(site)]]:
        for stream in page["streams"]:
            assert len(stream["items"]) <= max(stream["count"], 1)
            if stream["query"]:
                found = await total(site, stream["query"])
                assert found >= len(stream["items"]), stream["query"]


async def ids_of(site: Site) -> list[str]:
    return [one["id"] for one in (await ask(site, "/assets"))["assets"]]


async def test_what_is_suggested_is_understood(library: tuple[Site, int]) -> None:
    site, count = library
    typed = ["", "a", "c", "camera:", "keyword:", "person:", "country:", "year:", "tag:", "album:"]
    typed += ["ش", "海", "П", 'keyword:"', "keyword:a", "folder:", "in:", "type:", "-", "x:"]
    for text in typed:
        for one in (await ask(site, "/suggest", q=text))["suggestions"]:
            if one["kind"] != "filter" and not one["query"].rstrip().endswith(":"):
                found = await total(site, one["query"])
                assert found or not one["count"], one
                assert found <= count


async def test_a_search_can_be_saved_and_is_found_as_an_album(library: tuple[Site, int]) -> None:
    site, count = library
    for query in ("undated:yes", "year:2019", "-keyword:yes", "geo:no type:photo"):
        made = await site.client.post("/api/v1/albums", json={"name": query, "query": query})
        assert made.status_code == 201, made.text
        assert made.json()["count"] == await total(site, query)
        assert await total(site, f"album:{made.json()['id']}") == made.json()["count"]
        assert await total(site, f"-album:{made.json()['id']}") == count - made.json()["count"]
    listed = (await ask(site, "/albums"))["albums"]
    assert len(listed) == 4


async def test_each_order_shows_all(library: tuple[Site, int]) -> None:
    site, count = library
    for order in ("newest", "oldest", "added"):
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            page = await ask(site, "/assets", order=order, limit=3, **more)
            seen += [one["id"] for one in page["assets"]]
            cursor = page["next"]
        assert len(set(seen)) == len(seen) == count
