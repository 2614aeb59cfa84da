"""What lies beside a file: sidecars and the other half of a live photo (SPEC 6.2, 6.5)."""

from __future__ import annotations

from datetime import datetime

from photostore.library.previews import PreviewSize
from photostore.store.details import load_assets
from photostore.store.scope import OWNER
from photostore.sync.companions import with_sidecars
from tests.samples import make_photo, make_video
from tests.sync.shop import old

XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/>
</rdf:RDF></x:xmpmeta>"""


async def assets_of(shop):
    async with shop.database.read() as reading:
        rows = await reading.fetch_all("SELECT id FROM asset ORDER BY id")
        return await load_assets(reading, OWNER, [row["id"] for row in rows])


async def test_sidecar_wins_over_the_file(real_shop):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    (real_shop.photos / "a.jpg.xmp").write_text(XMP)
    await real_shop.sync()
    assert [asset.rating for asset in await assets_of(real_shop)] == [4]


async def test_unreadable_sidecar_is_a_note_and_no_obstacle(real_shop):
    old(make_photo(real_shop.photos / "a.jpg", seed=1))
    (real_shop.photos / "a.jpg.xmp").write_bytes(b"x" * 5_000_000)
    await real_shop.sync()
    (asset,) = await assets_of(real_shop)
    assert any("a.jpg.xmp" in note for note in asset.extra["notes"])


async def test_still_and_clip_of_one_moment_are_one_asset(real_shop):
    taken = datetime(2024, 5, 4, 12, 30, 10)
    old(make_photo(real_shop.photos / "IMG_1.jpg", taken=taken, seed=1))
    old(make_video(real_shop.photos / "IMG_1.mp4", taken_utc=taken, seconds=2, seed=2))
    old(make_video(real_shop.photos / "IMG_2.mp4", taken_utc=taken, seconds=2, seed=3))
    await real_shop.sync()
    live, film = sorted(await assets_of(real_shop), key=lambda asset: asset.is_video)
    assert [file.name for file in live.files] == [b"IMG_1.jpg", b"IMG_1.mp4"]
    assert not live.is_video
    assert film.is_video
    assert real_shop.previews.read(live.shown.sha1, PreviewSize.GRID)


async def test_a_long_film_of_the_same_name_is_no_clip(real_shop):
    taken = datetime(2024, 5, 4, 12, 30, 10)
    old(make_photo(real_shop.photos / "IMG_1.jpg", taken=taken, seed=1))
    old(make_video(real_shop.photos / "IMG_1.mp4", taken_utc=taken, seconds=8, seed=2))
    await real_shop.sync()
    assert len(await assets_of(real_shop)) == 2


def test_folder_that_is_gone_has_no_sidecars(tmp_path):
    from photostore.media.probe import probe  # noqa: PLC0415 - only to have facts
    from photostore.media.reading import read_content  # noqa: PLC0415

    path = make_photo(tmp_path / "a.jpg", seed=1)
    facts = probe(read_content(bytes(path)))
    assert with_sidecars(b"/nowhere/a.jpg", facts) == (facts, None)
