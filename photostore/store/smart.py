"""Albums in a search: one that is a saved search stands for what it finds (SPEC 7.5, 7.6).

An album finds what its own page shows: the photos in it, not those of the albums inside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError
from photostore.base.text import display_name
from photostore.store.search import Order, QueryError, View, compile_view, parse, render
from photostore.store.search.compilation import ALBUM_NAMES
from photostore.store.search.syntax import All, Either, Filter, Not, Value
from photostore.store.search.values import like_pattern, read_flag
from photostore.store.search.view import Shelf

if TYPE_CHECKING:
    from photostore.store.db import Reading
    from photostore.store.scope import Scope
    from photostore.store.search.syntax import Node

# Albums in the searches of albums, in all: more is a mistake.
MOST_SMART = 100
# What a search becomes at most: its parts are SQL.
MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class SmartAlbum:
    """A saved search."""

    public_id: str
    name: str
    query: str


async def resolve_view(reading: Reading, view: View) -> View:
    """The view with what saved searches say in the place of their albums. Raises QueryError."""
    if "album" not in view.query.lower():
        return view
    tree = parse(view.query)
    resolver = _Resolver(reading, view.scope)
    nodes = [await resolver.resolve(node) for node in tree.nodes]
    if not resolver.count:
        return view
    # Nobody arranges what a search finds.
    order = Order.NEWEST if view.order is Order.ALBUM else view.order
    query = render(All(tuple(nodes)))
    if len(query) > MOST_CHARACTERS:
        raise QueryError("The searches of these albums are too long together", 0, len(view.query))
    return replace(view, query=query, order=order)


class _Resolver:
    """Puts saved searches into a tree."""

    def __init__(self, reading: Reading, scope: Scope, *inside: SmartAlbum) -> None:
        self._reading = reading
        self._scope = scope
        self._inside = list(inside)
        self.count = 0

    async def resolve(self, node: Node) -> Node:
        """A node without names of saved searches."""
        match node:
            case Filter(name, values) if name in ALBUM_NAMES:
                return await self._resolve_album(node, values)
            case Not(inner):
                return Not(await self.resolve(inner))
            case All(nodes):
                return All(tuple([await self.resolve(one) for one in nodes]))
            case Either(nodes):
                return Either(tuple([await self.resolve(one) for one in nodes]))
        return node

    async def _resolve_album(self, node: Filter, values: tuple[Value, ...]) -> Node:
        found: list[Node] = []
        for value in values:
            smart = [] if read_flag(value) is not None else await self._find(value)
            found += [await self._put(album, value) for album in smart]
        if not found:
            return node
        # Albums by hand may have the name as well.
        every = (node, *found)
        return Either(every)

    async def _find(self, value: Value) -> list[SmartAlbum]:
        rows = await self._reading.fetch_all(
            """SELECT public_id, name, query FROM album
               WHERE owner_id = :owner AND query IS NOT NULL
                 AND (public_id = :name OR name LIKE :pattern ESCAPE '\\')""",
            {
                "owner": self._scope.user_id,
                "name": value.text.encode("utf-8", "replace").decode(),
                "pattern": like_pattern(value.text.strip()).encode("utf-8", "replace").decode(),
            },
        )
        return [SmartAlbum(*row) for row in rows]

    async def _put(self, album: SmartAlbum, value: Value) -> Node:
        """What an album searches for, as part of another search."""
        name = display_name(album.name)
        self.count += 1
        if any(one.public_id == album.public_id for one in self._inside):
            names = " → ".join(display_name(one.name) for one in (*self._inside, album))
            raise self._wrong(f"An album cannot search for itself: {names}", value)
        if self.count > MOST_SMART:
            raise self._wrong("These albums search for each other too often", value)
        try:
            shelf = compile_view(View(album.query, scope=self._scope)).shelf
        except QueryError as error:
            message = f'The search of the album "{name}" is not understood: {error.message}'
            raise self._wrong(message, value) from error
        if shelf is not Shelf.TIMELINE:
            message = f'The album "{name}" looks elsewhere than on the timeline: open it alone'
            raise self._wrong(message, value)
        self._inside.append(album)
        try:
            return All(tuple([await self.resolve(one) for one in parse(album.query).nodes]))
        except QueryError as error:
            # The place that it names is in the album's search, which is not what a person sees.
            raise self._wrong(error.message, value) from error
        finally:
            self._inside.pop()

    @staticmethod
    def _wrong(message: str, value: Value) -> QueryError:
        return QueryError(message, value.start, value.end)


async def check_saved(reading: Reading, scope: Scope, album: SmartAlbum) -> None:
    """Refuse a saved search that finds its own album, itself or through others.

    Raises BadRequestError with what is wrong.
    """
    resolver = _Resolver(reading, scope, album)
    try:
        for node in parse(album.query).nodes:
            await resolver.resolve(node)
    except QueryError as error:
        raise BadRequestError(f"query: {error}") from error
