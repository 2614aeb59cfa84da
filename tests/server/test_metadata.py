"""`GET /api/v1/assets/{id}/metadata`: every tag, and why the date is what it is (SPEC 6.2, 6.3)."""

from __future__ import annotations

import json

import jsonschema

from photostore.server.schemas import METADATA
from tests.samples import Caption, make_photo
from tests.server.conftest import Site, add_photos


async def ids(site: Site) -> dict[str, tuple[str, int]]:
    answer = await site.client.get("/api/v1/assets")
    return {
        file["name"]: (asset["id"], file["id"])
        for asset in answer.json()["assets"]
        for file in asset["files"]
    }


async def metadata(site: Site, asset: str, **params: int):
    return await site.client.get(f"/api/v1/assets/{asset}/metadata", params=params)


async def test_all_tags_of_a_photo_and_of_its_sidecar(site: Site, tmp_path) -> None:
    folder = tmp_path / "more"
    markup = Caption(title="<b>bold</b>", keywords=("a", "b"))
    make_photo(folder / "IMG_20240301_101112.jpg", make="Canon", caption=markup, seed=77)
    said = json.dumps({"title": "x", "description": "By the <i>sea</i>", "geoData": {}})
    (folder / "IMG_20240301_101112.jpg.json").write_text(said)
    await add_photos(site, folder)
    asset, file = (await ids(site))["IMG_20240301_101112.jpg"]
    answer = await metadata(site, asset)
    assert answer.status_code == 200
    told = answer.json()
    jsonschema.validate(told, METADATA)
    assert told["file"] == file
    groups = {group["name"]: group["entries"] for group in told["groups"]}
    assert {"tag": "Make", "value": "Canon"} in groups["EXIF, picture"]
    sidecar = groups["Sidecar IMG_20240301_101112.jpg.json"]
    assert {"tag": "description", "value": "By the <i>sea</i>"} in sidecar
    assert any("<b>bold</b>" in entry["value"] for group in groups.values() for entry in group)
    assert [one["chosen"] for one in told["captured_candidates"]].count(True) == 1
    shown = (await site.client.get(f"/api/v1/assets/{asset}")).json()
    assert shown["sources"]["description"] == "sidecar:takeout"
    assert shown["sources"]["make"] == "EXIF"


async def test_film(site: Site) -> None:
    asset, _ = (await ids(site))["clip.mp4"]
    told = (await metadata(site, asset)).json()
    names = {group["name"] for group in told["groups"]}
    assert {"QuickTime", "Container", "Track 1, video"} <= names


async def test_one_of_several_files(site: Site) -> None:
    known = await ids(site)
    asset, copy = known["copy of d.jpg"]
    assert (await metadata(site, asset, file=copy)).json()["file"] == copy
    other = known["a.jpg"][1]
    answer = await metadata(site, asset, file=other)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_file_that_is_not_there_is_a_problem(site: Site, tmp_path) -> None:
    folder = tmp_path / "more"
    path = make_photo(folder / "gone.jpg", seed=78)
    await add_photos(site, folder)
    asset, _ = (await ids(site))["gone.jpg"]
    path.unlink()
    answer = await metadata(site, asset)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["path"].endswith("gone.jpg")


async def test_nobody_has_no_tags(site: Site) -> None:
    assert (await metadata(site, "01ARZ3NDEKTSV4RRFFQ69G5FAV")).status_code == 404
