"""How a clause finds assets: by ids, by tags, by words. What the clauses of all filters share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.labels import Kind
from photostore.store.search import values as v

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value


AMONG = "asset.id IN ("
# A look-up as a set of assets, and as a question about one asset that an index answers.
QUESTIONS = (
    ("SELECT asset_id FROM asset_tag WHERE ", "asset_tag WHERE asset_tag.asset_id"),
    ("SELECT asset_id FROM file WHERE ", "file WHERE file.asset_id"),
    ("SELECT asset_id FROM album_asset WHERE ", "album_asset WHERE album_asset.asset_id"),
    ("SELECT id FROM asset_position WHERE ", "asset_position WHERE asset_position.id"),
)


def among(ids: str) -> str:
    """The assets whose ids a subquery gives."""
    return f"{AMONG}{ids})"


def ids_of(sql: str) -> str | None:
    """The subquery of a clause that `among` made, and nothing else."""
    is_one = sql.startswith(AMONG) and sql.count(AMONG) == 1
    return sql[len(AMONG) : -1] if is_one else None


def ask_of_each(sql: str) -> str:
    """A clause for few assets: each is asked for, instead of finding all first that would do.

    Only the constants of this module are looked for: values are bound and stand in no clause.
    """
    for found, asked in QUESTIONS:
        sql = sql.replace(AMONG + found, f"EXISTS (SELECT 1 FROM {asked} = asset.id AND ")
    return sql


BELOW = (
    "SELECT asset_id FROM asset_tag WHERE tag_id IN "
    "(SELECT tag_id FROM tag_line WHERE ancestor_id IN ("
)


def with_tags(tags: str) -> str:
    """The assets that have one of the tags that a subquery gives, or one below it."""
    return among(f"{BELOW}{tags}))")


def tags_of(ids: str) -> str | None:
    """The subquery of tags in what `with_tags` made."""
    return ids[len(BELOW) : -2] if ids.startswith(BELOW) else None


def any_of(parts: Sequence[str]) -> str:
    """One of some clauses; those by tags become one look-up."""
    if len(parts) == 1:
        return parts[0]
    tags = [tags_of(ids_of(part) or "") for part in parts]
    if None not in tags:
        return with_tags(" UNION ALL ".join(map(str, tags)))
    return f"({' OR '.join(parts)})"


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
        raise v.wrong(value, name, f"use {name}:yes or {name}:no", ("yes", "no"))
    return flag


def matching(binding: Binding, phrase: str) -> str:
    """The assets whose words an FTS5 expression finds."""
    name = binding.bind(phrase)
    return among(f"SELECT rowid FROM asset_text WHERE asset_text MATCH {name}")
