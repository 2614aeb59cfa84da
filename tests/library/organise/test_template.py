"""Where copies go: the template of SPEC 9.2."""

from __future__ import annotations

from datetime import datetime

import pytest

from photostore.base.errors import BadRequestError, SettingError
from photostore.base.settings import load_settings
from photostore.library.organise.template import Subject, fold, parse_template

TAKEN = datetime(2024, 5, 3, 7, 8, 9)
DEFAULT = "{year}/{year}-{month}-{day}/{name}"


def subject(
    stem: bytes = b"IMG_1", taken: datetime | None = TAKEN, folder: bytes = b"trip", **camera: str
) -> Subject:
    return Subject(
        stem, b".JPG", folder, taken, camera.get("make", "Canon"), camera.get("model", "EOS  5D")
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (DEFAULT, b"2024/2024-05-03/IMG_1"),
        ("{folder}/{name}.{ext}", b"trip/IMG_1"),
        ("{make}/{model}/{name}", b"Canon/EOS 5D/IMG_1"),
        ("{year}{month}/{hour}{minute}{second}", b"202405/070809"),
        ("all/{ext}/{year}_{name}", b"all/jpg/2024_IMG_1"),
    ],
)
def test_tokens(text, path):
    template = parse_template(text)
    assert b"/".join((*template.folders(subject()), template.stem(subject()))) == path


def test_undated_photos_have_a_folder():
    template = parse_template("{make}/{year}/{year}-{month}-{day}/{year}_{name}")
    undated = subject(taken=None)
    assert template.folders(undated) == (b"Canon", b"undated")
    assert template.stem(undated) == b"IMG_1"


@pytest.mark.parametrize(
    ("make", "part"),
    [
        ("../..", b"_.._"),
        ("a/b", b"a_b"),
        (".hidden", b"_.hidden"),
        ("lost+found", b"_lost+found"),
        ("nomedia", b"_nomedia"),
        ("Canon. ", b"Canon"),
        ("", b"unknown"),
        ('a:b?"c', b"a_b__c"),
        ("x" * 400, b"x" * 255),
    ],
)
def test_parts_that_cannot_be_a_folder_are_changed(make, part):
    assert parse_template("{make}/{name}").folders(subject(make=make)) == (part,)


def test_a_name_that_is_only_copied_keeps_its_bytes():
    assert parse_template(DEFAULT).stem(subject(b"caf\xe9\n?")) == b"caf\xe9\n?"


@pytest.mark.parametrize(
    "text", ["", "{name", "{nam}/x", "../{name}", "a//{name}", "{year}/photo", "{year}}/{name}"]
)
def test_a_wrong_template_is_told(text):
    with pytest.raises(BadRequestError):
        parse_template(text)
    if text:
        with pytest.raises(SettingError, match="organise_template"):
            load_settings({"organise_template": text}, {})


def test_folding():
    assert fold("É.JPG".encode()) == fold("e\u0301.jpg".encode())
    assert fold(b"\xe9.jpg") != fold(b"\xe8.jpg")
