"""Deleting over the API: to the trash, back, out of it, for good (SPEC 9.3 to 9.6)."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from photostore.base.events import Bus
from photostore.runtime import open_library
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from tests.library.trash.disk import tree
from tests.server.conftest import Site, configure

pytestmark = pytest.mark.anyio

AWAY = {"a.jpg", "d.jpg", "copy of d.jpg"}
Opener = Callable[..., Any]


@pytest.fixture
def opener(tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens a library over a copy of the pictures, which may be changed; again after it closed."""
    # The home trash is that of all files on its mount: here, of those of a test.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    photos = tmp_path / "photos"
    shutil.copytree(pictures, photos, copy_function=shutil.copy2)

    @asynccontextmanager
    async def open_site(*, sync: bool = True, **settings: object) -> AsyncIterator[Site]:
        configuration = configure(tmp_path, photos, **settings)
        bus = Bus()
        async with open_library(configuration, bus) as opened:
            context = ServerContext(
                configuration.settings, configuration.layout, bus, exposed=False
            )
            context.decide(opened=opened.library)
            if sync:
                await opened.library.engine.run_once([])
            transport = httpx.ASGITransport(create_app(context))
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost", timeout=60
            ) as client:
                yield Site(client, context, photos)

    return open_site


@pytest.fixture
async def site(opener: Opener) -> AsyncIterator[Site]:
    async with opener() as opened:
        yield opened


async def listed(site: Site, q: str = "") -> dict[str, dict[str, Any]]:
    """Assets of a view by the names of their files."""
    answer = await site.client.get("/api/v1/assets", params={"q": q, "limit": 1000})
    assert answer.status_code == 200, answer.text
    return {file["name"]: asset for asset in answer.json()["assets"] for file in asset["files"]}


async def post(site: Site, path: str, code: int = 200, **body: object) -> Any:
    answer = await site.client.post("/api/v1" + path, json=body)
    assert answer.status_code == code, answer.text
    return answer.json()


def trash_of(site: Site) -> Path:
    return site.photos.parent / "home" / "Trash"


async def rescan(site: Site) -> Any:
    return await site.context.library.engine.run_once([])


def originals(photos: Path) -> dict[bytes, tuple]:
    return {k: v for k, v in tree(photos).items() if not k.startswith(b".Trash")}


async def test_trash_and_restore(site: Site):
    before = originals(site.photos)
    shown = await listed(site)
    (site.photos / "a.jpg.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    whole = originals(site.photos)
    await rescan(site)  # which reads the sidecar
    ids = [shown["a.jpg"]["id"], shown["d.jpg"]["id"]]
    done = await post(site, "/assets/trash", ids=ids)
    assert done["trashed"] == 2
    assert done["files"] == 4  # a.jpg with its sidecar, d.jpg with its copy (SPEC 9.3)
    assert done["refused"] == []
    assert done["act"]
    assert not (site.photos / "a.jpg.xmp").exists()
    assert not (site.photos / "copy of d.jpg").exists()
    assert set(await listed(site)) == set(shown) - AWAY
    totals = (await site.client.get("/api/v1/trash")).json()
    assert (totals["assets"], totals["files"]) == (2, 4)
    assert totals["bytes"] == done["bytes"]
    assert totals["oldest_at"]
    assert totals["blocked"] == []
    again = await post(site, "/assets/trash", ids=ids[:1])
    assert again["trashed"] == 0
    assert "trash already" in again["refused"][0]["reason"]

    report = await rescan(site)
    assert report.missing == 0
    assert set(await listed(site)) == set(shown) - AWAY

    back = await post(site, "/assets/restore", ids=ids)
    assert back["restored"] == 2
    assert originals(site.photos) == whole
    assert before.keys() < whole.keys()
    now = await listed(site)
    assert {name: asset["id"] for name, asset in now.items()} == {
        name: asset["id"] for name, asset in shown.items()
    }
    report = await rescan(site)
    assert report.imported == 0  # the same rows: nothing is read again


async def test_acts_leave_no_record_behind(site: Site):
    ids = list({asset["id"] for asset in (await listed(site)).values()})
    await post(site, "/assets/trash", ids=ids)
    await post(site, "/assets/restore", ids=ids)
    assert os.listdir(site.context.layout.support / "acts") == []


async def test_unknown_assets_are_refused(site: Site):
    done = await post(site, "/assets/trash", ids=["01H00000000000000000000000"])
    assert done["trashed"] == 0
    assert done["act"] is None
    assert done["refused"][0]["reason"] == "there is no such photo or video"


async def test_a_changed_file_refuses_its_asset_alone(site: Site):
    shown = await listed(site)
    with (site.photos / "a.jpg").open("ab") as file:
        file.write(b"more")
    ids = [shown["a.jpg"]["id"], shown["b.jpg"]["id"]]
    done = await post(site, "/assets/trash", ids=ids)
    assert done["trashed"] == 1
    (refused,) = done["refused"]
    assert refused["id"] == shown["a.jpg"]["id"]
    assert refused["remedy"] == "sync the folder"
    assert (site.photos / "a.jpg").exists()
    assert not (site.photos / "b.jpg").exists()


async def test_restore_beside_a_new_file(site: Site):
    """A file that took the place is neither overwritten nor taken for the trashed one."""
    shown = await listed(site)
    asset = shown["a.jpg"]["id"]
    await post(site, "/assets/trash", ids=[asset])
    shutil.copy(site.photos / "b.jpg", site.photos / "a.jpg")
    await rescan(site)
    assert "a.jpg" not in {k for k, v in (await listed(site)).items() if v["id"] == asset}
    assert list(await listed(site, "in:trash"))
    await post(site, "/assets/restore", ids=[asset])
    assert (site.photos / "a-1.jpg").exists()
    found = await site.client.get(f"/api/v1/assets/{asset}")
    assert [file["name"] for file in found.json()["files"]] == ["a-1.jpg"]
    assert (await rescan(site)).imported == 0


async def test_restored_by_another_program(site: Site):
    """SPEC 9.3: what `gio` and `trash-cli` bring back is the same asset, without a decode."""
    shown = await listed(site)
    asset = shown["a.jpg"]["id"]
    await post(site, "/assets/trash", ids=[asset])
    (trash_of(site) / "files" / "a.jpg").rename(site.photos / "a.jpg")
    (trash_of(site) / "info" / "a.jpg.trashinfo").unlink()
    report = await rescan(site)
    assert report.imported == 0
    assert (await listed(site))["a.jpg"]["id"] == asset
    assert (await site.client.get("/api/v1/trash")).json()["assets"] == 0


async def test_emptied_by_another_program(site: Site):
    asset = (await listed(site))["a.jpg"]["id"]
    await post(site, "/assets/trash", ids=[asset])
    shutil.rmtree(trash_of(site) / "files")
    assert await site.context.library.trash.look_again() == 0  # as if its disk were away
    (trash_of(site) / "files").mkdir(0o700)
    assert await site.context.library.trash.look_again() == 1
    assert (await site.client.get("/api/v1/trash")).json()["assets"] == 0
    assert "a.jpg" in await listed(site, "in:missing")
