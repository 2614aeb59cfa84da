"""Assets that are named by id are found by it, however many their owner has.

Without statistics the planner takes an index of an owner's assets for the better way, and walks a
million of them for a screenful.
"""

from __future__ import annotations

import pytest

from photostore.store import details, timeline
from photostore.store.scope import OWNER
from photostore.store.search import View
from tests.store.test_plans import Explaining

LOOKUPS = {
    "rows": lambda r: timeline.rows_by_id(r, OWNER, [1, 2]),
    "details": lambda r: details.load_assets(r, OWNER, [1, 2]),
    "ids": lambda r: details.find_asset_ids(r, OWNER, ["a", "b"]),
    "changed places": lambda r: timeline.load_places(r, View(), only=[1, 2]),
    "changed places of a search": lambda r: timeline.load_places(r, View("cat"), only=[1, 2]),
    "changed videos": lambda r: timeline.load_places(r, View("type:video"), only=[1, 2]),
}


@pytest.mark.parametrize("name", LOOKUPS)
async def test_assets_are_found_by_their_ids(database, name):
    async with database.read() as reading:
        explaining = Explaining(reading._connection)
        await LOOKUPS[name](explaining)
    searches = [
        plan for plan in explaining.plans if plan.startswith(("SEARCH asset ", "SCAN asset "))
    ]
    assert searches
    assert [plan for plan in searches if "owner_id" in plan] == []
