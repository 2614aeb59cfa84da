"""Many originals as one archive: streamed, whole, under names that can be unpacked (SPEC 10.3)."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import threading
import time
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from photostore.base.errors import FileChangedError, NotFoundError
from photostore.library import downloads
from photostore.server import tokens
from photostore.store.downloads import load_downloads
from photostore.store.scope import OWNER
from tests.samples import make_photo
from tests.server.conftest import Site, add_photos, opened_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Site]:
    """A library over photos of this test alone; one asset has two files, and names are hostile."""
    photos = tmp_path / "photos"
    for number, name in enumerate((b"a.jpg", b"b/a.jpg", b"caf\xe9.jpg", b"line\nbreak?.jpg")):
        made = make_photo(
            tmp_path / "made.jpg", taken=datetime(2020, 1, 1 + number), size=(300, 240), seed=number
        )
        path = os.path.join(os.fsencode(photos), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.move(made, path)
        os.utime(path, (1_600_000_000, 1_600_000_000))
    async with opened_site(tmp_path, photos) as site:
        await site.context.library.engine.run_once([])
        yield site


async def ids_of(site: Site) -> list[str]:
    answer = await site.client.get("/api/v1/assets", params={"limit": 100})
    return [one["id"] for one in answer.json()["assets"]]


async def offer(site: Site, ids: list[str]) -> Any:
    answer = await site.client.post("/api/v1/assets/download", json={"ids": ids})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def fetch(site: Site, token: str, files: str = "shown") -> zipfile.ZipFile:
    answer = await site.client.get(f"/api/v1/downloads/{token}", params={"files": files})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert len(answer.content) == int(answer.headers["content-length"])
    opened = zipfile.ZipFile(io.BytesIO(answer.content))
    assert opened.testzip() is None
    return opened


async def test_original_bytes_under_names_of_their_own(own: Site) -> None:
    ids = await ids_of(own)
    promised = await offer(own, ids)
    originals = [path.read_bytes() for path in own.photos.rglob("*") if path.is_file()]
    assert promised["shown"] == {"files": 4, "bytes": sum(map(len, originals))}
    assert promised["all"] == promised["shown"]
    opened = await fetch(own, promised["token"])
    assert set(opened.namelist()) == {"a.jpg", "a-1.jpg", "caf_.jpg", "line_break_.jpg"}
    assert {opened.read(name) for name in opened.namelist()} == set(originals)
    assert all(one.date_time[:3] == (2020, 9, 13) for one in opened.infolist())
    head = await own.client.head(f"/api/v1/downloads/{promised['token']}")
    assert head.status_code == 200
    assert int(head.headers["content-length"]) > sum(map(len, originals))


async def test_all_files_of_an_asset_each_content_once(own: Site, tmp_path: Path) -> None:
    ids = await ids_of(own)
    copies = tmp_path / "copies"
    copies.mkdir()
    shutil.copy2(own.photos / "a.jpg", copies / "copy.jpg")
    await add_photos(own, copies)
    await own.client.post("/api/v1/assets/merge", json={"ids": ids[:2]})
    promised = await offer(own, await ids_of(own))
    assert (promised["shown"]["files"], promised["all"]["files"]) == (3, 4)
    assert len((await fetch(own, promised["token"], "all")).namelist()) == 4
    assert len((await fetch(own, promised["token"], "shown")).namelist()) == 3


async def test_what_cannot_be_read_is_named_in_the_archive(own: Site) -> None:
    promised = await offer(own, await ids_of(own))
    (own.photos / "a.jpg").unlink()
    opened = await fetch(own, promised["token"])
    assert len(opened.namelist()) == 4
    assert b"a.jpg" in opened.read("not in this archive.txt")


async def test_a_file_that_changes_breaks_the_archive_off(own: Site) -> None:
    """Nobody shall take half of it for whole: less comes than was promised."""
    library = own.context.library
    promised = await offer(own, await ids_of(own))
    kept = own.context.downloads.find(promised["token"])
    async with library.database.read() as reading:
        found = await load_downloads(reading, OWNER, kept)
    packing = downloads.pack(found)
    with (own.photos / "a.jpg").open("ab") as file:
        file.write(b"more")
    with pytest.raises(FileChangedError):
        async for _ in downloads.send_archive(packing):
            pass


async def test_a_link_out_of_the_folders_is_not_followed(own: Site, tmp_path: Path) -> None:
    """SPEC 11.5."""
    promised = await offer(own, await ids_of(own))
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret" * 1000)
    (own.photos / "b" / "a.jpg").unlink()
    (own.photos / "b").rmdir()
    (tmp_path / "elsewhere").mkdir()
    secret.rename(tmp_path / "elsewhere" / "a.jpg")
    (own.photos / "b").symlink_to(tmp_path / "elsewhere")
    opened = await fetch(own, promised["token"])
    assert "not in this archive.txt" in opened.namelist()
    assert not any(b"secret" in opened.read(name)[:10] for name in opened.namelist())


async def test_tokens(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await ids_of(own)
    for body in ({}, {"ids": []}, {"ids": "x"}, {"ids": [1]}):
        assert (await own.client.post("/api/v1/assets/download", json=body)).status_code == 400
    unknown = await own.client.post("/api/v1/assets/download", json={"ids": ["nothing"]})
    assert unknown.status_code == 404
    assert (await own.client.get("/api/v1/downloads/guessed")).status_code == 404
    promised = await offer(own, ids)
    assert len(promised["token"]) >= 22
    wrong = await own.client.get(f"/api/v1/downloads/{promised['token']}?files=some")
    assert wrong.status_code == 400
    later = time.monotonic() + tokens.KEPT_S + 1
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    assert (await own.client.get(f"/api/v1/downloads/{promised['token']}")).status_code == 404
    monkeypatch.undo()
    first = (await offer(own, ids))["token"]
    for _ in range(tokens.KEPT):
        await offer(own, ids)
    assert (await own.client.get(f"/api/v1/downloads/{first}")).status_code == 404


async def test_a_download_that_is_given_up_leaves_no_file_open(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser hangs up while a disk wakes up."""
    async with own.context.library.database.read() as reading:
        found = await load_downloads(reading, OWNER, await ids_of(own))
    packing = downloads.pack(found)
    begun, awake = threading.Event(), threading.Event()
    opened: list[int] = []
    really = downloads.open_original

    def open_slowly(path: bytes, folders: Any) -> int:
        begun.set()
        awake.wait(10)
        opened.append(really(path, folders))
        return opened[-1]

    monkeypatch.setattr(downloads, "open_original", open_slowly)

    async def take_all() -> None:
        async for _ in downloads.send_archive(packing):
            pass

    taking = asyncio.create_task(take_all())
    await asyncio.to_thread(begun.wait, 10)
    taking.cancel()
    await asyncio.sleep(0)
    awake.set()
    assert isinstance((await asyncio.gather(taking, return_exceptions=True))[0], BaseException)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_what_was_asked_for_long_ago_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tokens.DownloadTokens()
    many = [str(number) for number in range(tokens.KEPT_ASSETS // 2)]
    first, second = kept.keep(many), kept.keep(many)
    assert len(kept.find(first)) == len(many)
    third = kept.keep(["one"])
    with pytest.raises(NotFoundError):
        kept.find(first)
    assert kept.find(third) == ("one",)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + tokens.KEPT_S + 1)
    kept.keep(["other"])
    with pytest.raises(NotFoundError):
        kept.find(second)
    assert len(kept._kept) == 1
