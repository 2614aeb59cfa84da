"""Text for people: SPEC 4.2, 6.6."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photostore.base.text import display_name, fold_lines, format_duration, format_size, shorten


@given(st.binary())
def test_any_name_becomes_valid_text_without_control_characters(name: bytes) -> None:
    shown = display_name(name)
    shown.encode()
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    assert display_name(os.fsdecode(name)) == shown


@given(st.text())
def test_any_text_is_shown_even_with_lone_surrogates(text: str) -> None:
    display_name(text).encode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë 東京.jpg".encode(), "Zoë 東京.jpg"),
        (b"caf\xe9.jpg", "caf\\xe9.jpg"),
        (b"a\tb\x7f", "a\\x09b\\x7f"),
        ("gpj\u202eexe".encode(), "gpj\\u202eexe"),
        ("\ud83d", "\\ud83d"),
    ],
)
def test_names_as_shown(name: bytes | str, shown: str) -> None:
    assert display_name(name) == shown


def test_several_lines_become_one() -> None:
    assert fold_lines("a\r\nb\nc\td\n") == "a\\nb\\nc\\x09d"


def test_long_text_is_cut() -> None:
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (9_949, "9.9 kB"),
        (9_951, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (4_200_000, "4.2 MB"),
        (16 * 1024**3, "17 GB"),
        (10**24, "1000000 EB"),
        (-1500, "-1.5 kB"),
    ],
)
def test_sizes_as_shown(size: int, shown: str) -> None:
    assert format_size(size) == shown


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (86_401, "1 d"),
        (93_600, "1 d 2 h"),
        (-90, "-1 min 30 s"),
    ],
)
def test_durations_as_shown(duration: float, shown: str) -> None:
    assert format_duration(duration) == shown
