"""What may follow while a person types a search: filters, their values, tags, albums (SPEC 7.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.labels import Kind, key_of
from photostore.store.search.filters import BY_NAME, FILTERS, SWITCHES
from photostore.store.search.syntax import quote
from photostore.store.search.values import like_pattern
from photostore.store.tags import find_tag_id, find_tags, list_tags, tag_query

if TYPE_CHECKING:
    from photostore.store.db import Reading
    from photostore.store.scope import Scope
    from photostore.store.search.filters import FilterKind

LIMIT = 12
# What stands before the cursor: perhaps a minus or brackets, a filter, and the begun value.
BEGUN = re.compile(
    r'(?:^|(?<=[\s|(]))(?P<minus>[-(]*)(?:(?P<name>[A-Za-z_]+):(?P<done>(?:[^\s"|]*\|)*))?'
    r'(?P<text>"[^"]*|[^\s"|()]*)$'
)
PLAIN = re.compile(r'[^\s"|()\\*:-][^\s"|()\\*:]*')
# The filter under which a tag of a kind and level is best found.
FILTER_OF = {
    Kind.CAMERA: "camera",
    Kind.LENS: "lens",
    Kind.KEYWORD: "keyword",
    Kind.PERSON: "person",
}
LEVELS = {"country": "level = 1", "state": "level = 2", "year": "level = 1", "make": "level = 1"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: what is shown, the whole query with it, how many assets it is about."""

    text: str
    query: str
    kind: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The term that is being typed, and what is around it."""

    before: str
    after: str
    name: str | None
    text: str

    def complete(self, term: str, *, is_open: bool = False) -> str:
        """The query with this in the place of what was begun; a filter's name waits for more."""
        space = "" if is_open or self.after[:1].isspace() else " "
        return f"{self.before}{term}{space}{self.after}"


def read_begun(query: str, cursor: int) -> Begun:
    """The term before the cursor."""
    head, tail = query[:cursor], query[cursor:]
    match = BEGUN.search(head)
    if match is None:
        return Begun(head, tail, None, "")
    start = match.start("text")
    name = match["name"]
    if name is None:
        return Begun(head[:start], tail, None, match["text"].lstrip('"'))
    return Begun(head[:start], tail, name.lower(), match["text"].lstrip('"'))


async def suggest(reading: Reading, scope: Scope, query: str, cursor: int) -> list[Suggestion]:
    """Up to LIMIT suggestions, the likeliest first."""
    begun = read_begun(query, cursor)
    kind = BY_NAME.get(begun.name) if begun.name else None
    if begun.name is not None:
        return [] if kind is None else (await _values(reading, scope, begun, kind))[:LIMIT]
    found = _filters(begun)
    if begun.text:
        found += await _tags(reading, scope, begun)
        found += await _albums(reading, scope, begun, as_filter=True)
    return found[:LIMIT]


def _filters(begun: Begun) -> list[Suggestion]:
    """Filters whose name begins so."""
    text = begun.text.lower()
    found = []
    for kind in FILTERS:
        name = next((name for name in kind.names if text and name.startswith(text)), None)
        if name is None or not kind.examples:
            continue
        is_switch = kind.name in SWITCHES
        term = name if is_switch else f"{name}:"
        found.append(Suggestion(term, begun.complete(term, is_open=not is_switch), "filter"))
    return found[:4]


async def _tags(reading: Reading, scope: Scope, begun: Begun) -> list[Suggestion]:
    """Tags of any kind, as the filter that people would type."""
    return [
        Suggestion(
            "/".join(tag.path[1:]),
            begun.complete(_term_of(Kind(tag.kind), tag.path)),
            tag.kind,
            tag.count,
        )
        for tag in await find_tags(reading, scope, begun.text, LIMIT)
    ]


def _term_of(kind: Kind, path: tuple[str, ...]) -> str:
    if kind in FILTER_OF and len(path) == 2:
        return f"{FILTER_OF[kind]}:{spell(path[-1])}"
    return tag_query(path)


def spell(text: str) -> str:
    """A value as it may stand in a query: in quotes where it must be."""
    return text if PLAIN.fullmatch(text) else quote(text)


async def _values(
    reading: Reading, scope: Scope, begun: Begun, kind: FilterKind
) -> list[Suggestion]:
    """What a filter may be given."""
    text = begun.text.lower()
    found = [
        Suggestion(choice, begun.complete(choice), "value")
        for choice in kind.choices
        if choice.startswith(text)
    ]
    if kind.tags is not None:
        found += await _tag_values(reading, scope, begun, kind)
    if kind.name == "album":
        found += await _albums(reading, scope, begun)
    if kind.name == "tag":
        found += await _tag_paths(reading, scope, begun)
    return found


async def _tag_paths(reading: Reading, scope: Scope, begun: Begun) -> list[Suggestion]:
    """Tags for a path: those below what stands before the last slash, then any of that name."""
    above, _, last = begun.text.rpartition("/")
    parent = await find_tag_id(reading, scope, key_of(above.split("/"))) if above else None
    below = await list_tags(reading, scope, parent) if parent or not above else []
    found = [tag for tag in below if fold(tag.name).startswith(fold(last))]
    if last:
        known = {tag.id for tag in found}
        others = await find_tags(reading, scope, last, LIMIT)
        found += [tag for tag in others if tag.id not in known]
    return [
        Suggestion("/".join(tag.path), begun.complete(tag.query[4:]), tag.kind, tag.count)
        for tag in found
    ]


async def _tag_values(
    reading: Reading, scope: Scope, begun: Begun, kind: FilterKind
) -> list[Suggestion]:
    pattern = like_pattern(fold(begun.text))
    level = LEVELS.get(kind.name, "level > 0")
    if kind.name == "city":
        level = "level > 1 AND NOT EXISTS (SELECT 1 FROM tag AS t WHERE t.parent_id = tag.id)"
    rows = await reading.fetch_all(
        f"""SELECT name, sum(asset_count) AS count FROM tag
            WHERE owner_id = :owner AND kind = :kind AND {level} AND asset_count > 0
              AND (fold LIKE :begins ESCAPE '\\' OR fold LIKE :within ESCAPE '\\')
            GROUP BY fold ORDER BY count DESC LIMIT :limit""",
        {
            "owner": scope.user_id,
            "kind": kind.tags,
            "limit": LIMIT,
            "begins": f"{pattern}%",
            "within": f"% {pattern}%",
        },
    )
    return [
        Suggestion(row["name"], begun.complete(spell(row["name"])), str(kind.tags), row["count"])
        for row in rows
    ]


async def _albums(
    reading: Reading, scope: Scope, begun: Begun, *, as_filter: bool = False
) -> list[Suggestion]:
    pattern = like_pattern(begun.text)
    rows = await reading.fetch_all(
        """SELECT name FROM album WHERE owner_id = :owner
             AND (name LIKE :begins ESCAPE '\\' OR name LIKE :within ESCAPE '\\')
             AND query IS NULL ORDER BY position, id LIMIT :limit""",
        {
            "owner": scope.user_id,
            "limit": LIMIT,
            "begins": f"{pattern}%",
            "within": f"% {pattern}%",
        },
    )
    prefix = "album:" if as_filter else ""
    return [
        Suggestion(row["name"], begun.complete(prefix + spell(row["name"])), "album")
        for row in rows
    ]
