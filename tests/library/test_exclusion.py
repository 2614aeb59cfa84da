"""Folders that are passed over by name or place: SPEC 5.2."""

from __future__ import annotations

import pytest

from photostore.library.exclusion import exclusion, matching_glob


@pytest.mark.parametrize(
    "path",
    [
        b"/p/.hidden",
        b"/p/.photostore",
        b"/p/@eaDir",
        b"/p/#recycle",
        b"/p/#snapshot",
        b"/p/$RECYCLE.BIN",
        b"/p/lost+found",
        b"/p/System Volume Information",
        b"/p/Catalog Previews.lrdata",
        b"/p/__MACOSX",
        b"/p/.stversions",
        b"/p/.Trash-1000",
        b"/p/Pictures.photoslibrary/resources",
        b"/p/" + b"/".join([b"loop"] * 8),
        b"/p/" + b"/".join([b"a", b"b"] * 8),
    ],
)
def test_what_is_passed_over(path):
    assert exclusion(path)


@pytest.mark.parametrize(
    "path",
    [
        b"/p/holidays",
        b"/p/eaDir",
        b"/p/recycle",
        b"/p/lost and found",
        b"/p/Pictures.photoslibrary",
        b"/p/Pictures.photoslibrary/originals",
        b"/p/Pictures.photoslibrary/originals/0/resources",
        b"/p/\xff",
        b"/p/" + b"/".join([b"loop"] * 7),
        b"/",
    ],
)
def test_what_is_not(path):
    assert exclusion(path) is None


@pytest.mark.parametrize(
    ("path", "globs", "excluded"),
    [
        (b"/p/Cache", ["**/Cache/**"], True),
        (b"/p/Cache/x", ["**/Cache/**"], True),
        (b"/p/Cached", ["**/Cache/**"], False),
        (b"/p/private", ["/p/private"], True),
        (b"/p/private2", ["/p/private"], False),
        (b"/p/20[19]", ["/p/20*"], True),
        (b"/p/caf\xe9", ["*/caf*"], True),
        (b"/p/x", [], False),
    ],
)
def test_patterns_of_the_settings(path, globs, excluded):
    assert bool(exclusion(path, globs)) is excluded


def test_a_pattern_of_files():
    assert matching_glob(b"/p/a.tmp.jpg", ["*.png", "*.tmp.jpg"]) == "*.tmp.jpg"
    assert matching_glob(b"/p/a.jpg", ["*.tmp.jpg"]) is None
