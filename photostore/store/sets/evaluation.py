"""What a view finds, from the sets; what they do not hold is asked of the database."""

from __future__ import annotations

import asyncio
import json
from array import array
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from photostore.store.derivation import UNDATED_MS
from photostore.store.search import Order, Shelf, compile_view
from photostore.store.search.terms import (
    AllOf,
    AnyOf,
    ColumnTest,
    Everything,
    FileName,
    FileNumber,
    InTable,
    LookUp,
    Moments,
    Negated,
    TagsAmong,
    Undated,
    Words,
)
from photostore.store.timeline import Columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photostore.store.db import Reading
    from photostore.store.search import Condition, View
    from photostore.store.search.terms import Term
    from photostore.store.sets.memory import AssetSets

# So few assets are asked one by one, instead of finding all that another filter finds.
FEW = 1_000
FOREVER = 2**60


def is_answerable(view: View, condition: Condition, sets: AssetSets) -> bool:
    """Whether the sets hold what a view shows: the timeline of their owner, in an order of time."""
    return (
        view.scope.user_id == sets.owner_id
        and condition.shelf is Shelf.TIMELINE
        and view.order in {Order.NEWEST, Order.OLDEST}
    )


async def find_columns(reading: Reading, sets: AssetSets, view: View) -> Columns:
    """The assets of a view in its order, like `load_columns` of `timeline`."""
    search = _Search(reading, sets, compile_view(view))
    found = await search.find()
    return await asyncio.to_thread(_order, sets, found, view.order)


def _order(sets: AssetSets, found: BitMap, order: Order) -> Columns:
    ids = found.to_array().tolist()
    is_descending = order is Order.NEWEST
    if is_descending:
        ids.reverse()  # equal moments stay as they come
    moment_of = sets.moments.__getitem__
    ids.sort(key=moment_of, reverse=is_descending)
    ratio_of = sets.ratios.__getitem__
    return Columns(array("q", ids), array("q", map(moment_of, ids)), array("B", map(ratio_of, ids)))


class _Search:
    """One condition, being answered."""

    def __init__(self, reading: Reading, sets: AssetSets, condition: Condition) -> None:
        self.reading = reading
        self.sets = sets
        self.condition = condition

    async def find(self) -> BitMap:
        """What the sets know is cut first; what is asked of the database then is less."""
        found = self.sets.everything
        asked: list[Term] = []
        for clause in self.condition.clauses:
            known = await self.know(clause.term)
            if known is None:
                asked.append(clause.term)
            else:
                found = found & known
        for term in sorted(asked, key=lambda one: not isinstance(one, LookUp)):
            if found:
                found = found & await self.ask(term, found)
        return found if asked or self.condition.clauses else found.copy()

    async def know(self, term: Term) -> BitMap | None:
        """The assets of a term if the sets hold them; they may hold others as well."""
        match term:
            case Negated(inner):
                known = await self.know(inner)
                return None if known is None else self.sets.everything - known
            case AllOf(terms) | AnyOf(terms):
                parts = [known for one in terms if (known := await self.know(one)) is not None]
                return self.join(term, parts) if len(parts) == len(terms) else None
        return await self.know_one(term)

    async def know_one(self, term: Term) -> BitMap | None:
        """The same of a term without parts."""
        match term:
            case ColumnTest(column, test) | FileNumber(column, test, is_there=True):
                return await self.with_value(column, test)
            case TagsAmong(tags):
                return await self.with_tags(tags)
            case Moments() | Undated():
                # A stretch may hold all that was read in a day, or all that has no date.
                return await asyncio.to_thread(self.at_moments, term)
            case InTable(table, condition=""):
                return self.sets.tables.get(table)
        return self.sets.everything if isinstance(term, Everything) else None

    def join(self, term: AllOf | AnyOf, parts: list[BitMap]) -> BitMap:
        """Sets as a term joins them."""
        if isinstance(term, AnyOf):
            return BitMap.union(*parts)
        return BitMap.intersection(self.sets.everything, *parts)

    async def with_tags(self, tags: str) -> BitMap:
        """Assets that have one of some tags, or one below."""
        rows = await self.reading.fetch_plain(
            f"SELECT DISTINCT tag_id FROM tag_line WHERE ancestor_id IN ({tags})",
            self.condition.parameters,
        )
        sets = self.sets.tags
        found = [sets[tag_id] for (tag_id,) in rows if tag_id in sets]
        return BitMap.union(*found) if found else BitMap()

    async def with_value(self, column: str, test: str) -> BitMap | None:
        """Assets of which a value passes a test; SQLite judges each value that there is."""
        sets = self.sets.values.get(column)
        if sets is None:
            return None
        keys = list(sets)
        rows = await self.reading.fetch_plain(
            f"SELECT key FROM json_each(:values) WHERE {test}",
            {**self.condition.parameters, "values": json.dumps(keys)},
        )
        found = [sets[keys[place]] for (place,) in rows]
        return BitMap.union(*found) if found else BitMap()

    def at_moments(self, term: Moments | Undated) -> BitMap:
        """Assets that were taken within bounds, or have no date."""
        match term:
            case Undated(is_so):
                undated = self.sets.between(UNDATED_MS, UNDATED_MS + 1)
                return undated if is_so else self.sets.everything - undated
            case Moments(low, high):
                return self.sets.between(
                    UNDATED_MS + 1 if low is None else self.value_of(low),
                    FOREVER if high is None else self.value_of(high),
                )

    def value_of(self, parameter: str) -> int:
        """A number that was bound."""
        return int(self.condition.parameters[parameter.removeprefix(":")])

    async def ask(self, term: Term, among: BitMap) -> BitMap:
        """The assets of a term as the database has them, at least those among some."""
        known = await self.know(term)
        if known is not None:
            return known
        match term:
            case Negated(inner):
                # Beyond `among` nothing is known of the term, and nothing is asked.
                return among - await self.ask(inner, among)
            case AllOf(terms) | AnyOf(terms):
                return self.join(term, [await self.ask(one, among) for one in terms])
        return await self.ask_one(term, among)

    async def ask_one(self, term: Term, among: BitMap) -> BitMap:
        """The assets of a term without parts."""
        match term:
            case FileName(words=Words() as words):
                # Words are cheap to find, the name itself is read of those that are left.
                among = among & await self.ask_one(words, among)
                return await self.ask_each(term.named, among) if among else among
            case Words():
                # They are found in the order of ids: those before and behind are not looked at.
                bounds = {"first": among.min(), "last": among.max()}
                return await self.fetch(f"{term.ids} AND rowid BETWEEN :first AND :last", bounds)
            case _ if len(among) <= FEW:
                return await self.ask_each(term.asked, among)
            case LookUp():
                return await self.fetch(term.ids)
        return await self.fetch(
            f"SELECT asset.id FROM asset WHERE {self.condition.own} AND {term.sql}"
        )

    async def ask_each(self, sql: str, among: BitMap) -> BitMap:
        """Those among some that a clause names, one by one."""
        return await self.fetch(
            "SELECT asset.id FROM asset NOT INDEXED "
            f"WHERE asset.id IN (SELECT value FROM json_each(:among)) AND {sql}",
            {"among": json.dumps(among.to_array().tolist())},
        )

    async def fetch(self, ids: str, more: Mapping[str, Any] = MappingProxyType({})) -> BitMap:
        """The ids that a query gives, as one text: a third of the time of rows."""
        rows = await self.reading.fetch_plain(
            f"WITH found(id) AS ({ids}) SELECT group_concat(id) FROM found",
            {**self.condition.parameters, **more},
        )
        return await asyncio.to_thread(_read_ids, rows[0][0])


def _read_ids(text: str | None) -> BitMap:
    return BitMap(array("I", json.loads(f"[{text or ''}]")))
