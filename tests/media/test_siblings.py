"""Dates and zones by neighbours (SPEC 6.3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from photostore.media.facts import Captured, Precision
from photostore.media.siblings import Neighbour, date_from_siblings, zone_from_siblings

NOON = datetime(2019, 7, 1, 12, 0)


def photo(
    name: bytes,
    hours: float = 0,
    offset: int | None = 120,
    source: str = "EXIF:DateTimeOriginal",
) -> Neighbour:
    local = NOON + timedelta(hours=hours)
    return Neighbour(name, Captured(local, Precision.SECOND, offset, source))


@pytest.mark.parametrize(
    ("neighbours", "day"),
    [
        ([photo(b"IMG_0001.JPG"), photo(b"IMG_0003.JPG", 2)], 1),
        ([photo(b"IMG_0001.JPG"), photo(b"img_0040.jpg", 20)], 1),
        ([photo(b"IMG_0001.JPG")], None),
        ([photo(b"IMG_0001.JPG"), photo(b"IMG_0003.JPG", 30)], None),
        ([photo(b"IMG_0001.JPG"), photo(b"DSC_0003.JPG", 2)], None),
        ([photo(b"IMG_0001.JPG"), photo(b"IMG_0090.JPG", 2)], None),
        ([photo(b"IMG_0001.JPG", source="mtime"), photo(b"IMG_0003.JPG", 2)], None),
        ([photo(b"IMG_0001.JPG", 5), photo(b"IMG_0003.JPG", 2)], None),
    ],
)
def test_dates(neighbours: list[Neighbour], day: int | None) -> None:
    found = date_from_siblings(b"IMG_0002.JPG", neighbours)
    assert (found.local.day if found else None) == day
    if found:
        assert (found.precision, found.source) == (Precision.DAY, "siblings")


def test_zones() -> None:
    film = Captured(NOON, Precision.SECOND, 0, "QuickTime:CreateDate")
    near, far = photo(b"a.jpg", 2.5, 120), photo(b"b.jpg", 6, 540)
    assert zone_from_siblings(film, [far, near]).local == NOON + timedelta(hours=2)
    assert zone_from_siblings(film, [photo(b"a.jpg", 24)]) == film
    known = Captured(NOON, Precision.SECOND, 60, "EXIF:DateTimeOriginal")
    assert zone_from_siblings(known, [near]) == known
