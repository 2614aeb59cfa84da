"""What the tests of the sync share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from photostore.sync import pipeline
from tests.sync.shop import Shop, open_shop, read_only
from tests.sync.yard import Yard

if TYPE_CHECKING:
    from pathlib import Path

    from photostore.store.db import Database


@pytest.fixture
async def yard(database: Database, tmp_path: Path) -> Yard:
    photos = tmp_path / "photos"
    photos.mkdir()
    made = Yard(database, photos)
    await made.settle()
    return made


@pytest.fixture
async def real_shop(database: Database, tmp_path: Path) -> Shop:
    """An engine that reads real pictures."""
    return await open_shop(database, tmp_path)


@pytest.fixture
async def shop(real_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """An engine for which any text is a picture."""
    monkeypatch.setattr(pipeline, "travel", read_only)
    return real_shop
