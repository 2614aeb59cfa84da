"""The sample generator: the same seed gives the same bytes, and files say what was asked for."""

from __future__ import annotations

import ast
import io
import json
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import av
import exifread
import pytest
import pyvips

from tests.samples import Caption, Exposure, make_library, make_photo, make_video
from tests.samples.plan import Planner
from tests.samples.scenes import SCENES, paint_scene
from tests.samples.trips import HOME, PLACES, offset_at

TAKEN = datetime(2019, 7, 4, 18, 30, 12, 345_000)


def read(path: Path) -> dict[str, object]:
    return exifread.process_file(io.BytesIO(path.read_bytes()), details=False)


def test_photo_says_what_was_asked_for(tmp_path):
    path = make_photo(
        tmp_path / "a.jpg", taken=TAKEN, offset=120, gps=(-33.8688, 151.2093, 12.5),
        make="Google", model="Pixel 7", lens="back", seed=4,
        exposure=Exposure(1 / 250, 1.85, 64, 6.81, 24),
    )  # fmt: skip
    tags = read(path)
    assert str(tags["EXIF DateTimeOriginal"]) == "2019:07:04 18:30:12"
    assert str(tags["EXIF SubSecTimeOriginal"]) == "345"
    assert str(tags["EXIF OffsetTimeOriginal"]) == "+02:00"
    assert str(tags["Image Make"]) == "Google"
    assert str(tags["EXIF LensModel"]) == "back"
    assert str(tags["EXIF ExposureTime"]) == "1/250"
    assert tags["EXIF ISOSpeedRatings"].values == [64]
    lat, lon = exifread.utils.get_gps_coords(tags)
    assert (lat, lon) == pytest.approx((-33.8688, 151.2093), abs=1e-5)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_orientation_brings_the_stored_pixels_upright(tmp_path, orientation):
    options = {"size": (96, 160), "seed": 2, "quality": 95}
    upright = make_photo(tmp_path / "upright.jpg", **options)
    turned = make_photo(tmp_path / "turned.jpg", **options, orientation=orientation)
    assert read(turned)["Image Orientation"].values == [orientation]
    shown = pyvips.Image.new_from_file(str(turned)).autorot()
    assert (shown.width, shown.height) == (96, 160)
    difference = (shown - pyvips.Image.new_from_file(str(upright))).abs().avg()
    assert difference < 3


def test_photo_is_the_same_for_the_same_seed_only(tmp_path):
    first, again, other = (
        make_photo(tmp_path / f"{k}.jpg", seed=seed, taken=TAKEN).read_bytes()
        for k, seed in enumerate((7, 7, 8))
    )
    assert first == again
    assert first != other


def test_photo_without_exif_and_with_caption(tmp_path):
    bare = make_photo(tmp_path / "bare.jpg", exif=False, taken=TAKEN)
    assert not read(bare)
    caption = Caption("A <title> & more", "Text", ("one", "two"), 4)
    data = make_photo(tmp_path / "captioned.jpg", caption=caption).read_bytes()
    assert b"A &lt;title&gt; &amp; more" in data
    assert b'xmp:Rating="4"' in data


@pytest.mark.parametrize("turned", [False, True])
def test_video_plays_and_says_when(tmp_path, turned):
    path = make_video(tmp_path / "a.mp4", taken_utc=TAKEN, seconds=1, turned=turned, sound=True)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        frames = list(clip.decode(stream))
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (320, 180)
        assert clip.metadata["creation_time"] == "2019-07-04T18:30:12.000000Z"
        assert len(clip.streams.audio) == 1
    assert len(frames) == 24
    assert abs(frames[0].rotation) == (90 if turned else 0)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_scene_is_a_picture(name):
    picture = paint_scene(name, 3, 1, "", (120, 90))
    assert picture.bands == 3
    assert 0.02 < picture.avg() < 0.98
    assert picture.deviate() > 0.02


def test_library_is_complete_and_comes_again(tmp_path):
    options = {"count": 9, "seed": 3, "megapixels": 0.05, "videos": 1, "workers": 1}
    first = make_library(tmp_path / "a", **options)
    make_library(tmp_path / "b", **options)
    files, others = (
        {path.relative_to(tmp_path / top) for path in (tmp_path / top).rglob("*.*")} for top in "ab"
    )
    assert files == others
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    told = json.loads((tmp_path / "a" / "library.json").read_text("utf-8"))["files"]
    assert len(told) == 9 + 1 + 2 == len(first["files"])
    assert {str(name) for name in files} >= {f["path"] for f in told}
    for told_file in told:
        _check(tmp_path / "a" / told_file["path"], told_file)


def _check(path: Path, told: dict) -> None:
    if told["mime"] != "image/jpeg" or told["expected"] != "imported":
        return
    image = pyvips.Image.new_from_file(str(path)).autorot()
    assert (image.width, image.height) == (told["width"], told["height"])
    tags = read(path)
    if told["captured"]["source"] == "exif":
        local = datetime.fromisoformat(told["captured"]["local"])
        assert str(tags["EXIF DateTimeOriginal"]) == f"{local:%Y:%m:%d %H:%M:%S}"
        assert str(tags["Image Model"]) == told["model"]
    else:
        assert not tags
    if told["gps"]:
        assert exifread.utils.get_gps_coords(tags) == pytest.approx(told["gps"][:2], abs=1e-5)


def test_library_goes_on_where_it_stopped(tmp_path):
    options = {"count": 3, "seed": 5, "megapixels": 0.05, "videos": 0, "workers": 1}
    make_library(tmp_path, **options)
    path = next(p for p in tmp_path.glob("20*/*/*") if p.suffix in {".JPG", ".jpg"})
    data = path.read_bytes()
    path.unlink()
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()}
    make_library(tmp_path, **options)
    assert path.read_bytes() == data
    assert before == {p: p.stat().st_mtime_ns for p in before}
    with pytest.raises(ValueError, match="another folder"):
        make_library(tmp_path, **{**options, "seed": 6})


@pytest.mark.parametrize("count", [1, 20, 300, 1000])
def test_plan_has_as_many_pictures_as_asked(count):
    planner = Planner(count, 1, 2.0)
    shots = planner.pictures()
    assert len(shots) == count
    assert len({s.path.lower() for s in shots}) == count
    assert {s.path for s in shots} >= {s.copy_of for s in shots if s.copy_of}


def test_plan_is_a_family_library():
    shots = Planner(300, 1, 2.0).pictures()
    years = {s.taken.year for s in shots if s.taken and s.exif}
    assert years == set(range(2005, 2026))
    assert len({s.scene for s in shots}) == len(SCENES) + 1
    forms = Counter(s.form for s in shots)
    assert min(forms[form] for form in ("jpeg", "screenshot", "webp", "heic", "dng")) >= 1
    assert not any(s.gps for s in shots if s.taken and s.taken.year < 2012)
    assert {3, 6, 8} <= {s.orientation for s in shots}
    assert any(s.group and s.group.startswith("burst") for s in shots)
    assert any(s.size[0] >= 2.9 * s.size[1] for s in shots)


def test_summer_time():
    assert offset_at(HOME, datetime(2024, 3, 30).date()) == 60
    assert offset_at(HOME, datetime(2024, 3, 31).date()) == 120
    assert offset_at(HOME, datetime(2024, 10, 27).date()) == 60
    new_york = next(p for p in PLACES if p.name == "New York")
    assert offset_at(new_york, datetime(2024, 3, 10).date()) == -240
    assert offset_at(new_york, datetime(2024, 11, 3).date()) == -300


def test_generator_needs_only_what_the_project_needs_at_run_time():
    allowed = {"PIL", "av", "pillow_heif", "pyvips"}
    for path in (Path(__file__).parent / "samples").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top in allowed or top in sys.stdlib_module_names, (path.name, name)
