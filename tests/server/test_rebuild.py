"""A database that is lost: what people did comes back from the journal's copy (SPEC 9.6)."""

from __future__ import annotations

import random
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from photostore.base.events import Bus
from photostore.runtime import open_library
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from photostore.store.kept import keep_for
from photostore.sync import retrieval
from photostore.sync.retrieval import retrieve
from tests.server.acting import Person, look
from tests.server.conftest import configure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def photos(tmp_path: Path, pictures: Path) -> Path:
    shutil.copytree(pictures, tmp_path / "photos")
    return tmp_path / "photos"


@asynccontextmanager
async def opened(tmp_path: Path, photos: Path) -> AsyncIterator[httpx.AsyncClient]:
    configuration = configure(tmp_path, photos, write_sidecars=False)
    bus = Bus()
    async with open_library(configuration, bus) as library:
        await library.library.engine.run_once([])
        context = ServerContext(configuration.settings, configuration.layout, bus, exposed=False)
        context.decide(opened=library.library)
        transport = httpx.ASGITransport(create_app(context))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


def lose_database(tmp_path: Path) -> None:
    support = tmp_path / "library" / ".photostore"
    for path in support.glob("photostore.db*"):
        path.unlink()
    shutil.rmtree(support / "backups", ignore_errors=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everything_that_was_done_is_back(tmp_path: Path, photos: Path, seed: int) -> None:
    async with opened(tmp_path, photos) as client:
        person = Person(client, random.Random(seed), originals=False)
        while len(person.acts) < 80:
            await person.act()
        for act in random.Random(seed).sample(person.acts, 20):
            await client.post(f"/api/v1/journal/{act}/undo")
        ids = [one["id"] for one in (await client.get("/api/v1/assets")).json()["assets"]]
        await client.post("/api/v1/assets/remove", json={"ids": ids[:1]})
        before = await look(client, ids=False)
        journal = (await client.get("/api/v1/journal?limit=200")).json()
    lose_database(tmp_path)
    async with opened(tmp_path, photos) as client:
        assert await look(client, ids=False) == before
        again = (await client.get("/api/v1/journal?limit=200")).json()
        assert again == journal
        # The way back goes on where it was.
        act = next(act for act in again["acts"] if act["undoable"])
        undone = await client.post(f"/api/v1/journal/{act['id']}/undo")
        assert undone.status_code == 200


async def test_albums_of_sidecars_are_not_made_twice(tmp_path: Path, photos: Path) -> None:
    takeout = photos / "Takeout"
    takeout.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (photos / name).rename(takeout / name)
    (takeout / "metadata.json").write_text('{"title": "Summer", "description": ""}')
    async with opened(tmp_path, photos) as client:
        (album,) = (await client.get("/api/v1/albums")).json()["albums"]
        assert (album["name"], album["source"], album["count"]) == ("Summer", "sidecar", 2)
        path = f"/api/v1/albums/{album['id']}"
        members = (await client.get(f"/api/v1/assets?q=album:{album['id']}")).json()["assets"]
        await client.patch(path, json={"name": "Sun"})
        await client.post(f"{path}/remove", json={"ids": [members[0]["id"]]})
        before = await look(client, ids=False)
    lose_database(tmp_path)
    async with opened(tmp_path, photos) as client:
        after = await look(client, ids=False)
        assert [one["name"] for one in after["albums"]] == ["Sun"]
        assert after["albums"][0]["count"] == 1
        assert list(after["members"]) == list(before["members"])


async def test_a_database_that_fell_behind_catches_up(tmp_path: Path, photos: Path) -> None:
    """An older copy took its place: the acts since are done again."""
    async with opened(tmp_path, photos) as client:
        person = Person(client, random.Random(5), originals=False)
        while len(person.acts) < 20:
            await person.act()
    support = tmp_path / "library" / ".photostore"
    shutil.copy(support / "photostore.db", tmp_path / "older.db")
    async with opened(tmp_path, photos) as client:
        person.client = client
        while len(person.acts) < 60:
            await person.act()
        before = await look(client, ids=False)
    lose_database(tmp_path)
    shutil.copy(tmp_path / "older.db", support / "photostore.db")
    async with opened(tmp_path, photos) as client:
        assert await look(client, ids=False) == before


async def test_a_damaged_line_costs_its_own_act_alone(tmp_path: Path, photos: Path) -> None:
    """Also where a later act took that one back: the library opens with all that is readable."""
    async with opened(tmp_path, photos) as client:
        ids = [one["id"] for one in (await client.get("/api/v1/assets")).json()["assets"]]
        edit = {"ids": ids[:1], "set": {"title": "gone"}}
        act = (await client.patch("/api/v1/assets", json=edit)).json()["act"]
        assert (await client.post(f"/api/v1/journal/{act}/undo")).status_code == 200
        await client.patch("/api/v1/assets", json={"ids": ids[1:2], "set": {"title": "kept"}})
    (copy,) = (tmp_path / "library" / ".photostore" / "journal").glob("*.jsonl")
    damaged, *others = copy.read_bytes().splitlines(keepends=True)
    copy.write_bytes(damaged.replace(b'"id"', b"\0\0\0\0") + b"".join(others))
    lose_database(tmp_path)
    async with opened(tmp_path, photos) as client:
        asset = (await client.get(f"/api/v1/assets/{ids[1]}")).json()
        assert asset["title"] == "kept"
        acts = (await client.get("/api/v1/journal")).json()["acts"]
        assert [one["undoes"] for one in acts] == [None, None]


async def test_lines_of_a_newer_version_are_kept_and_told(tmp_path: Path, photos: Path) -> None:
    """Nothing that is not understood is cut; what is understood comes back beside it."""
    async with opened(tmp_path, photos) as client:
        ids = [one["id"] for one in (await client.get("/api/v1/assets")).json()["assets"]]
        for title in ("first", "second"):
            await client.patch("/api/v1/assets", json={"ids": ids[:1], "set": {"title": title}})
    (copy,) = (tmp_path / "library" / ".photostore" / "journal").glob("*.jsonl")
    *known, last = copy.read_bytes().splitlines(keepends=True)
    newer = last.replace(b'"edit"', b'"teleport"').replace(b'"id":2', b'"id":3')
    damaged = b"\xff\x00 what nobody can read\n"
    torn = b'{"id":4,"at":17'
    # The last whole line lacks its end only: it is an act all the same.
    copy.write_bytes(b"".join(known) + newer + damaged + last.rstrip(b"\n"))
    lose_database(tmp_path)
    async with opened(tmp_path, photos) as client:
        assert (await client.get(f"/api/v1/assets/{ids[0]}")).json()["title"] == "second"
        rows = (await client.get("/api/v1/health")).json()["checks"]
        (row,) = [one for one in rows if one["id"] == "journal"]
        assert row["status"] == "warn"
        assert "2 lines" in row["summary"]
    everything = b"".join(
        path.read_bytes() for path in (copy.parent.parent).glob("journal*/*") if path.is_file()
    )
    assert newer in everything
    assert damaged in everything
    with copy.open("ab") as file:
        file.write(newer + torn)
    async with opened(tmp_path, photos) as client:
        rows = (await client.get("/api/v1/health")).json()["checks"]
        assert [one["status"] for one in rows if one["id"] == "journal"] == ["warn"]
    folders = copy.parent.parent.glob("journal*/*.torn")
    assert [path.read_bytes() for path in folders] == [torn + b"\n"]


async def test_the_trash_is_there_again_and_can_be_restored(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was trashed before the database was lost: on the trash page, with all that was said."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    original = (photos / "a.jpg").read_bytes()
    async with opened(tmp_path, photos) as client:
        assets = (await client.get("/api/v1/assets")).json()["assets"]
        (one,) = [a["id"] for a in assets if a["files"][0]["name"] == "a.jpg"]
        await client.patch("/api/v1/assets", json={"ids": [one], "set": {"title": "Mine"}})
        trashed = await client.post("/api/v1/assets/trash", json={"ids": [one]})
        assert trashed.status_code in (200, 202), trashed.text
        assert not (photos / "a.jpg").exists()
    lose_database(tmp_path)
    configuration = configure(tmp_path, photos, write_sidecars=False)
    async with open_library(configuration, Bus()) as library:
        engine, trash = library.library.engine, library.library.trash
        await engine.run_once([])
        assert await retrieve(engine, trash) == 1
        async with trash.database.write() as transaction:
            await keep_for(transaction, 1, [(bytes(20), b"")], None)
        # Something is waited for, but a file that is known is not read for it.
        monkeypatch.setattr(retrieval, "_sha1_of", pytest.fail)
        assert await retrieve(engine, trash) == 0
    async with opened(tmp_path, photos) as client:
        (found,) = (await client.get("/api/v1/assets?q=in:trash")).json()["assets"]
        assert (found["id"], found["title"]) == (one, "Mine")
        restored = await client.post("/api/v1/assets/restore", json={"ids": [one]})
        assert restored.status_code in (200, 202), restored.text
        assert (photos / "a.jpg").read_bytes() == original
        assert (await client.get(f"/api/v1/assets/{one}")).json()["title"] == "Mine"
        assert (await client.get("/api/v1/assets?q=in:trash")).json()["total"] == 0
