"""Where values come from: SPEC 3.3, 3.4, 2.5, 1.3, 2.3."""

from __future__ import annotations

from pathlib import Path

import pytest

from photostore.base.errors import FileError, SettingError, UsageError
from photostore.base.settings import (
    SETTING_BY_NAME,
    SETTINGS,
    Auth,
    Setting,
    Settings,
    Source,
    Topic,
    load_settings,
    read_value,
)
from photostore.base.settings import values as v


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_without_anything_each_setting_has_its_default() -> None:
    settings = load_settings({}, {})
    assert settings == Settings()
    assert (settings.http_port, settings.http_host) == (1787, "127.0.0.1")
    assert settings.warnings == ()
    assert {settings.origin(s.name).source for s in SETTINGS} == {Source.DEFAULT}


def test_the_order_of_the_sources(tmp_path: Path) -> None:
    """SPEC 3.3: each source wins over the ones after it."""
    toml = write(tmp_path / "settings.toml", "http_port = 5\n")
    env_file = write(tmp_path / "photostore.env", "PS_HTTP_PORT=4\n")
    value_file = write(tmp_path / "port", "3\n")
    environ = {
        "PS_HTTP_PORT": "2",
        "PS_HTTP_PORT_FILE": str(value_file),
        "PS_ENV_FILE": str(env_file),
    }
    args: dict[str, object] = {"http_port": "1"}
    expected = [
        (1, Source.CLI),
        (2, Source.ENV),
        (3, Source.VALUE_FILE),
        (4, Source.ENV_FILE),
        (5, Source.TOML),
        (1787, Source.DEFAULT),
    ]
    seen = []
    for step in (
        lambda: None,
        args.clear,
        lambda: environ.pop("PS_HTTP_PORT"),
        lambda: environ.pop("PS_HTTP_PORT_FILE"),
        lambda: environ.pop("PS_ENV_FILE"),
        toml.unlink,
    ):
        step()
        settings = load_settings(args, environ, system_toml=toml)
        seen.append((settings.http_port, settings.origin("http_port").source))
    assert seen == expected


def test_origins_say_where_and_what_is_fixed(tmp_path: Path) -> None:
    toml = write(tmp_path / "settings.toml", "nice = 5\n")
    settings = load_settings({"http_port": 80}, {"PS_AUTH": "none"}, toml)
    assert settings.auth is Auth.NONE
    assert settings.origin("http_port").where == "--http-port"
    assert settings.origin("auth").where == "PS_AUTH"
    assert settings.origin("nice").where == str(toml)
    assert [settings.origin(n).is_fixed for n in ("http_port", "auth", "nice", "watch")] == [
        True,
        True,
        False,
        False,
    ]


def test_arguments_that_were_not_given_do_not_count() -> None:
    assert load_settings({"http_port": None}, {}).http_port == 1787
    with pytest.raises(UsageError, match=r"unknown setting http_prt: did you mean http_port\?"):
        load_settings({"http_prt": "1"}, {})


def test_unknown_names_are_warned_about_with_the_nearest_known_one(tmp_path: Path) -> None:
    toml = write(tmp_path / "settings.toml", "min_file_sise = 1\nqwertyuiop = 2\n")
    environ = {"PS_HTPP_PORT": "80", "PS_HTPP_PORT_FILE": "x", "PS1": "$ ", "OTHER": "x"}
    settings = load_settings({}, environ, library_toml=toml)
    assert settings.warnings == (
        "unknown variable PS_HTPP_PORT: did you mean PS_HTTP_PORT?",
        "unknown variable PS_HTPP_PORT_FILE: did you mean PS_HTTP_PORT?",
        f"unknown setting min_file_sise in {toml}: did you mean min_file_size?",
        f"unknown setting qwertyuiop in {toml}",
    )


def test_a_setting_in_the_file_of_the_other_scope_has_no_effect(tmp_path: Path) -> None:
    system = write(tmp_path / "system.toml", "min_image_px = 1\npuid = 5\n")
    library = write(tmp_path / "library.toml", "http_host = '0.0.0.0'\n")
    settings = load_settings({}, {}, system, library)
    assert settings == Settings()
    assert [w.split(": ")[1] for w in settings.warnings] == [
        "it belongs in the settings file of the library",
        "set PS_PUID instead",
        "it belongs in the settings file of the system",
    ]


def test_a_bad_value_is_one_line_and_names_the_source(tmp_path: Path) -> None:
    toml = write(tmp_path / "settings.toml", "http_port = 'many'\n")
    cases = [
        ({"http_port": "many"}, {}, None, "--http-port"),
        ({}, {"PS_HTTP_PORT": "many"}, None, "PS_HTTP_PORT"),
        ({}, {}, toml, str(toml)),
    ]
    for args, environ, system_toml, where in cases:
        with pytest.raises(SettingError) as caught:
            load_settings(args, environ, system_toml)
        text = str(caught.value)
        assert "\n" not in text
        for part in ("http_port", '"many"', where, "a whole number from 0 to 65535"):
            assert part in text


def test_a_bad_value_that_is_overridden_does_no_harm() -> None:
    assert load_settings({"http_port": 81}, {"PS_HTTP_PORT": "many"}).http_port == 81


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load_settings({}, {"PS_HTTP_PORT": "", "PS_ENV_FILE": ""}).http_port == 1787


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_each_setting_can_be_given_by_each_of_its_variables(setting: Setting) -> None:
    text = setting.type.show(setting.default) or ("UTC" if setting.name == "tz" else "17")
    for name in setting.env_names:
        settings = load_settings({}, {name: text})
        assert settings.origin(setting.name).where == name
        assert settings.warnings == ()


def test_container_names_are_accepted_in_both_cases() -> None:
    """SPEC 2.3."""
    settings = load_settings({}, {"puid": "0", "PGID": "100", "UMASK": "022", "TZ": "Asia/Tokyo"})
    assert (settings.puid, settings.pgid, settings.umask) == (0, 100, 0o22)
    assert settings.tz == "Asia/Tokyo"


def test_value_files(tmp_path: Path) -> None:
    """SPEC 2.5."""
    secret = write(tmp_path / "tz", "Europe/Berlin\r\n")
    assert load_settings({}, {"PS_TZ_FILE": str(secret)}).tz == "Europe/Berlin"
    with pytest.raises(SettingError, match="No such file"):
        load_settings({}, {"PS_TZ_FILE": str(tmp_path / "missing")})
    (tmp_path / "binary").write_bytes(b"\xff")
    with pytest.raises(SettingError, match="not UTF-8"):
        load_settings({}, {"PS_TZ_FILE": str(tmp_path / "binary")})


def test_env_files(tmp_path: Path) -> None:
    value = write(tmp_path / "nice", "3")
    path = write(
        tmp_path / "photostore.env",
        "\ufeff# comment\n\nPS_HTTP_PORT=81\r\nexport PS_TZ='Europe/Paris'\n"
        f'PS_LIBRARY = "/my photos"\nPS_NICE_FILE={value}\nPS_HTTP_PRT=1\nHOME=/elsewhere\n',
    )
    settings = load_settings({}, {"PS_ENV_FILE": str(path)})
    assert (settings.http_port, settings.tz, settings.nice) == (81, "Europe/Paris", 3)
    assert settings.library == Path("/my photos")
    assert settings.origin("nice").source is Source.ENV_FILE
    assert settings.warnings == (
        f"unknown variable PS_HTTP_PRT in {path}: did you mean PS_HTTP_PORT?",
    )


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    secret = write(tmp_path / "a.env", "PS_TZ=x\nhunter2\n")
    with pytest.raises(FileError, match=r"a\.env: line 2 is not NAME=value") as caught:
        load_settings({}, {"PS_ENV_FILE": str(secret)})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(FileError, match="No such file"):
        load_settings({}, {"PS_ENV_FILE": str(tmp_path / "missing")})
    (tmp_path / "latin.env").write_bytes(b"# \xff")
    with pytest.raises(FileError, match="not UTF-8"):
        load_settings({}, {"PS_ENV_FILE": str(tmp_path / "latin.env")})
    with pytest.raises(FileError, match="not valid TOML"):
        load_settings({}, {}, write(tmp_path / "settings.toml", "a = = b"))
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    with pytest.raises(FileError, match="not UTF-8"):
        load_settings({}, {}, tmp_path / "latin.toml")


def test_a_settings_file_without_the_right_to_read_it_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SPEC 1.5: the server starts, to say so."""

    def refuse(self: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied")

    toml = write(tmp_path / "settings.toml", "nice = 3")
    monkeypatch.setattr(Path, "read_text", refuse)
    settings = load_settings({}, {}, toml)
    assert settings == Settings()
    assert settings.warnings == (
        f"{toml} cannot be read (Permission denied): its settings have no effect",
    )


def test_where_it_listens() -> None:
    """SPEC 1.3, 2.1."""
    assert load_settings({"expose": True}, {}).http_host == "0.0.0.0"  # noqa: S104
    assert load_settings({}, {}, in_container=True).http_host == "0.0.0.0"  # noqa: S104
    both = load_settings({"expose": "true", "http_host": "::1"}, {}, in_container=True)
    assert both.http_host == "::1"


def test_secrets_are_never_shown() -> None:
    """SPEC 2.5."""
    topic = Topic("Test", SETTING_BY_NAME["auth"].scope)
    secret = Setting("admin_password", topic, v.whole_number(0, 9), 0, "A secret.", secret=True)
    assert secret.show(5) == "***"
    with pytest.raises(SettingError) as caught:
        read_value(secret, "hunter2")
    assert "hunter2" not in str(caught.value)


def test_settings_show_each_value_once_and_cannot_be_changed() -> None:
    settings = load_settings({"scan": "/a:/b"}, {})
    assert 'scan=["/a", "/b"]' in repr(settings)
    with pytest.raises(AttributeError):
        settings.http_port = 1  # type: ignore[misc]
