"""How a clause finds assets: by ids, by tags, by words. What the clauses of all filters share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.labels import Kind
from photostore.store.search import values as v

if TYPE_CHECKING:
    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value


def among(ids: str) -> str:
    """The assets whose ids a subquery gives."""
    return f"asset.id IN ({ids})"


def with_tags(tags: str) -> str:
    """The assets that have one of the tags that a subquery gives, or one below it."""
    return among(
        "SELECT asset_id FROM asset_tag WHERE tag_id IN "
        f"(SELECT tag_id FROM tag_line WHERE ancestor_id IN ({tags}))"
    )


def tagged(binding: Binding, value: Value, kind: Kind, where: str, name: str = "fold") -> str:
    """Assets with a tag of a kind whose `name` (an expression) is meant by a value."""
    flag = v.read_flag(value)
    if flag is not None and kind is not Kind.TYPE:
        root = f"SELECT id FROM tag WHERE owner_id = :owner AND kind = '{kind}' AND level = 0"
        return with_tags(root) if flag else f"NOT {with_tags(root)}"
    if not fold(value.text):
        raise v.wrong(value, kind, "give a name, the beginning of one, or yes or no")
    likes = " OR ".join(
        f"{name} LIKE {binding.bind(pattern)} ESCAPE '\\'" for pattern in v.name_patterns(value)
    )
    return with_tags(
        f"SELECT id FROM tag WHERE owner_id = :owner AND kind = '{kind}' AND {where} AND ({likes})"
    )


def want_flag(value: Value, name: str) -> bool:
    """Yes or no. Raises QueryError for anything else."""
    flag = v.read_flag(value)
    if flag is None:
        raise v.wrong(value, name, f"use {name}:yes or {name}:no")
    return flag


def matching(binding: Binding, phrase: str) -> str:
    """The assets whose words an FTS5 expression finds."""
    name = binding.bind(phrase)
    return among(f"SELECT rowid FROM asset_text WHERE asset_text MATCH {name}")
