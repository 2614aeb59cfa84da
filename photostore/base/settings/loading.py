"""Settings from the command line, environment, env file and TOML files (SPEC 3.3, 3.4).

Reads only; writing is in `toml`. A value is parsed only where it wins, so that a mistake in a file
can be overridden from the command line.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photostore.base.errors import FileError, SettingError, UsageError
from photostore.base.settings.declaration import Origin, Scope, Setting, Source
from photostore.base.settings.table import SETTING_BY_NAME, SETTINGS, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Variables that begin with PS_ and are not settings.
_OTHER_VARIABLES = frozenset({"PS_ENV_FILE", "PS_IN_CONTAINER"})
_KNOWN_VARIABLES = _OTHER_VARIABLES | {name for s in SETTINGS for name in s.env_names}
_ENV_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_SCOPE_PLACE = {
    Scope.SYSTEM: "the settings file of the system",
    Scope.LIBRARY: "the settings file of the library",
}
# A secret is a line; more is a wrong path.
_VALUE_FILE_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as it was given, before it is read; `in_file`: `raw` is the path of its file."""

    raw: object
    origin: Origin
    in_file: bool = False


@dataclass(slots=True)
class _Sources:
    """What each source gives, strongest first."""

    layers: list[Mapping[str, _Given]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def load_settings(
    args: Mapping[str, object],
    environ: Mapping[str, str],
    system_toml: Path | None = None,
    library_toml: Path | None = None,
    *,
    in_container: bool = False,
) -> Settings:
    """Return the settings in force.

    `args` maps names of settings to what the command line gave (text or values; None: not given).
    A TOML path that does not exist is an empty file, one without the right to read it a warning.
    Raises SettingError for a value that is not allowed, UsageError for a name in `args` that is no
    setting, and FileError for a file that is not TOML or an env file that cannot be read.
    """
    sources = _Sources()
    sources.layers.append(_read_args(args))
    sources.layers.extend(_read_variables(environ, Source.ENV, "", sources.warnings))
    env_file = environ.get("PS_ENV_FILE", "")
    if env_file:
        path = Path(env_file).expanduser()
        sources.layers.extend(
            _read_variables(_read_env_file(path), Source.ENV_FILE, str(path), sources.warnings)
        )
    for toml, scope in ((system_toml, Scope.SYSTEM), (library_toml, Scope.LIBRARY)):
        if toml is not None:
            sources.layers.append(_read_toml(toml, scope, sources.warnings))
    return _resolve(sources, in_container=in_container)


def read_value(setting: Setting, raw: object, where: str = "") -> Any:
    """Return `raw` as a value of this setting; raise SettingError when it is not allowed."""
    try:
        return setting.type.read(raw)
    except (ValueError, ArithmeticError):
        shown = "***" if setting.secret else str(raw)
        raise SettingError(setting.name, shown, setting.type.allowed, where) from None


def _resolve(sources: _Sources, *, in_container: bool) -> Settings:
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for setting in SETTINGS:
        given = next((la[setting.name] for la in sources.layers if setting.name in la), None)
        if given is not None:
            values[setting.name] = _read_given(setting, given)
            origins[setting.name] = given.origin
        elif in_container and setting.container_default is not None:
            values[setting.name] = setting.container_default
            origins[setting.name] = Origin(Source.DEFAULT, "in a container")
    if values.get("expose") and "http_host" not in values:
        values["http_host"] = "0.0.0.0"  # noqa: S104 - `expose` asks for exactly this (SPEC 1.3)
        origins["http_host"] = Origin(Source.DEFAULT, "expose is on")
    return Settings(**values, origins=origins, warnings=tuple(sources.warnings))


def _read_given(setting: Setting, given: _Given) -> Any:
    where = f"{given.origin.source}: {given.origin.where}"
    raw = given.raw
    if given.in_file:
        raw = _read_value_file(setting, Path(str(raw)), where)
    return read_value(setting, raw, where)


def _read_args(args: Mapping[str, object]) -> dict[str, _Given]:
    given: dict[str, _Given] = {}
    for name, raw in args.items():
        if name not in SETTING_BY_NAME:
            raise UsageError(f"unknown setting {name}{_hint(name, SETTING_BY_NAME)}")
        if raw is not None:
            option = "--" + name.replace("_", "-")
            given[name] = _Given(raw, Origin(Source.CLI, option))
    return given


def _read_variables(
    variables: Mapping[str, str], source: Source, where: str, warnings: list[str]
) -> list[dict[str, _Given]]:
    """Return two layers: the variables themselves, then those that name a file with the value.

    An empty variable counts as not set: that is what compose files make of `${NAME:-}`.
    """
    direct: dict[str, _Given] = {}
    by_file: dict[str, _Given] = {}
    suffix = f" in {where}" if where else ""
    file_source = Source.VALUE_FILE if source is Source.ENV else source
    for setting in SETTINGS:
        for name in reversed(setting.env_names):
            if variables.get(name):
                direct[setting.name] = _Given(variables[name], Origin(source, name + suffix))
            if variables.get(f"{name}_FILE"):
                origin = Origin(file_source, f"{name}_FILE{suffix}")
                by_file[setting.name] = _Given(variables[f"{name}_FILE"], origin, in_file=True)
    warnings.extend(
        f"unknown variable {name}{suffix}{_hint(name, _KNOWN_VARIABLES)}"
        for name in sorted(variables)
        if name.startswith("PS_") and not _is_known(name)
    )
    return [direct, by_file]


def _is_known(variable: str) -> bool:
    return variable in _KNOWN_VARIABLES or variable.removesuffix("_FILE") in _KNOWN_VARIABLES


def _hint(name: str, known: Mapping[str, object] | frozenset[str]) -> str:
    nearest = difflib.get_close_matches(name, sorted(known), n=1)
    return f": did you mean {nearest[0]}?" if nearest else ""


def _read_value_file(setting: Setting, path: Path, where: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_VALUE_FILE_LIMIT)
        return data.decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        allowed = f"a readable text file with the value ({reason})"
        raise SettingError(setting.name, str(path), allowed, where) from error


def _read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file of `NAME=value` lines, as compose and systemd write them."""
    variables: dict[str, str] = {}
    for number, line in _read_lines(path):
        match = _ENV_LINE.fullmatch(line)
        if match is None:
            # The line is not shown: it may hold half a password.
            raise FileError(os.fsencode(path), f"line {number} is not NAME=value")
        name, value = match.groups()
        quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
        variables[name] = value[1:-1] if quoted else value
    return variables


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise FileError(os.fsencode(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise FileError(os.fsencode(path), "not UTF-8 text") from error
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _read_toml(path: Path, scope: Scope, warnings: list[str]) -> dict[str, _Given]:
    """Return the settings of one TOML file; names of the other scope are left out, with a warning.

    A library's file must not open ports or move folders of a computer it is carried to.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        # The server has to start, to say what is wrong with the library's rights (SPEC 1.5).
        reason = error.strerror or str(error)
        warnings.append(f"{path} cannot be read ({reason}): its settings have no effect")
        return {}
    except UnicodeDecodeError as error:
        raise FileError(os.fsencode(path), "not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise FileError(os.fsencode(path), f"not valid TOML: {error}") from error
    given: dict[str, _Given] = {}
    for name, raw in document.items():
        setting = SETTING_BY_NAME.get(name)
        if setting is None:
            warnings.append(f"unknown setting {name} in {path}{_hint(name, SETTING_BY_NAME)}")
        elif not setting.topic.in_toml:
            warnings.append(f"{name} in {path} has no effect: set {setting.env_name} instead")
        elif setting.scope is not scope:
            place = _SCOPE_PLACE[setting.scope]
            warnings.append(f"{name} in {path} has no effect: it belongs in {place}")
        else:
            given[name] = _Given(raw, Origin(Source.TOML, str(path)))
    return given
