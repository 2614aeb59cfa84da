"""The `.trashinfo` file and names in a trash: XDG trash specification 1.0."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.library.trash.info import (
    escape_path,
    name_beside,
    parse_info,
    render_info,
    shorten_name,
    unescape_path,
    vary_name,
)
from tests.library.trash.disk import NOW

paths = st.binary(min_size=1, max_size=300).filter(lambda path: b"\0" not in path)
names = st.binary(min_size=1, max_size=255).filter(lambda name: not {0, 47} & set(name))


@given(paths)
def test_every_path_survives(path):
    text = escape_path(path)
    assert text.isascii()
    assert "\n" not in text
    assert unescape_path(text) == path
    assert parse_info(render_info(path, NOW)).path == path


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
def test_every_date_survives_to_the_second(now):
    assert parse_info(render_info(b"a", now)).deleted_at == now.replace(microsecond=0)


def test_it_is_to_the_letter():
    assert render_info("Urlaub 50%/é~.jpg".encode(), NOW) == (
        b"[Trash Info]\nPath=Urlaub%2050%25/%C3%A9~.jpg\nDeletionDate=2024-05-03T14:30:15\n"
    )


def test_a_time_with_a_zone_becomes_local():
    moment = datetime(2024, 5, 3, 12, 0, tzinfo=UTC)
    local = moment.astimezone().replace(tzinfo=None)
    assert parse_info(render_info(b"a", moment)).deleted_at == local


@pytest.mark.parametrize(
    ("content", "path", "date"),
    [
        (b"", None, None),
        (b"Path=a%20b", b"a b", None),
        (b"junk\n\xff\nPath=first\nPath=second\nDeletionDate=x\n", b"first", None),
        (b"[Trash Info]\r\nPath=a\r\nDeletionDate=2024-05-03T14:30:15\r\n", b"a", NOW),
        (b"DeletionDate=2024-05-03T14:30:15.123+02:00\nPath=%zz%4", b"%zz%4", NOW),
        (b"DeletionDate=2024-13-03T14:30:15\nPath=", None, None),
        (b"Path=a%00b\n", None, None),
    ],
)
def test_what_others_wrote_is_read(content, path, date):
    info = parse_info(content)
    assert (info.path, info.deleted_at) == (path, date)


@given(st.binary())
def test_junk_is_no_error(content):
    parse_info(content)
    unescape_path(content)


@given(names, st.integers(16, 255))
def test_a_shortened_name_fits_and_keeps_its_extension(name, limit):
    short = shorten_name(name, limit)
    assert 0 < len(short) <= limit
    assert short == name or len(name) > limit
    extension = os.path.splitext(name)[1]
    assert len(extension) > limit // 2 or short.endswith(extension)


@given(names, st.integers(32, 245))
def test_names_in_a_trash_differ_and_fit(name, limit):
    found = list(islice(vary_name(name, limit), 40))
    assert len(set(found)) == 40
    assert all(0 < len(one) <= limit and b"/" not in one for one in found)


def test_a_character_is_not_cut_in_two():
    assert shorten_name(("é" * 127).encode() + b".jpg", 245).decode().endswith("é.jpg")


def test_what_belongs_together_stays_together():
    assert name_beside([b"a.b.jpg", b"a.b.jpg.xmp", b"a.b.RAF"], 1) == [
        b"a.b-1.jpg",
        b"a.b-1.jpg.xmp",
        b"a.b-1.RAF",
    ]
    assert name_beside([b"IMG_1.jpg", b"IMG_10.jpg", b"x"], 2) == [
        b"IMG_1-2.jpg",
        b"IMG_10-2.jpg",
        b"x-2",
    ]


@given(st.lists(names, min_size=1, max_size=4), st.integers(1, 10**6))
def test_names_beside_fit_and_differ_from_the_old(old, number):
    new = name_beside(old, number)
    assert all(len(name) <= 255 for name in new)
    assert not any(one == other for one, other in zip(old, new, strict=True))
