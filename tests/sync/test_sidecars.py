"""Sidecars that appear, change or go after their file was imported (SPEC 6.2)."""

from __future__ import annotations

import json
import os

import pytest

from photostore.library.previews import PreviewSize
from photostore.library.sidecars.digest import digest_of
from photostore.store.details import load_assets
from photostore.store.scope import OWNER
from photostore.sync import companions
from photostore.sync.journey import travel
from tests.samples import make_photo, make_video
from tests.store.stock import wall_ms
from tests.sync.shop import old

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="{rating}"/>
</rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def journeys(monkeypatch):
    """The names of files that are read, and those of which the picture is decoded."""
    read: list[str] = []
    decoded: list[str] = []

    def note(work, workshop):
        read.append(os.fsdecode(os.path.basename(work.path)))
        return travel(work, workshop)

    from photostore.decode import examination  # noqa: PLC0415 - its name is replaced here

    render = examination.render

    def note_render(content, *args, **options):
        decoded.append(os.fsdecode(os.path.basename(content.path)))
        return render(content, *args, **options)

    monkeypatch.setattr("photostore.sync.pipeline.travel", note)
    monkeypatch.setattr(examination, "render", note_render)
    return read, decoded


async def ratings(shop):
    async with shop.database.read() as reading:
        rows = await reading.fetch_all("SELECT id FROM asset ORDER BY id")
        assets = await load_assets(reading, OWNER, [row["id"] for row in rows])
    return {asset.shown.name.decode(): asset.rating for asset in assets}


def rate(shop, name: str, rating: int) -> None:
    (shop.photos / name).write_text(XMP.format(rating=rating))


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp", "A.JPG.XMP"])
async def test_sidecar_that_comes_changes_and_goes(real_shop, journeys, name):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    old(make_photo(real_shop.photos / "b.jpg", seed=2))
    await real_shop.sync()
    assert await ratings(real_shop) == {"a.jpg": None, "b.jpg": None}
    read, decoded = journeys
    read.clear()
    decoded.clear()
    for rating in (4, 2):
        rate(real_shop, name, rating)
        await real_shop.sync()
        assert (await ratings(real_shop))["a.jpg"] == rating
    (real_shop.photos / name).unlink()
    await real_shop.sync()
    assert await ratings(real_shop) == {"a.jpg": None, "b.jpg": None}
    assert read == ["a.jpg"] * 3, "only the file that the sidecar describes"
    assert decoded == [], "previews stay"
    async with real_shop.database.read() as reading:
        sha1 = await reading.fetch_value("SELECT sha1 FROM file WHERE name = ?", (b"a.jpg",))
        hashed = await reading.fetch_value(
            "SELECT asset.thumbhash FROM asset JOIN file ON asset_id = asset.id WHERE sha1 = ?",
            (sha1,),
        )
    assert real_shop.previews.read(sha1, PreviewSize.GRID)
    assert hashed


async def test_whole_name_wins_and_the_other_returns(real_shop):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    rate(real_shop, "a.xmp", 1)
    rate(real_shop, "a.jpg.xmp", 5)
    await real_shop.sync()
    assert await ratings(real_shop) == {"a.jpg": 5}
    (real_shop.photos / "a.jpg.xmp").unlink()
    await real_shop.sync()
    assert await ratings(real_shop) == {"a.jpg": 1}


async def test_unchanged_folders_are_not_read_again(real_shop, journeys):
    for number in range(3):
        old(make_photo(real_shop.photos / f"{number}.jpg", seed=number))
        rate(real_shop, f"{number}.jpg.xmp", number)
    (real_shop.photos / "metadata.json").write_text(json.dumps({"title": "An album"}))
    await real_shop.sync()
    read, _ = journeys
    read.clear()
    for _ in range(2):
        report = await real_shop.sync()
        assert report.unchanged == 3
    assert read == []


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg.json",
        "a.jpg.supplemental-metadata.json",
        "a.jpg.supplemental-meta.json",
        "A.JPG.json",
    ],
)
async def test_takeout_that_comes_later(real_shop, journeys, name):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    await real_shop.sync()
    said = {"title": "a.jpg", "description": "At the lake", "photoTakenTime": {"timestamp": "1"}}
    (real_shop.photos / name).write_text(json.dumps(said))
    await real_shop.sync()
    async with real_shop.database.read() as reading:
        assert await reading.fetch_value("SELECT description FROM asset") == "At the lake"
    assert journeys[1] == ["a.jpg"], "at the import alone"


async def test_album_file_concerns_its_whole_folder(real_shop, journeys):
    for name in ("x/a.jpg", "x/b.jpg", "y/c.jpg"):
        os.makedirs((real_shop.photos / name).parent, exist_ok=True)
        old(make_photo(real_shop.photos / name, seed=ord(name[2])))
    await real_shop.sync()
    read, _ = journeys
    read.clear()
    (real_shop.photos / "x" / "metadata.json").write_text(json.dumps({"title": "Lofoten"}))
    await real_shop.sync()
    assert sorted(read) == ["a.jpg", "b.jpg"]
    async with real_shop.database.read() as reading:
        rows = await reading.fetch_all("SELECT name, facts ->> '$.albums' AS albums FROM file")
    assert {row["name"]: row["albums"] for row in rows} == {
        b"a.jpg": '["Lofoten"]',
        b"b.jpg": '["Lofoten"]',
        b"c.jpg": None,
    }


async def test_film_is_not_read_through_again(real_shop, monkeypatch):
    old(make_video(real_shop.photos / "a.mp4", seconds=2, seed=1))
    await real_shop.sync()

    def refuse(_):
        raise AssertionError("hashed again")

    monkeypatch.setattr("photostore.media.reading._hash", refuse)
    rate(real_shop, "a.xmp", 3)
    await real_shop.sync()
    assert await ratings(real_shop) == {"a.mp4": 3}


async def test_renamed_file_takes_the_sidecar_of_its_new_name(real_shop, journeys):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    rate(real_shop, "a.jpg.xmp", 4)
    await real_shop.sync()
    os.rename(real_shop.photos / "a.jpg", real_shop.photos / "b.jpg")
    await real_shop.sync()
    assert await ratings(real_shop) == {"b.jpg": None}
    os.rename(real_shop.photos / "a.jpg.xmp", real_shop.photos / "b.jpg.xmp")
    await real_shop.sync()
    assert await ratings(real_shop) == {"b.jpg": 4}
    assert journeys[1] == ["a.jpg"]


async def test_lost_previews_are_made_although_only_the_sidecar_changed(real_shop, journeys):
    path = old(make_photo(real_shop.photos / "a.jpg", seed=1))
    await real_shop.sync()
    async with real_shop.database.read() as reading:
        sha1 = await reading.fetch_value("SELECT sha1 FROM file")
    real_shop.previews.path(sha1, PreviewSize.GRID).unlink()
    rate(real_shop, path.name + ".xmp", 3)
    await real_shop.sync()
    assert real_shop.previews.read(sha1, PreviewSize.GRID)
    assert await ratings(real_shop) == {"a.jpg": 3}


async def test_sidecar_that_changes_while_its_file_is_read(real_shop, monkeypatch):
    """What a scan saw meanwhile is not overwritten by what was read before it."""
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    rate(real_shop, "a.jpg.xmp", 1)
    times = []

    def slow(work, workshop):
        outcome = travel(work, workshop)
        times.append(work.id)
        if len(times) == 1:
            rate(real_shop, "a.jpg.xmp", 5)
            real_shop.loop_scan()
        return outcome

    import asyncio  # noqa: PLC0415

    loop = asyncio.get_running_loop()

    def loop_scan() -> None:
        asyncio.run_coroutine_threadsafe(real_shop.scan(), loop).result(10)

    real_shop.loop_scan = loop_scan
    monkeypatch.setattr("photostore.sync.pipeline.travel", slow)
    await real_shop.sync()
    assert len(times) == 2
    assert await ratings(real_shop) == {"a.jpg": 5}


async def test_watched_folder_shows_a_new_sidecar(real_shop):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    async with real_shop.running(watch=True):
        await real_shop.until(lambda: real_shop.are(**{"a.jpg": "ready"}))
        rate(real_shop, "a.jpg.xmp", 4)

        async def is_rated() -> bool:
            return await ratings(real_shop) == {"a.jpg": 4}

        await real_shop.until(is_rated)
        (real_shop.photos / "a.jpg.xmp").unlink()

        async def is_plain() -> bool:
            return await ratings(real_shop) == {"a.jpg": None}

        await real_shop.until(is_plain)


def test_names_within_one_tick_of_the_clock_are_seen(tmp_path, monkeypatch):
    """A listing that is kept must not hide a sidecar that came in the same tick."""
    folder = os.fsencode(tmp_path)
    (tmp_path / "a.jpg").touch()
    assert companions.sidecars_of(folder) == {}
    before = os.stat(folder)
    (tmp_path / "a.xmp").touch()
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    now = companions.time.monotonic() + companions.FRESH_LISTING_S
    monkeypatch.setattr(companions.time, "monotonic", lambda: now)
    assert list(companions.sidecars_of(folder)) == [b"a.jpg"]


def test_digest_tells_names_sizes_and_times():
    from photostore.store.files import SeenFile  # noqa: PLC0415

    one = SeenFile(b"a.xmp", 1, 5, 0)
    assert digest_of([]) is None
    others = (one._replace(name=b"b.xmp"), one._replace(size=2), one._replace(mtime_ns=6))
    assert len({digest_of([each]) for each in (one, *others)}) == 4


async def test_a_date_in_the_name_follows_the_name(real_shop, journeys):
    """SPEC 4.4, 6.3: the asset stays, its pictures are not decoded again."""
    old(make_photo(real_shop.photos / "IMG_20200102_030405.jpg", taken=None, seed=1))
    await real_shop.sync()
    before = await real_shop.assets()
    os.rename(
        real_shop.photos / "IMG_20200102_030405.jpg", real_shop.photos / "IMG_20210607_080910.jpg"
    )
    await real_shop.sync()
    async with real_shop.database.read() as reading:
        row = await reading.fetch_one("SELECT captured_ms, captured_source FROM asset")
    assert tuple(row) == (wall_ms(2021, 6, 7, 8, 9, 10), "file-name")
    assert list((await real_shop.assets()).values()) == list(before.values())
    assert journeys[1] == ["IMG_20200102_030405.jpg"]
