"""Terms of the filters that ask when: moments are wall clock where the picture was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.search import values as v
from photostore.store.search.terms import ColumnTest, Moments, Opaque, TagsAmong, Undated

if TYPE_CHECKING:
    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.terms import Term
    from photostore.store.search.values import Span


def _taken_within(binding: Binding, span: Span) -> Term:
    return Moments(binding.bind(span.start), binding.bind(span.end))


def year(binding: Binding, value: Value) -> Term:
    """A year, or years from one to another."""
    parts = value.text.split("-")
    if len(parts) > 2 or not all(part.isascii() and len(part) == 4 for part in parts):
        raise v.wrong(value, "year", "give a year or a range, such as year:2019, year:2015-2018")
    spans = [v.read_span(_part(value, part), "year") for part in parts]
    span = v.Span(min(one.start for one in spans), max(one.end for one in spans))
    v.check_possible(value, "year", span)
    return _taken_within(binding, span)


def _part(value: Value, text: str) -> Value:
    return type(value)(text, False, value.start, value.end)


def month(binding: Binding, value: Value) -> Term:
    """A month as a number, or months from one to another."""
    found = v.read_whole(value, "month", "7")
    low = 1 if found.low is None else int(found.low)
    high = 12 if found.high is None else int(found.high)
    if not 1 <= low <= high <= 12:
        raise v.wrong(value, "month", "give a number from 1 to 12, or a range such as month:6-8")
    names = (binding.bind(f"{number:02}") for number in range(low, high + 1))
    return TagsAmong(
        "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'when' AND level = 2 "
        f"AND fold IN ({', '.join(names)})"
    )


def taken(binding: Binding, value: Value) -> Term:
    """Within a year, month or day."""
    span = v.read_span(value, "taken")
    v.check_possible(value, "taken", span)
    return _taken_within(binding, span)


def before(binding: Binding, value: Value) -> Term:
    """Before it begins; what has no date is neither before nor after."""
    span = v.read_span(value, "before")
    v.check_possible(value, "before", v.Span(min(0, span.start), span.start))
    return Moments(None, binding.bind(span.start))


def after(binding: Binding, value: Value) -> Term:
    """From its beginning on."""
    span = v.read_span(value, "after")
    v.check_possible(value, "after", v.Span(span.start, max(span.end, 1)))
    return Moments(binding.bind(span.start), None)


def on_this_day(binding: Binding, value: Value) -> Term:
    """That day of each year: a range of the timeline's index each."""
    spans = v.read_day_of_year(value, "onthisday")
    starts = binding.bind("[" + ",".join(str(span.start) for span in spans) + "]")
    return Opaque(
        f"SELECT day.id FROM json_each({starts}) AS begun CROSS JOIN asset AS day "
        f"WHERE day.owner_id = :owner AND day.shelf = '{binding.shelf}' "
        "AND day.captured_ms >= begun.value AND day.captured_ms < begun.value + 86400000"
    )


def undated(binding: Binding, value: Value) -> Term:
    """Whether nothing tells when."""
    return Undated(v.want_flag(value, "undated"))


def added(binding: Binding, value: Value) -> Term:
    """When it came to the library, in UTC."""
    span = v.read_span(value, "added")
    v.check_possible(value, "added", span)
    start, end = binding.bind(span.start), binding.bind(span.end)
    return ColumnTest("added_at", f"(value >= {start} AND value < {end})")
