"""From the tree of a query to a condition on assets. Reads no database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from photostore.store.search import clauses, where
from photostore.store.search.binding import Binding
from photostore.store.search.errors import QueryError
from photostore.store.search.filters import SWITCHES, find_filter
from photostore.store.search.syntax import All, Either, Filter, Not, Value, Word, parse
from photostore.store.search.terms import AllOf, AnyOf, Negated, Words, any_of
from photostore.store.search.texts import match_of
from photostore.store.search.times import check_times
from photostore.store.search.view import Clause, Condition, Order, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from photostore.store.search.syntax import Node
    from photostore.store.search.terms import Term
    from photostore.store.search.view import View

YES = "yes"
ALBUM_NAMES = frozenset({"album", "albums"})


def compile_view(view: View) -> Condition:
    """The condition of a view. Raises QueryError with an explanation for a person."""
    tree = parse(view.query)
    binding = Binding(view.scope.user_id)
    nodes = _take_shelf(binding, tuple(_switched(node) for node in tree.nodes))
    album = _album_of(nodes)
    if view.order is Order.ALBUM and album is None:
        raise QueryError(
            "The order of an album needs the album in the search: album:NAME", 0, len(view.query)
        )
    own = ["asset.owner_id = :owner", f"asset.shelf = '{binding.shelf}'"]
    if binding.shelf is Shelf.MISSING:
        # Without any file are assets that were merged into another, or wait after a rebuild.
        own.append("asset.shown_file_id IS NOT NULL")
    parts = _compile_parts(binding, nodes)
    return Condition(
        " AND ".join([*own, *(part.sql for part in parts)]),
        binding.parameters,
        by_words=any(part.is_narrow for part in parts),
        shelf=binding.shelf,
        album=album,
        names_albums=any(node.name in ALBUM_NAMES for node in _filters(nodes)),
        own=" AND ".join(own),
        clauses=tuple(parts),
    )


def _switched(node: Node) -> Node:
    """`portrait` alone is the filter; in quotes it is a word."""
    match node:
        case Word(value) if not value.quoted and value.text.lower() in SWITCHES:
            yes = Value(YES, False, value.start, value.end)
            return Filter(value.text.lower(), (yes,), value.start, value.end)
        case Not(inner):
            return Not(_switched(inner))
        case Either(nodes):
            return Either(tuple(_switched(one) for one in nodes))
        case All(nodes):
            return All(tuple(_switched(one) for one in nodes))
    return node


def _take_shelf(binding: Binding, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Take `in:` out: it says something of the search as a whole."""
    rest: list[Node] = []
    for node in nodes:
        if not (isinstance(node, Filter) and node.name == "in"):
            rest.append(node)
        elif len(node.values) > 1:
            raise QueryError("in: takes one value", node.start, node.end)
        else:
            binding.shelf = clauses.read_shelf(node.values[0])
    for inner in _filters(rest):
        if inner.name == "in":
            raise QueryError("in: stands alone, without - | or brackets", inner.start, inner.end)
    return tuple(rest)


@contextmanager
def _within_reach(binding: Binding, nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """The nodes without `dist:`, which holds for the `near:` beside it and in brackets there."""
    rest = [node for node in nodes if not (isinstance(node, Filter) and node.name == "dist")]
    said = [node for node in nodes if isinstance(node, Filter) and node.name == "dist"]
    for node in said:
        if len(node.values) > 1 or node is not said[0]:
            raise QueryError("dist: takes one value, once", node.start, node.end)
        if not any(other.name == "near" for other in _filters(rest)):
            km = where.read_dist(node.values[0])
            raise QueryError(
                f"dist: needs a place beside it, such as near:lisbon dist:{km:g}",
                node.start,
                node.end,
            )
    alone = [part for node in rest if isinstance(node, Either) for part in node.nodes]
    alone += [node.node for node in rest if isinstance(node, Not)]
    for part in alone:
        if isinstance(part, Filter) and part.name == "dist":
            raise QueryError("dist: stands beside near:, without - or |", part.start, part.end)
    before = binding.dist_km
    if said:
        binding.dist_km = where.read_dist(said[0].values[0])
    try:
        yield rest
    finally:
        binding.dist_km = before


def _filters(nodes: Sequence[Node]) -> Iterator[Filter]:
    """Each filter of some trees."""
    for node in nodes:
        match node:
            case Filter():
                yield node
            case Not(inner):
                yield from _filters([inner])
            case All(inside) | Either(inside):
                yield from _filters(inside)


def _album_of(nodes: Sequence[Node]) -> str | None:
    """The album that everything found is in, if there is one."""
    for node in nodes:
        if isinstance(node, Filter) and node.name in ALBUM_NAMES and len(node.values) == 1:
            text = node.values[0].text
            return None if text.lower() in {"yes", "no"} else text
    return None


def _compile_parts(binding: Binding, nodes: Sequence[Node]) -> list[Clause]:
    """A clause for each node; all words together are one look-up."""
    check_times(nodes)
    with _within_reach(binding, nodes) as left:
        parts: list[Clause] = []
        words = [node for node in left if match_of(_bare(node)) is not None]
        text = match_of(All(tuple(words)))
        if text is not None and len(words) > 1:
            parts.append(Clause(Words(binding.bind(text)), is_narrow=True))
            left = [node for node in left if node not in words]  # noqa: PLW2901 - what is left
        return parts + [Clause(_compile(binding, node), _is_narrow(node)) for node in left]


def _bare(node: Node) -> Node:
    return node.node if isinstance(node, Not) else node


def _compile(binding: Binding, node: Node) -> Term:
    text = match_of(node)
    if text is not None:
        return Words(binding.bind(text))
    match node:
        case Filter():
            kind = find_filter(node)
            return any_of(tuple(kind.term(binding, value) for value in node.values))
        case Not(inner):
            return Negated(_compile(binding, inner))
        case Either(nodes):
            return AnyOf(tuple(_compile(binding, one) for one in nodes))
        case All(nodes):
            return AllOf(tuple(part.term for part in _compile_parts(binding, nodes)))
    raise TypeError(node)


def _is_narrow(node: Node) -> bool:
    """Whether an index finds at once what a node names."""
    match node:
        case Word():
            return True
        case Filter():
            flags = {value.text.lower() for value in node.values}
            return find_filter(node).narrow and not flags & {"no", "false"}
        case Either(nodes):
            return all(_is_narrow(one) for one in nodes)
        case All(nodes):
            return any(_is_narrow(one) for one in nodes)
    return False
