"""SIGKILL at every step of copying: the next run ends where an undisturbed one does (SPEC 9.2)."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.library.trash.test_crash import TOP, fast_folder

__all__ = ["fast_folder"]


def test_killed_at_every_step(fast_folder: str):
    command = [sys.executable, "-m", "tests.library.organise.kill", fast_folder]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ends = json.loads(done.stdout)
    assert ends["points"] > 15
    assert ends["acts"] > 1
