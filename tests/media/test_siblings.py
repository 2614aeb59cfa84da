"""Dates and zones by neighbours (SPEC 6.3)."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta

import pytest

from photostore.media.facts import Captured, Precision
from photostore.media.siblings import Neighbour, Neighbours

NOON = datetime(2019, 7, 1, 12, 0)


def photo(
    name: bytes,
    hours: float = 0,
    offset: int | None = 120,
    source: str = "EXIF:DateTimeOriginal",
    precision: Precision = Precision.SECOND,
) -> Neighbour:
    local = NOON + timedelta(hours=hours)
    return Neighbour(name, Captured(local, precision, offset, source))


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
        ([photo(b"IMG_0001.JPG", source="siblings"), photo(b"IMG_0003.JPG", 2)], None),
        ([photo(b"IMG_0001.JPG", precision=Precision.MONTH), photo(b"IMG_0003.JPG", 2)], None),
        ([photo(b"IMG_0001.JPG", 5), photo(b"IMG_0003.JPG", 2)], None),
        # Its own RAW, of the same number, is no neighbour on either side.
        ([photo(b"IMG_0002.CR2"), photo(b"IMG_0003.JPG", 2)], None),
    ],
)
def test_dates(neighbours: list[Neighbour], day: int | None) -> None:
    found = Neighbours(neighbours).date_of(b"IMG_0002.JPG")
    assert (found.local.day if found else None) == day
    if found:
        assert (found.precision, found.source) == (Precision.DAY, "siblings")


def test_zones() -> None:
    film = Captured(NOON, Precision.SECOND, 0, "QuickTime:CreateDate")
    near, far = photo(b"a.jpg", 2.5, 120), photo(b"b.jpg", 6, 540)
    assert Neighbours([far, near]).zone_of(film).local == NOON + timedelta(hours=2)
    assert Neighbours([photo(b"a.jpg", 24)]).zone_of(film) == film
    known = Captured(NOON, Precision.SECOND, 60, "EXIF:DateTimeOriginal")
    assert Neighbours([near]).zone_of(known) == known


def test_the_order_of_files_does_not_matter() -> None:
    dice = random.Random(5)
    files = [photo(b"IMG_%04d.JPG" % n, n / 7, dice.choice([60, 120, None])) for n in range(60)]
    film = Captured(NOON + timedelta(hours=1), Precision.SECOND, 0, "QuickTime:CreateDate")
    answers = set()
    for _ in range(20):
        dice.shuffle(files)
        folder = Neighbours(files)
        answers.add((folder.date_of(b"IMG_0020.MOV"), folder.zone_of(film)))
    assert len(answers) == 1


def test_a_large_folder_is_cheap() -> None:
    files = [photo(b"IMG_%05d.JPG" % n, n / 500) for n in range(0, 20_000, 2)]
    began = time.process_time()
    folder = Neighbours(files)
    found = [folder.date_of(b"IMG_%05d.JPG" % n) for n in range(1, 20_000, 2)]
    assert sum(one is not None for one in found) > 9_900
    assert time.process_time() - began < 5
