"""Reports of what became of files, over the API: SPEC 5.8."""

from __future__ import annotations

import csv
import io

import pytest

from photostore.library.reports import COLUMNS, ReportRow
from tests.server.conftest import Site, add_photos


async def test_an_import_is_reported_with_a_link_to_each_asset(site: Site, tmp_path) -> None:
    (tmp_path / "more").mkdir()
    source = site.photos / "a.jpg"
    (tmp_path / "more" / "e.jpg").write_bytes(source.read_bytes())
    (tmp_path / "more" / "f.jpg").write_bytes(b"no picture")
    await add_photos(site, tmp_path / "more")
    (report,) = [
        one
        for one in (await site.client.get("/api/v1/reports")).json()["reports"]
        if one["ended_at"] is None
    ]
    assert report["counts"] == {"imported": 1, "rejected": 1}
    rows = (await site.client.get(f"/api/v1/reports/{report['name']}")).json()["rows"]
    imported, rejected = sorted(rows, key=lambda row: row["state"])
    assert imported["path"] == str(tmp_path / "more" / "e.jpg")
    assert imported["ms"] > 0
    assert imported["url"].startswith("/photos/")
    asset = await site.client.get(imported["url"].replace("/photos/", "/api/v1/assets/"))
    assert asset.status_code == 200
    assert (rejected["stage"], rejected["url"]) == ("probe", None)
    assert rejected["details"]


async def test_rows_are_sought_and_paged(site: Site) -> None:
    rows = [ReportRow(b"/p/%d.jpg" % number, "trashed", "trash") for number in range(5)]
    site.context.library.reports.add(rows)
    found = (await site.client.get("/api/v1/reports")).json()["reports"]
    name = next(one["name"] for one in found if "trashed" in one["counts"])
    first = (await site.client.get(f"/api/v1/reports/{name}", params={"limit": 3})).json()
    second = (
        await site.client.get(
            f"/api/v1/reports/{name}", params={"limit": 3, "cursor": first["next"]}
        )
    ).json()
    paths = [row["path"] for row in first["rows"] + second["rows"]]
    assert paths == [f"/p/{number}.jpg" for number in range(5)]
    assert second["next"] is None
    one = (await site.client.get(f"/api/v1/reports/{name}", params={"q": "3.JPG"})).json()
    assert [row["path"] for row in one["rows"]] == ["/p/3.jpg"]
    none = (await site.client.get(f"/api/v1/reports/{name}", params={"state": "copied"})).json()
    assert none["rows"] == []


async def test_the_table_can_be_saved(site: Site) -> None:
    site.context.library.reports.add([ReportRow(b"/p/a.jpg", "copied")])
    found = (await site.client.get("/api/v1/reports")).json()["reports"]
    name = next(one["name"] for one in found if "copied" in one["counts"])
    answer = await site.client.get(f"/api/v1/reports/{name}/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert next(csv.reader(io.StringIO(answer.text))) == list(COLUMNS)


@pytest.mark.parametrize("name", ["none", "..%2F..%2Fsettings", "20200101T000000Z"])
@pytest.mark.parametrize("ending", ["", "/csv"])
async def test_other_names_are_not_found(site: Site, name: str, ending: str) -> None:
    assert (await site.client.get(f"/api/v1/reports/{name}{ending}")).status_code == 404


async def test_a_made_up_cursor_is_refused(site: Site) -> None:
    site.context.library.reports.add([ReportRow(b"/p/a.jpg", "copied")])
    name = (await site.client.get("/api/v1/reports")).json()["reports"][0]["name"]
    answer = await site.client.get(f"/api/v1/reports/{name}", params={"cursor": "3"})
    assert answer.status_code == 400
