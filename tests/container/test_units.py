"""The files for Kubernetes, Podman and systemd, judged by those who read them (SPEC 1.6, 2.7)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.container.box import RUN, call
from tests.container.image import TOP, ensure_base, lend, read_base

# The schemas of Kubernetes are 70 MB, so they are fetched when they are needed.
VALIDATOR = "kubernetes-validate==1.37.0"
KUBERNETES = ("1.30", "1.35")  # the oldest that clouds still offer, and a new one
# Quadlet came with Podman 4.4, later than some machines that run these tests have.
VERIFY = """
set -e
apt-get -qq update
apt-get -qq install --no-install-recommends podman systemd >/dev/null 2>&1
export XDG_RUNTIME_DIR=/run/user/0
mkdir -p $XDG_RUNTIME_DIR /units ~/.local/bin
ln -s /bin/true ~/.local/bin/photostore
QUADLET_UNIT_DIRS=/src /usr/libexec/podman/quadlet -user /units
grep ^ExecStart= /units/photostore.service
systemd-analyze verify --user /units/photostore.service
systemd-analyze verify --user /src/photostore.service
"""


def test_kubernetes_accepts_its_file(tmp_path: Path):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", tmp_path]
    needed = (VALIDATOR, "jsonschema", "referencing", "importlib-resources", "typing-extensions")
    subprocess.run([*pip, *needed], check=True)
    versions = [part for version in KUBERNETES for part in ("--kubernetes-version", version)]
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", *versions]
    environ = {**os.environ, "PYTHONPATH": f"{tmp_path}"}

    def validate(path: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, path], env=environ, capture_output=True, text=True, check=False
        )

    text = (TOP / "container" / "kubernetes.yaml").read_text()
    done = validate(TOP / "container" / "kubernetes.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "wrong.yaml").write_text(text.replace("runAsNonRoot", "runAsNoRoot"))
    assert validate(tmp_path / "wrong.yaml").returncode != 0


def test_podman_and_systemd_accept_their_files(tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    for path in ("container/photostore.container", "docs/install/photostore.service"):
        shutil.copy(TOP / path, source)
    base = read_base()
    ensure_base(base)
    mounts = (f"--volume={source}:/src:ro", *lend(tmp_path))
    command = (*RUN, "--rm", "--network=host", *mounts, base, "sh", "-c", VERIFY)
    done = call(*command, timeout_s=400)
    assert done.code == 0, done.out + done.err
    for option in ("--userns keep-id", "--cap-drop all", "--read-only", "no-new-privileges"):
        assert option in done.out
    assert "photostore.service:" not in done.err, done.err  # where systemd says what it ignores
