"""The error tree: SPEC 3.4, 6.6, 12.1."""

from __future__ import annotations

import pickle
import re

import pytest

from photostore.base import errors
from photostore.base.errors import FileError, PhotostoreError, SettingError, UsageError


def every_error() -> list[type[PhotostoreError]]:
    found = [PhotostoreError]
    for cls in found:
        found.extend(sub for sub in cls.__subclasses__() if sub.__module__ == errors.__name__)
    return found


@pytest.mark.parametrize("cls", every_error())
def test_each_error_has_a_status_a_type_and_a_title(cls: type[PhotostoreError]) -> None:
    assert 400 <= cls.status < 600
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cls.type)
    assert cls.title
    assert cls.__doc__


def test_types_are_unique_and_the_drawing_is_complete() -> None:
    types = [cls.type for cls in every_error()]
    assert len(set(types)) == len(types)
    for cls in every_error():
        line = next(
            line for line in (errors.__doc__ or "").splitlines() if f"{cls.__name__} " in line
        )
        assert f"{cls.status} {cls.type}" in line


def test_a_file_error_shows_a_harmless_path_and_the_reason() -> None:
    error = FileError(b"/photos/\xff\n\x1b[31m.jpg", "damaged")
    assert str(error) == "/photos/\\xff\\x0a\\x1b[31m.jpg: damaged"
    assert (error.path, error.reason) == (b"/photos/\xff\n\x1b[31m.jpg", "damaged")


def test_errors_survive_the_way_between_processes() -> None:
    for error in (FileError(b"a", "b"), SettingError("a", "b", "c", "d"), UsageError("wrong")):
        again = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_a_setting_error_is_one_line_with_name_value_and_what_is_allowed() -> None:
    error = SettingError("http_port", "80\n90" * 100, "a number", "PS_HTTP_PORT")
    assert "\n" not in str(error)
    assert len(str(error)) < 200
    for part in ("http_port", '"80\\x0a90', "a number", "PS_HTTP_PORT"):
        assert part in str(error)


def test_wrong_usage_exits_with_2_and_the_rest_with_1() -> None:
    assert {cls.exit_code for cls in every_error() if cls is not UsageError} == {1}
    assert UsageError.exit_code == 2
