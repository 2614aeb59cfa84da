"""What the tests of the store share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.store.stock import Stock, open_stock

if TYPE_CHECKING:
    from photostore.store.db import Database


@pytest.fixture
async def stock(database: Database) -> Stock:
    return await open_stock(database)
