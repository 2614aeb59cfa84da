"""What tests of several floors share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from photostore.store.db import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty library's database, a real file, closed afterwards."""
    support = tmp_path / "support"
    support.mkdir()
    opened = await Database.open(support / "photostore.db", support / "backups")
    yield opened
    await opened.close()
