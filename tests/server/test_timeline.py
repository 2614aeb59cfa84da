"""The one grid's contract (SPEC 10.1, DESIGN 1): shape, rows, patches and packed thumbnails."""

from __future__ import annotations

import json
from datetime import datetime

from tests.samples import make_photo
from tests.server.conftest import Site, add_photos

DAYS = [["2022-01-01", 1], ["2021-07-02", 2], ["2020-05-01", 2]]


def read_shape(body: bytes) -> tuple[dict, bytes]:
    length = int.from_bytes(body[:4], "little")
    return json.loads(body[4 : 4 + length]), body[4 + length :]


async def test_shape_has_days_and_a_ratio_for_each_asset(site: Site) -> None:
    answer = await site.client.get("/api/v1/shape")
    header, ratios = read_shape(answer.content)
    assert header["days"] == DAYS
    assert header["count"] == len(ratios) == 5
    # 480 x 640 is newest: 128 + 32 * log2(3 / 4) = 114.7; landscapes are 4:3.
    assert ratios[0] == 115
    assert ratios[3] == 141


async def test_shape_oldest_first_is_the_reverse(site: Site) -> None:
    answer = await site.client.get("/api/v1/shape", params={"order": "oldest"})
    assert read_shape(answer.content)[0]["days"] == DAYS[::-1]


async def test_shape_is_not_sent_again_while_nothing_changed(site: Site) -> None:
    first = await site.client.get("/api/v1/shape")
    again = await site.client.get("/api/v1/shape", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_shape_without_gzip_is_the_same(site: Site) -> None:
    zipped = await site.client.get("/api/v1/shape")
    plain = await site.client.get("/api/v1/shape", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert plain.content == zipped.content


async def test_rows_stand_at_the_ordinals_of_the_shape(site: Site) -> None:
    header, _ = read_shape((await site.client.get("/api/v1/shape")).content)
    params = {"revision": header["revision"], "start": 1, "count": 3}
    rows = (await site.client.get("/api/v1/rows", params=params)).json()
    assert rows["start"] == 1
    assert rows["kinds"] == ["video", "photo", "photo"]
    assert rows["taken"][1:] == ["2021-07-02T09:30:00", "2020-05-01T12:00:00"]
    assert rows["titles"][1] == "Tram & <b>hills</b>"
    assert all(rows["previews"])
    assert all(rows["thumbhashes"])


async def test_rows_of_a_forgotten_revision_are_refused(site: Site) -> None:
    answer = await site.client.get("/api/v1/rows", params={"revision": 999_999})
    assert answer.status_code == 409
    assert answer.json()["type"] == "revision-gone"


async def test_patch_leads_from_the_old_shape_to_the_new(site: Site, tmp_path) -> None:
    header, ratios = read_shape((await site.client.get("/api/v1/shape")).content)
    extra = tmp_path / "extra"
    make_photo(extra / "new.jpg", taken=datetime(2021, 1, 1), size=(640, 320), seed=9)
    await add_photos(site, extra)
    patch = await site.client.get("/api/v1/shape", params={"since": header["revision"]})
    assert patch.headers["content-type"] == "application/json"
    assert patch.json()["inserted"] == [[3, 160, "2021-01-01"]]
    assert patch.json()["removed"] == []
    new_header, new_ratios = read_shape((await site.client.get("/api/v1/shape")).content)
    assert patch.json()["to"] == new_header["revision"]
    assert new_ratios == ratios[:3] + bytes([160]) + ratios[3:]


async def test_pack_has_each_picture_behind_its_length(site: Site) -> None:
    assets = (await site.client.get("/api/v1/assets")).json()["assets"]
    ids = [asset["id"] for asset in assets]
    answer = await site.client.get("/api/v1/thumbnails", params={"ids": ",".join(ids)})
    pictures = unpack(answer.content)
    assert len(pictures) == len(ids)
    assert all(picture.startswith(b"RIFF") for picture in pictures)
    single = await site.client.get(f"/api/v1/assets/{ids[2]}/thumbnail")
    assert single.content == pictures[2]


async def test_pack_of_an_unknown_id_is_empty_and_keeps_the_order(site: Site) -> None:
    first = (await site.client.get("/api/v1/assets")).json()["assets"][0]["id"]
    answer = await site.client.get("/api/v1/thumbnails", params={"ids": f"nothing,{first}"})
    empty, picture = unpack(answer.content)
    assert empty == b""
    assert picture


def unpack(body: bytes) -> list[bytes]:
    parts = []
    while body:
        length = int.from_bytes(body[:4], "little")
        parts.append(body[4 : 4 + length])
        body = body[4 + length :]
    return parts


async def test_position_finds_an_asset_in_a_view(site: Site) -> None:
    assets = (await site.client.get("/api/v1/assets")).json()["assets"]
    for ordinal, asset in enumerate(assets):
        answer = await site.client.get(f"/api/v1/assets/{asset['id']}/position")
        assert answer.json()["ordinal"] == ordinal
    query = {"q": "type:video"}
    photo = next(asset for asset in assets if asset["kind"] == "photo")
    answer = await site.client.get(f"/api/v1/assets/{photo['id']}/position", params=query)
    assert answer.status_code == 404
