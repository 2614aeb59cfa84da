r"""The grammar of a search, from text to a tree and back. Knows no filter and no SQL.

    query  = either+                        all of them must hold
    either = factor ("|" factor)*           one of them must hold
    factor = "-" factor | "(" query ")" | name ":" value ("|" value)* | value
    value  = '"' any characters '"' | characters up to a space

`|` binds closer than a space: `cat | dog beach` is a beach with a cat or a dog. In quotes, `\"`
is a quotation mark, `\\` a backslash, and `\|` a bar that is part of a name: `name:"a|b"` has two
values, `name:"a\|b"` one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from photostore.store.search.errors import QueryError

MAX_CHARACTERS = 2_000
MAX_TERMS = 50
MAX_DEPTH = 12
NAME = re.compile(r"[A-Za-z_]+(?=:)")
# What has a backslash before it in quotes.
MARKS = re.compile(r'[\\"|]')
# What ends a word that is not quoted; a bracket ends it only where one was opened as a group.
WORD = re.compile(r"[^\s|]+")


@dataclass(frozen=True, slots=True)
class Value:
    """One word, or what stood in quotes. `start` and `end` are characters of the query."""

    text: str
    quoted: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    """Text to be found anywhere."""

    value: Value


@dataclass(frozen=True, slots=True)
class Filter:
    """`name:value|value`; the name in lower case."""

    name: str
    values: tuple[Value, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """What must hold together; without parts it always does."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Of what one must hold."""

    nodes: tuple[Node, ...]


Node: TypeAlias = Word | Filter | Not | All | Either


def parse(query: str) -> All:
    """The tree of a query. Raises QueryError."""
    if len(query) > MAX_CHARACTERS:
        raise QueryError(
            f"A search may have {MAX_CHARACTERS} characters at most", MAX_CHARACTERS, len(query)
        )
    return _Parser(query).parse()


class _Parser:
    """Reads a query from left to right, once."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.terms = 0
        self.depth = 0
        self.groups = 0
        # Where in the last text in quotes a bar stands between two values.
        self.bars: list[int] = []

    def parse(self) -> All:
        return self._all()

    def _all(self) -> All:
        nodes: list[Node] = []
        while not self._is_end():
            node = self._either()
            # What stands in brackets without need is no level of its own.
            nodes += node.nodes if isinstance(node, All) else (node,)
        return All(tuple(nodes))

    def _either(self) -> Node:
        nodes = [self._factor()]
        while self._peek() == "|":
            start = self.at
            self.at += 1
            if self._is_end():
                raise QueryError('Something must stand after the "|"', start, start + 1)
            nodes.append(self._factor())
        return nodes[0] if len(nodes) == 1 else Either(tuple(nodes))

    def _factor(self) -> Node:
        self._skip()
        start = self.at
        letter = self._peek()
        if letter == "|":
            raise QueryError('Something must stand before the "|"', start, start + 1)
        if letter == "(":
            return self._group()
        if letter == "-" and self.query[start + 1 : start + 2].strip(" \t|)"):
            self.at += 1
            self._deeper(start)
            node = self._factor()
            self.depth -= 1
            return node.node if isinstance(node, Not) else Not(node)
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise QueryError(f"A search may have {MAX_TERMS} terms at most", start, len(self.query))
        name = NAME.match(self.query, start)
        if name:
            return self._filter(name[0])
        return Word(self._value())

    def _group(self) -> Node:
        start = self.at
        self._deeper(start)
        self.groups += 1
        self.at += 1
        nodes = self._all()
        if self._peek() != ")":
            raise QueryError('This "(" is not closed: add a ")", or quote it', start, start + 1)
        self.at += 1
        self.depth -= 1
        self.groups -= 1
        if not nodes.nodes:
            raise QueryError("There is nothing between the brackets", start, self.at)
        return nodes.nodes[0] if len(nodes.nodes) == 1 else nodes

    def _deeper(self, start: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError("There are too many brackets in brackets", start, start + 1)

    def _filter(self, name: str) -> Filter:
        start = self.at
        self.at += len(name) + 1
        values = [*self._split(self._value())]
        # Without spaces: `a:1 | b` is one filter or a word, `a:1|2` a filter with two values.
        while self.query[self.at : self.at + 1] == "|":
            follows = self.query[self.at + 1 : self.at + 2]
            is_end = not follows.strip() or (follows == ")" and self.groups > 0)
            if is_end or NAME.match(self.query, self.at + 1):
                break
            self.at += 1
            values += self._split(self._value())
        return Filter(name.lower(), tuple(values), start, self.at)

    def _split(self, value: Value) -> list[Value]:
        """`"a|b"` are two values as well."""
        if not value.quoted or not self.bars:
            return [value]
        edges = [-1, *self.bars, len(value.text)]
        parts = [value.text[low + 1 : high] for low, high in pairwise(edges)]
        return [Value(part, value.quoted, value.start, value.end) for part in parts if part] or [
            value
        ]

    def _value(self) -> Value:
        start = self.at
        if self.query[start : start + 1] == '"':
            return self._quoted()
        match = WORD.match(self.query, start)
        text = match[0] if match else ""
        if self.groups:
            text = _before_bracket(text)
        self.at = start + len(text)
        return Value(text, False, start, self.at)

    def _quoted(self) -> Value:
        """What stands between quotation marks."""
        start = self.at
        letters: list[str] = []
        at, self.bars = start + 1, []
        while at < len(self.query) and self.query[at] != '"':
            if self.query[at] == "\\" and self.query[at + 1 : at + 2] in {'"', "\\", "|"}:
                at += 1
            elif self.query[at] == "|":
                self.bars.append(len(letters))
            letters.append(self.query[at])
            at += 1
        if at >= len(self.query):
            error = QueryError("This quotation mark is not closed: add another one", start, at)
            error.is_unclosed = True
            raise error
        self.at = at + 1
        return Value("".join(letters), True, start, self.at)

    def _skip(self) -> None:
        while self.at < len(self.query) and self.query[self.at].isspace():
            self.at += 1

    def _peek(self) -> str:
        self._skip()
        return self.query[self.at : self.at + 1]

    def _is_end(self) -> bool:
        letter = self._peek()
        return not letter or (letter == ")" and self.groups > 0)


def _before_bracket(text: str) -> str:
    """A word inside a group, up to the bracket that closes the group: `(IMG(1).jpg)`."""
    opened = 0
    for position, letter in enumerate(text):
        if letter == "(":
            opened += 1
        elif letter == ")":
            if not opened:
                return text[:position]
            opened -= 1
    return text


def render(node: Node, *, inside: bool = False) -> str:
    """The text of a tree; parsing it gives the same tree, but for positions."""
    match node:
        case Word(value):
            return render_value(value)
        case Filter(name, values):
            return name + ":" + "|".join(render_value(value) for value in values)
        case Not(inner):
            return "-" + render(inner, inside=True)
        case Either(nodes):
            text = " | ".join(render(one, inside=True) for one in nodes)
            return f"({text})" if inside else text
        case All(nodes):
            text = " ".join(render(one, inside=isinstance(one, All)) for one in nodes)
            return f"({text})" if inside else text


def render_value(value: Value) -> str:
    """A value, in quotes where it had them."""
    return quote(value.text) if value.quoted else value.text


def quote(text: str) -> str:
    """Text in quotation marks, to be put into a query."""
    return '"' + MARKS.sub(r"\\\g<0>", text) + '"'
