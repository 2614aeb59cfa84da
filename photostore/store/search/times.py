"""Times that exclude each other: `after:2020 before:2010` is no search, but a slip (SPEC 7.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.search import values as v
from photostore.store.search.errors import QueryError
from photostore.store.search.syntax import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.search.syntax import Node, Value
    from photostore.store.search.values import Span

EVER = v.Span(-(2**62), 2**62)


def check_times(nodes: Sequence[Node]) -> None:
    """Refuse filters that must hold together and leave no moment. Raises QueryError."""
    left: list[Span] = [EVER]
    limiting: Filter | None = None
    for node in nodes:
        spans = _spans_of(node) if isinstance(node, Filter) else None
        if spans is None or not isinstance(node, Filter):
            continue
        left = [
            v.Span(max(one.start, other.start), min(one.end, other.end))
            for one in left
            for other in spans
            if max(one.start, other.start) < min(one.end, other.end)
        ]
        if not left and limiting is not None:
            hint = ""
            if node.name == limiting.name:
                hint = (
                    f": for one of them write {_spell(limiting)}|{_spell(node).partition(':')[2]}"
                )
            raise QueryError(
                f"Nothing can be both {_spell(limiting)} and {_spell(node)}{hint}",
                node.start,
                node.end,
            )
        limiting = node


def _spans_of(node: Filter) -> list[Span] | None:
    """The times that a filter names, None if it names none; wrong values are explained later."""
    if node.name not in {"year", "taken", "before", "after", "since"}:
        return None
    try:
        return [_span_of(node.name, value) for value in node.values]
    except QueryError:
        return None


def _span_of(name: str, value: Value) -> Span:
    parts = value.text.split("-") if name == "year" else [value.text]
    spans = [v.read_span(type(value)(part, False, 0, 0), name) for part in parts]
    span = v.Span(min(one.start for one in spans), max(one.end for one in spans))
    if name == "before":
        return v.Span(EVER.start, span.start)
    return v.Span(span.start, EVER.end) if name in {"after", "since"} else span


def _spell(node: Filter) -> str:
    return f"{node.name}:" + "|".join(value.text for value in node.values)
