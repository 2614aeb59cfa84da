"""SIGKILL at every step of every act: no byte lost, and never half of an act."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[3]
MEMORY = "/dev/shm"  # noqa: S108 - where there is one, syncing costs nothing


@pytest.fixture
def fast_folder():
    folder = tempfile.mkdtemp(
        prefix="photostore-kill-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None
    )
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("scenario", "way"),
    [
        *(("trash", way) for way in ("rename", "link", "copy")),
        *(("restore", way) for way in ("rename", "link", "copy")),
        ("purge", "rename"),
        ("erase", "rename"),
    ],
)
def test_killed_at_every_step(fast_folder, scenario, way):
    command = [sys.executable, "-m", "tests.library.trash.kill", fast_folder, scenario, way]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ends = json.loads(done.stdout)
    assert ends["done"] > 1
    assert ends["undone"] > 1
    assert ends["points"] > 20
    assert ends["recoveries killed"] > 5


@pytest.mark.parametrize("scenario", ["trash", "restore", "purge", "erase"])
def test_library_killed_at_every_step(fast_folder, scenario):
    """SPEC 9.3, 9.5: files, rows and journal agree after the next start, killed too or not."""
    command = [sys.executable, "-m", "tests.library.trash.kill_library", fast_folder, scenario]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ends = json.loads(done.stdout)
    assert ends["done"] > 1
    assert ends["part done"] > 1
    assert ends["points"] > 15
    assert ends["starts killed"] > 1
