"""Tags, suggestions, home, streams and settings over the API: SPEC 7.3, 7.5, 10.2, 3."""

from __future__ import annotations

from datetime import date

import pytest

from photostore.base.events import Bus
from photostore.library.tagging import tag_pending
from photostore.store.assets import refresh
from photostore.store.scope import OWNER
from photostore.store.streams import on_this_day
from tests.server.conftest import Site


async def get(site: Site, path: str, **params: object) -> dict:
    answer = await site.client.get("/api/v1" + path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def below(site: Site, *names: str) -> dict[str, dict]:
    """The children of a tag that is named by its path."""
    parent = None
    for name in names:
        tags = (await get(site, "/tags", **({"parent": parent} if parent else {})))["tags"]
        parent = next(tag["id"] for tag in tags if tag["name"] == name)
    tags = (await get(site, "/tags", **({"parent": parent} if parent else {})))["tags"]
    return {tag["name"]: tag for tag in tags}


async def find(site: Site, query: str) -> int:
    return (await get(site, "/assets", q=query))["total"]


async def test_the_tree_is_read_step_by_step(site: Site) -> None:
    """SPEC 7.3: each tag says how many it has; its query finds just those."""
    roots = await below(site)
    assert {"When", "Where", "Camera", "Type", "Keywords", "Folders"} <= roots.keys()
    assert roots["When"]["count"] == await find(site, "") == 5
    for root in roots.values():
        for tag in (await get(site, "/tags", parent=root["id"]))["tags"]:
            assert await find(site, tag["query"]) == tag["count"] > 0
    keywords = await below(site, "Keywords")
    assert list(keywords) == ["Lisbon", "tram"]
    assert keywords["tram"]["path"] == ["Keywords", "tram"]
    assert keywords["tram"]["preview"]
    assert keywords["tram"]["ratio"] > 1
    assert not keywords["tram"]["has_children"]
    portugal = (await below(site, "Where"))["Portugal"]
    assert portugal["has_children"]
    city = (await below(site, "Where", "Portugal", "Lisbon"))["Lisbon"]
    one = await get(site, f"/tags/{city['id']}")
    assert [tag["name"] for tag in one["ancestors"]] == ["Where", "Portugal", "Lisbon"]


async def test_tags_are_found_by_name(site: Site) -> None:
    found = (await get(site, "/tags", q="lis"))["tags"]
    assert {tuple(tag["path"]) for tag in found} >= {
        ("Keywords", "Lisbon"),
        ("Where", "Portugal", "Lisbon", "Lisbon"),
    }
    assert (await get(site, "/tags", q="%"))["tags"] == []


@pytest.mark.parametrize("tag_id", ["0", "999999", "x", "9" * 40])
async def test_a_tag_that_is_not_there(site: Site, tag_id: str) -> None:
    assert (await site.client.get(f"/api/v1/tags/{tag_id}")).status_code == 404


async def change(site: Site, method: str, path: str, **body: object) -> tuple[int, dict]:
    answer = await site.client.request(method, "/api/v1" + path, json=body)
    return answer.status_code, answer.json()


async def test_a_keyword_is_renamed_on_all_its_assets(site: Site) -> None:
    """SPEC 7.3: rename; and it can be undone."""
    tag = (await below(site, "Keywords"))["tram"]
    status, done = await change(site, "PATCH", f"/tags/{tag['id']}", name="Eléctrico")
    assert (status, done["changed"], done["skipped"]) == (200, 1, 0)
    assert set(await below(site, "Keywords")) == {"Lisbon", "Eléctrico"}
    assert await find(site, "keyword:tram") == 0
    assert await find(site, 'keyword:"electrico"') == 1
    status, _ = await change(site, "POST", f"/journal/{done['act']}/undo")
    assert status == 200
    assert set(await below(site, "Keywords")) == {"Lisbon", "tram"}
    assert await find(site, "keyword:tram") == 1


async def test_keywords_are_merged(site: Site) -> None:
    keywords = await below(site, "Keywords")
    tram, lisbon = keywords["tram"]["id"], keywords["Lisbon"]["id"]
    status, problem = await change(site, "PATCH", f"/tags/{tram}", name="LISBON")
    assert (status, "merge" in problem["detail"]) == (409, True)
    status, done = await change(site, "POST", f"/tags/{tram}/merge", into=lisbon)
    assert (status, done["changed"]) == (200, 1)
    assert set(await below(site, "Keywords")) == {"Lisbon"}
    status, _ = await change(site, "POST", f"/tags/{lisbon}/merge", into=lisbon)
    assert status == 409


async def test_only_keywords_are_renamed(site: Site) -> None:
    tag = (await below(site, "Camera"))["Canon"]
    status, problem = await change(site, "PATCH", f"/tags/{tag['id']}", name="Nikon")
    assert status == 409
    assert "facts" in problem["detail"]
    for name in ("", "a/b", "x" * 201, None):
        tag_id = (await below(site, "Keywords"))["tram"]["id"]
        assert (await change(site, "PATCH", f"/tags/{tag_id}", name=name))[0] == 400


@pytest.mark.parametrize(
    ("typed", "text", "query"),
    [
        ("lis", "Lisbon", "keyword:Lisbon "),
        ("sea cam", "camera:", "sea camera:"),
        ("-type:vi", "video", "-type:video "),
        ("(camera:can", "Canon", "(camera:Canon "),
        ("port", "portrait", "portrait "),
        ("type:photo|vi", "video", "type:photo|video "),
        ("country:po", "Portugal", "country:Portugal "),
        ("year:20", "2021", "year:2021 "),
        ('tag:"Keywords/tr', "Keywords/tram", 'tag:"Keywords/tram" '),
        ('city:"lis', "Lisbon", "city:Lisbon "),
        ('tag:"wh', "Where", 'tag:"Where" '),
        ('tag:"where/portugal/', "Where/Portugal/Lisbon", 'tag:"Where/Portugal/Lisbon" '),
    ],
)
async def test_typing_suggests(site: Site, typed: str, text: str, query: str) -> None:
    """SPEC 7.5."""
    found = (await get(site, "/suggest", q=typed))["suggestions"]
    assert (text, query) in {(one["text"], one["query"]) for one in found}


async def test_suggestions_stand_at_the_cursor(site: Site) -> None:
    found = (await get(site, "/suggest", q="lis type:photo", cursor=3))["suggestions"]
    assert "keyword:Lisbon type:photo" in {one["query"] for one in found}
    # What is suggested is understood.
    for one in found:
        if one["kind"] != "filter":
            await find(site, one["query"])


async def test_suggesting_says_what_is_wrong(site: Site) -> None:
    answer = await get(site, "/suggest", q="sea colr:red")
    assert (answer["problem"]["start"], answer["problem"]["end"]) == (4, 9)
    assert "color:" in answer["problem"]["message"]
    assert (await get(site, "/suggest", q="sea"))["problem"] is None
    assert (await get(site, "/suggest", q="", cursor=5))["problem"] is None


async def test_the_help_lists_all_filters(site: Site) -> None:
    filters = (await get(site, "/filters"))["filters"]
    assert {"camera", "near", "album"} <= {one["name"] for one in filters}


async def test_home_is_the_same_for_the_same_seed(site: Site) -> None:
    """SPEC 10.2: another selection at each visit, the same on back."""
    first = await get(site, "/home", seed=5)
    assert first == await get(site, "/home", seed=5)
    kinds = {stream["kind"] for stream in first["streams"]}
    assert {"recent", "random"} <= kinds
    for stream in first["streams"]:
        assert stream["items"]
        assert stream["count"] == await find(site, stream["query"])
    homes = [(await get(site, "/home", seed=seed))["streams"] for seed in range(6)]
    assert len({str(streams[-1]) for streams in homes}) > 1
    for streams in homes:  # a city and its state of the same name are not shown side by side
        names = [(stream["kind"], stream["title"]) for stream in streams]
        assert len(names) == len(set(names))


async def test_streams_lead_to_what_is_around(site: Site) -> None:
    """SPEC 10.2: the same day, place, camera, folder, person."""
    asset = (await get(site, "/assets", q="tram"))["assets"][0]
    streams = (await get(site, f"/assets/{asset['id']}/streams"))["streams"]
    found = {stream["kind"]: stream for stream in streams}
    assert found["day"]["query"] == "taken:2021-07-02"
    assert found["day"]["count"] == 2
    assert {item["kind"] for item in found["day"]["items"]} == {"photo", "video"}
    for stream in streams:
        assert stream["count"] == await find(site, stream["query"])
        assert len(stream["items"]) > 1
    assert (await site.client.get("/api/v1/assets/nothing/streams")).status_code == 404


async def test_settings_are_shown_and_saved(site: Site) -> None:
    """SPEC 3.2, 3.3: into the files, with comments; what is fixed outside is refused."""
    shown = {one["name"]: one for one in (await get(site, "/settings"))["settings"]}
    assert shown["preview_px"]["value"] == 1440
    assert shown["preview_px"]["scope"] == "library"
    assert shown["scan"]["fixed"]
    assert shown["scan"]["source"] == {"kind": "command line", "where": "--scan"}
    assert shown["log_level"]["choices"]
    changes = {"preview_px": 1600, "http_port": "1788", "exclude_globs": ["**/x/**"]}
    status, saved = await change(site, "PATCH", "/settings", changes=changes)
    assert status == 200
    assert saved["restart_needed"]
    assert set(saved["saved"]) == set(changes)
    now = {one["name"]: one["value"] for one in saved["settings"]}
    assert (now["preview_px"], now["http_port"]) == (1600, 1788)
    assert now["exclude_globs"] == ["**/x/**"]
    text = site.context.layout.library_toml.read_text("utf-8")
    assert "preview_px = 1600" in text
    assert "# Longer side" in text
    status, saved = await change(site, "PATCH", "/settings", changes={"preview_px": None})
    assert {one["name"]: one["value"] for one in saved["settings"]}["preview_px"] == 1440


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scan": ["/x"]}, "command line"),
        ({"preview_px": 3}, "allowed: a whole number from 320"),
        ({"nonsense": 1}, "nonsense: There is no setting"),
        ({"puid": 5}, "cannot be changed here"),
        ({"preview_px": 1600, "log_level": "loud"}, "log_level"),
        ({}, "at least"),
        (None, "at least"),
    ],
)
async def test_wrong_settings_are_explained_and_not_written(site, changes, said) -> None:
    status, problem = await change(site, "PATCH", "/settings", changes=changes)
    assert status == 400
    assert said in problem["detail"]
    assert not site.context.layout.library_toml.exists()


async def test_all_wrong_settings_are_named_at_once(site: Site) -> None:
    """SPEC 3.4: the page shows each fault beside its field."""
    changes = {"preview_px": 3, "log_level": "loud", "backup_keep": 9}
    status, problem = await change(site, "PATCH", "/settings", changes=changes)
    assert status == 400
    assert set(problem["faults"]) == {"preview_px", "log_level"}
    assert "allowed: error or warn" in problem["faults"]["log_level"]


async def test_a_library_of_an_older_version_is_tagged(site: Site) -> None:
    database = site.context.library.database
    async with database.write() as transaction:
        await transaction.execute("DELETE FROM asset_tag")
        await transaction.execute("UPDATE tag SET asset_count = 0")
        await transaction.execute("UPDATE asset SET tagged = 0")
    views = site.context.library.views
    assert (await get(site, "/tags"))["tags"] == []
    assert await tag_pending(database, views, Bus()) == 5
    assert (await below(site))["When"]["count"] == 5
    assert await tag_pending(database, views, Bus()) == 0


async def test_a_branch_of_keywords_is_renamed(site: Site) -> None:
    """What is below comes along, also where files write the path and each of its names."""
    database = site.context.library.database
    async with database.write() as transaction:
        await transaction.execute(
            """UPDATE file SET keywords = '["Animals", "dog", "Rex", "tram"]',
                 facts = '{"keyword_paths": ["Animals/Dog/Rex"]}'
               WHERE keywords LIKE '%tram%'"""
        )
        rows = await transaction.fetch_all("SELECT asset_id FROM file WHERE facts LIKE '%Rex%'")
        await refresh(transaction, [row["asset_id"] for row in rows])
    dog = (await below(site, "Keywords", "Animals"))["Dog"]
    status, done = await change(site, "PATCH", f"/tags/{dog['id']}", name="Hounds")
    assert (status, done["changed"]) == (200, 1)
    assert set(await below(site, "Keywords", "Animals")) == {"Hounds"}
    assert set(await below(site, "Keywords", "Animals", "Hounds")) == {"Rex"}
    assert set(await below(site, "Keywords")) == {"Animals", "tram"}
    animals = (await below(site, "Keywords"))["Animals"]["id"]
    tram = (await below(site, "Keywords"))["tram"]["id"]
    status, done = await change(site, "POST", f"/tags/{animals}/merge", into=tram)
    assert status == 200
    assert set(await below(site, "Keywords", "tram")) == {"Hounds"}
    assert set(await below(site, "Keywords")) == {"tram"}
    assert (await change(site, "POST", f"/journal/{done['act']}/undo"))[0] == 200
    assert set(await below(site, "Keywords")) == {"Animals", "tram"}


async def test_what_is_hidden_is_in_no_stream(site: Site) -> None:
    asset = (await get(site, "/assets", q="tram"))["assets"][0]["id"]
    near = (await get(site, "/assets", q="taken:2021-07-02 -tram"))["assets"][0]["id"]
    body = {"ids": [asset], "set": {"hidden": True}}
    answer = await site.client.patch("/api/v1/assets", json=body)
    assert answer.json()["changed"] == 1
    for path in (*(f"/home?seed={seed}" for seed in range(5)), f"/assets/{near}/streams"):
        streams = (await site.client.get("/api/v1" + path)).json()["streams"]
        assert asset not in {item["id"] for stream in streams for item in stream["items"]}
    assert "Keywords" not in await below(site)
    assert await find(site, "in:hidden tram") == 1


async def test_on_this_day_is_of_earlier_years(site: Site) -> None:
    async with site.context.library.database.read() as reading:
        stream = await on_this_day(reading, OWNER, date(2024, 5, 1), 1)
        assert stream is not None
        assert stream.count == len(stream.asset_ids) == await find(site, stream.query) == 2
        assert await on_this_day(reading, OWNER, date(2020, 5, 1), 1) is None
