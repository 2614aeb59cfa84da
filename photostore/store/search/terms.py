"""What filters become: terms, each of which says what it asks of an asset and makes its SQL of it.

`store/sets` goes by what a term says, the database by its SQL: neither is written down twice.
Values are bound: where a term holds one, it is a parameter as it stands in SQL, such as `:p1`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from photostore.store.derivation import UNDATED_MS

# What a test says of a value of a column, it says of this name.
VALUE = "value"
MOMENT = "asset.captured_ms"
MEGAPIXELS = "width * height / 1000000.0"


class Term(ABC):
    """A condition on one asset."""

    __slots__ = ()

    @property
    def sql(self) -> str:
        """The condition over `asset`, which may stand beside others without brackets."""
        return self._spell()

    @property
    def asked(self) -> str:
        """The same for few assets: each is asked, instead of finding all that would do first."""
        return self._ask()

    @abstractmethod
    def _spell(self) -> str:
        """Make the SQL."""

    def _ask(self) -> str:
        return self._spell()


class LookUp(Term):
    """The assets whose ids a subquery gives."""

    __slots__ = ()

    @property
    def ids(self) -> str:
        """The subquery, of one column."""
        return self._select()

    @abstractmethod
    def _select(self) -> str:
        """Make the subquery."""

    def _spell(self) -> str:
        return f"asset.id IN ({self.ids})"


def _having(table: str, column: str, condition: str) -> str:
    """A question about one asset that an index of a table answers."""
    return f"EXISTS (SELECT 1 FROM {table} WHERE {table}.{column} = asset.id AND {condition})"


@dataclass(frozen=True, slots=True)
class Everything(Term):
    """Every asset."""

    def _spell(self) -> str:
        return "1"


@dataclass(frozen=True, slots=True)
class ColumnTest(Term):
    """Assets of which a column passes a test: SQL over `value`, in brackets if it joins by AND."""

    column: str
    test: str

    def _spell(self) -> str:
        return self.test.replace(VALUE, f"asset.{self.column}")


@dataclass(frozen=True, slots=True)
class Moments(Term):
    """Taken from a moment up to, and without, another; None for one of them: without that bound.

    What has no date lies before nothing.
    """

    low: str | None
    high: str | None

    def _spell(self) -> str:
        if self.high is None:
            return f"{MOMENT} >= {self.low}"
        if self.low is None:
            return f"({MOMENT} < {self.high} AND {MOMENT} > {UNDATED_MS})"
        return f"({MOMENT} >= {self.low} AND {MOMENT} < {self.high})"


@dataclass(frozen=True, slots=True)
class Undated(Term):
    """Nothing tells when it was taken, or something does."""

    is_so: bool

    def _spell(self) -> str:
        return f"{MOMENT} {'=' if self.is_so else '<>'} {UNDATED_MS}"


@dataclass(frozen=True, slots=True)
class TagsAmong(LookUp):
    """Has one of the tags whose ids a subquery gives, or one below it."""

    tags: str

    @property
    def _is_one(self) -> str:
        return f"tag_id IN (SELECT tag_id FROM tag_line WHERE ancestor_id IN ({self.tags}))"

    def _select(self) -> str:
        return f"SELECT asset_id FROM asset_tag WHERE {self._is_one}"

    def _ask(self) -> str:
        return _having("asset_tag", "asset_id", self._is_one)


@dataclass(frozen=True, slots=True)
class InTable(LookUp):
    """A table names it, in a column; with a condition, in a row of which that is true."""

    table: str
    column: str
    condition: str = ""

    def _select(self) -> str:
        where = f" WHERE {self.condition}" if self.condition else ""
        return f"SELECT {self.column} FROM {self.table}{where}"

    def _ask(self) -> str:
        # Without a condition the subquery is the index itself.
        if not self.condition:
            return self._spell()
        return _having(self.table, self.column, self.condition)


POSITIONED = InTable("asset_position", "id")
WITH_FACES = InTable("face", "asset_id")
IN_ALBUMS = InTable("album_asset", "asset_id")


@dataclass(frozen=True, slots=True)
class FileNumber(LookUp):
    """Of one of its files a column (or an expression) passes a test: SQL over `value`.

    `is_there`: of a file that is in its place. Found in the covering index file_asset.
    """

    column: str
    test: str
    is_there: bool

    @property
    def _passes(self) -> str:
        there = "gone_at IS NULL AND " if self.is_there else ""
        return there + self.test.replace(VALUE, self.column)

    def _select(self) -> str:
        return f"SELECT asset_id FROM file WHERE {self._passes}"

    def _ask(self) -> str:
        return _having("file", "asset_id", self._passes)


@dataclass(frozen=True, slots=True)
class Words(LookUp):
    """An FTS5 expression, which is a parameter, finds it; ids come in their order."""

    phrase: str

    def _select(self) -> str:
        return f"SELECT rowid FROM asset_text WHERE asset_text MATCH {self.phrase}"


@dataclass(frozen=True, slots=True)
class Opaque(LookUp):
    """A subquery names it, of which no more is said."""

    subquery: str

    def _select(self) -> str:
        return self.subquery


@dataclass(frozen=True, slots=True)
class FileName(Term):
    """A file of it has a name like a pattern; `words` of the name are looked up before."""

    pattern: str
    words: Words | None

    @property
    def named(self) -> str:
        """The condition without the words."""
        return (
            "EXISTS (SELECT 1 FROM file WHERE file.asset_id = asset.id "
            f"AND CAST(file.name AS TEXT) LIKE {self.pattern} ESCAPE '\\')"
        )

    def _spell(self) -> str:
        return self.named if self.words is None else f"({self.words.sql} AND {self.named})"


@dataclass(frozen=True, slots=True)
class Negated(Term):
    """Whatever another term does not find."""

    term: Term

    def _spell(self) -> str:
        return f"NOT {self.term.sql}"

    def _ask(self) -> str:
        return f"NOT {self.term.asked}"


@dataclass(frozen=True, slots=True)
class AllOf(Term):
    """What each of some terms finds."""

    terms: tuple[Term, ...]

    def _spell(self) -> str:
        return f"({' AND '.join(term.sql for term in self.terms)})"

    def _ask(self) -> str:
        return f"({' AND '.join(term.asked for term in self.terms)})"


@dataclass(frozen=True, slots=True)
class AnyOf(Term):
    """What one of some terms finds."""

    terms: tuple[Term, ...]

    def _spell(self) -> str:
        return f"({' OR '.join(term.sql for term in self.terms)})"

    def _ask(self) -> str:
        return f"({' OR '.join(term.asked for term in self.terms)})"


def any_of(terms: tuple[Term, ...]) -> Term:
    """One of some terms; those by tags become one look-up."""
    tags = [term.tags for term in terms if isinstance(term, TagsAmong)]
    if len(tags) == len(terms):
        return TagsAmong(" UNION ALL ".join(tags))
    return terms[0] if len(terms) == 1 else AnyOf(terms)
