"""SIGKILL at every step of an upload leaves nothing, or the whole file (SPEC 9.2)."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.library.trash.test_crash import TOP, fast_folder

__all__ = ["fast_folder"]


def test_killed_at_every_step(fast_folder: str) -> None:
    command = [sys.executable, "-m", "tests.library.uploads.kill", fast_folder]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ends = json.loads(done.stdout)
    assert ends["points"] >= 8
    assert [0, 0, 0] in ends["found"]
    assert [1, 1, 1] in ends["found"]
