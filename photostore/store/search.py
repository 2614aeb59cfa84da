"""From a query that a person typed to a condition on assets.

Words must all occur (as beginnings of words) in title, description, keywords, people, place,
camera, file or folder names; "quotes" keep words together; `-` in front means not; `type:photo` and
`type:video` filter. What is not understood is explained, never ignored (SPEC 7.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from photostore.base.errors import BadRequestError
from photostore.base.text import display_name
from photostore.store.scope import OWNER, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_QUERY_CHARACTERS = 1_000
MAX_TERMS = 20
TERM = re.compile(r'(?P<minus>-?)(?:(?P<filter>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<word>\S*))')
# What would end the phrase, or cannot be bound as text.
UNSEARCHABLE = re.compile('["\0\ud800-\udfff]')
TYPES = {"photo": 0, "video": 1}


class Order(StrEnum):
    """The orders of a view, by capture time."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class View:
    """A filter and an order: what timeline, search result, album and tag page are (DESIGN 1)."""

    query: str = ""
    order: Order = Order.NEWEST
    scope: Scope = OWNER


@dataclass(frozen=True, slots=True)
class Condition:
    """A WHERE clause over `asset` with its named parameters.

    `by_words`: it names assets by words that they hold. All of them are found at once then, and
    sorted; along the index of the timeline every asset would be looked at.
    """

    sql: str
    parameters: Mapping[str, Any]
    by_words: bool = False


def compile_view(view: View) -> Condition:
    """The condition of a view. Raises BadRequestError with an explanation for a person."""
    clauses = ["asset.owner_id = :owner", "asset.shelf = 'timeline'"]
    parameters: dict[str, Any] = {"owner": view.scope.user_id}
    if len(view.query) > MAX_QUERY_CHARACTERS:
        raise BadRequestError(f"A search may have {MAX_QUERY_CHARACTERS} characters at most")
    matches = [match for match in TERM.finditer(view.query) if match[0]]
    if len(matches) > MAX_TERMS:
        raise BadRequestError(f"A search may have {MAX_TERMS} terms at most")
    by_words = False
    for number, match in enumerate(matches):
        clause, phrase = _compile_term(match, f"term{number}")
        clauses.append(clause)
        if phrase is not None:
            parameters[f"term{number}"] = phrase
            by_words |= not match["minus"]
    return Condition(" AND ".join(clauses), parameters, by_words)


def _compile_term(match: re.Match[str], name: str) -> tuple[str, str | None]:
    """One term as (clause, phrase that it binds to `name` or None)."""
    negated = "NOT " if match["minus"] else ""
    quoted = match["quoted"] is not None
    text = match["quoted"] if quoted else match["word"]
    filter_name = match["filter"]
    if filter_name and filter_name.lower() == "type":
        return f"{negated}{_type_clause(text)}", None
    if filter_name:
        raise BadRequestError(
            f'The filter "{filter_name}:" is unknown: there is type:. '
            f'To search for the words themselves, quote them: "{filter_name}:{display_name(text)}"'
        )
    if not any(letter.isalnum() for letter in text):
        raise BadRequestError(f"There is no letter or digit to search for: {display_name(text)}")
    # The index splits words and folds case and accents in a phrase as it did in the texts.
    phrase = '"' + UNSEARCHABLE.sub(" ", text) + '"' + ("" if quoted else "*")
    return (
        f"{negated}asset.id IN (SELECT rowid FROM asset_text WHERE asset_text MATCH :{name})",
        phrase,
    )


def _type_clause(text: str) -> str:
    if text.lower() not in TYPES:
        raise BadRequestError(
            f'"type:{display_name(text)}" is unknown: use type:photo or type:video'
        )
    # A constant and not a parameter, so that the index of videos is used.
    return f"asset.is_video = {TYPES[text.lower()]}"
