"""Acts of people over HTTP: edits, journal, split and merge, albums (SPEC 9.1, 9.6, 7.1, 7.6)."""

from __future__ import annotations

import base64
from typing import Any

import jsonschema
import pytest

from photostore.server.openapi import make_document
from photostore.server.routes import ENDPOINTS
from tests.server.conftest import Site

DOCUMENT = make_document(ENDPOINTS)


async def ask(site: Site, method: str, path: str, status: int = 200, **body: Any) -> Any:
    content = {"json": body} if method in {"POST", "PATCH"} else {}
    answer = await site.client.request(method, "/api/v1" + path, **content)
    assert answer.status_code == status, answer.text
    return answer.json()


async def all_assets(site: Site) -> list[dict[str, Any]]:
    return list((await ask(site, "GET", "/assets?order=oldest"))["assets"])


def check(name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    jsonschema.validate(value, schema)


async def test_edit_and_undo(site: Site) -> None:
    ids = [asset["id"] for asset in await all_assets(site)]
    before = [await ask(site, "GET", f"/assets/{one}") for one in ids]
    done = await ask(
        site,
        "PATCH",
        "/assets",
        ids=ids,
        set={"title": "Mine", "favourite": True, "gps": {"lat": 52.52, "lon": 13.4}},
        add_keywords=["Berlin"],
        shift_s=86400,
    )
    check("Done", done)
    assert (done["changed"], done["skipped"]) == (len(ids), 0)
    asset = await ask(site, "GET", f"/assets/{ids[0]}")
    check("WholeAsset", asset)
    assert asset["edited"] == ["captured", "favourite", "gps", "keywords", "title"]
    assert asset["sources"]["title"] == asset["sources"]["gps"] == "person"
    assert asset["place"]["city"] == "Berlin"
    tag = next(tag for tag in asset["tags"] if tag["kind"] == "keyword")
    assert (tag["path"], tag["query"]) == (["Keywords", "Berlin"], 'tag:"Keywords/Berlin"')
    found = await site.client.get("/api/v1/assets", params={"q": tag["query"]})
    assert found.json()["total"] == len(ids)
    journal = await ask(site, "GET", "/journal?limit=1")
    check("Journal", journal)
    (act,) = journal["acts"]
    assert (act["id"], act["count"], act["summary_key"]) == (done["act"], len(ids), "edit.several")
    assert [item["id"] for item in act["items"]] == ids[:4]
    assert act["undoable"]
    await ask(site, "POST", f"/journal/{done['act']}/undo")
    after = [await ask(site, "GET", f"/assets/{one}") for one in ids]
    assert after == before
    (act,) = (await ask(site, "GET", "/journal?limit=1"))["acts"]
    assert act["undoes"] == done["act"]
    following = (await ask(site, "GET", f"/journal?cursor={act['id']}"))["acts"][0]
    assert (following["undoable"], bool(following["undone_at"])) == (False, True)
    await ask(site, "POST", f"/journal/{done['act']}/undo", status=409)
    await ask(site, "POST", "/journal/999/undo", status=404)


async def test_a_wrong_value_names_field_and_remedy(site: Site) -> None:
    (first, *_) = await all_assets(site)
    problem = await ask(site, "PATCH", "/assets", 400, ids=[first["id"]], set={"rating": 9})
    assert "rating: must be a whole number from -1 (rejected) to 5" in problem["detail"]


async def test_pictures_are_turned_by_the_server(site: Site) -> None:
    """SPEC 9.1: rotate; the original stays as it is."""
    asset = (await all_assets(site))[0]
    url = f"/api/v1/assets/{asset['id']}"
    upright = await site.client.get(f"{url}/preview")
    original = await site.client.get(f"{url}/original")
    await ask(site, "PATCH", "/assets", ids=[asset["id"]], rotate=90)
    turned = await ask(site, "GET", f"/assets/{asset['id']}")
    assert (turned["width"], turned["height"]) == (asset["height"], asset["width"])
    assert turned["preview"] == asset["preview"] + "-90"
    assert turned["thumbhash"] != asset["thumbhash"]
    assert len(base64.b64decode(turned["thumbhash"])) == len(base64.b64decode(asset["thumbhash"]))
    for path in ("preview", "thumbnail"):
        picture = await site.client.get(f"{url}/{path}?v={turned['preview']}")
        assert "immutable" in picture.headers["cache-control"]
        assert _shape(picture.content) == _shape((await site.client.get(f"{url}/{path}")).content)
    assert _shape(turned_bytes := (await site.client.get(f"{url}/preview")).content) == tuple(
        reversed(_shape(upright.content))
    )
    assert turned_bytes != upright.content
    packed = (await site.client.get(f"/api/v1/thumbnails?ids={asset['id']}")).content
    assert packed[4:] == (await site.client.get(f"{url}/thumbnail")).content
    assert (await site.client.get(f"{url}/original")).content == original.content


def _shape(data: bytes) -> tuple[int, int]:
    import pyvips  # noqa: PLC0415 - as in the other tests, only where pictures are looked at

    image = pyvips.Image.new_from_buffer(data, "")
    return image.width, image.height


async def test_split_choose_and_merge(site: Site) -> None:
    twice = next(one for one in await all_assets(site) if len(one["files"]) == 2)
    first, second = (file["id"] for file in twice["files"])
    await ask(site, "POST", f"/assets/{twice['id']}/shown", file_id=second)
    split = await ask(site, "POST", "/assets/split", id=twice["id"], file_ids=[str(second)])
    check("Split", split)
    assert split["assets"][0] == twice["id"]
    other = await ask(site, "GET", f"/assets/{split['assets'][1]}")
    assert [file["id"] for file in other["files"]] == [second]
    await site.context.library.engine.run_once([])
    assert len((await ask(site, "GET", f"/assets/{twice['id']}"))["files"]) == 1
    merged = await ask(site, "POST", "/assets/merge", ids=split["assets"])
    check("Merged", merged)
    assert merged["asset"] == twice["id"]
    assert {file["id"] for file in (await ask(site, "GET", f"/assets/{twice['id']}"))["files"]} == {
        first,
        second,
    }
    await site.client.get(f"/api/v1/assets/{other['id']}")
    await ask(site, "GET", f"/assets/{other['id']}", status=404)


async def test_albums(site: Site) -> None:
    """SPEC 7.6: ordered, described, with a cover, nested; smart; and each act taken back."""
    ids = [asset["id"] for asset in await all_assets(site)]
    made = await ask(site, "POST", "/albums", 201, name="Trip", ids=ids[:3])
    check("AlbumMade", made)
    assert (made["count"], made["cover"]) == (3, ids[0])
    assert made["first_taken"] <= made["last_taken"]
    trip = made["id"]
    assert await _order(site, trip) == ids[:3]
    moved = await ask(site, "POST", f"/albums/{trip}/add", ids=[ids[2], ids[3]], before=ids[0])
    assert moved["changed"] == 2
    assert await _order(site, trip) == [ids[2], ids[3], ids[0], ids[1]]
    out = await ask(site, "POST", f"/albums/{trip}/remove", ids=[ids[3], ids[0]])
    assert await _order(site, trip) == [ids[2], ids[1]]
    inner = (await ask(site, "POST", "/albums", 201, name="Inner", parent=trip))["id"]
    changed = await ask(
        site, "PATCH", f"/albums/{trip}", name="Voyage", description="Far", cover=ids[4]
    )
    smart = await ask(site, "POST", "/albums", 201, name="Videos", query="type:video")
    assert smart["count"] == 1
    await ask(site, "PATCH", f"/albums/{smart['id']}", before=trip)
    albums = (await ask(site, "GET", "/albums"))["albums"]
    for album in albums:
        check("Album", album)
    assert [album["name"] for album in albums] == ["Videos", "Voyage", "Inner"]
    assert (albums[1]["cover"], albums[2]["parent"]) == (ids[4], trip)
    deleted = await ask(site, "DELETE", f"/albums/{trip}")
    assert (await ask(site, "GET", f"/albums/{inner}"))["parent"] is None
    await ask(site, "GET", f"/albums/{trip}", status=404)
    for act in (deleted, changed, out, moved):
        undone = await ask(site, "POST", f"/journal/{act['act']}/undo")
        assert (undone["skipped"], undone["changed"] > 0) == (0, True)
    assert await _order(site, trip) == ids[:3]
    voyage = await ask(site, "GET", f"/albums/{trip}")
    assert (voyage["name"], voyage["description"], voyage["cover"]) == ("Trip", None, ids[0])
    assert (await ask(site, "GET", f"/albums/{inner}"))["parent"] == trip


async def test_an_album_keeps_the_order_in_which_it_is_shown(site: Site) -> None:
    album = (await ask(site, "POST", "/albums", 201, name="Ordered"))["id"]
    assert (await ask(site, "GET", f"/albums/{album}"))["order"] is None
    done = await ask(site, "PATCH", f"/albums/{album}", order="oldest")
    assert (await ask(site, "GET", f"/albums/{album}"))["order"] == "oldest"
    again = await ask(site, "PATCH", f"/albums/{album}", order="oldest")
    assert again["act"] is None
    await ask(site, "POST", f"/journal/{done['act']}/undo")
    assert (await ask(site, "GET", f"/albums/{album}"))["order"] is None


async def _order(site: Site, album: str) -> list[str]:
    answer = await ask(site, "GET", f"/assets?q=album:{album}&order=album")
    return [asset["id"] for asset in answer["assets"]]


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("POST", "/albums", {}, "name: must be given"),
        ("POST", "/albums", {"name": "a", "nam": 1}, 'no field "nam"'),
        ("POST", "/albums", {"name": "a", "parent": "nobody"}, "parent: there is no such album"),
        ("POST", "/albums", {"name": "a", "query": "type:nothing"}, "type"),
        ("POST", "/albums", {"name": "a", "query": "x", "ids": ["b"]}, "query: an album is"),
        ("PATCH", "/albums/ALBUM", {"parent": "ALBUM"}, "cannot lie inside itself"),
        ("PATCH", "/albums/ALBUM", {"cover": "nobody"}, "cover: there is no such"),
        ("PATCH", "/albums/ALBUM", {"order": "random"}, "order: must be one of newest, oldest"),
        ("POST", "/albums/ALBUM/add", {"ids": ["a"], "before": "b"}, "before: must be another"),
    ],
)
async def test_wrong_albums_are_explained(
    site: Site, method: str, path: str, body: dict[str, Any], told: str
) -> None:
    album = (await ask(site, "POST", "/albums", 201, name="A"))["id"]
    body = {key: album if value == "ALBUM" else value for key, value in body.items()}
    problem = await ask(site, method, path.replace("ALBUM", album), 400, **body)
    assert told in problem["detail"]
