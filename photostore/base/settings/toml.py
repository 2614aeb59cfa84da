"""Settings files: the example with its comments, and changes that keep what a person wrote.

Never writes a value that a person did not just set, so nothing from the environment gets in
(SPEC 3.3).
"""

from __future__ import annotations

import os
import re
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from photostore.base.disk import replace_file
from photostore.base.errors import ConflictError, FileError, SettingError
from photostore.base.settings.declaration import Scope
from photostore.base.settings.loading import read_value
from photostore.base.settings.table import SETTING_BY_NAME, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from photostore.base.settings.declaration import Setting
    from photostore.base.settings.table import Settings

_WIDTH = 96
# A file is read, changed and replaced: of two who change it at once, one waits.
_TURN = threading.Lock()
_INTRODUCTION = """\
Settings of photostore. A line that begins with # is a comment: remove the # to set a value.
Each setting can also be given as an environment variable (PS_HTTP_PORT for http_port, or
PS_HTTP_PORT_FILE for a file that holds the value); the command line and the environment win
over this file."""
_SCOPE_HEADINGS = {
    Scope.SYSTEM: "Settings of this computer: settings.toml in the configuration folder.",
    Scope.LIBRARY: "Settings of the library: .photostore/settings.toml in the library folder.",
}


def render_example(scope: Scope | None = None) -> str:
    """Return a settings file with each setting of `scope` (None: all) as a comment."""
    blocks = [_comment(_INTRODUCTION)]
    for heading_scope, heading in _SCOPE_HEADINGS.items():
        if scope in {None, heading_scope}:
            rule = "=" * len(heading)
            blocks.append(_comment(f"{rule}\n{heading}\n{rule}"))
            blocks.extend(_render_topics(heading_scope))
    return "\n\n".join(blocks) + "\n"


def write_toml(path: Path, changes: Mapping[str, object], current: Settings) -> None:
    """Set `changes` (setting → value as text or TOML type; None: back to the default) in `path`.

    Comments, order and unknown keys survive; a file that does not exist begins as the example of
    the scope. Raises SettingError for a bad value or name, ConflictError for a setting that
    `current` says is fixed by the command line or environment, FileError if writing fails. Then
    nothing is changed.
    """
    settings = [_find_changeable(name, current) for name in changes]
    values = {
        s.name: None if changes[s.name] is None else s.type.to_toml(read_value(s, changes[s.name]))
        for s in settings
    }
    scopes = {setting.scope for setting in settings}
    if len(scopes) > 1:
        raise ConflictError("settings of the system and of the library are in separate files")
    if not settings:
        return
    with _TURN:
        text = _read_or_begin(path, scopes.pop())
        replace_file(path, _apply(path, text, values).encode())


def _render_topics(scope: Scope) -> Iterator[str]:
    topic = None
    for setting in SETTINGS:
        if setting.scope is not scope:
            continue
        if setting.topic is not topic:
            topic = setting.topic
            yield _comment(f"--- {topic.title} ---")
        yield _render_setting(setting)


def _render_setting(setting: Setting) -> str:
    lines = textwrap.wrap(setting.description, _WIDTH)
    if setting.type.name != "text":
        allowed = setting.type.allowed
        lines.extend(textwrap.wrap(f"Allowed: {allowed}.", _WIDTH))
    if setting.topic.in_toml:
        value = setting.type.to_toml(setting.default)
        lines.append(f"{setting.name} = {tomlkit.item(value).as_string()}")
    else:
        # An alias without prefix (PUID) is what people know it by.
        name = setting.aliases[0] if setting.aliases else setting.env_name
        lines.append(f"{name}={setting.type.show(setting.default)}")
    return _comment("\n".join(lines))


def _comment(text: str) -> str:
    return textwrap.indent(text, "# ")


def _find_changeable(name: str, current: Settings) -> Setting:
    setting = SETTING_BY_NAME.get(name)
    if setting is None or not setting.topic.in_toml:
        raise SettingError(name, "", "the name of a setting that a settings file can hold")
    origin = current.origin(name)
    if origin.is_fixed:
        raise ConflictError(f"{name} is fixed by the {origin.source} ({origin.where})")
    return setting


def _read_or_begin(path: Path, scope: Scope) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return render_example(scope)
    except OSError as error:
        raise FileError(os.fsencode(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise FileError(os.fsencode(path), "not UTF-8 text") from error


def _apply(path: Path, text: str, values: Mapping[str, Any]) -> str:
    try:
        document = tomlkit.parse(text)
        for name, value in values.items():
            if value is None:
                document.pop(name, None)
            elif name in document:
                document[name] = value
            else:
                document = _insert(document, name, value)
    except TOMLKitError as error:
        raise FileError(os.fsencode(path), f"not valid TOML: {error}") from error
    return document.as_string()


def _insert(document: tomlkit.TOMLDocument, name: str, value: Any) -> tomlkit.TOMLDocument:
    """Add a key where its commented line stands, else at the end of the top level."""
    line = f"{name} = {tomlkit.item(value).as_string()}"
    commented = re.compile(rf"^#[ \t]*{re.escape(name)}[ \t]*=.*$", re.MULTILINE)
    placed = tomlkit.parse(commented.sub(lambda _: line, document.as_string(), count=1))
    if name in placed:
        return placed
    # The comment is missing, or stands below a table or inside a string.
    document[name] = value
    return document
