"""What a person is shown of a run: SPEC 10.4."""

from __future__ import annotations

import pytest

from photostore.sync.progress import WINDOW_S, Meter


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_run_counts_from_its_beginning(clock):
    meter = Meter(clock)
    assert meter.progress().state == "idle"
    meter.begin()
    meter.pending = 10
    meter.count(imported=3, failed=1, rejected=2)
    progress = meter.progress()
    assert (progress.state, progress.found, progress.done) == ("importing", 10, 6)
    assert (progress.failed, progress.rejected) == (1, 2)
    meter.begin()
    assert meter.progress().done == 6
    meter.end()
    assert meter.progress().done == 6  # to be seen until the next run
    meter.begin()
    assert meter.progress().done == 0


def test_the_rate_is_that_of_the_last_seconds(clock):
    meter = Meter(clock)
    meter.begin()
    meter.pending = 1000
    assert meter.progress().time_left_s is None
    for _ in range(100):
        clock.now += 0.5
        meter.count(imported=1)
    progress = meter.progress()
    assert progress.rate_per_s == pytest.approx(2, abs=0.2)
    assert progress.time_left_s == pytest.approx(450, rel=0.1)
    assert len(meter._finished) <= 2 * WINDOW_S + 1


def test_states(clock):
    meter = Meter(clock)
    meter.scanning = 1
    assert meter.progress().state == "scanning"
    meter.pending = 1
    assert meter.progress().state == "importing"
    meter.paused = True
    assert meter.progress().state == "paused"


def test_a_run_does_not_end_while_a_scan_goes_on(clock):
    meter = Meter(clock)
    meter.begin()
    meter.scanning = 1
    meter.end()
    assert meter.progress().started_at
    meter.scanning = 0
    meter.end()
    assert meter.progress().started_at is None
