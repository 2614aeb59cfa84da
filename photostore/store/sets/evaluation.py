"""What a view finds, from the sets; what they do not hold is asked of the database."""

from __future__ import annotations

import asyncio
import json
import re
from array import array
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from photostore.store.search import Order, Shelf, compile_view
from photostore.store.search.lookups import ask_of_each, ids_of, tags_of
from photostore.store.search.view import Join
from photostore.store.sets.loading import FILE_COLUMNS
from photostore.store.timeline import Columns

if TYPE_CHECKING:
    from photostore.store.db import Reading
    from photostore.store.search import Condition, View
    from photostore.store.search.view import Term
    from photostore.store.sets.memory import AssetSets

# So few assets are asked one by one, instead of finding all that another filter finds.
FEW = 1_000
OF_FILES = "SELECT asset_id FROM file WHERE gone_at IS NULL AND "
OF_WORDS = "SELECT rowid FROM asset_text WHERE asset_text MATCH "
COLUMNS = ("ratio", "is_video", "rating", "favourite", "added_at")
COLUMN = re.compile(r"\basset\.(\w+)")
MOMENT = re.compile(r"asset\.captured_ms (>=|<|>|=|<>) (:\w+|-?\d+)")
# A file's name: words of it that are looked up, and the name itself.
NAMED = re.compile(r"\((?P<words>asset\.id IN \([^()]*\)) AND (?P<file>EXISTS .*)\)")
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
        for term in sorted(asked, key=lambda one: ids_of(one.sql) is None):
            if found:
                found = found & await self.ask(term, found)
        return found if asked or self.condition.clauses else found.copy()

    async def know(self, term: Term) -> BitMap | None:
        """The assets of a term if the sets hold them; they may hold others as well."""
        if term.join is Join.IS:
            return await self.know_one(term.sql)
        parts = [await self.know(part) for part in term.parts]
        known = [part for part in parts if part is not None]
        return self.join(term.join, known) if len(known) == len(parts) else None

    def join(self, join: Join, parts: list[BitMap]) -> BitMap:
        """Sets as a term joins them."""
        if join is Join.NOT:
            return self.sets.everything - parts[0]
        if join is Join.ANY:
            return BitMap.union(*parts)
        return reduce(lambda one, other: one & other, parts, self.sets.everything)

    async def know_one(self, sql: str) -> BitMap | None:
        """A clause of a filter."""
        if sql.startswith("NOT "):
            known = await self.know_one(sql.removeprefix("NOT "))
            return None if known is None else self.sets.everything - known
        ids = ids_of(sql)
        if ids is not None:
            return await self.know_ids(ids)
        columns = set(COLUMN.findall(sql))
        if columns == {"captured_ms"}:
            # A stretch may hold all that was read in a day, or all that has no date.
            return await asyncio.to_thread(self.at_moments, sql)
        (column,) = columns if len(columns) == 1 else ("",)
        if column in COLUMNS and "(SELECT" not in sql:
            return await self.with_value(column, sql.replace(f"asset.{column}", "value"))
        return self.sets.everything if sql == "1" else None

    async def know_ids(self, ids: str) -> BitMap | None:
        """The assets that a subquery names."""
        if ids in self.sets.tables:
            return self.sets.tables[ids]
        tags = tags_of(ids)
        if tags is not None:
            return await self.with_tags(tags)
        return await self.with_number(ids.removeprefix(OF_FILES)) if OF_FILES in ids else None

    async def with_tags(self, tags: str) -> BitMap:
        """Assets that have one of some tags, or one below."""
        rows = await self.reading.fetch_plain(
            f"SELECT DISTINCT tag_id FROM tag_line WHERE ancestor_id IN ({tags})",
            self.condition.parameters,
        )
        sets = self.sets.tags
        found = [sets[tag_id] for (tag_id,) in rows if tag_id in sets]
        return BitMap.union(*found) if found else BitMap()

    async def with_number(self, where: str) -> BitMap | None:
        """Assets with a file of which a number is within bounds."""
        column = next((one for one in FILE_COLUMNS if f"{one} " in where), None)
        if column is None:
            return None
        return await self.with_value(column, where.replace(column, "value"))

    async def with_value(self, column: str, where: str) -> BitMap | None:
        """Assets of which a value fulfils a condition; SQLite judges each value that there is."""
        sets = self.sets.values.get(column)
        if sets is None:
            return None
        keys = list(sets)
        rows = await self.reading.fetch_plain(
            f"SELECT key FROM json_each(:values) WHERE {where}",
            {**self.condition.parameters, "values": json.dumps(keys)},
        )
        found = [sets[keys[place]] for (place,) in rows]
        return BitMap.union(*found) if found else BitMap()

    def at_moments(self, sql: str) -> BitMap | None:
        """Assets that were taken within bounds, which are joined by AND."""
        low, high = -FOREVER, FOREVER
        for sign, name in MOMENT.findall(sql):
            moment = int(self.condition.parameters[name[1:]] if name[0] == ":" else name)
            if sign == "<>":
                return self.sets.everything - self.sets.between(moment, moment + 1)
            low = max(low, moment + (sign == ">")) if sign in {">=", ">", "="} else low
            high = min(high, moment + (sign == "=")) if sign in {"<", "="} else high
        return None if " OR " in sql else self.sets.between(low, high)

    async def ask(self, term: Term, among: BitMap) -> BitMap:
        """The assets of a term as the database has them, at least those among some."""
        known = await self.know(term)
        if known is not None:
            return known
        if term.join is not Join.IS:
            parts = [await self.ask(part, among) for part in term.parts]
            if term.join is Join.NOT:
                # Beyond `among` nothing is known of the part, and nothing is asked.
                return among - parts[0]
            return self.join(term.join, parts)
        return await self.ask_one(term.sql, among)

    async def ask_one(self, sql: str, among: BitMap) -> BitMap:
        """One clause of a filter."""
        parameters: dict[str, Any] = dict(self.condition.parameters)
        ids = ids_of(sql)
        named = NAMED.fullmatch(sql)
        if named:
            # The words of a name are cheap to find, the name itself is read of those that are left.
            among = among & await self.ask_one(named["words"], among)
            return await self.ask_each(named["file"], among) if among else among
        if ids is not None and ids.startswith(OF_WORDS):
            # Words are found in the order of ids: those before and behind need not be looked at.
            ids += " AND rowid BETWEEN :first AND :last"
            parameters |= {"first": among.min(), "last": among.max()}
        elif len(among) <= FEW:
            return await self.ask_each(ask_of_each(sql), among)
        elif ids is None:
            ids = f"SELECT asset.id FROM asset WHERE {self.condition.own} AND {sql}"
        return await self.fetch(ids, parameters)

    async def ask_each(self, sql: str, among: BitMap) -> BitMap:
        """Those among some that a clause names, one by one."""
        return await self.fetch(
            "SELECT asset.id FROM asset NOT INDEXED "
            f"WHERE asset.id IN (SELECT value FROM json_each(:among)) AND {sql}",
            {**self.condition.parameters, "among": json.dumps(among.to_array().tolist())},
        )

    async def fetch(self, ids: str, parameters: dict[str, Any]) -> BitMap:
        """The ids that a query gives, as one text: a third of the time of rows."""
        rows = await self.reading.fetch_plain(
            f"WITH found(id) AS ({ids}) SELECT group_concat(id) FROM found", parameters
        )
        return await asyncio.to_thread(_read_ids, rows[0][0])


def _read_ids(text: str | None) -> BitMap:
    return BitMap(array("I", json.loads(f"[{text or ''}]")))
