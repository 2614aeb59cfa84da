"""Writes the documents that come from the code: `make docs`. A test fails when one is stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from photostore.base.settings import SETTINGS, Scope, render_example
from photostore.store.search import FILTERS

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


SEARCH_INTRODUCTION = """\
# Searching

<!-- Written by `make docs` from photostore/store/search/filters.py: change it there. -->

Type words, and what has all of them is found: in titles, descriptions, keywords, names of people
and places, camera, file and folder names. Case and accents do not matter, and the beginning of a
word is enough. `photostore list --query` takes the same.

| you type | and find what |
|---|---|
| `sea lisbon` | has words that begin with "sea" and with "lisbon" |
| `"old town"` | has these whole words, one after the other |
| `-dog` | does not have it; `-type:video` is not a video |
| `cat \\| dog` | has one of them |
| `beach cat \\| dog` | has beach, and cat or dog: `\\|` binds closer than a space |
| `(cat beach) \\| snow` | has cat and beach, or has snow |
| `year:2019\\|2020` | has one of the values of a filter |
| `iso:200-400`, `mp:12-`, `rating:-3` | lies in a range, or in one that is open at an end |
| `city:san*` | has anything in the place of `*`, in the filters that look for names |

Names are found by the beginning of any word: `camera:eos` finds the Canon EOS 80D. In quotes the
whole name is meant. `yes` and `no` ask whether there is one at all: `keyword:no` finds what has no
keyword. In quotes, `\\"`, `\\\\` and `\\|` are a mark, a backslash and a bar of the name.

An album that is a saved search finds in `album:` what it finds itself. An album with others inside
finds its own photos, as its page shows them: `album:italy|rome` has both. `dist:` holds for the
`near:` beside it, also in brackets: `(near:lisbon dist:10) | (near:porto dist:5)`.

What is not understood is explained, with the place in the query and what was perhaps meant: also
times that no photo can have, filters that exclude each other such as `after:2020 before:2010`, and
names that nothing in the library has.

The address of a page of results holds the search: keep it as a bookmark, or save it as an album
that fills itself.
"""
SEARCH_CREDIT = """
Places come from [GeoNames](https://www.geonames.org) (CC BY 4.0), which photostore carries with it:
no position of yours leaves your computer.
"""


def render_search() -> str:
    """The text of docs/search.md."""
    text, topic = SEARCH_INTRODUCTION, ""
    for kind in FILTERS:
        if kind.topic != topic:
            topic = kind.topic
            text += f"\n## {topic}\n\n| filter | finds | examples |\n|---|---|---|\n"
        names = ", ".join(f"`{name}:`" for name in kind.names)
        examples = ", ".join(f"`{example}`" for example in kind.examples)
        if kind.choices and kind.choices != ("yes", "no") and len(kind.choices) < 12:
            examples += ("; " if examples else "") + "one of " + ", ".join(kind.choices)
        cells = (cell.replace("|", "\\|") for cell in (names, kind.description, examples))
        text += f"| {' | '.join(cells)} |\n"
    return text + SEARCH_CREDIT


DOCUMENTS = {
    ROOT / "docs" / "settings.md": render_settings,
    ROOT / "docs" / "search.md": render_search,
    ROOT / "settings.example.toml": render_example,
}


def main() -> None:
    """Write all of them."""
    for path, render in DOCUMENTS.items():
        path.write_text(render(), "utf-8")


if __name__ == "__main__":
    main()
