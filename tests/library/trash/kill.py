"""Kills acts on originals by SIGKILL, at every point and every system call that changes something.

Run as a program: `python -m tests.library.trash.kill FOLDER SCENARIO WAY`. One process forks a
child for each point, recovers after it, and compares. Prints a JSON object; exits 1 at any harm.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path

from photostore.library.trash import (
    Outcome,
    erase_files,
    moves,
    purge,
    read_acts,
    recover,
    restore,
    trash_files,
)
from tests.library.trash.disk import NOW, Disk, expect, failing_rename, tree

CALLS = ("link", "rename", "unlink", "mkdir", "fsync", "utime", "write", "rmdir", "fchmod")


class Countdown:
    """Kills this process when `left` points were passed."""

    def __init__(self, left: int):
        self.left = left
        self.passed = 0

    def __call__(self, point: str = "") -> None:
        if self.passed == self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1


def arm(countdown: Countdown, way: str) -> None:
    """Make each system call that changes something a point, before and after it is done."""
    for name in CALLS:
        setattr(os, name, guard(getattr(os, name), countdown))
    if way != "rename":
        moves._renameat2 = failing_rename(errno.EINVAL if way == "link" else errno.EXDEV)
    moves._renameat2 = guard(moves._renameat2, countdown)


def guard(call, countdown: Countdown):
    def guarded(*arguments, **options):
        countdown()
        result = call(*arguments, **options)
        countdown()
        return result

    return guarded


def act(disk: Disk, scenario: str, reach) -> None:
    options = {"journal": disk.journal, "now": NOW + timedelta(days=1), "reach": reach}
    if scenario == "trash":
        trash_files(expected(disk), disk.around, **options)
    elif scenario == "erase":
        erase_files(expected(disk), **options)
    elif scenario == "restore":
        restore(disk.entries(), **options)
    else:
        purge(disk.entries(), disk.around.mounts, **options)


def expected(disk: Disk):
    folder = os.path.join(disk.top, b"2024/may")
    return [expect(os.path.join(folder, name)) for name in sorted(os.listdir(folder))]


def prepare(folder: Path, scenario: str) -> Disk:
    top = folder / "disk"
    top.mkdir(parents=True)
    disk = Disk(top, folder / "acts")
    files = disk.put_set()
    if scenario in ("restore", "purge"):
        trash_files(files, disk.around, journal=disk.journal, now=NOW)
        shutil.rmtree(disk.acts)
        # The folder is gone too, and has to be made again.
        shutil.rmtree(os.path.join(disk.top, b"2024"))
    return disk


def in_child(work) -> bool:
    """Do some work in a child; whether it came to its end instead of being killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - a forked child must not go on
            print(repr(error), file=sys.stderr)
            os._exit(3)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return not os.WIFSIGNALED(status)


def kill_act(disk: Disk, scenario: str, way: str, left: int) -> bool:
    def work():
        countdown = Countdown(left)
        arm(countdown, way)
        act(disk, scenario, countdown)

    return in_child(work)


def kill_recovery(disk: Disk, way: str, left: int) -> bool:
    def work():
        countdown = Countdown(left)
        arm(countdown, way)
        recover(read_acts(disk.acts).acts, disk.around.mounts, reach=countdown)

    return in_child(work)


def settle(disk: Disk) -> str:
    """Recover here; which of the two states it is, or an AssertionError."""
    done = read_acts(disk.acts)
    assert not done.unreadable
    recovered = recover(done.acts, disk.around.mounts)
    assert len(recovered) <= 1
    outcome = recovered[0].outcome if recovered else Outcome.UNDONE
    assert outcome is not Outcome.WAITING, recovered
    return outcome


def shape(disk: Disk) -> tuple:
    """What can be told of a disk: originals to the last bit, and what is in the trash."""
    files = sorted(tree(disk.top).items())
    originals = [one for one in files if not one[0].startswith(b".Trash")]
    trash = sorted(
        (entry.state, (entry.path or b"")[len(disk.top) :], tree(entry.place.files)[entry.name])
        for entry in disk.entries()
    )
    return originals, trash


def run(folder: Path, scenario: str, way: str) -> dict:
    disk = prepare(folder / "once", scenario)
    before = shape(disk)
    assert kill_act(disk, scenario, way, 10**9)
    after = shape(disk)
    assert after != before
    goals = {Outcome.UNDONE: before, Outcome.DONE: after}
    ends = {"done": 0, "undone": 0, "points": 0, "recoveries killed": 0}
    point, is_over = 0, False
    while not is_over:
        disk = prepare(folder / "now", scenario)
        is_over = kill_act(disk, scenario, way, point)
        # Every seventh crash is followed by crashes of the recovery itself, at each of its points.
        if point % 7 == 3 and not is_over:
            left = 0
            while not kill_recovery(disk, way, left):
                left += 2
                ends["recoveries killed"] += 1
        outcome = settle(disk)
        found = shape(disk)
        assert found in goals.values(), (scenario, way, point, outcome, found)
        if point % 7 != 3:
            assert found == goals[outcome], (scenario, way, point, outcome)
        ends[outcome] += 1
        shutil.rmtree(folder / "now")
        point += 1
    ends["points"] = point
    return ends


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
