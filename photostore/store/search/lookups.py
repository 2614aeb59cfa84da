"""SQL of a clause that finds assets by their ids, and what else can be made of it."""

from __future__ import annotations

AMONG = "asset.id IN ("
# A look-up as a set of assets, and as a question about one asset that an index answers.
QUESTIONS = (
    ("SELECT asset_id FROM asset_tag WHERE ", "asset_tag WHERE asset_tag.asset_id"),
    ("SELECT asset_id FROM file WHERE ", "file WHERE file.asset_id"),
    ("SELECT asset_id FROM album_asset WHERE ", "album_asset WHERE album_asset.asset_id"),
    ("SELECT id FROM asset_position WHERE ", "asset_position WHERE asset_position.id"),
)
BELOW = (
    "SELECT asset_id FROM asset_tag WHERE tag_id IN "
    "(SELECT tag_id FROM tag_line WHERE ancestor_id IN ("
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


def having_tags(tags: str) -> str:
    """The ids of assets that have one of the tags that a subquery gives, or one below it."""
    return f"{BELOW}{tags}))"


def tags_of(ids: str) -> str | None:
    """The subquery of tags in what `having_tags` made."""
    return ids[len(BELOW) : -2] if ids.startswith(BELOW) else None
