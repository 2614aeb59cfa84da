"""The image for 64-bit ARM, started and importing under emulation (SPEC 1.6, 2.1): slow, by hand.

`make test-arm64`. Nothing here says how fast it is: qemu takes ten times as long as a Raspberry Pi.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.container.box import Boxes
from tests.container.image import ensure_arm64_image
from tests.samples import make_video

EMULATOR = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")
ASKED = any("test_arm64" in each for each in sys.argv)

pytestmark = [
    pytest.mark.skipif(not ASKED, reason="takes a quarter of an hour: make test-arm64"),
    pytest.mark.skipif(
        not EMULATOR.exists(), reason="programs for ARM cannot be run here: make test-arm64"
    ),
    pytest.mark.timeout(5400),
]


@pytest.fixture(scope="module")
def arm64_image() -> str:
    return ensure_arm64_image()


def test_import_on_arm64(arm64_image: str, library: Path, photos: Path):
    make_video(photos / "clip.mp4", seed=9)
    boxes = Boxes(arm64_image)
    mounts = (f"--volume={library}:/ps/library", f"--volume={photos}:/photos:ro")
    machine = boxes.run(command=("shell", "-c", "uname -m"), timeout_s=120)
    assert machine.out.strip() == "aarch64"
    command = ("sync", "--json", "--no-filter", "/photos")
    done = boxes.run(*mounts, command=command, timeout_s=900)
    assert done.code == 0, done.out + done.err
    report = json.loads(done.out.splitlines()[-1])
    assert (report["imported"], report["failed"], report["assets"]) == (4, 0, 4)


def test_server_on_arm64(arm64_image: str, library: Path, photos: Path):
    boxes = Boxes(arm64_image)
    try:
        box = boxes.start(
            *("--env=PS_AUTH=none", f"--volume={library}:/ps/library", f"--volume={photos}:/photos")
        )
        box.wait_ready(limit_s=300)
        assert box.wait_imported(3, limit_s=600)["photos"] == 3
        assert {row["id"]: row for row in box.json("/api/v1/health")["checks"]}["codecs"][
            "status"
        ] == "ok"
        box.stop()
    finally:
        boxes.remove_all()
