"""Folders: SPEC 2.2, 1.5."""

from __future__ import annotations

from pathlib import Path

import pytest

from photostore.base.layout import (
    Layout,
    Wanted,
    choose_library,
    find_system_toml,
    is_in_container,
    resolve_layout,
)

# A folder in which nobody, not even root, can make or write anything.
UNWRITABLE = Path("/proc/self")


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    root = tmp_path / "ps"
    (root / "library").mkdir(parents=True)
    return root


def why(layout: Layout, name: str) -> str:
    return next(choice.why for choice in layout.choices if choice.name == name)


def test_a_container_with_all_mounts_uses_them(mounts: Path) -> None:
    for name in ("originals", "tmp", "logs", "config"):
        (mounts / name).mkdir()
    layout = resolve_layout(None, {}, True, root=mounts)
    assert layout.problem is None
    assert layout.library == mounts / "library"
    assert layout.cache == mounts / "tmp"
    assert layout.logs == mounts / "logs"
    assert layout.config == mounts / "config"
    assert layout.originals == mounts / "originals"
    assert layout.support == mounts / "library" / ".photostore"
    assert layout.system_toml == mounts / "config" / "settings.toml"
    assert layout.library_toml == layout.support / "settings.toml"
    assert layout.database.parent == layout.previews.parent == layout.support
    assert not list((mounts / "originals").iterdir())


def test_missing_mounts_fall_back_inside_the_library_with_the_reason(mounts: Path) -> None:
    layout = resolve_layout(None, {}, True, root=mounts)
    support = mounts / "library" / ".photostore"
    assert layout.cache == support / "cache"
    assert layout.logs == support / "logs"
    assert layout.config == support / "docker-config"
    assert layout.originals is None
    for name, mount in (("cache", "tmp"), ("logs", "logs"), ("config", "config")):
        assert why(layout, name) == f"inside the library, because {mounts / mount} is not mounted"
    assert all(folder.is_dir() for folder in (layout.cache, layout.logs, layout.config))
    assert not (mounts / "tmp").exists()


def test_an_unwritable_mount_falls_back_inside_the_library_with_the_reason(mounts: Path) -> None:
    (mounts / "tmp").symlink_to(UNWRITABLE)
    layout = resolve_layout(None, {}, True, root=mounts)
    assert layout.problem is None
    assert layout.cache == layout.support / "cache"
    assert "tmp cannot be written: " in why(layout, "cache")


def test_a_library_that_cannot_be_used_is_a_problem_not_an_error(mounts: Path) -> None:
    """SPEC 1.5: the server starts and says why, with the UID and GID."""
    (mounts / "library").rmdir()
    missing = resolve_layout(None, {}, True, root=mounts)
    assert missing.problem is not None
    assert f"{mounts / 'library'} is not mounted (running as UID " in missing.problem
    assert not missing.library.exists()
    (mounts / "library").symlink_to(UNWRITABLE)
    unwritable = resolve_layout(None, {}, True, root=mounts)
    assert unwritable.problem is not None
    assert "cannot be written" in unwritable.problem


def test_a_library_of_another_user_is_usable_where_the_support_folder_is_ours(
    mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a change of PUID: the entrypoint gives `.photostore`, and never the library."""
    library = mounts / "library"

    def find_obstacle(path: Path) -> str | None:
        return "Permission denied" if path == library else None

    monkeypatch.setattr("photostore.base.layout.find_write_obstacle", find_obstacle)
    refused = resolve_layout(None, {}, True, root=mounts)
    assert refused.problem
    assert not (library / ".photostore").exists()
    (library / ".photostore").mkdir()
    layout = resolve_layout(None, {}, True, root=mounts)
    assert layout.problem is None
    assert "only .photostore in it can be written" in why(layout, "library")


def test_bare_metal_uses_the_folders_of_the_person(environ: dict[str, str], tmp_path: Path) -> None:
    layout = resolve_layout(None, environ, False)
    assert layout.problem is None
    assert layout.library == tmp_path / "data" / "photostore" / "library"
    assert layout.config == tmp_path / "config" / "photostore"
    assert layout.cache.parent == tmp_path / "cache" / "photostore"
    assert layout.logs == layout.support / "logs"
    assert layout.originals is None
    other = resolve_layout(tmp_path / "other", environ, False)
    assert other.library == tmp_path / "other"
    assert other.cache != layout.cache


def test_folders_that_settings_ask_for_come_first(environ: dict[str, str], tmp_path: Path) -> None:
    wanted = Wanted(
        cache=tmp_path / "c", logs=UNWRITABLE / "l", config=tmp_path / "k", originals=tmp_path / "o"
    )
    layout = resolve_layout(tmp_path / "library", environ, False, wanted=wanted)
    assert (layout.cache, layout.config, layout.originals) == (
        tmp_path / "c",
        tmp_path / "k",
        tmp_path / "o",
    )
    assert layout.logs == layout.support / "logs"
    assert "cannot be made" in why(layout, "logs")
    assert not (tmp_path / "o").exists()


def test_a_relative_xdg_folder_is_ignored(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "default"))
    environ["XDG_DATA_HOME"] = "relative"
    assert choose_library(None, environ, False).path == tmp_path / "default/photostore/library"


def test_a_container_is_known_by_its_variable_or_its_mount(tmp_path: Path, mounts: Path) -> None:
    assert is_in_container({}, mounts)
    assert not is_in_container({}, tmp_path / "nothing")
    assert not is_in_container({"PS_IN_CONTAINER": "0"}, mounts)
    assert is_in_container({"PS_IN_CONTAINER": "true"}, tmp_path / "nothing")


def test_the_system_file_is_found_where_it_is(mounts: Path) -> None:
    library = mounts / "library"
    assert find_system_toml(library, None, {}, True, mounts) is None
    inside = library / ".photostore" / "docker-config" / "settings.toml"
    inside.parent.mkdir(parents=True)
    inside.touch()
    assert find_system_toml(library, None, {}, True, mounts) == inside
    mounted = mounts / "config" / "settings.toml"
    mounted.parent.mkdir()
    mounted.touch()
    assert find_system_toml(library, None, {}, True, mounts) == mounted


def test_a_system_file_that_may_not_be_looked_at_counts_as_there(
    mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", refuse)
    found = find_system_toml(mounts / "library", None, {}, True, mounts)
    assert found == mounts / "config" / "settings.toml"
