"""Deleting over the API: to the trash, back, out of it, for good (SPEC 9.3 to 9.6)."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from photostore.base.events import Bus, TaskProgressed
from photostore.library.trash import (
    DiskJournal,
    Refusal,
    read_surroundings,
    trash_files,
    trashing,
)
from photostore.library.trashing import places
from photostore.runtime import open_library
from photostore.server import tasks
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from photostore.store.journal import find_act, list_acts
from photostore.store.scope import OWNER
from tests.library.trash.disk import expect, tree
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
    assert list(await listed(site, "in:trash")) == ["a.jpg"]
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


async def test_trashed_by_another_program(site: Site):
    """SPEC 9.3, the reverse: what the desktop trashed is in our trash, and we bring it back."""
    shown = await listed(site)
    before = originals(site.photos)
    around = read_surroundings(os.environ, in_container=False)
    files = [expect(os.fsencode(site.photos / name)) for name in ("a.jpg", "d.jpg")]
    journal = DiskJournal(site.photos.parent / "of another program")
    trash_files(files, around, journal=journal, now=datetime.now())
    assert (await rescan(site)).missing == 2
    assert "a.jpg" in await listed(site, "in:missing")
    trash = site.context.library.trash
    assert await trash.look_for_missing() == 1
    assert await trash.look_for_missing() == 0
    # d.jpg has a copy that is still there: the photo is neither missing nor in the trash.
    assert {"a.jpg"} == set(await listed(site, "in:trash"))
    assert "copy of d.jpg" in await listed(site)
    asset = shown["a.jpg"]["id"]
    assert (await post(site, "/assets/restore", ids=[asset]))["restored"] == 1
    assert (await listed(site))["a.jpg"]["id"] == asset
    assert before.items() - originals(site.photos).items() == {
        (name, content) for name, content in before.items() if name == b"d.jpg"
    }


async def test_emptied_by_another_program(site: Site):
    asset = (await listed(site))["a.jpg"]["id"]
    await post(site, "/assets/trash", ids=[asset])
    shutil.rmtree(trash_of(site) / "files")
    assert await site.context.library.trash.look_again() == 0  # as if its disk were away
    (trash_of(site) / "files").mkdir(0o700)
    assert await site.context.library.trash.look_again() == 1
    assert (await site.client.get("/api/v1/trash")).json()["assets"] == 0
    assert "a.jpg" in await listed(site, "in:missing")


async def test_delete_for_good_asks_first(site: Site):
    """SPEC 9.4: always a confirmation that states count and size, and only out of the trash."""
    shown = await listed(site)
    ids = [shown["a.jpg"]["id"], shown["b.jpg"]["id"]]
    unasked = await post(site, "/assets/delete", 409, ids=ids)
    assert (unasked["type"], unasked["assets"], unasked["bytes"]) == ("confirm", 0, 0)
    kept = await post(site, "/assets/delete", ids=ids, confirm={"assets": 0, "bytes": 0})
    assert kept["deleted"] == 0
    assert [one["reason"] for one in kept["refused"]] == ["it is not in the trash"] * 2
    await post(site, "/assets/trash", ids=ids)
    asked = await post(site, "/assets/delete", 409, ids=ids, confirm={"assets": 2, "bytes": 1})
    assert asked["assets"] == 2
    sizes = [(site.photos.parent / "home/Trash/files" / name) for name in ("a.jpg", "b.jpg")]
    assert asked["bytes"] == sum(path.stat().st_size for path in sizes)
    confirm = {"assets": 2, "bytes": asked["bytes"]}
    gone = await post(site, "/assets/delete", ids=ids, confirm=confirm)
    assert (gone["deleted"], gone["bytes"], gone["refused"]) == (2, asked["bytes"], [])
    assert not any(path.exists() for path in sizes)
    assert list((trash_of(site) / "info").iterdir()) == []
    for asset in ids:
        assert (await site.client.get(f"/api/v1/assets/{asset}")).status_code == 404
    assert (await rescan(site)).imported == 0


async def test_deleted_for_good_leaves_open_views(site: Site):
    asset = (await listed(site))["a.jpg"]["id"]
    await post(site, "/assets/trash", ids=[asset])
    await site.client.get("/api/v1/shape", params={"q": "in:trash"})
    revision = (await site.client.get("/api/v1/stats")).json()["revision"]
    await post(site, "/trash/empty", confirm=True)
    patch = await site.client.get("/api/v1/shape", params={"q": "in:trash", "since": revision})
    assert patch.json()["removed"] == [0]


async def test_empty_the_trash_by_age(site: Site):
    shown = await listed(site)
    ids = [shown["a.jpg"]["id"], shown["b.jpg"]["id"]]
    await post(site, "/assets/trash", ids=ids)
    await post(site, "/trash/empty", 409)
    assert (await post(site, "/trash/empty", confirm=True, older_than_days=1))["deleted"] == 0
    totals = (await site.client.get("/api/v1/trash")).json()
    assert totals["assets"] == 2
    confirm = {"assets": totals["assets"], "bytes": totals["bytes"]}
    done = await post(site, "/trash/empty", confirm=confirm)
    assert (done["deleted"], done["bytes"]) == (2, totals["bytes"])
    assert (await site.client.get("/api/v1/trash")).json()["assets"] == 0


async def test_without_soft_deletes(opener: Opener):
    """PS_TRY_SOFT_DELETES=false: for good, and still asked."""
    async with opener(try_soft_deletes=False) as site:
        shown = await listed(site)
        assert (await site.client.get("/api/v1/trash")).json()["soft_deletes"] is False
        ids = [shown["d.jpg"]["id"]]
        asked = await post(site, "/assets/delete", 409, ids=ids)
        assert (site.photos / "d.jpg").exists()
        confirm = {"assets": asked["assets"], "bytes": asked["bytes"]}
        done = await post(site, "/assets/delete", ids=ids, confirm=confirm)
        assert (done["deleted"], done["files"]) == (1, 2)
        assert not (site.photos / "d.jpg").exists()
        assert not (site.photos / "copy of d.jpg").exists()
        assert not trash_of(site).exists()
        assert "d.jpg" not in await listed(site)


async def test_a_refused_trash_touches_nothing(site: Site, monkeypatch: pytest.MonkeyPatch):
    """SPEC 9.4: never erased; the reason and what helps, before and at the act."""
    refusal = Refusal(b"", "the volume / is mounted read-only", "mount it writable")
    for module in (places, trashing):
        monkeypatch.setattr(module, "find_trash", lambda *_, **__: refusal)
    before = originals(site.photos)
    totals = (await site.client.get("/api/v1/trash")).json()
    assert totals["blocked"] == [
        {
            "folder": str(site.photos),
            "reason": refusal.reason,
            "remedy": refusal.remedy,
            "make": None,
        }
    ]
    ids = list({asset["id"] for asset in (await listed(site)).values()})
    done = await post(site, "/assets/trash", ids=ids)
    assert done["trashed"] == 0
    assert {one["reason"] for one in done["refused"]} == {refusal.reason}
    assert {one["remedy"] for one in done["refused"]} == {refusal.remedy}
    assert originals(site.photos) == before
    assert len(await listed(site)) == 6


async def test_removed_assets_stay_out(site: Site):
    """Removed is neither trashed nor hidden: files stay, and the content is not imported again."""
    shown = await listed(site)
    asset = shown["a.jpg"]["id"]
    done = await post(site, "/assets/remove", ids=[asset, "nobody"])
    assert (done["changed"], done["skipped"]) == (1, 1)
    assert (site.photos / "a.jpg").exists()
    shutil.copy(site.photos / "a.jpg", site.photos / "again.jpg")
    await rescan(site)
    assert {"a.jpg", "again.jpg"}.isdisjoint(await listed(site))
    assert "a.jpg" in await listed(site, "in:removed")
    back = await post(site, "/assets/unremove", ids=[asset])
    assert back["changed"] == 1
    assert (await listed(site))["again.jpg"]["id"] == asset


async def test_what_was_done_is_reported_and_in_the_journal(site: Site):
    """SPEC 5.8 and 9.6."""
    asset = (await listed(site))["a.jpg"]["id"]
    trashed = await post(site, "/assets/trash", ids=[asset])
    await post(site, "/assets/restore", ids=[asset])
    await post(site, "/assets/trash", ids=[asset])
    await post(site, "/trash/empty", confirm=True)
    library = site.context.library
    assert library.reports is not None
    counts = library.reports.list()[0].counts
    assert {name: counts[name] for name in ("trashed", "restored", "deleted")} == {
        "trashed": 2,
        "restored": 1,
        "deleted": 1,
    }
    async with library.database.read() as reading:
        acts = await list_acts(reading, OWNER, 10)
        first = await find_act(reading, OWNER, trashed["act"])
    assert [act.act for act in reversed(acts)] == ["trash", "restore", "trash", "delete"]
    assert first is not None
    assert list(first.before["assets"]) == [asset]
    assert len(first.before["assets"][asset]["sha1s"][0]) == 40


async def test_undo(site: Site):
    """SPEC 9.6: each act can be taken back from the journal, and so can that."""
    before = originals(site.photos)
    asset = (await listed(site))["a.jpg"]["id"]
    for path in ("/assets/trash", "/assets/remove"):
        done = await post(site, path, ids=[asset])
        assert "a.jpg" not in await listed(site)
        undone = await post(site, f"/journal/{done['act']}/undo")
        assert (undone["changed"], undone["skipped"]) == (1, 0)
        assert "a.jpg" in await listed(site)
        again = await post(site, f"/journal/{undone['act']}/undo")
        assert "a.jpg" not in await listed(site)
        await post(site, f"/journal/{again['act']}/undo")
    assert originals(site.photos) == before
    await post(site, "/assets/trash", ids=[asset])
    gone = await post(site, "/trash/empty", confirm=True)
    refused = await post(site, f"/journal/{gone['act']}/undo", 409)
    assert refused["type"] == "not-undoable"


async def test_a_long_act_is_a_task(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "SHORT", 2)
    ids = list({asset["id"] for asset in (await listed(site)).values()})
    with site.context.bus.subscribe() as events:
        started = await post(site, "/assets/trash?task=1", 202, ids=ids)
        path = f"/api/v1/tasks/{started['task']}"
        for _ in range(500):
            task = (await site.client.get(path)).json()
            if task["state"] != "running":
                break
            await asyncio.sleep(0.01)
        assert (task["state"], task["done"], task["total"]) == ("done", len(ids), len(ids))
        assert task["result"]["trashed"] == len(ids)
        assert task["bytes"] == task["result"]["bytes"]
        told = []
        while not told or told[-1].state != "done":
            event = await anext(events)
            told += [event] if isinstance(event, TaskProgressed) else []
        assert told[0].id == started["task"]
    assert (await site.client.get("/api/v1/tasks/none")).status_code == 404


async def test_what_is_in_the_trash_can_be_looked_at(site: Site):
    """Before it is deleted for good: the picture, the original, the video."""
    shown = await listed(site)
    photo, video = shown["a.jpg"]["id"], shown["clip.mp4"]["id"]
    content = (site.photos / "a.jpg").read_bytes()
    await post(site, "/assets/trash", ids=[photo, video])
    assert {file["state"] for file in (await listed(site, "in:trash"))["a.jpg"]["files"]} == {
        "trashed"
    }
    for path in ("thumbnail", "preview", "original"):
        answer = await site.client.get(f"/api/v1/assets/{photo}/{path}")
        assert answer.status_code == 200
    assert answer.content == content
    part = {"range": "bytes=0-9"}
    answer = await site.client.get(f"/api/v1/assets/{video}/video", headers=part)
    assert (answer.status_code, len(answer.content)) == (206, 10)


async def test_what_was_said_just_before_is_written_after(site: Site):
    """SPEC 9.1: an edit that was not in a sidecar yet is written when the photo is back."""
    asset = (await listed(site))["a.jpg"]["id"]
    body = {"ids": [asset], "set": {"title": "Harbour"}}
    assert (await site.client.patch("/api/v1/assets", json=body)).status_code == 200
    await post(site, "/assets/trash", ids=[asset])
    async with site.context.library.database.write() as transaction:
        await transaction.execute("UPDATE asset SET sidecar_due = NULL")
    await post(site, "/assets/restore", ids=[asset])
    async with site.context.library.database.read() as reading:
        due = await reading.fetch_all("SELECT public_id FROM asset WHERE sidecar_due IS NOT NULL")
    assert [row["public_id"] for row in due] == [asset]


async def test_half_a_surrogate_is_no_text(opener: Opener):
    """JSON can hold what no answer can tell back: 400, before anything is moved or set."""
    async with opener() as site:
        bodies = dict.fromkeys(
            (f"POST assets/{act}" for act in ("trash", "restore", "delete", "remove")),
            b'{"ids": ["\\ud800"]}',
        )
        bodies["PATCH settings"] = b'{"changes": {"\\ud800": 1}}'
        bodies["POST albums"] = b'{"name": "\\uDC80"}'
        for what, body in bodies.items():
            method, path = what.split()
            answer = await site.client.request(
                method,
                f"/api/v1/{path}",
                content=body,
                headers={"content-type": "application/json"},
            )
            assert (answer.status_code, answer.json()["type"]) == (400, "bad-request")


@pytest.mark.parametrize("kind", ["thumbnail", "preview"])
async def test_what_is_deleted_for_good_is_sent_no_more_and_leaves_no_picture(
    site: Site, kind: str
) -> None:
    """SPEC 9.4: neither as it was made, nor as a person turned it, nor from memory."""
    asset = (await listed(site))["a.jpg"]
    data = (site.photos / "a.jpg").read_bytes()
    ids = {"ids": [asset["id"]]}
    assert (await site.client.patch("/api/v1/assets", json=ids | {"rotate": 90})).is_success
    asset = (await listed(site))["a.jpg"]
    url = f"/api/v1/assets/{asset['id']}/{kind}?v={asset['preview']}"
    assert (await site.client.get(url)).status_code == 200
    folder = site.context.library.previews.folder
    name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    assert len(list(folder.rglob(f"{name}*"))) == 3
    assert (await site.client.post("/api/v1/assets/trash", json=ids)).is_success
    confirm = {"assets": 1, "bytes": len(data)}
    assert (
        await site.client.post("/api/v1/assets/delete", json=ids | {"confirm": confirm})
    ).is_success
    assert list(folder.rglob(f"{name}*")) == []
    assert (await site.client.get(url)).status_code == 404
