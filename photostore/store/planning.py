"""Which of several ways to find what a view shows: one filter leads, the others are asked of it.

SQLite has no figures about tags and words. So how many assets each filter finds is looked up first
(tags know it, other filters are counted up to a limit); the one with the fewest leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.search.terms import FileNumber, LookUp, Negated, Opaque, TagsAmong

if TYPE_CHECKING:
    from photostore.store.db import Reading
    from photostore.store.search import Condition
    from photostore.store.search.terms import Term
    from photostore.store.search.view import Clause

# Counting stops here, in 4 ms; along the timeline, where it is cheaper, a little later.
MANY = 40_000
MANY_ALONG = 80_000
# Asking one asset takes 2 us, reading one of a sorted set 0.4 us: sets of like sizes are cut with
# one another, a far larger one is asked.
LIKE_SIZES = 4
SMALL = 5_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A WHERE clause over `asset`, and whether assets are to be looked up one by one."""

    sql: str
    by_ids: bool


async def plan(reading: Reading, condition: Condition) -> Plan:
    """The way to read a whole view."""
    narrow = [clause for clause in condition.clauses if clause.is_narrow]
    if len(condition.clauses) < 2:
        return Plan(condition.sql, bool(narrow))
    wide = [clause for clause in condition.clauses if not clause.is_narrow]
    counts = {clause: await _count(reading, condition, clause) for clause in narrow}
    along = await _count_along(reading, condition, wide)
    leading = min(counts, key=lambda clause: counts[clause], default=None)
    # Along the timeline no row of the wide table is read.
    is_timed = along < MANY_ALONG and (leading is None or counts[leading] >= min(along, MANY))
    if leading is None or is_timed:
        terms = [clause.term for clause in condition.clauses]
        parts = [term.asked if along < MANY_ALONG else term.sql for term in terms]
        return Plan(_join(condition, parts), by_ids=False)
    return Plan(_join(condition, _lead(leading, counts, wide)), by_ids=True)


def _lead(leading: Clause, counts: dict[Clause, int], wide: list[Clause]) -> list[str]:
    """The clauses with one that leads."""
    first, size = leading.term, counts[leading]
    found: list[str] = []
    asked = [clause.term for clause in wide]
    for clause, count in counts.items():
        is_alike = size > SMALL and count <= LIKE_SIZES * size
        if clause is leading:
            continue
        if isinstance(first, LookUp) and isinstance(clause.term, LookUp) and is_alike:
            found.append(clause.term.ids)
        else:
            asked.append(clause.term)
    if isinstance(first, LookUp) and found:
        first = Opaque(" INTERSECT ".join([first.ids, *found]))
    return [first.sql, *(term.asked for term in asked)]


def _join(condition: Condition, parts: list[str]) -> str:
    return " AND ".join([condition.own, *parts])


async def _count(reading: Reading, condition: Condition, clause: Clause) -> int:
    """How many a filter finds, at least MANY for many; also where that is not told at once."""
    match clause.term:
        case TagsAmong(tags):
            sql = f"SELECT coalesce(sum(asset_count), 0) FROM tag WHERE id IN ({tags})"
        case FileNumber():
            # They are found by reading an index from end to end.
            return MANY
        case LookUp() as term:
            sql = f"SELECT count(*) FROM ({term.ids} LIMIT {MANY})"
        case _:
            return MANY
    return int(await reading.fetch_value(sql, condition.parameters))


async def _count_along(reading: Reading, condition: Condition, wide: list[Clause]) -> int:
    """How many the filters leave that follow the order of the timeline, such as dates."""
    said = [clause.sql for clause in wide if not isinstance(_bare(clause.term), LookUp)]
    if not said:
        return MANY_ALONG
    sql = f"SELECT 1 FROM asset WHERE {_join(condition, said)} LIMIT {MANY_ALONG}"
    return int(await reading.fetch_value(f"SELECT count(*) FROM ({sql})", condition.parameters))


def _bare(term: Term) -> Term:
    return term.term if isinstance(term, Negated) else term
