"""Adding photos in the browser, as a client of the API sees it (SPEC 9.2, 9.6, 11.5)."""
# ruff: noqa: ASYNC240 - the files are small, and nothing else happens meanwhile

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from photostore.library.uploads import Offer, UploadNoRoomError, service
from photostore.store.scope import OWNER
from tests.library.trash.disk import tree
from tests.samples import make_photo, make_video
from tests.server.conftest import Site, opened_site

pytestmark = pytest.mark.anyio
MTIME = 1_500_000_000


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo that the library does not have."""
    return make_photo(tmp_path / "new" / "new.jpg", taken=datetime(2023, 4, 5, 6, 7, 8), seed=77)


@pytest.fixture
def own(site: Site) -> Path:
    """The folder that uploads go to."""
    return site.context.layout.library


async def send(site: Site, content: bytes, name: str = "new.jpg", **more: Any) -> Any:
    params = {"name": name, **more}
    return await site.client.post("/api/v1/uploads", params=params, content=content)


def files_in(folder: Path) -> set[str]:
    """Files below a folder, without photostore's own."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in found if path.parts[0] != ".photostore"}


async def total(site: Site, q: str = "") -> int:
    answer = await site.client.get("/api/v1/assets", params={"q": q})
    return int(answer.json()["total"])


async def test_a_photo_is_on_the_timeline_at_once(site: Site, photo: Path, own: Path) -> None:
    before = await total(site)
    answer = await send(site, photo.read_bytes(), mtime=MTIME * 1000)
    assert answer.status_code == 201, answer.text
    added = answer.json()
    assert (added["state"], added["shelf"]) == ("added", "timeline")
    assert await total(site) == before + 1
    place = own / "2023" / "2023-04-05" / "new.jpg"
    assert added["path"] == str(place)
    assert place.read_bytes() == photo.read_bytes()
    assert place.stat().st_mtime == MTIME
    asset = (await site.client.get(f"/api/v1/assets/{added['id']}")).json()
    assert asset["files"][0]["sha1"] == hashlib.sha1(photo.read_bytes()).hexdigest()
    picture = await site.client.get(f"/api/v1/assets/{added['id']}/thumbnail")
    assert picture.status_code == 200
    assert files_in(own) == {"2023/2023-04-05/new.jpg"}
    # A scan finds what it knows: nothing is read again, nothing doubled.
    report = await site.context.library.engine.run_once([bytes(own)])
    assert (report.imported, report.failed) == (0, 0)
    assert await total(site) == before + 1


async def test_what_is_here_is_not_written_again(site: Site, own: Path) -> None:
    content = (site.photos / "a.jpg").read_bytes()
    answer = await send(site, content, "another name.jpg")
    assert answer.status_code == 200
    assert answer.json()["state"] == "present"
    assert answer.json()["path"] == str(site.photos / "a.jpg")
    assert files_in(own) == set()
    early = await send(site, content, sha1=hashlib.sha1(content).hexdigest())
    assert early.json() == answer.json()


async def test_equal_hashes_are_not_enough(
    site: Site, own: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN 2: where equal hashes decide, the bytes are compared as well."""
    monkeypatch.setattr("photostore.library.uploads.service.is_same_content", lambda *_: False)
    answer = await send(site, (site.photos / "a.jpg").read_bytes())
    assert answer.json()["state"] == "added"
    assert len(files_in(own)) == 1


async def test_a_taken_name_gets_a_number(site: Site, own: Path, tmp_path: Path) -> None:
    """SPEC 9.2: other content under the same name gets -1, -2; nothing is overwritten."""
    for seed in range(3):
        one = make_photo(tmp_path / f"{seed}.jpg", taken=datetime(2023, 4, 5), seed=80 + seed)
        assert (await send(site, one.read_bytes(), "IMG.JPG")).status_code == 201
    names = {"IMG.JPG", "IMG-1.JPG", "IMG-2.JPG"}
    assert files_in(own) == {f"2023/2023-04-05/{name}" for name in names}


NAMES = {
    "../../etc/passwd.jpg": "passwd.jpg",
    "C:\\Users\\me\\a b.jpg": "a b.jpg",
    ".hidden.jpg": "_.hidden.jpg",
    "CON.jpg": "_CON.jpg",
    'a<b>:"|?*\x00\n.jpg': "a_b________.jpg",
    "cafe\u0301.jpg": "caf\u00e9.jpg",
    "\u202egpj.exe.jpg": "gpj.exe.jpg",
    "x" * 300 + ".jpg": "x" * 243 + ".jpg",
    "1000012345": "1000012345.jpg",
    "photo.tmp": "_photo.tmp.jpg",
    "wrong.png": "wrong.png",
    "..": "_.jpg",
}


async def test_names_are_ours(site: Site, own: Path, tmp_path: Path) -> None:
    """SPEC 11.5: uploads are named by us."""
    for number, (name, kept) in enumerate(NAMES.items()):
        photo = make_photo(
            tmp_path / "new.jpg", taken=datetime(2023, 4, 5), size=(300, 240), seed=200 + number
        )
        answer = await send(site, photo.read_bytes(), name)
        assert answer.status_code == 201, answer.text
        assert answer.json()["path"] == str(own / "2023" / "2023-04-05" / kept)
        wrong = ["the extension .png does not fit: the content is JPEG"]
        assert answer.json()["notes"] == (wrong if kept == "wrong.png" else [])
    assert files_in(own) == {f"2023/2023-04-05/{kept}" for kept in NAMES.values()}


async def test_what_is_no_photo_is_refused_and_leaves_nothing(
    site: Site, own: Path, photo: Path, tmp_path: Path
) -> None:
    before = tree(tmp_path / "library")
    cut = photo.read_bytes()[:400]
    for content, reason in (
        (b"", "the file is empty"),
        (b"no picture at all" * 900, "no photo or video of a known kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 300, "SVG"),
        (cut, "cut short"),
    ):
        answer = await send(site, content)
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert problem["type"] == "media-rejected"
        assert problem["path"] == "new.jpg"
        assert reason in problem["reason"], problem
    assert files_in(own) == set()
    changed = {name for name, was in tree(tmp_path / "library").items() if before.get(name) != was}
    assert not [name for name in changed if b"previews" in name]


async def test_limits(site: Site, own: Path, photo: Path) -> None:
    content = photo.read_bytes()
    for query, status in (
        ({"sha1": "0" * 40}, 400),
        ({"sha1": "xyz"}, 400),
        ({"batch": "a b"}, 400),
        ({"mtime": "-1"}, 400),
        ({"name": ""}, 400),
    ):
        answer = await send(site, content, **query)
        assert answer.status_code == status, (query, answer.text)
    setup = site.context.library.arrivals.uploads.setup
    object.__setattr__(setup, "max_bytes", 1000)
    assert (await send(site, content)).status_code == 413

    async def drop_by_drop() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 100):
            yield content[start : start + 100]

    without_length = await site.client.post("/api/v1/uploads?name=a.jpg", content=drop_by_drop())
    assert without_length.status_code == 413
    object.__setattr__(setup, "max_bytes", 10**9)
    object.__setattr__(setup, "reserve", 10**18)
    answer = await send(site, content)
    assert (answer.status_code, answer.json()["type"]) == (507, "no-room")
    object.__setattr__(setup, "reserve", 0)
    object.__setattr__(setup, "enabled", False)
    assert (await send(site, content)).status_code == 403
    assert (await site.client.get("/api/v1/uploads")).json()["problem"]
    assert files_in(own) == set()


async def test_another_site_adds_nothing(site: Site, photo: Path) -> None:
    """SPEC 11.5: the same check of origin as for all that changes something."""
    answer = await site.client.post(
        "/api/v1/uploads?name=a.jpg",
        content=photo.read_bytes(),
        headers={"origin": "https://evil.example"},
    )
    assert answer.status_code == 403


async def test_a_destination_that_cannot_be_written(site: Site, photo: Path, own: Path) -> None:
    setup = site.context.library.arrivals.uploads.setup
    object.__setattr__(setup, "destination", own / "file" / "below")
    (own / "file").write_bytes(b"in the way")
    answer = await send(site, photo.read_bytes())
    assert answer.status_code == 409
    assert answer.json()["type"] == "uploads-unavailable"
    assert "originals_dir" in answer.json()["detail"]


async def test_twenty_at_once_are_one(site: Site, own: Path, photo: Path) -> None:
    before = await total(site)
    answers = await asyncio.gather(*(send(site, photo.read_bytes()) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] * 19 + [201]
    assert len({one.json()["id"] for one in answers}) == 1
    assert await total(site) == before + 1
    assert len(files_in(own)) == 1


async def test_others_of_one_name_at_once(site: Site, own: Path, tmp_path: Path) -> None:
    made = [
        make_photo(tmp_path / f"{seed}.jpg", taken=datetime(2023, 4, 5), size=(240, 180), seed=seed)
        for seed in range(100, 108)
    ]
    answers = await asyncio.gather(*(send(site, one.read_bytes(), "IMG.JPG") for one in made))
    assert {one.status_code for one in answers} == {201}
    assert {path.read_bytes() for path in own.glob("2023/*/*")} == {
        one.read_bytes() for one in made
    }


async def test_a_batch_is_one_act_that_goes_to_the_trash(
    site: Site, own: Path, photo: Path, tmp_path: Path
) -> None:
    """SPEC 9.6: in the journal with who and how many; the undo trashes, its undo restores."""
    other = make_photo(tmp_path / "o.jpg", taken=datetime(2023, 4, 6), seed=78)
    for one in (photo, other, site.photos / "a.jpg"):
        answer = await send(site, one.read_bytes(), one.name, batch="0123456789")
        assert answer.json()["act"] is None
    done = (await site.client.post("/api/v1/uploads/finish", json={"batch": "0123456789"})).json()
    assert done["added"] == 2
    act = (await site.client.get("/api/v1/journal")).json()["acts"][0]
    assert (act["id"], act["act"], act["count"], act["undoable"]) == (
        done["act"],
        "upload",
        2,
        True,
    )
    assert act["user"]
    again = (await site.client.post("/api/v1/uploads/finish", json={"batch": "0123456789"})).json()
    assert again == {"act": None, "added": 0}
    undone = (await site.client.post(f"/api/v1/journal/{done['act']}/undo")).json()
    assert undone["changed"] == 2
    assert await total(site, "in:trash") == 2
    assert not [name for name in files_in(own) if name.endswith(".jpg") and "rash" not in name]
    redone = (await site.client.post(f"/api/v1/journal/{undone['act']}/undo")).json()
    assert redone["changed"] == 2
    assert await total(site, "in:trash") == 0


async def test_undo_leaves_what_became_a_part_of_something_else(site: Site, tmp_path: Path) -> None:
    """A RAW's JPEG that was here before is not trashed with what was added to it."""
    content = (site.photos / "a.jpg").read_bytes()
    await site.client.post(
        "/api/v1/assets/merge",
        json={"ids": [one["id"] for one in await _assets(site)][:2]},
    )
    more = make_photo(tmp_path / "m.jpg", taken=datetime(2023, 4, 6), seed=79)
    added = (await send(site, more.read_bytes())).json()
    other = (await _assets(site))[-1]["id"]
    await site.client.post("/api/v1/assets/merge", json={"ids": [other, added["id"]]})
    undone = (await site.client.post(f"/api/v1/journal/{added['act']}/undo")).json()
    assert (undone["changed"], undone["skipped"]) == (0, 1)
    assert content == (site.photos / "a.jpg").read_bytes()


async def test_undo_leaves_a_copy_that_was_away(site: Site, own: Path, tmp_path: Path) -> None:
    """What was added while its disk was not there is not all that there is of the photo."""
    here, away = site.photos / "a.jpg", tmp_path / "away.jpg"
    here.rename(away)
    added = (await send(site, away.read_bytes())).json()
    assert added["state"] == "added"
    away.rename(here)
    undone = (await site.client.post(f"/api/v1/journal/{added['act']}/undo")).json()
    assert (undone["changed"], undone["skipped"]) == (0, 1)
    assert here.exists()
    assert len(files_in(own)) == 1


async def _assets(site: Site) -> list[Any]:
    return list((await site.client.get("/api/v1/assets")).json()["assets"])


async def test_a_batch_that_nobody_ends_is_ended(site: Site, photo: Path) -> None:
    await send(site, photo.read_bytes(), batch="0123456789")
    uploads = site.context.library.arrivals.uploads
    await uploads.end_quiet(3600)
    assert not (await site.client.get("/api/v1/journal")).json()["acts"]
    with uploads.part_of("0123456789"):
        await uploads.end_quiet(-1)
        assert not (await site.client.get("/api/v1/journal")).json()["acts"]
    await uploads.end_quiet(-1)
    assert (await site.client.get("/api/v1/journal")).json()["acts"][0]["act"] == "upload"


async def test_what_lies_in_the_trash_comes_back(site: Site, own: Path) -> None:
    found = next(one for one in await _assets(site) if one["files"][0]["name"] == "a.jpg")
    content = (site.photos / "a.jpg").read_bytes()
    held = {"sha1s": [hashlib.sha1(content).hexdigest()]}
    here = (await site.client.post("/api/v1/uploads/check", json=held)).json()["here"]
    assert here[held["sha1s"][0]]["id"] == found["id"]
    try:
        trashed = await site.client.post("/api/v1/assets/trash", json={"ids": [found["id"]]})
        assert trashed.json()["trashed"] == 1, trashed.text
        answer = await site.client.post("/api/v1/uploads/check", json=held)
        assert answer.json() == {"here": {}}
        added = await send(site, content, "a.jpg")
        assert added.status_code == 201
        assert (added.json()["id"], added.json()["shelf"]) == (found["id"], "timeline")
        assert len(files_in(own)) == 1
    finally:
        # The pictures are those of all tests.
        (site.photos / "a.jpg").write_bytes(content)


async def test_checks(site: Site) -> None:
    for body in ({}, {"sha1s": ["x"]}, {"sha1s": "0" * 40}, {"sha1s": ["0" * 40] * 10_001}):
        answer = await site.client.post("/api/v1/uploads/check", json=body)
        assert answer.status_code == 400, body
    assert (await site.client.post("/api/v1/uploads/finish", json={})).status_code == 400


async def test_a_library_inside_a_scanned_folder(tmp_path: Path, photo: Path) -> None:
    """A scan passes over libraries inside of a root: this one has to become a root by itself."""
    scanned = tmp_path / "scanned"
    scanned.mkdir()
    async with opened_site(tmp_path, scanned, library=str(scanned / "library")) as site:
        answer = await send(site, photo.read_bytes())
        assert answer.status_code == 201
        await site.context.library.engine.run_once([])
        assert await total(site) == 1


async def test_a_film_is_dated_too(site: Site, own: Path, tmp_path: Path) -> None:
    film = make_video(tmp_path / "f.mp4", taken_utc=datetime(2023, 8, 9, 10), seed=9)
    answer = await send(site, film.read_bytes(), "f.mp4")
    assert answer.status_code == 201
    assert files_in(own) == {"2023/2023-08-09/f.mp4"}
    undated = make_photo(tmp_path / "u.jpg", exif=False, seed=99)
    assert (await send(site, undated.read_bytes(), "u.jpg")).status_code == 201
    assert "undated/u.jpg" in files_in(own)


async def test_files_of_one_shot_keep_one_name(site: Site, own: Path, tmp_path: Path) -> None:
    """SPEC 7.1: a clip goes beside its still, with its number, and beside no other's."""
    here = datetime(2023, 4, 5, 12)
    first = make_photo(tmp_path / "1.jpg", taken=here, seed=110)
    assert (await send(site, first.read_bytes(), "IMG.JPG")).status_code == 201
    later = here.replace(hour=13, minute=7)
    clip = make_video(tmp_path / "2.mp4", taken_utc=later, seconds=2, seed=111)
    still = make_photo(tmp_path / "2.jpg", taken=later, offset=0, seed=112)
    moved = (await send(site, clip.read_bytes(), "IMG.MP4")).json()
    shown = (await send(site, still.read_bytes(), "IMG.JPG")).json()
    assert files_in(own) == {
        f"2023/2023-04-05/{one}" for one in ("IMG.JPG", "IMG-1.MP4", "IMG-1.JPG")
    }
    assert moved["id"] == shown["id"]
    undone = await site.client.post(f"/api/v1/journal/{shown['act']}/undo")
    assert undone.json()["skipped"] == 1, "it has the clip as well, which was another act"


async def test_leftovers_go_at_the_start(site: Site, photo: Path, own: Path) -> None:
    left = own / ".photostore-uploads"
    assert (await send(site, photo.read_bytes())).status_code == 201
    (mine,) = left.iterdir()
    (mine / "token").mkdir()
    (mine / "token" / "half.jpg").write_bytes(b"half")
    (left / "of another library").mkdir()
    site.context.library.arrivals.uploads.clear()
    assert os.listdir(left) == ["of another library"]
    assert len(list((own / "2023").rglob("*.jpg"))) == 1


async def test_a_share_without_its_worker_is_explained(site: Site) -> None:
    answer = await site.client.post("/share", files={"files": ("a.jpg", b"x" * 5000)})
    assert answer.status_code == 503
    assert "Nothing was added yet" in answer.text


@pytest.mark.parametrize("point", ["placing", "renamed", "registering"])
async def test_never_another_file_is_taken_away(
    site: Site, own: Path, photo: Path, tmp_path: Path, point: str
) -> None:
    """SPEC 9.2: another program saves its file under the name while the disk refuses ours."""
    place = own / "2023" / "2023-04-05" / "new.jpg"

    def interfere(reached: str) -> None:
        if reached == point:
            place.parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "other").write_bytes(b"somebody else's")
            os.replace(tmp_path / "other", place)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    site.context.library.arrivals.uploads.reach = interfere
    assert (await send(site, photo.read_bytes())).status_code in {409, 507}
    assert place.read_bytes() == b"somebody else's"


@pytest.mark.parametrize("point", ["placing", "renamed", "registering"])
async def test_what_cannot_be_recorded_is_taken_away(
    site: Site, own: Path, photo: Path, point: str
) -> None:
    def refuse(reached: str) -> None:
        if reached == point:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    site.context.library.arrivals.uploads.reach = refuse
    assert (await send(site, photo.read_bytes())).status_code in {409, 507}
    assert files_in(own) == set()


async def test_what_is_to_stay_free_stays_free(site: Site, own: Path, photo: Path) -> None:
    """Others fill the disk meanwhile: what was set aside for an upload is not there any more."""
    uploads = site.context.library.arrivals.uploads
    content = photo.read_bytes() + bytes(3 << 20)

    async def pieces() -> AsyncIterator[bytes]:
        yield content[: 3 << 20]
        object.__setattr__(uploads.setup, "reserve", 10**18)
        yield content[3 << 20 :]
        yield bytes(1 << 20)

    with pytest.raises(UploadNoRoomError):
        await site.context.library.arrivals.take(OWNER, Offer("a.jpg", pieces(), 10 << 20))
    assert files_in(own) == set()


async def test_a_disk_that_is_full_does_not_close_the_library(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SPEC 1.5: the act of what was added is written as soon as that is possible."""
    uploads, tried = site.context.library.arrivals.uploads, asyncio.Event()
    answers = [sqlite3.OperationalError("database or disk is full"), OSError("fails")]

    async def end_quiet(_: float) -> None:
        if answers:
            raise answers.pop()
        tried.set()

    monkeypatch.setattr(service, "CHECK_S", 0)
    monkeypatch.setattr(uploads, "end_quiet", end_quiet)
    running = asyncio.create_task(uploads.run())
    waiting = asyncio.create_task(tried.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    assert tried.is_set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
