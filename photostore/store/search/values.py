"""What stands after a filter's colon, read: numbers and ranges, days, yes and no, patterns."""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from photostore.base.text import display_name
from photostore.store.folding import fold
from photostore.store.search.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.store.search.syntax import Value

YES = frozenset({"yes", "true", "1", "on"})
NO = frozenset({"no", "false", "0", "off"})
NUMBER = r"\d{1,9}(?:[.,]\d{1,4})?"
RANGE = re.compile(rf"(?P<low>{NUMBER})?(?P<dash>-|\.\.)?(?P<high>{NUMBER})?", re.ASCII)
DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
DAY_OF_YEAR = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
POINT = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)", re.ASCII)
ESCAPED = re.compile(r"([\\%_])")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR = 1826
FIRST_MS = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
AHEAD = timedelta(days=2)
NEAREST_LETTERS = 60
SHORT = 3


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both within; None: no bound."""

    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds from `start` up to, and without, `end`."""

    start: int
    end: int


def wrong(value: Value, name: str, allowed: str, choices: Sequence[str] = ()) -> QueryError:
    """The error for a value that a filter does not take; `choices` are what it may be."""
    given = display_name(value.text)
    what = f'"{name}:{given}" is not understood' if given else f'"{name}:" needs a value'
    nearest = find_nearest(value.text, choices)
    hint = f"did you mean {name}:{nearest}? " if nearest else ""
    return QueryError(
        f"{what}: {hint}{allowed}", value.start, max(value.end, value.start + 1), nearest
    )


def find_nearest(text: str, choices: Sequence[str]) -> str | None:
    """The one of some words that was perhaps meant; case and accents do not count."""
    by_fold: dict[str, str] = {}
    for choice in choices:
        by_fold.setdefault(fold(choice), choice)
    for choice in choices:
        for word in fold(choice).split():
            by_fold.setdefault(word, choice)
    given = fold(text)[:NEAREST_LETTERS]
    # Words of quite another length are not alike; comparing letters is what takes time.
    reach = 1 + len(given) // 3
    alike = [word for word in by_fold if abs(len(word) - len(given)) <= reach]
    # One letter of three may be wrong; a longer word has to be more alike than that.
    cutoff = 0.6 if len(given) <= SHORT else 0.7
    found = difflib.get_close_matches(given, alike, n=1, cutoff=cutoff)
    return by_fold[found[0]] if found else None


def today() -> date:
    """The day that it is; what is dated later by more than AHEAD is no photo (SPEC 6.3)."""
    return datetime.now(UTC).date()


def read_flag(value: Value) -> bool | None:
    """True for yes, False for no, None for anything else."""
    text = value.text.lower()
    if value.quoted:
        return None
    return True if text in YES else False if text in NO else None


def want_flag(value: Value, name: str) -> bool:
    """Yes or no. Raises QueryError for anything else."""
    flag = read_flag(value)
    if flag is None:
        raise wrong(value, name, f"use {name}:yes or {name}:no", ("yes", "no"))
    return flag


def read_whole(value: Value, name: str, example: str) -> Range:
    """A range of whole numbers."""
    found = read_range(value, name, example)
    if any(one is not None and one != int(one) for one in (found.low, found.high)):
        raise wrong(value, name, f"give whole numbers, such as {name}:{example}")
    return found


def read_range(value: Value, name: str, example: str) -> Range:
    """`200`, `200-400`, `200-`, `-400`."""
    match = RANGE.fullmatch(value.text)
    low, high = (match["low"], match["high"]) if match else (None, None)
    if match is None or (low is None and high is None) or (low and high and not match["dash"]):
        raise wrong(value, name, f"give a number or a range, such as {name}:{example}")
    if not match["dash"]:
        high = low
    first, last = (None if text is None else float(text.replace(",", ".")) for text in (low, high))
    if first is not None and last is not None and first > last:
        first, last = last, first
    return Range(first, last)


def read_span(value: Value, name: str) -> Span:
    """A year, month or day as `2019`, `2019-05`, `2019-05-03`."""
    match = DATE.fullmatch(value.text)
    parts = match.groups() if match else ("0", None, None)
    try:
        year, month, day = (int(part) if part else None for part in parts)
        start = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
        days = 1 if day else monthrange(start.year, start.month)[1] if month else None
        days = days or (366 if monthrange(start.year, 2)[1] == 29 else 365)
    except ValueError as error:
        allowed = f"give a year, month or day, such as {name}:2019, {name}:2019-05-03"
        raise wrong(value, name, allowed) from error
    start_ms = to_ms(start)
    return Span(start_ms, start_ms + days * 86_400_000)


def check_possible(value: Value, name: str, span: Span) -> None:
    """Refuse a time in which nothing can have been taken. Raises QueryError (SPEC 6.3)."""
    if span.start > to_ms(datetime.combine(today() + AHEAD, time.min, UTC)):
        raise wrong(value, name, "it lies in the future")
    if span.end <= FIRST_MS:
        raise wrong(value, name, f"nothing was photographed before {FIRST_YEAR}")


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, exact."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def read_day_of_year(value: Value, name: str) -> list[Span]:
    """`MM-DD` as that day of each year that a photo can be of (SPEC 6.3: since 1826)."""
    match = DAY_OF_YEAR.fullmatch(value.text)
    month, day = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (1 <= month <= 12 and 1 <= day <= monthrange(2000, month)[1]):
        raise wrong(value, name, f"give month and day, such as {name}:12-24")
    spans = []
    for year in range(FIRST_YEAR, 2201):
        if day <= monthrange(year, month)[1]:
            start = to_ms(datetime(year, month, day, tzinfo=UTC))
            spans.append(Span(start, start + 86_400_000))
    return spans


def read_point(text: str) -> tuple[float, float] | None:
    """`52.5,13.4` as degrees of latitude and longitude; None if it is something else."""
    match = POINT.fullmatch(text.strip())
    if match is None:
        return None
    lat, lon = float(match[1]), float(match[2])
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def like_pattern(text: str) -> str:
    """A LIKE pattern (escape: backslash) for text in which `*` stands for anything."""
    return ESCAPED.sub(r"\\\1", text).replace("*", "%")


def name_patterns(value: Value) -> tuple[str, ...]:
    """LIKE patterns of a folded name that a value may mean.

    In quotes the whole name; with `*` what the person says; else the beginning of any word of it.
    """
    pattern = like_pattern(fold(value.text))
    if value.quoted or "*" in value.text:
        return (pattern,)
    return (f"{pattern}%", f"% {pattern}%")
