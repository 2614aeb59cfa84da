"""Settings and folders in one go: SPEC 3.2, 3.4, 2.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from photostore.base.configuration import load_configuration
from photostore.base.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_system_file_may_name_the_library_whose_file_then_counts(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    config = tmp_path / "config" / "photostore"
    config.mkdir(parents=True)
    library = tmp_path / "my library"
    (config / "settings.toml").write_text(f"library = '{library}'\nnice = 3\n")
    (library / ".photostore").mkdir(parents=True)
    (library / ".photostore" / "settings.toml").write_text("preview_px = 2000\n")
    found = load_configuration({}, environ)
    assert not found.in_container
    assert found.layout.library == library
    assert found.layout.config == config
    assert (found.settings.nice, found.settings.preview_px) == (3, 2000)


def test_a_bad_value_anywhere_stops_before_a_folder_is_made(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(SettingError):
        load_configuration({"library": tmp_path / "l"}, environ | {"PS_HTTP_PORT": "x"})
    (tmp_path / "l2" / ".photostore").mkdir(parents=True)
    (tmp_path / "l2" / ".photostore" / "settings.toml").write_text("preview_px = 1\n")
    with pytest.raises(SettingError):
        load_configuration({"library": tmp_path / "l2"}, environ)
    assert [path.name for path in tmp_path.iterdir()] == ["l2"]


def test_a_container_reads_a_read_only_config_folder(tmp_path: Path) -> None:
    root = tmp_path / "ps"
    (root / "library").mkdir(parents=True)
    (root / "config").mkdir()
    (root / "config" / "settings.toml").write_text("http_port = 81\n")
    found = load_configuration({}, {}, root)
    assert found.in_container
    assert (found.settings.http_port, found.settings.http_host) == (81, "0.0.0.0")  # noqa: S104
    assert found.layout.config == root / "config"


def test_folders_named_by_settings_are_used(tmp_path: Path, environ: dict[str, str]) -> None:
    args = {"library": tmp_path / "l", "cache_dir": str(tmp_path / "c")}
    more = {"PS_CONFIG_DIR": str(tmp_path / "k"), "PS_ORIGINALS_DIR": str(tmp_path / "o")}
    layout = load_configuration(args, environ | more).layout
    assert layout.cache == tmp_path / "c"
    assert layout.config == tmp_path / "k"
    assert layout.originals == tmp_path / "o"
