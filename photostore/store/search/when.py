"""Clauses of the filters that ask when: moments are wall clock where the picture was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.derivation import UNDATED_MS
from photostore.store.search import values as v
from photostore.store.search.lookups import among, want_flag, with_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.values import Span


def _taken_within(binding: Binding, spans: Iterable[Span]) -> str:
    return " OR ".join(
        f"asset.captured_ms >= {binding.bind(span.start)} "
        f"AND asset.captured_ms < {binding.bind(span.end)}"
        for span in spans
    )


def year(binding: Binding, value: Value) -> str:
    """A year, or years from one to another."""
    parts = value.text.split("-")
    if len(parts) > 2 or not all(part.isascii() and len(part) == 4 for part in parts):
        raise v.wrong(value, "year", "give a year or a range, such as year:2019, year:2015-2018")
    spans = [v.read_span(_part(value, part), "year") for part in parts]
    span = v.Span(min(one.start for one in spans), max(one.end for one in spans))
    v.check_possible(value, "year", span)
    return f"({_taken_within(binding, [span])})"


def _part(value: Value, text: str) -> Value:
    return type(value)(text, False, value.start, value.end)


def month(binding: Binding, value: Value) -> str:
    """A month as a number, or months from one to another."""
    found = v.read_whole(value, "month", "7")
    low = 1 if found.low is None else int(found.low)
    high = 12 if found.high is None else int(found.high)
    if not 1 <= low <= high <= 12:
        raise v.wrong(value, "month", "give a number from 1 to 12, or a range such as month:6-8")
    names = (binding.bind(f"{number:02}") for number in range(low, high + 1))
    return with_tags(
        "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'when' AND level = 2 "
        f"AND fold IN ({', '.join(names)})"
    )


def taken(binding: Binding, value: Value) -> str:
    """Within a year, month or day."""
    span = v.read_span(value, "taken")
    v.check_possible(value, "taken", span)
    return f"({_taken_within(binding, [span])})"


def before(binding: Binding, value: Value) -> str:
    """Before it begins; what has no date is neither before nor after."""
    span = v.read_span(value, "before")
    v.check_possible(value, "before", v.Span(min(0, span.start), span.start))
    start = binding.bind(span.start)
    return f"(asset.captured_ms < {start} AND asset.captured_ms > {UNDATED_MS})"


def after(binding: Binding, value: Value) -> str:
    """From its beginning on."""
    span = v.read_span(value, "after")
    v.check_possible(value, "after", v.Span(span.start, max(span.end, 1)))
    return f"asset.captured_ms >= {binding.bind(span.start)}"


def on_this_day(binding: Binding, value: Value) -> str:
    """That day of each year: a range of the timeline's index each."""
    spans = v.read_day_of_year(value, "onthisday")
    starts = binding.bind("[" + ",".join(str(span.start) for span in spans) + "]")
    return among(
        f"SELECT day.id FROM json_each({starts}) AS begun CROSS JOIN asset AS day "
        f"WHERE day.owner_id = :owner AND day.shelf = '{binding.shelf}' "
        "AND day.captured_ms >= begun.value AND day.captured_ms < begun.value + 86400000"
    )


def undated(binding: Binding, value: Value) -> str:
    """Whether nothing tells when."""
    sign = "=" if want_flag(value, "undated") else "<>"
    return f"asset.captured_ms {sign} {UNDATED_MS}"


def added(binding: Binding, value: Value) -> str:
    """When it came to the library, in UTC."""
    span = v.read_span(value, "added")
    v.check_possible(value, "added", span)
    return (
        f"(asset.added_at >= {binding.bind(span.start)} "
        f"AND asset.added_at < {binding.bind(span.end)})"
    )
