"""The journal of what is being decoded (SPEC 5.7)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from photostore.sync.inflight import InFlight


def test_nothing_is_suspected_after_an_orderly_end(tmp_path: Path) -> None:
    slots, suspects = InFlight.open(tmp_path / "in-flight")
    assert suspects == []
    with slots.hold(0, 7), slots.hold(1, 123_456_789):
        pass
    slots.close()
    slots, suspects = InFlight.open(tmp_path / "in-flight")
    slots.close()
    assert suspects == []


def test_what_was_in_flight_in_a_crash_is_suspected_once(tmp_path: Path) -> None:
    path = tmp_path / "in-flight"
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from photostore.sync.inflight import InFlight\n"
        "slots, _ = InFlight.open(Path(sys.argv[1]))\n"
        "with slots.hold(0, 5): pass\n"
        "with slots.hold(2, 42), slots.hold(1, 9): os.abort()\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    died = subprocess.run(
        [sys.executable, "-c", script, path], env=environ, capture_output=True, check=False
    )
    assert died.returncode < 0
    slots, suspects = InFlight.open(path)
    assert sorted(suspects) == [9, 42]
    slots.close()
    slots, suspects = InFlight.open(path)
    slots.close()
    assert suspects == []


def test_a_thread_that_ends_after_the_close_writes_into_no_other_file(tmp_path: Path) -> None:
    slots, _ = InFlight.open(tmp_path / "in-flight")
    number = slots._descriptor
    with slots.hold(0, 7):
        slots.close()
        other = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
        assert other == number, "the system gives the number out again"
    os.close(other)
    assert (tmp_path / "other").read_bytes() == b""
    slots, suspects = InFlight.open(tmp_path / "in-flight")
    slots.close()
    assert suspects == [7]


def test_who_was_given_up_does_not_clear_the_slot_of_his_successor(tmp_path: Path) -> None:
    """A decoder that cannot be interrupted ends long after another file is in its slot."""
    path = tmp_path / "in-flight"
    slots, _ = InFlight.open(path)
    given_up, successor = slots.hold(0, 7), slots.hold(0, 8)
    with successor:
        given_up.__enter__()
        with slots.hold(0, 9):
            given_up.__exit__(None, None, None)
            assert path.read_bytes().split() == [b"9"]
    slots.close()
