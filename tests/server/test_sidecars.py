"""Edits reach sidecars and come back from them: SPEC 9.1, 9.6, 4.1."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from photostore.base.events import Bus
from photostore.library.sidecars import SidecarWriter, service
from photostore.media.facts import Facts
from photostore.media.probe import probe
from photostore.media.reading import read_content
from photostore.media.said import with_said
from photostore.media.xmp import read_xmp
from photostore.runtime import open_library
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from photostore.store.sidecars import retry_sidecars
from photostore.sync.companions import with_sidecars
from tests.server.conftest import configure

LIGHTROOM = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="2"/>
 </rdf:RDF>
</x:xmpmeta>"""


class Studio:
    """A library of photos of its own, its writer of sidecars, and a client."""

    def __init__(self, context: ServerContext, client: httpx.AsyncClient) -> None:
        self.context = context
        self.client = client
        self.writer = SidecarWriter(context.library.database)

    async def asset(self, name: str) -> dict[str, Any]:
        for one in (await self.client.get("/api/v1/assets")).json()["assets"]:
            if any(file["name"] == name for file in one["files"]):
                whole = await self.client.get(f"/api/v1/assets/{one['id']}")
                return dict(whole.json())
        raise AssertionError(name)

    async def edit(self, public_id: str, **body: Any) -> int:
        answer = await self.client.patch("/api/v1/assets", json={"ids": [public_id], **body})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["act"])

    async def scan(self) -> None:
        await self.context.library.engine.run_once([])


@asynccontextmanager
async def opened(tmp_path: Path, photos: Path) -> AsyncIterator[Studio]:
    configuration = configure(tmp_path, photos)
    bus = Bus()
    async with open_library(configuration, bus) as library:
        context = ServerContext(configuration.settings, configuration.layout, bus, exposed=False)
        context.decide(opened=library.library)
        transport = httpx.ASGITransport(create_app(context))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Studio(context, client)


@pytest.fixture
def photos(tmp_path: Path, pictures: Path) -> Path:
    shutil.copytree(pictures, tmp_path / "photos")
    return tmp_path / "photos"


async def test_an_edit_is_beside_its_photo_and_gone_with_its_undo(
    tmp_path: Path, photos: Path
) -> None:
    (photos / "b.xmp").write_text(LIGHTROOM)
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        before = {name: await studio.asset(name) for name in ("a.jpg", "b.jpg")}
        assert before["b.jpg"]["rating"] == 2
        original = (photos / "a.jpg").read_bytes()
        wish = {"set": {"title": "Mine", "rating": 5}, "add_keywords": ["new"]}
        acts = [await studio.edit(asset["id"], **wish) for asset in before.values()]
        assert await studio.writer.write_due() == 2
        assert await studio.writer.write_due() == 0
        said = {"title": "Mine", "rating": 5, "keywords": {"add": ["new"], "remove": []}}
        assert read_xmp((photos / "a.jpg.xmp").read_bytes()).said == said
        assert read_xmp((photos / "b.xmp").read_bytes()).said == said
        assert not (photos / "b.jpg.xmp").exists()
        assert (photos / "a.jpg").read_bytes() == original
        edited = await studio.asset("a.jpg")
        # Reading it back changes nothing, and makes nothing due: no loop.
        await studio.scan()
        assert await studio.asset("a.jpg") == edited
        assert await studio.writer.write_due() == 0
        for act in acts:
            await studio.client.post(f"/api/v1/journal/{act}/undo")
        assert {name: await studio.asset(name) for name in before} == before
        await studio.writer.write_due()
        assert not (photos / "a.jpg.xmp").exists()
        assert read_xmp((photos / "b.xmp").read_bytes()).rating == 2
        await studio.scan()
        assert {name: await studio.asset(name) for name in before} == before


async def test_a_new_library_finds_what_was_said_beside_the_photos(
    tmp_path: Path, photos: Path
) -> None:
    """SPEC 9.6: rebuilt from sidecars alone, without the journal."""
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        asset = await studio.asset("c.jpg")
        wish = {"set": {"favourite": True, "title": "Tram", "gps": None}, "rotate": 90}
        await studio.edit(asset["id"], **wish, remove_keywords=["tram"], shift_s=60)
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"hidden": True})
        await studio.writer.write_due()
        edited = await studio.asset("c.jpg")
    told = _examine(bytes(photos / "trip" / "c.jpg"))
    assert (told.title, told.position, told.keywords) == ("Tram", None, ("Lisbon",))
    assert told.captured is not None
    assert told.captured.source == told.sources["title"] == "person"
    shutil.rmtree(tmp_path / "library")
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        again = await studio.asset("c.jpg")
        fields = ("favourite", "title", "gps", "rotation", "keywords", "captured", "edited")
        assert {name: again[name] for name in fields} == {name: edited[name] for name in fields}
        hidden = await studio.client.get("/api/v1/assets", params={"q": "in:hidden"})
        assert hidden.json()["total"] == 1


def _examine(path: bytes) -> Facts:
    """What `photostore info` says of a file."""
    return with_said(with_sidecars(path, probe(read_content(path))).facts)


async def test_a_folder_that_cannot_be_written_is_told_not_lost(
    tmp_path: Path, photos: Path
) -> None:
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        outside = tmp_path / "outside.xmp"
        outside.write_text(LIGHTROOM)
        (photos / "a.jpg.xmp").symlink_to(outside)
        asset = await studio.asset("a.jpg")
        act = await studio.edit(asset["id"], set={"rating": 5})
        await studio.writer.write_due()
        assert outside.read_text() == LIGHTROOM
        checks = (await studio.client.get("/api/v1/health")).json()["checks"]
        (row,) = (check for check in checks if check["id"] == "sidecars")
        assert row["status"] == "warn"
        assert "1 edited photos" in row["summary"]
        assert "a link" in row["summary"]
        (photos / "a.jpg.xmp").unlink()
        # The next start tries again.
        bus = Bus()
        running = asyncio.create_task(studio.writer.run(bus))
        for _ in range(100):
            await asyncio.sleep(0.05)
            if (photos / "a.jpg.xmp").exists():
                break
        bus.close()
        await running
        assert read_xmp((photos / "a.jpg.xmp").read_bytes()).said == {"rating": 5}
        await studio.client.post(f"/api/v1/journal/{act}/undo")


async def test_the_sidecar_of_another_program_is_never_replaced(
    tmp_path: Path, photos: Path
) -> None:
    """`a.jpg.xmp` may describe `a.jpg.jpg` too, an export: what stands there stays there."""
    (photos / "b.jpg").rename(photos / "a.jpg.jpg")
    (photos / "a.jpg.xmp").write_text(LIGHTROOM)
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        before = read_xmp((photos / "a.jpg.xmp").read_bytes())
        act = await studio.edit((await studio.asset("a.jpg"))["id"], set={"title": "Mine"})
        await studio.edit((await studio.asset("a.jpg.jpg"))["id"], set={"title": "Export"})
        await studio.writer.write_due()
        written = read_xmp((photos / "a.jpg.xmp").read_bytes())
        assert (written.said, written.rating) == ({"title": "Mine"}, 2)
        assert read_xmp((photos / "a.jpg.jpg.xmp").read_bytes()).said == {"title": "Export"}
        await studio.client.post(f"/api/v1/journal/{act}/undo")
        await studio.writer.write_due()
        assert read_xmp((photos / "a.jpg.xmp").read_bytes()) == before


async def test_a_sidecar_that_came_since_the_folder_was_listed_is_kept(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"title": "Mine"})
        monkeypatch.setattr(service, "match_sidecars", lambda _: {})
        (photos / "a.jpg.xmp").write_text(LIGHTROOM)
        await studio.writer.write_due()
        written = read_xmp((photos / "a.jpg.xmp").read_bytes())
        assert (written.said, written.rating) == ({"title": "Mine"}, 2)


async def test_an_edit_while_the_disk_is_away_is_written_when_it_is_back(
    tmp_path: Path, photos: Path
) -> None:
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        asset = await studio.asset("a.jpg")
        shutil.move(photos, tmp_path / "away")
        await studio.edit(asset["id"], set={"rating": 5})
        await studio.writer.write_due()
        checks = (await studio.client.get("/api/v1/health")).json()["checks"]
        (row,) = (check for check in checks if check["id"] == "sidecars")
        assert "the file is not there now" in row["summary"]
        shutil.move(tmp_path / "away", photos)
    async with opened(tmp_path, photos) as studio:
        async with studio.context.library.database.write() as transaction:
            await retry_sidecars(transaction)
        await studio.writer.write_due()
        assert read_xmp((photos / "a.jpg.xmp").read_bytes()).said == {"rating": 5}
        checks = (await studio.client.get("/api/v1/health")).json()["checks"]
        assert {check["id"]: check["status"] for check in checks}["sidecars"] == "ok"


async def _pending(studio: Studio) -> int:
    """Compare the folder as after an event; how many files are to be read then."""
    database, engine = studio.context.library.database, studio.context.library.engine
    (root,) = await engine._settle_roots()
    await engine._scanner.scan_root(root)
    async with database.read() as reading:
        sql = "SELECT count(*) FROM file WHERE probe_version = 0 AND state = 'ready'"
        return int(await reading.fetch_value(sql))


async def test_what_we_wrote_is_not_read_again_and_what_others_write_is(
    tmp_path: Path, photos: Path
) -> None:
    """Else each edit is an import in report and progress."""
    (photos / "b.xmp").write_text(LIGHTROOM)
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        acts = []
        for name in ("a.jpg", "b.jpg"):
            acts.append(await studio.edit((await studio.asset(name))["id"], set={"rating": 5}))
            assert await studio.writer.write_due() == 1
            assert await _pending(studio) == 0, name
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"rating": 4})
        assert await studio.writer.write_due() == 1
        assert await _pending(studio) == 0, "a sidecar that is there already"
        await studio.client.post(f"/api/v1/journal/{acts[1]}/undo")
        assert await studio.writer.write_due() == 1
        assert await _pending(studio) == 0
        # Right afterwards somebody else writes, of the same length.
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"rating": 3})
        assert await studio.writer.write_due() == 1
        sidecar = photos / "a.jpg.xmp"
        sidecar.write_bytes(sidecar.read_bytes().replace(b"<xmp:Rating>3", b"<xmp:Rating>2"))
        assert await _pending(studio) == 1
        await studio.scan()
        # And between two looks of ours: what it says is read with the next.
        sidecar.write_text(LIGHTROOM)
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"title": "Mine"})
        assert await studio.writer.write_due() == 1
        assert await _pending(studio) == 1


async def test_one_sidecar_of_several_files_is_read_again_for_none(
    tmp_path: Path, photos: Path
) -> None:
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        ids = [(await studio.asset(name))["id"] for name in ("a.jpg", "b.jpg")]
        merged = await studio.client.post("/api/v1/assets/merge", json={"ids": ids})
        assert merged.status_code == 200, merged.text
        await studio.writer.write_due()
        await studio.edit(ids[0], set={"title": "both"})
        assert await studio.writer.write_due() == 1
        assert (photos / "a.jpg.xmp").exists()
        assert (photos / "b.jpg.xmp").exists()
        assert await _pending(studio) == 0


async def test_a_scan_that_was_first_has_its_way(tmp_path: Path, photos: Path) -> None:
    """What a scan noted while we wrote is not overwritten: the file is read."""
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"title": "Mine"})
        database = studio.context.library.database

        @asynccontextmanager
        async def meanwhile() -> AsyncIterator[None]:
            async with database.write() as transaction:
                await transaction.execute(
                    """UPDATE file SET sidecars = x'01', probe_version = 0
                       WHERE name = CAST('a.jpg' AS BLOB)"""
                )
            yield

        await SidecarWriter(database, meanwhile).write_due()
        assert await _pending(studio) == 1


async def test_a_photo_that_is_moved_meanwhile_gets_its_sidecar_and_no_other_does(
    tmp_path: Path, photos: Path
) -> None:
    """The writer waits its turn while a scan finds other photos under the names."""
    async with opened(tmp_path, photos) as studio:
        await studio.scan()
        await studio.edit((await studio.asset("a.jpg"))["id"], set={"title": "Mine"})

        @asynccontextmanager
        async def meanwhile() -> AsyncIterator[None]:
            (photos / "a.jpg").rename(photos / "moved.jpg")
            (photos / "b.jpg").rename(photos / "a.jpg")
            await studio.scan()
            yield

        await SidecarWriter(studio.context.library.database, meanwhile).write_due()
        assert read_xmp((photos / "moved.jpg.xmp").read_bytes()).said == {"title": "Mine"}
        assert not (photos / "a.jpg.xmp").exists()
