"""Words to an FTS5 expression: as many as can be are one MATCH, which is many times cheaper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from photostore.base.text import display_name
from photostore.store.search.errors import QueryError
from photostore.store.search.syntax import All, Either, Not, Word

if TYPE_CHECKING:
    from photostore.store.search.syntax import Node, Value

# What would end the phrase, or cannot be bound as text.
UNSEARCHABLE = re.compile('["\0\ud800-\udfff]')


def phrase_of(value: Value, column: str | None = None) -> str:
    """The FTS5 phrase of a word: its beginning, or in quotes the whole words one after another.

    The index splits words and folds case and accents in a phrase as it did in the texts.
    """
    text = value.text
    if not value.quoted:
        text = text.rstrip("*")
        if "*" in text:
            raise QueryError(
                '"*" may stand at the end of a word; filters such as filename: take it anywhere',
                value.start,
                value.end,
            )
    if not any(letter.isalnum() for letter in text):
        raise QueryError(
            f"There is no letter or digit to search for: {display_name(value.text)}",
            value.start,
            max(value.end, value.start + 1),
        )
    phrase = '"' + UNSEARCHABLE.sub(" ", text) + '"' + ("" if value.quoted else "*")
    return phrase if column is None else f"{{{column}}} : {phrase}"


def match_of(node: Node) -> str | None:
    """The FTS5 expression of a tree of words; None if there is anything else in it."""
    match node:
        case Word(value):
            return phrase_of(value)
        case Either(nodes):
            parts = [match_of(one) for one in nodes]
            return None if None in parts else "(" + " OR ".join(filter(None, parts)) + ")"
        case All(nodes):
            return _match_all(nodes)
    return None


def _match_all(nodes: tuple[Node, ...]) -> str | None:
    """FTS5 knows "a and not b", but not "not b" alone."""
    wanted = [match_of(one) for one in nodes if not isinstance(one, Not)]
    unwanted = [match_of(one.node) for one in nodes if isinstance(one, Not)]
    if not wanted or None in wanted or None in unwanted:
        return None
    text = "(" + " AND ".join(filter(None, wanted)) + ")"
    return "(" + " NOT ".join([text, *filter(None, unwanted)]) + ")"
