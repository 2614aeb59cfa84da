"""Writes the documents that come from the code: `make docs`. A test fails when one is stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.settings import SETTINGS, Scope, render_example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photostore.base.settings import Setting

ROOT = Path(__file__).resolve().parent.parent
INTRODUCTION = """\
# Settings

<!-- Written by `make docs` from photostore/base/settings/table.py: change it there. -->

Nothing has to be set. Each setting can be given in several places; the first of these wins:

1. the command line, for what has an option there (`photostore serve --help`);
2. an environment variable: `PS_HTTP_PORT` for `http_port`;
3. `PS_HTTP_PORT_FILE`: the name of a file that holds the value, as Docker's secrets do;
4. the same `PS_…=…` lines in the file that `PS_ENV_FILE` names;
5. a settings file: [settings.example.toml](../settings.example.toml) shows each line;
6. the default.

A value that is not allowed is an error that names it, before anything is opened; an unknown name is
a warning with the nearest known one. `/health` shows both the warnings and the folders in use.
"""
SCOPES = {
    Scope.SYSTEM: "Of this computer, in `settings.toml` in the configuration folder.",
    Scope.LIBRARY: "Of the library, in `.photostore/settings.toml` in its folder: they travel "
    "with it.",
}


def render_settings() -> str:
    """The text of docs/settings.md."""
    return INTRODUCTION + "".join(_render_all())


def _render_all() -> Iterator[str]:
    topic = None
    for setting in SETTINGS:
        if setting.topic is not topic:
            topic = setting.topic
            place = SCOPES[topic.scope] if topic.in_toml else "Not in a settings file."
            yield f"\n## {topic.title}\n\n{place}\n"
        yield _render_one(setting)


def _render_one(setting: Setting) -> str:
    names = ", ".join(f"`{name}`" for name in setting.env_names)
    description = setting.description.replace("*", r"\*")
    lines = [f"\n### {setting.name}\n\n{description}\n", f"- Environment: {names}"]
    if setting.type.name != "text":
        lines.append(f"- Allowed: {setting.type.allowed}")
    lines.append(f"- Default: {_code(setting.show(setting.default))}")
    if setting.container_default is not None:
        lines.append(f"- Default in a container: {_code(setting.show(setting.container_default))}")
    return "\n".join(lines) + "\n"


def _code(value: str) -> str:
    return f"`{value}`" if value else "none"


DOCUMENTS = {
    ROOT / "docs" / "settings.md": render_settings,
    ROOT / "settings.example.toml": render_example,
}


def main() -> None:
    """Write all of them."""
    for path, render in DOCUMENTS.items():
        path.write_text(render(), "utf-8")


if __name__ == "__main__":
    main()
