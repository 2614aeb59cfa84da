"""One process at a time has a library open: SPEC 4.6."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from photostore.base.errors import LibraryError, LibraryLockedError
from photostore.library.lock import lock_library

HOLD = """
import sys
from pathlib import Path
from photostore.library.lock import lock_library
with lock_library(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock_file(tmp_path):
    (tmp_path / "library" / ".photostore").mkdir(parents=True)
    return tmp_path / "library" / ".photostore" / "lock"


@pytest.fixture
def holder(lock_file):
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_one_is_told_who_has_it(lock_file, holder):
    with pytest.raises(LibraryLockedError) as raised, lock_library(lock_file):
        pass
    said = str(raised.value)
    assert f"process {holder.pid} on {os.uname().nodename} since " in said
    assert str(lock_file.parent.parent) in said


def test_a_lock_whose_holder_was_killed_is_taken(lock_file, holder):
    holder.kill()
    holder.wait()
    assert str(holder.pid) in lock_file.read_text()
    with lock_library(lock_file):
        assert f'"pid": {os.getpid()}' in lock_file.read_text()


def test_it_can_be_taken_again_after_the_end(lock_file):
    for _ in range(2):
        with lock_library(lock_file):
            pass


def test_nonsense_in_the_file_does_not_hide_that_it_is_held(lock_file, holder):
    lock_file.write_bytes(b"\xff{nonsense")
    with (
        pytest.raises(LibraryLockedError, match="open in another process"),
        lock_library(lock_file),
    ):
        pass


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with (
        pytest.raises(LibraryError, match="cannot be written"),
        lock_library(tmp_path / "no" / "l"),
    ):
        pass
