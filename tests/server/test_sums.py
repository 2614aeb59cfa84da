"""How much a selection is (SPEC 10.3: count; 9.4: count and size)."""

from __future__ import annotations

import pytest

from tests.server.conftest import Site

pytestmark = pytest.mark.anyio


async def test_sums_count_each_asset_once(site: Site) -> None:
    """An asset named twice, and one that is not there, add nothing."""
    assets = (await site.client.get("/api/v1/assets")).json()["assets"][:2]
    ids = [asset["id"] for asset in assets]
    answer = await site.client.post("/api/v1/assets/sums", json={"ids": [*ids, ids[0], "nobody"]})
    assert answer.status_code == 200
    files = [file for asset in assets for file in asset["files"]]
    expected = {"assets": 2, "files": len(files), "bytes": sum(file["size"] for file in files)}
    assert answer.json() == expected


async def test_sums_of_nothing_are_refused(site: Site) -> None:
    answer = await site.client.post("/api/v1/assets/sums", json={"ids": []})
    assert answer.status_code == 400
