"""Pictures from memory are those from disk, and are forgotten with them: DESIGN 3, SPEC 9.3."""

from __future__ import annotations

import pytest

from photostore.library.previews import PreviewSize
from photostore.server import fastpath, known
from photostore.server.app import create_app
from photostore.store.details import find_asset_id, load_assets
from photostore.store.scope import OWNER
from tests.server.conftest import Site


async def first(site: Site) -> dict:
    return (await site.client.get("/api/v1/assets")).json()["assets"][0]


@pytest.mark.parametrize("kind", ["thumbnail", "preview"])
async def test_the_second_answer_is_the_first_one(site: Site, kind: str, monkeypatch) -> None:
    asset = await first(site)
    url = f"/api/v1/assets/{asset['id']}/{kind}?v={asset['preview']}"
    answer = await site.client.get(url)
    assert answer.status_code == 200
    # From here on nothing may be read.
    monkeypatch.setattr(site.context.library.previews, "read", None)
    again = await site.client.get(url)
    assert again.content == answer.content
    assert dict(again.headers) == dict(answer.headers)


async def test_what_is_forgotten_is_not_sent(site: Site) -> None:
    asset = await first(site)
    url = f"/api/v1/assets/{asset['id']}/thumbnail?v={asset['preview']}"
    assert (await site.client.get(url)).status_code == 200
    library = site.context.library
    async with library.database.read() as reading:
        asset_id = await find_asset_id(reading, OWNER, asset["id"])
        (details,) = await load_assets(reading, OWNER, [asset_id])
    async with library.database.write() as transaction:
        await transaction.execute(
            "INSERT INTO user (id, name, role, created_at) VALUES (2, 'other', 'member', 1)"
        )
        await transaction.execute("UPDATE asset SET owner_id = 2 WHERE id = ?", (asset_id,))
    library.previews.forget(details.shown.sha1)
    assert (await site.client.get(url)).status_code == 404


async def test_another_version_is_not_kept(site: Site) -> None:
    asset = await first(site)
    url = f"/api/v1/assets/{asset['id']}/thumbnail?v=other"
    answer = await site.client.get(url)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    cache = create_app(site.context)._app
    assert isinstance(cache, fastpath.PictureCache)
    assert not cache._pictures


async def test_memory_is_bounded(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(fastpath, "MAX_BYTES", 3_000)
    cache = fastpath.PictureCache(None, site.context)
    for number in range(10):
        picture = fastpath.Picture({}, b"x" * 1_000, 0)
        cache._keep((str(number % 6), b""), picture)
    assert sum(len(one.body) for one in cache._pictures.values()) == cache._size_bytes == 3_000
    assert [path for path, _ in cache._pictures] == ["1", "2", "3"]


# What a list told of


@pytest.mark.parametrize("kind", ["thumbnail", "preview"])
async def test_what_a_list_told_of_needs_no_database(site: Site, kind: str, monkeypatch) -> None:
    """DESIGN 5: the same answer, whoever gives it."""
    asset = await first(site)
    url = f"/api/v1/assets/{asset['id']}/{kind}?v={asset['preview']}"
    read_at_once = site.context.library.previews.read_at_once
    monkeypatch.setattr(site.context.library.previews, "read_at_once", lambda *_: None)
    usual = await site.client.get(url)
    for cache in (create_app(site.context)._app, site.client._transport.app._app):
        cache._pictures.clear()
    monkeypatch.setattr(site.context.library.previews, "read_at_once", read_at_once)
    if read_at_once(*_told(site, asset)) is None:
        pytest.skip("this file system does not tell what it has in memory")
    monkeypatch.setattr(site.context.library.previews, "read", None)
    again = await site.client.get(url)
    assert again.content == usual.content
    assert dict(again.headers) == dict(usual.headers)


def _told(site: Site, asset: dict) -> tuple[bytes, PreviewSize]:
    told = site.context.known.find(0, asset["id"], asset["preview"])
    assert told is not None
    return told.sha1, PreviewSize.GRID


def test_what_was_told_is_bounded_and_forgotten_with_the_previews(monkeypatch) -> None:
    monkeypatch.setattr(known, "MAX_KNOWN", 3)
    pictures = known.KnownPictures()
    pictures.note(0, [(str(number), bytes([number] * 20), 1, 90) for number in range(5)])
    pictures.note(0, [("without", None, 0, 0)])
    version = f"{'04' * 8}-1-90"
    assert pictures.find(0, "4", version) == known.Told(version, bytes([4] * 20), 90)
    assert pictures.find(0, "4", "other") is None
    assert pictures.find(0, "1", f"{'01' * 8}-1-90") is None
    assert pictures.find(1, "4", version) is None
    assert pictures.find(0, "4", version) is None
