"""Settings files: SPEC 3.1, 3.2, 3.3."""

from __future__ import annotations

import threading
import tomllib
from pathlib import Path

import pytest

from photostore.base.errors import ConflictError, FileError, SettingError
from photostore.base.settings import (
    SETTINGS,
    Scope,
    Settings,
    load_settings,
    render_example,
    toml,
    write_toml,
)

TOP = Path(__file__).parents[3]


def test_the_committed_example_is_not_stale() -> None:
    assert (TOP / "settings.example.toml").read_text() == render_example()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_each_setting_has_its_default_and_description_in_the_example(setting) -> None:
    example = render_example(setting.scope)
    name = setting.name if setting.topic.in_toml else "="
    assert name in example
    assert setting.description.split()[0] in example
    other = next(scope for scope in Scope if scope is not setting.scope)
    assert f"# {setting.name} =" not in render_example(other)


def test_the_example_without_its_comment_signs_gives_the_defaults(tmp_path: Path) -> None:
    for scope in Scope:
        names = [s.name for s in SETTINGS if s.scope is scope and s.topic.in_toml]
        lines = [
            line.removeprefix("# ")
            for line in render_example(scope).splitlines()
            if any(line.startswith(f"# {name} = ") for name in names)
        ]
        path = tmp_path / f"{scope}.toml"
        path.write_text("\n".join(lines))
        assert len(tomllib.loads(path.read_text())) == len(names)
        files = {"system_toml" if scope is Scope.SYSTEM else "library_toml": path}
        settings = load_settings({}, {}, **files)
        assert settings == Settings()
        assert settings.warnings == ()


def test_of_two_changes_at_once_both_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clicks on the settings page: each reads the file, and writes it whole."""
    path = tmp_path / "settings.toml"
    go_on, read, others = threading.Event(), toml._read_or_begin, []

    class Turn:
        lock = threading.Lock()

        def __enter__(self) -> None:
            if self.lock.locked():
                go_on.set()
            self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            self.lock.release()

    def write_too() -> None:
        write_toml(path, {"http_port": 81}, Settings())
        go_on.set()

    def read_while_another_writes(where: Path, scope: Scope) -> str:
        monkeypatch.setattr(toml, "_read_or_begin", read)
        text = read(where, scope)
        others.append(threading.Thread(target=write_too))
        others[0].start()
        go_on.wait()
        return text

    monkeypatch.setattr(toml, "_TURN", Turn(), raising=False)
    monkeypatch.setattr(toml, "_read_or_begin", read_while_another_writes)
    write_toml(path, {"nice": 7}, Settings())
    others[0].join()
    assert tomllib.loads(path.read_text()) == {"nice": 7, "http_port": 81}


def test_a_change_keeps_comments_order_and_unknown_keys(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\nmystery = 1 # keep\n\nnice = 5   # gentle\n\n[table]\nnice = 1\n")
    write_toml(path, {"nice": "7", "http_port": 81}, Settings())
    assert path.read_text() == (
        "# mine\nmystery = 1 # keep\n\nnice = 7   # gentle\nhttp_port = 81\n\n[table]\nnice = 1\n"
    )
    write_toml(path, {"nice": None}, Settings())
    assert "nice = 7" not in path.read_text()


def test_a_new_file_is_the_example_with_the_change_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    changes = {"exclude_globs": ["**/a", 'b"c'], "min_video_duration": "90s", "max_pixels": "5MP"}
    write_toml(path, changes, Settings())
    lines = path.read_text().splitlines()
    assert 'exclude_globs = ["**/a", "b\\"c"]' in lines
    assert 'min_video_duration = "1m30s"' in lines
    assert len(lines) == len(render_example(Scope.LIBRARY).splitlines())
    settings = load_settings({}, {}, library_toml=path)
    assert settings.exclude_globs == ("**/a", 'b"c')
    assert settings.max_pixels == 5_000_000


def test_values_from_the_environment_never_get_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    current = load_settings({}, {"PS_HTTP_PORT": "81"})
    with pytest.raises(ConflictError, match=r"http_port is fixed by the environment \(PS_HTTP_PO"):
        write_toml(path, {"http_port": 82}, current)
    assert not path.exists()
    write_toml(path, {"nice": 3}, current)
    assert tomllib.loads(path.read_text()) == {"nice": 3}


def test_what_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for changes in ({"nice": "very"}, {"puid": 5}, {"no_such": 1}):
        with pytest.raises(SettingError):
            write_toml(path, changes, Settings())
    with pytest.raises(ConflictError, match="separate files"):
        write_toml(path, {"nice": 1, "preview_px": 1000}, Settings())
    write_toml(path, {}, Settings())
    assert not path.exists()
    path.write_text("a = = b")
    with pytest.raises(FileError, match="not valid TOML"):
        write_toml(path, {"nice": 1}, Settings())
    path.write_bytes(b"\xff")
    with pytest.raises(FileError, match="not UTF-8"):
        write_toml(path, {"nice": 1}, Settings())
    with pytest.raises(FileError, match="Is a directory"):
        write_toml(tmp_path, {"nice": 1}, Settings())
