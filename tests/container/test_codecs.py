"""An image without decoders: asked on its page, installed, back in a new container (SPEC 2.6)."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from photostore.base.codecs import CONSENT_NAME, PINNED
from tests.container.box import Box, Boxes, owners
from tests.container.image import BUNDLED
from tests.samples import make_video

PAGE = "/welcome/tools"
INSTALL_LIMIT_S = 90
# Nothing is reached but a folder of packages, which a person may have filled elsewhere.
SMALL = "--env=PS_DISABLE_ALL_FILTERS=true"  # the clips are
PACKAGES = ("--env=PIP_NO_INDEX=1", "--env=PIP_FIND_LINKS=/run/wheels")
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux2014")


@pytest.fixture
def boxes(asking_image: str):
    boxes = Boxes(asking_image)
    yield boxes
    boxes.remove_all()


@pytest.fixture(scope="session")
def wheels(asking_image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages for the Python in the image."""
    python = ("shell", "-c", "/opt/photostore/bin/python -V")
    version = Boxes(asking_image).run(command=python).out.split()[1]
    folder = tmp_path_factory.mktemp("packages") / "wheels"
    folder.mkdir()  # which the container's user may read, other than the one that is made for us
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    command += ["--only-binary=:all:", "--python-version", version]
    command += [f"--platform={each}_{platform.machine()}" for each in PLATFORMS]
    subprocess.run([*command, *(codec.requirement for codec in PINNED)], check=True)
    return folder


@pytest.fixture
def videos(tmp_path: Path, photos: Path) -> Path:
    """Three photos and a video."""
    make_video(photos / "clip.mp4", seed=9)
    return photos


def mounts(library: Path, videos: Path, wheels: Path | None = None) -> list[str]:
    found = [SMALL, f"--volume={library}:/ps/library", f"--volume={videos}:/photos:ro"]
    return [*found, f"--volume={wheels}:/run/wheels:ro"] if wheels else found


def row_of_health(box: Box) -> dict:
    (row,) = [row for row in box.json("/api/v1/health")["checks"] if row["id"] == "codecs"]
    return row


def wait_waiting(box: Box, count: int) -> dict:
    """Return the statistics when the photos are imported and so many files wait."""
    limit = time.monotonic() + 30
    while (stats := box.wait_imported(3))["waiting"] != count:
        assert time.monotonic() < limit, (stats, box.ask("/api/v1/problems"), box.log)
        time.sleep(0.3)
    return stats


def wait_videos(box: Box, count: int) -> None:
    limit = time.monotonic() + INSTALL_LIMIT_S
    while (stats := box.json("/api/v1/stats"))["videos"] != count or stats["waiting"]:
        assert time.monotonic() < limit, (stats, row_of_health(box), box.log)
        time.sleep(0.3)


def test_consent(boxes: Boxes, library, videos, wheels):
    box = boxes.serve(*mounts(library, videos, wheels), *PACKAGES)
    stats = wait_waiting(box, 1)
    assert (stats["photos"], stats["videos"]) == (3, 0)
    row = row_of_health(box)
    assert row["status"] == "warn"
    assert PAGE in row["remedy"]
    assert "May it install them?" in box.ask(PAGE)[1]
    assert box.ask(PAGE, form="wish=install")[0] == 303
    wait_videos(box, 1)  # without a restart
    assert row_of_health(box)["status"] == "ok"
    page = box.ask(PAGE)[1]
    assert all(codec.requirement in page for codec in PINNED)
    assert (library / ".photostore" / CONSENT_NAME).is_file()
    assert (library / ".photostore" / "docker-config" / CONSENT_NAME).is_file()
    assert owners(library) == {(1000, 1000)}
    # Commands have them too.
    assert (
        '"video_codec": "h264"'
        in box.execute("photostore", "info", "--json", "/photos/clip.mp4").out
    )
    assert box.stop()[0] == 0

    # A new container of the same library: they are there, and nothing has to be fetched.
    make_video(videos / "later.mp4", seed=10)
    box = boxes.serve(*mounts(library, videos), "--read-only")
    wait_videos(box, 2)
    assert box.stop()[0] == 0

    # An image with another Python: what lies there is not for this one, so they are fetched anew.
    (here,) = (library / ".photostore" / "docker-config" / "codecs").iterdir()
    here.rename(here.with_name("cp310-x86_64"))
    make_video(videos / "last.mp4", seed=11)
    box = boxes.serve(*mounts(library, videos, wheels), *PACKAGES, "--read-only")
    wait_videos(box, 3)
    assert here.is_dir()


def test_consent_in_the_library_restores_a_lost_config_folder(
    boxes: Boxes, library, videos, wheels, tmp_path
):
    (library / ".photostore").mkdir()
    (library / ".photostore" / CONSENT_NAME).write_text("CODEC_INSTALL_CONSENT=yes\n")
    config = tmp_path / "config"
    config.mkdir()
    box = boxes.serve(*mounts(library, videos, wheels), *PACKAGES, f"--volume={config}:/ps/config")
    wait_videos(box, 1)
    assert owners(config) == {(1000, 1000)}
    assert list((config / "codecs").iterdir())


def test_without_a_network_it_says_so(boxes: Boxes, library, videos):
    box = boxes.serve(*mounts(library, videos))
    wait_waiting(box, 1)
    assert box.ask(PAGE, form="wish=install")[0] == 303
    limit = time.monotonic() + INSTALL_LIMIT_S
    while "could not be installed" not in (page := box.ask(PAGE)[1]):
        assert time.monotonic() < limit, page
        time.sleep(0.5)
    assert "offline" in page
    assert "docker-config/codecs/wheels" in page
    wait_waiting(box, 1)
    assert box.stop()[0] == 0


def test_no_is_kept(boxes: Boxes, library, videos):
    box = boxes.serve(*mounts(library, videos))
    assert box.ask(PAGE, form="wish=decline")[0] == 303
    box.stop()
    box = boxes.serve(*mounts(library, videos))
    assert "as you said" in box.ask(PAGE)[1]
    assert row_of_health(box)["status"] == "ok"


def test_image_with_decoders_asks_nothing(image: str, library, videos):
    boxes = Boxes(image)
    try:
        box = boxes.serve(*mounts(library, videos))
        assert "There is nothing to do" in box.ask(PAGE)[1]
        wait_videos(box, 1)
    finally:
        boxes.remove_all()


def test_sizes(image: str, asking_image: str, capsys):
    told = ["podman", "image", "inspect", "--format", "{{.Size}}"]
    with_them, without = (
        int(subprocess.check_output([*told, name])) for name in (image, asking_image)
    )
    with capsys.disabled():
        print(
            f"\nimage: {with_them / 1e6:.0f} MB {BUNDLED}, {without / 1e6:.0f} MB without decoders"
        )
    assert without < with_them < 400e6
