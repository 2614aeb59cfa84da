"""What a filter says of an asset, and what the sets in memory make of it: SPEC 7.5, DESIGN 5."""

from __future__ import annotations

import pytest

from photostore.store.scope import OWNER
from photostore.store.search import View, compile_view, terms
from photostore.store.sets import find_columns, load_sets
from tests.store.stock import facts
from tests.store.test_plans import Watched

TERMS = {
    "year:2019": terms.Moments(":p1", ":p2"),
    "before:2019": terms.Moments(None, ":p1"),
    "after:2019": terms.Moments(":p1", None),
    "undated:no": terms.Undated(is_so=False),
    "added:2024": terms.ColumnTest("added_at", "(value >= :p1 AND value < :p2)"),
    "type:video": terms.ColumnTest("is_video", "value = 1"),
    "portrait:no": terms.ColumnTest("ratio", "value NOT BETWEEN 0 AND 125"),
    "rating:no": terms.ColumnTest("rating", "value IS NULL"),
    "iso:100-200": terms.FileNumber("iso", "value >= :p1 AND value <= :p2", is_there=True),
    "geo:no": terms.Negated(terms.POSITIONED),
    "faces:yes": terms.WITH_FACES,
    "faces:0-": terms.Everything(),
    "dog cat": terms.Words(":p1"),
    "ext:jpg": terms.FileName(":p1", terms.Words(":p2")),
    "filename:*3*": terms.FileName(":p1", None),
    "-type:video": terms.Negated(terms.ColumnTest("is_video", "value = 1")),
    "type:photo|video": terms.AnyOf(
        (terms.ColumnTest("is_video", "value = 0"), terms.ColumnTest("is_video", "value = 1"))
    ),
}
# What the sets answer alone: SQLite is asked which tags are meant, and to judge values.
KNOWN = [
    *("year:2019", "before:2019", "undated:no", "added:2024", "type:photo|video", "portrait:no"),
    *("rating:0", "favourite:yes", "iso:100-200", "mp:12-", "geo:no", "faces:yes", "keyword:dog"),
    *("camera:canon|nikon", "-(type:video iso:200)", "month:7", "path:2019 -type:raw"),
]


@pytest.mark.parametrize("query", TERMS)
def test_a_filter_says_what_it_asks(query):
    (clause,) = compile_view(View(query)).clauses
    assert clause.term == TERMS[query]
    assert clause.sql == clause.term.sql


def test_tags_of_several_values_are_one_look_up():
    (clause,) = compile_view(View("keyword:dog|cat")).clauses
    assert isinstance(clause.term, terms.TagsAmong)
    assert clause.sql.count("asset.id IN (") == 1


@pytest.mark.parametrize("query", KNOWN)
async def test_the_sets_answer_alone(stock, query):
    """No row of an asset, of a file or of its tags is read for what they hold."""
    await stock.add("2019/a.jpg", facts("a", make="Canon", keywords=("dog",), iso=100))
    sets = await load_sets(stock.database, OWNER)
    watched = Watched(stock.database)
    async with watched.read() as reading:
        await find_columns(reading, sets, View(query))
    for step in watched.plans:
        if step.startswith(("SCAN ", "SEARCH ")):
            assert step.split()[1] in {"tag", "tag_line", "json_each"}, watched.plans
