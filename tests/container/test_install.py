"""The package on a bare Debian: Python alone is enough, without a compiler or Node (SPEC 1.6)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.container.box import RUN, call
from tests.container.image import TOP, ensure_base, lend, read_base
from tests.samples import make_video

INSTALL = """
set -e
apt-get -qq update
apt-get -qq install --no-install-recommends python3-venv >/dev/null
python3 -m venv /opt/photostore
export PATH=/opt/photostore/bin:$PATH
pip install --quiet --constraint /src/constraints.txt /src/*.whl
for tool in cc gcc node npm; do ! command -v $tool; done
photostore --version
photostore sync --no-filter --library /tmp/library /photos || test $? = 1
echo "and with decoders"
pip install --quiet --constraint /src/constraints.txt "$(echo /src/*.whl)[codecs]"
photostore sync --no-filter --library /tmp/library /photos
photostore serve --library /tmp/library --pidfile /tmp/pid --port 18390 &
until test -s /tmp/pid; do sleep 0.1; done
python3 -c "import urllib.request as r; print(r.urlopen('http://127.0.0.1:18390/ping').read())"
photostore stop --pidfile /tmp/pid
wait $!
"""


@pytest.fixture
def wheel_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, TOP)
    subprocess.run(command, capture_output=True, check=True)
    (folder / "constraints.txt").write_bytes((TOP / "constraints.txt").read_bytes())
    return folder


def test_python_is_enough(wheel_folder: Path, photos: Path, tmp_path: Path):
    make_video(photos / "clip.mp4", seed=9)
    base = read_base()
    ensure_base(base)
    mounts = (f"--volume={wheel_folder}:/src:ro", f"--volume={photos}:/photos:ro", *lend(tmp_path))
    # Packages come from outside; nothing listens.
    command = (*RUN, "--rm", "--network=host", *mounts, base, "sh", "-c", INSTALL)
    done = call(*command, timeout_s=400)
    assert done.code == 0, done.out + done.err
    assert "photostore " in done.out
    before, after = done.out.split("and with decoders")
    assert "3 photos and videos in the library" in before
    assert "clip.mp4: no decoder for videos is installed" in done.err
    assert "4 photos and videos in the library" in after
    assert "b'pong'" in after
