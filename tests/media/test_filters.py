"""SPEC 5.3: filters, each with a reason that a person can read."""

from __future__ import annotations

import pytest

from photostore.media.facts import Facts
from photostore.media.filters import Limits, rejection_by_facts, rejection_by_stat
from photostore.media.kinds import KINDS


def facts(
    kind: str = "jpeg", width: int = 400, height: int = 300, duration_s: float | None = None
) -> Facts:
    return Facts(KINDS[kind], width, height, 1, bytes(20), duration_s=duration_s)


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        (b"a.jpg", 10_000, None),
        (b"a.jpg", 9_999, "smaller than the limit"),
        (b"a.jpg", 0, "empty"),
        (b"a.mov", 16 * 1024**3, None),
        (b"a.mov", 16 * 1024**3 + 1, "larger than the limit"),
        (b"a.txt", 20_000, "extension"),
    ],
)
def test_size_and_name(name: bytes, size: int, reason: str | None) -> None:
    found = rejection_by_stat(name, size, Limits())
    assert (found is None) if reason is None else (found is not None and reason in found)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (facts(), None),
        (facts(width=199), "under 200 pixels"),
        (facts(width=30_000, height=20_000), "500 MP"),
        (facts("mp4", 160, 120, 2.0), None),
        (facts("mp4", 160, 119, 2.0), "under 120 pixels"),
        (facts("mp4", 640, 480, 0.5), "shorter than 1 s"),
        (facts("mp4", 640, 480, None), None),
    ],
)
def test_dimensions_and_duration(given: Facts, reason: str | None) -> None:
    found = rejection_by_facts(given, Limits())
    assert (found is None) if reason is None else (found is not None and reason in found)


def test_filters_off_leaves_only_what_can_never_be_imported() -> None:
    off = Limits(enabled=False)
    assert rejection_by_stat(b"a.jpg", 1, off) is None
    assert rejection_by_stat(b"a.jpg", 0, off) is not None
    assert rejection_by_facts(facts("mp4", 8, 8, 0.01), off) is None
