"""A file is imported when it is quiet: SPEC 5.5."""

from __future__ import annotations

import os

import pytest

from photostore.store.files import SeenFile
from photostore.sync.settle import Settled, SettleTracker
from tests.sync.yard import write

SECOND = 1_000_000_000


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def seen(path):
    found = os.stat(path)
    return SeenFile(os.path.basename(os.fsencode(path)), found.st_size, found.st_mtime_ns, 1)


@pytest.mark.parametrize(
    ("age_s", "fresh"), [(0, True), (1.9, True), (2, False), (-30, True), (-61, False)]
)
def test_fresh_is_what_was_written_within_the_settle_time(clock, age_s, fresh):
    """Also a little in the future; more is a wrong clock."""
    file = SeenFile(b"a.jpg", 1, 1000 * SECOND, 1)
    now = int((1000 + age_s) * SECOND)
    assert SettleTracker(2, clock).is_fresh(file, now) is fresh


def test_a_file_settles_when_it_stays_the_same(clock, tmp_path):
    path = write(tmp_path / "a.jpg")
    tracker = SettleTracker(2, clock)
    tracker.watch(os.fsencode(tmp_path), seen(path))
    assert tracker.poll() == []
    clock.now += 1.9
    assert tracker.poll() == []
    clock.now += 0.1
    assert tracker.poll() == [Settled(os.fsencode(tmp_path), b"a.jpg")]
    assert len(tracker) == 0


def test_each_change_begins_anew(clock, tmp_path):
    path = tmp_path / "a.jpg"
    write(path)
    tracker = SettleTracker(2, clock)
    tracker.watch(os.fsencode(tmp_path), seen(path))
    for size in range(1, 5):
        clock.now += 1.5
        write(path, "x" * size)
        assert tracker.poll() == []
    clock.now += 2
    assert len(tracker.poll()) == 1


def test_being_seen_again_does_not_begin_anew(clock, tmp_path):
    path = write(tmp_path / "a.jpg")
    tracker = SettleTracker(2, clock)
    for _ in range(3):
        tracker.watch(os.fsencode(tmp_path), seen(path))
        clock.now += 1
    assert len(tracker.poll()) == 1


def test_a_file_that_vanished_is_forgotten(clock, tmp_path):
    path = write(tmp_path / "a.jpg")
    tracker = SettleTracker(2, clock)
    tracker.watch(os.fsencode(tmp_path), seen(path))
    path.unlink()
    assert tracker.poll() == []
    assert len(tracker) == 0
