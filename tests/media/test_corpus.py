"""The whole corpus through probe and render: SPEC 5.3, 6.1, 6.3, 6.4 on real and on broken files.

Figures are printed (`pytest -s`). Nothing here depends on the names or values of single files.
"""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from photostore.base.errors import FileError
from photostore.media.facts import Facts
from photostore.media.filters import Limits, rejection_by_facts, rejection_by_stat
from photostore.media.preview import Previews, render
from photostore.media.probe import probe
from photostore.media.reading import read_content

# All of 843 files, decoded once: a busy machine takes its time.
pytestmark = pytest.mark.timeout(600)
OFF = Limits(enabled=False)
COMMON = ("image/jpeg", "image/png", "image/apng", "image/gif", "image/webp", "image/tiff",
          "image/x-tiff-big", "image/heic", "image/heif", "image/heif-sequence", "image/avif",
          "video/")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    item: dict
    facts: Facts | None
    previews: Previews | None
    reason: str | None
    seconds: float
    grown_mb: float


def memory_mb(field: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def handle(path: bytes, item: dict) -> Outcome:
    if os.access("/proc/self/clear_refs", os.W_OK):
        Path("/proc/self/clear_refs").write_text("5")  # starts the high-water mark afresh
    before, start = memory_mb("VmRSS"), time.monotonic()
    facts: Facts | None = None
    previews: Previews | None = None
    reason = rejection_by_stat(path, item["bytes"], OFF)
    if reason is None:
        try:
            content = read_content(path)
            facts = probe(content)
            reason = rejection_by_facts(facts, OFF)
            previews = render(content, facts) if reason is None else None
        except FileError as error:
            reason = error.reason
            assert reason
    seconds = time.monotonic() - start
    return Outcome(item, facts, previews, reason, seconds, memory_mb("VmHWM") - before)


@pytest.fixture(scope="module")
def outcomes(corpus: Path, manifest: list[dict]) -> list[Outcome]:
    wanted = [item for item in manifest if item["expect"] in ("import", "reject")]
    return [handle(os.fsencode(corpus / item["path"]), item) for item in wanted]


def share(hits: list[bool], name: str) -> float:
    found = sum(hits) / len(hits)
    print(f"{name}: {sum(hits)} of {len(hits)} ({found:.1%})")
    return found


def is_common(item: dict) -> bool:
    return str(item["truth"].get("mime") or "").startswith(COMMON)


def test_what_must_import_imports(outcomes: list[Outcome]) -> None:
    wanted = [one for one in outcomes if one.item["expect"] == "import" and is_common(one.item)]
    for one in wanted:
        if one.previews is None:
            print(one.item["path"], "→", one.reason)
    assert share([one.previews is not None for one in wanted], "common kinds imported") >= 0.98


def test_what_must_not_import_is_refused_with_a_reason(outcomes: list[Outcome]) -> None:
    wanted = [
        one for one in outcomes if one.item["expect"] == "reject" and not one.item.get("tolerant")
    ]
    assert share([one.previews is None for one in wanted], "refused") >= 0.95
    assert all(one.reason for one in wanted if one.previews is None)


def test_nothing_hangs_or_eats_memory(outcomes: list[Outcome]) -> None:
    slowest = max(outcomes, key=lambda one: one.seconds)
    largest = max(
        (one for one in outcomes if one.item["expect"] == "reject"), key=lambda one: one.grown_mb
    )
    print(f"slowest: {slowest.seconds:.1f} s ({slowest.item['path']})")
    print(f"largest reject: {largest.grown_mb:.0f} MB ({largest.item['path']})")
    assert slowest.seconds < 60
    assert largest.grown_mb < 400


def test_previews_are_sound(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        if one.previews is None or one.facts is None:
            continue
        grid, screen = one.previews.grid, one.previews.screen
        assert max(screen.width, screen.height) <= 1440
        assert grid.width * grid.height <= 480 * 320 + 480
        assert 5 <= len(one.previews.thumbhash) <= 25
        if one.facts.kind.group != "raw":
            # Facts promise what is then shown (video sizes are rounded twice).
            ratio = one.facts.width / one.facts.height
            assert screen.width / screen.height == pytest.approx(ratio, rel=0.1, abs=0.02)


def test_sizes_and_orientation_agree_with_the_truth(outcomes: list[Outcome]) -> None:
    sizes, turns = [], []
    for one in outcomes:
        truth, decoded = one.item["truth"], one.item.get("decoded") or {}
        if one.facts is None or one.facts.kind.group == "raw" or not truth.get("width"):
            continue
        size = {decoded.get("width") or truth["width"], decoded.get("height") or truth["height"]}
        sizes.append({one.facts.width, one.facts.height} == size)
        if truth.get("orientation") in range(1, 9):
            turns.append(one.facts.orientation == truth["orientation"])
    assert share(sizes, "sizes") >= 0.98
    assert share(turns, "orientations") >= 0.98


def test_dates_positions_and_cameras_agree_with_the_truth(outcomes: list[Outcome]) -> None:
    dates, offsets, positions, makes, models = [], [], [], [], []
    for one in outcomes:
        facts, truth = one.facts, one.item["truth"]
        if facts is None or facts.captured is None or facts.kind.group == "raw":
            continue
        text = str(truth.get("date_time_original") or "")
        if any(digit in text for digit in "123456789"):
            dates.append(facts.captured.local.strftime("%Y:%m:%d %H:%M:%S") == text[:19])
        if truth.get("offset", "")[:1] in ("+", "-"):
            sign = -1 if truth["offset"][0] == "-" else 1
            minutes = sign * (int(truth["offset"][1:3]) * 60 + int(truth["offset"][4:6]))
            offsets.append(facts.captured.offset_min == minutes)
        lat, lon = truth.get("gps_lat"), truth.get("gps_lon")
        if lat and lon and abs(lat) <= 90 and abs(lon) <= 180 and not truth.get("takeout_json"):
            place = facts.position
            positions.append(
                place is not None and abs(place.lat - lat) < 1e-4 and abs(place.lon - lon) < 1e-4
            )
        for found, field in ((makes, "make"), (models, "model")):
            if truth.get(field):
                found.append(getattr(facts, field) == str(truth[field]).strip())
    assert share(dates, "dates") >= 0.95
    assert share(offsets, "offsets") >= 0.98
    assert share(positions, "positions") >= 0.97
    assert share(makes, "makes") >= 0.95
    assert share(models, "models") >= 0.95


def test_marked_corners_stand_top_left(outcomes: list[Outcome]) -> None:
    """The corpus puts a red mark where the top left must be shown (SPEC 6.4)."""
    marked = [one for one in outcomes if one.item["truth"].get("mark") and one.previews]
    for one in marked:
        assert one.previews is not None
        picture = Image.open(io.BytesIO(one.previews.screen.data)).convert("RGB")
        red, green, blue = picture.getpixel((6, 6))  # type: ignore[misc]
        assert red > 150 > max(green, blue), one.item["path"]
