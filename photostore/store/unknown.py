"""Why a search found nothing, where it asks for a name that nothing in the library has (SPEC 7.5).

A page without photos says nothing of a slip of the hand; this does, with the nearest known name.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from photostore.base.text import display_name
from photostore.store.labels import Kind
from photostore.store.search import parse
from photostore.store.search.binding import Binding
from photostore.store.search.compilation import ALBUM_NAMES
from photostore.store.search.errors import UnknownNameError
from photostore.store.search.filters import BY_NAME
from photostore.store.search.syntax import All, Either, Filter
from photostore.store.search.terms import TagsAmong
from photostore.store.search.values import find_nearest, like_pattern, read_flag
from photostore.store.suggestions import spell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from photostore.store.db import Reading
    from photostore.store.search import View
    from photostore.store.search.filters import FilterKind
    from photostore.store.search.syntax import Node, Value

# Filters of names that a tag has, beyond those that say of which kind.
KINDS = {"folder": Kind.FOLDER, "path": Kind.FOLDER}
# Which names are compared with what was typed, the commonest first.
MOST_NAMES = 2_000
LEVELS = {"country": "level = 1", "state": "level = 2", "make": "level = 1"}


async def explain_nothing(reading: Reading, view: View) -> None:
    """Raise UnknownNameError if a search that found nothing asks for a name that there is not."""
    for node in _wanted(parse(view.query).nodes):
        kind = BY_NAME.get(node.name)
        for value in node.values:
            if kind is not None and read_flag(value) is None and not _is_number(kind):
                await _check(reading, view, kind, value)


def _is_number(kind: FilterKind) -> bool:
    return kind.tags is Kind.WHEN


def _wanted(nodes: Sequence[Node]) -> Iterator[Filter]:
    """Each filter that is not negated: not to have what nothing has is no slip."""
    for node in nodes:
        match node:
            case Filter():
                yield node
            case All(inside) | Either(inside):
                yield from _wanted(inside)


async def _check(reading: Reading, view: View, kind: FilterKind, value: Value) -> None:
    if kind.name in ALBUM_NAMES:
        await _check_album(reading, view, value)
    elif kind.name == "id":
        found = await reading.fetch_value(
            "SELECT 1 FROM asset WHERE public_id = ?", (_bindable(value.text),)
        )
        if not found:
            raise _unknown("photo or video with the id", value, None)
    else:
        await _check_tag(reading, view, kind, value)


async def _check_tag(reading: Reading, view: View, kind: FilterKind, value: Value) -> None:
    binding = Binding(view.scope.user_id)
    term = kind.term(binding, value)
    if not isinstance(term, TagsAmong):
        return
    if await reading.fetch_value(f"SELECT 1 FROM ({term.tags}) LIMIT 1", binding.parameters):
        return
    group = kind.tags or KINDS.get(kind.name)
    if group is None:
        # Of `tag:` the root is known; months and types are known without any photo.
        if kind.name == "tag":
            raise _unknown("tag", value, None)
        return
    level = LEVELS.get(kind.name, "level > 0")
    rows = await reading.fetch_plain(
        f"""SELECT name FROM tag WHERE owner_id = ? AND kind = ? AND {level}
            ORDER BY asset_count DESC LIMIT ?""",
        (view.scope.user_id, group, MOST_NAMES),
    )
    nearest = await asyncio.to_thread(find_nearest, value.text, [name for (name,) in rows])
    raise _unknown(kind.name, value, nearest)


async def _check_album(reading: Reading, view: View, value: Value) -> None:
    found = await reading.fetch_value(
        """SELECT 1 FROM album WHERE owner_id = ?
           AND (public_id = ? OR name LIKE ? ESCAPE '\\') LIMIT 1""",
        (view.scope.user_id, _bindable(value.text), _bindable(like_pattern(value.text.strip()))),
    )
    if found:
        return
    rows = await reading.fetch_plain(
        "SELECT name FROM album WHERE owner_id = ? ORDER BY position LIMIT ?",
        (view.scope.user_id, MOST_NAMES),
    )
    raise _unknown("album", value, find_nearest(value.text, [name for (name,) in rows]))


def _bindable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _unknown(noun: str, value: Value, nearest: str | None) -> UnknownNameError:
    hint = f": did you mean {display_name(nearest)}?" if nearest else ""
    return UnknownNameError(
        f'There is no {noun} "{display_name(value.text)}" in this library{hint}',
        value.start,
        max(value.end, value.start + 1),
        None if nearest is None else spell(nearest),
    )
