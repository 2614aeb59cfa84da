"""What it takes on a small machine: 300 pictures of 12 megapixels in a container of 512 MB."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.container.box import Box, Boxes
from tests.samples.exif import describe, into_jpeg, write_tiff
from tests.samples.paint import Image

COUNT = 300
PICTURES = 6
SIZE = (4032, 3024)
LIMIT = "512m"


@pytest.fixture
def large_photos(tmp_path: Path) -> Path:
    """Pictures with enough detail to weigh what a phone's do, each with a time of its own."""
    folder = tmp_path / "photos"
    folder.mkdir()
    width, height = SIZE
    for picture in range(PICTURES):
        noise = Image.perlin(width, height, cell_size=300, seed=picture)
        fine = Image.gaussnoise(width, height, mean=0, sigma=6, seed=picture)
        grey = noise * 90 + 120 + fine
        jpeg = grey.bandjoin([grey * 0.9, grey * 0.7 + 30]).cast("uchar").jpegsave_buffer(Q=85)
        for number in range(picture, COUNT, PICTURES):
            taken = datetime(2024, 5, 1) + timedelta(hours=number)
            described = describe(
                taken=taken, offset_min=None, gps=None, camera=(None, None, None),
                exposure=None, orientation=1,
            )  # fmt: skip
            data = into_jpeg(jpeg, write_tiff(*described, {}), None)
            (folder / f"{number}.jpg").write_bytes(data)
    return folder


def memory_of(box: Box, key: str) -> float:
    """VmRSS or VmHWM of the server in MB."""
    return int(box.status(box.server_pid)[key].split()[0]) * 1024 / 1e6


def test_small_container(boxes: Boxes, library, large_photos, capsys):
    box = boxes.serve(
        f"--memory={LIMIT}",
        f"--memory-swap={LIMIT}",
        f"--volume={library}:/ps/library",
        f"--volume={large_photos}:/photos:ro",
    )
    at_start = memory_of(box, "VmRSS")
    health = {row["id"]: row for row in box.json("/api/v1/health")["checks"]}
    assert "of 537 MB that the container has" in health["memory"]["summary"]
    begun = time.monotonic()
    stats = box.wait_imported(COUNT, limit_s=400)
    seconds = time.monotonic() - begun
    time.sleep(5)
    peak, idle = memory_of(box, "VmHWM"), memory_of(box, "VmRSS")
    mib = sum(path.stat().st_size for path in large_photos.iterdir()) / 2**20 / COUNT
    with capsys.disabled():
        print(
            f"\n{COUNT} pictures of {mib:.1f} MiB in {seconds:.0f} s with {LIMIT}: "
            f"{at_start:.0f} MB at start, {peak:.0f} MB at most, {idle:.0f} MB after it"
        )
    assert stats["failed"] == 0
    assert stats["photos"] > 0
    assert peak < 300
    assert box.inspect("{{.State.OOMKilled}}") == "false"
    assert box.stop()[0] == 0
