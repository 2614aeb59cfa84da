"""Assets over HTTP (SPEC 12.1, DESIGN 4): lists, one in full, its pictures and its bytes."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime

import pytest

from photostore.library.previews import PreviewSize
from tests.samples import make_photo
from tests.server.conftest import Site, add_photos, running


async def find(site: Site, name: str) -> dict:
    answer = await site.client.get("/api/v1/assets", params={"limit": 1000})
    return next(
        asset
        for asset in answer.json()["assets"]
        if any(file["name"] == name for file in asset["files"])
    )


async def test_pages_cover_the_view_once_and_in_order(site: Site) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        params = {"limit": 2, "cursor": cursor}
        page = (await site.client.get("/api/v1/assets", params=params)).json()
        assert page["total"] == 5
        seen += [asset["captured"]["local"] for asset in page["assets"]]
        cursor = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


async def test_asset_says_what_and_when_and_why(site: Site) -> None:
    asset = (await site.client.get(f"/api/v1/assets/{(await find(site, 'b.jpg'))['id']}")).json()
    assert asset["captured"] == {
        "local": "2020-05-01T12:00:00",
        "offset": "+02:00",
        "precision": "second",
        "source": "EXIF:DateTimeOriginal",
        "source_text": "from EXIF DateTimeOriginal",
    }
    assert (asset["width"], asset["height"]) == (640, 480)
    assert asset["files"][0]["path"] == os.fspath(site.photos / "b.jpg")
    assert (
        asset["files"][0]["sha1"] == hashlib.sha1((site.photos / "b.jpg").read_bytes()).hexdigest()
    )


async def test_same_bytes_are_one_asset_with_two_files(site: Site) -> None:
    """SPEC 7.1."""
    asset = await find(site, "d.jpg")
    assert {file["name"] for file in asset["files"]} == {"d.jpg", "copy of d.jpg"}


async def test_text_of_a_file_is_text(site: Site) -> None:
    """SPEC 6.6: a title is never markup; JSON carries it as it is."""
    asset = await find(site, "c.jpg")
    assert asset["title"] == "Tram & <b>hills</b>"
    assert asset["gps"]["lat"] == pytest.approx(38.72, abs=1e-4)
    assert asset["keywords"] == ["Lisbon", "tram"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lisbon", {"c.jpg"}),
        ("canon tram", {"c.jpg"}),
        ("type:video", {"clip.mp4"}),
        ("-type:video trip", {"c.jpg"}),
        ("nowhere", set()),
    ],
)
async def test_search(site: Site, query: str, names: set[str]) -> None:
    """SPEC 7.5."""
    answer = (await site.client.get("/api/v1/assets", params={"q": query})).json()
    assert {asset["files"][0]["name"] for asset in answer["assets"]} == names
    assert answer["total"] == len(names)


async def test_wrong_query_is_an_explanation(site: Site) -> None:
    answer = await site.client.get("/api/v1/assets", params={"q": "sea colr:red"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "color:" in answer.json()["detail"]
    assert (answer.json()["start"], answer.json()["end"]) == (4, 9)


async def test_preview_is_kept_for_ever_under_its_version(site: Site) -> None:
    asset = await find(site, "a.jpg")
    url = f"/api/v1/assets/{asset['id']}/preview"
    versioned = await site.client.get(url, params={"v": asset["preview"]})
    assert "immutable" in versioned.headers["cache-control"]
    assert versioned.headers["content-type"] == "image/jpeg"
    plain = await site.client.get(url)
    assert "immutable" not in plain.headers["cache-control"]
    again = await site.client.get(url, headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("header", "status", "start", "stop"),
    [
        (None, 200, 0, None),
        ("bytes=0-99", 206, 0, 100),
        ("bytes=100-", 206, 100, None),
        ("bytes=-50", 206, -50, None),
        ("bytes=5-2", 200, 0, None),
        ("bytes=0-1,5-6", 200, 0, None),
        ("lines=0-9", 200, 0, None),
        ("bytes=99999999-", 416, 0, 0),
    ],
)
async def test_original_by_ranges(site: Site, header, status, start, stop) -> None:
    asset = await find(site, "a.jpg")
    headers = {"range": header} if header else {}
    answer = await site.client.get(f"/api/v1/assets/{asset['id']}/original", headers=headers)
    whole = (site.photos / "a.jpg").read_bytes()
    assert answer.status_code == status
    assert answer.content == whole[start:stop]
    if status == 206:
        assert answer.headers["content-range"].endswith(f"/{len(whole)}")


async def test_original_of_a_changed_file_ignores_an_old_if_range(site: Site) -> None:
    asset = await find(site, "a.jpg")
    headers = {"range": "bytes=0-9", "if-range": '"another"'}
    answer = await site.client.get(f"/api/v1/assets/{asset['id']}/original", headers=headers)
    assert answer.status_code == 200


async def test_original_cannot_carry_scripts(site: Site) -> None:
    """SPEC 11.5."""
    asset = await find(site, "a.jpg")
    answer = await site.client.get(f"/api/v1/assets/{asset['id']}/original")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_download_names_the_file(site: Site) -> None:
    asset = await find(site, "d.jpg")
    copy = next(file for file in asset["files"] if file["name"] == "copy of d.jpg")
    url = f"/api/v1/assets/{asset['id']}/original"
    answer = await site.client.get(url, params={"file": copy["id"], "download": "1"})
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''copy%20of%20d.jpg"


async def test_video_bytes_and_only_of_videos(site: Site) -> None:
    clip, photo = await find(site, "clip.mp4"), await find(site, "a.jpg")
    answer = await site.client.get(f"/api/v1/assets/{clip['id']}/video")
    assert answer.content == (site.photos / "clip.mp4").read_bytes()
    assert answer.headers["content-type"] == "video/mp4"
    assert (await site.client.get(f"/api/v1/assets/{photo['id']}/video")).status_code == 404


async def test_lost_preview_is_made_again_when_wanted(site: Site) -> None:
    """SPEC 8.3: losing the previews loses nothing; SPEC 5.6: a request overtakes."""
    asset = await find(site, "a.jpg")
    library = site.context.library
    sha1 = bytes.fromhex(asset["files"][0]["sha1"])
    library.previews.path(sha1, PreviewSize.GRID).unlink()
    async with running(site):
        answer = await site.client.get(f"/api/v1/assets/{asset['id']}/thumbnail")
    assert answer.status_code == 200
    assert library.previews.read(sha1, PreviewSize.GRID) == answer.content


async def test_a_screen_picture_that_is_due_is_made_when_it_is_opened(site: Site) -> None:
    """A first pass left it for later (docs/decisions/0015): what a person opens overtakes."""
    asset = await find(site, "a.jpg")
    library = site.context.library
    sha1 = bytes.fromhex(asset["files"][0]["sha1"])
    library.previews.path(sha1, PreviewSize.SCREEN).unlink()
    async with library.database.write() as transaction:
        await transaction.execute("UPDATE file SET screen_version = 0 WHERE sha1 = ?", (sha1,))
    await library.engine.pause(paused=True)
    async with running(site):
        answer = await site.client.get(f"/api/v1/assets/{asset['id']}/preview")
        stats = (await site.client.get("/api/v1/stats")).json()
    assert answer.status_code == 200
    assert library.previews.read(sha1, PreviewSize.SCREEN) == answer.content
    assert stats["sync"]["screens_left"] == 0
    async with library.database.read() as reading:
        due = await reading.fetch_value("SELECT count(*) FROM file WHERE screen_version = 0")
    assert due == 0


async def test_original_outside_the_roots_is_not_served(site: Site, tmp_path) -> None:
    """SPEC 11.5: a link that appears after the scan leads nowhere."""
    extra = tmp_path / "extra" / "inner"
    make_photo(extra / "x.jpg", taken=datetime(2019, 1, 1), seed=7)
    await add_photos(site, extra.parent)
    asset = await find(site, "x.jpg")
    elsewhere = tmp_path / "elsewhere"
    extra.rename(elsewhere)
    extra.symlink_to(elsewhere)
    answer = await site.client.get(f"/api/v1/assets/{asset['id']}/original")
    assert answer.status_code == 404
