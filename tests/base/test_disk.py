"""Writing photostore's own files: DESIGN 3."""

from __future__ import annotations

from pathlib import Path

import pytest

from photostore.base.disk import find_write_obstacle, replace_file
from photostore.base.errors import FileError


def test_a_file_is_replaced_whole_and_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("old")
    path.chmod(0o600)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_symlink_stays_one(tmp_path: Path) -> None:
    target = tmp_path / "real.toml"
    target.write_text("old")
    link = tmp_path / "settings.toml"
    link.symlink_to(target)
    replace_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_failure_names_the_path_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "settings.toml"
    folder.mkdir()
    with pytest.raises(FileError, match=r"settings\.toml: Is a directory"):
        replace_file(folder, b"new")
    assert list(tmp_path.iterdir()) == [folder]
    with pytest.raises(FileError, match="No such file"):
        replace_file(tmp_path / "missing" / "a", b"new")


def test_writability_is_found_by_trying(tmp_path: Path) -> None:
    assert find_write_obstacle(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    assert find_write_obstacle(tmp_path / "missing") == "No such file or directory"
    assert find_write_obstacle(Path("/proc/self")) is not None
