"""Names with quotes, bars, colons, in any script: a tag's search finds its photos (SPEC 7.3)."""

from __future__ import annotations

import json
import random

import pytest

from photostore.store.scope import OWNER
from photostore.store.search import View
from photostore.store.sets import find_columns, load_sets
from photostore.store.suggestions import suggest
from photostore.store.tags import list_tags, tag_query
from photostore.store.timeline import load_columns
from tests.store.stock import Stock, facts, raw, video

LETTERS = "aB1 \"'|:/\\()*-%_?&#é漢字عربИ🏖"
PLAIN = (
    "beach",
    "yes",
    "no",
    "|",
    '"',
    ":",
    "a|b",
    'say "hi"',
    "it's",
    "شاطئ",
    "海滩",
    "-x",
    "a:b",
)
CAIRO, BEIJING = {"lat": 30.05, "lon": 31.25}, {"lat": 39.9, "lon": 116.4}
PLACES = ({}, {"lat": 52.52, "lon": 13.405}, CAIRO, BEIJING)


def some_name(rng: random.Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(PLAIN)
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 6)))


async def every_tag(stock: Stock):
    async with stock.database.read() as reading:
        waiting = await list_tags(reading, OWNER, None)
        while waiting:
            tag = waiting.pop()
            yield tag
            waiting += await list_tags(reading, OWNER, tag.id)


@pytest.mark.parametrize("seed", range(3))
async def test_the_search_of_each_tag_finds_its_photos(stock: Stock, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(40):
        make = rng.choice([facts, facts, video, raw])
        folder = "/".join(some_name(rng).replace("/", "") or "f" for _ in range(rng.randint(0, 3)))
        found = make(
            f"{number}",
            keywords=tuple(some_name(rng) for _ in range(rng.randrange(4))),
            people=tuple(some_name(rng) for _ in range(rng.randrange(2))),
            make=rng.choice([None, some_name(rng)]),
            model=rng.choice([None, some_name(rng)]),
            lens=rng.choice([None, some_name(rng)]),
            captured_ms=rng.choice([None, 1_500_000_000_000, -200_000_000_000]),
            extra=json.dumps({"keyword_paths": [some_name(rng) + "/" + some_name(rng)]}),
            **rng.choice(PLACES),
        )
        await stock.add(f"{folder}/{number}.jpg".lstrip("/"), found)
    sets = await load_sets(stock.database, OWNER)
    seen = 0
    async for tag in every_tag(stock):
        seen += 1
        view = View(tag_query(tag.path))
        async with stock.database.read() as reading:
            found = list((await load_columns(reading, view)).ids)
            assert list((await find_columns(reading, sets, view)).ids) == found
            wanted = await reading.fetch_plain(
                """SELECT DISTINCT asset_id FROM asset_tag JOIN tag_line USING (tag_id)
                   JOIN asset ON asset.id = asset_id
                   WHERE ancestor_id = ? AND shelf = 'timeline'""",
                (tag.id,),
            )
        assert sorted(found) == sorted(one for (one,) in wanted), tag.path
        assert len(found) == tag.count, tag.path
    assert seen > 60


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_suggested_for_a_name_finds_it(stock: Stock, seed: int) -> None:
    rng = random.Random(seed)
    words = [some_name(rng) for _ in range(12)]
    for number, word in enumerate(words):
        await stock.add(f"{number}.jpg", facts(str(number), keywords=(word,)))
    async for tag in every_tag(stock):
        if tag.kind != "keyword" or len(tag.path) < 2:
            continue
        async with stock.database.read() as reading:
            exact = set((await load_columns(reading, View(tag_query(tag.path)))).ids)
            begun = tag.path[-1][:2].replace('"', "")
            for one in await suggest(reading, OWNER, f'keyword:"{begun}', len(begun) + 9):
                await load_columns(reading, View(one.query))
                if one.text == tag.path[-1]:
                    assert exact <= set((await load_columns(reading, View(one.query))).ids)


async def test_ten_thousand_keywords(stock: Stock) -> None:
    """A library of a person who names everything: the tree and its searches stay what they are."""
    for number in range(20):
        words = tuple(f"word {number * 500 + step}" for step in range(500))
        await stock.add(f"{number}.jpg", facts(str(number), keywords=words))
    sets = await load_sets(stock.database, OWNER)
    async with stock.database.read() as reading:
        for query, count in (("keyword:yes", 20), ("keyword:no", 0), ('keyword:"word 4711"', 1)):
            view = View(query)
            assert len((await load_columns(reading, view)).ids) == count
            assert len((await find_columns(reading, sets, view)).ids) == count
        roots = {tag.kind: tag for tag in await list_tags(reading, OWNER, None)}
        assert roots["keyword"].count == 20
        assert len(await list_tags(reading, OWNER, roots["keyword"].id)) == 10_000
