"""What requests need: the settings, the open library, or why there is none."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from photostore.base.errors import LibraryError
from photostore.server.known import KnownPictures
from photostore.server.tokens import DownloadTokens

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from photostore.base.errors import PhotostoreError
    from photostore.base.events import Bus
    from photostore.base.layout import Layout
    from photostore.base.settings import Settings
    from photostore.library.acts import Acts
    from photostore.library.acts.copy import JournalCopy
    from photostore.library.albums import Albums
    from photostore.library.codecs import Codecs
    from photostore.library.organise import Organiser
    from photostore.library.previews import PreviewStore
    from photostore.library.removal import Removal
    from photostore.library.reports import Reports
    from photostore.library.tasks import Tasks
    from photostore.library.trashing import Trash
    from photostore.library.views import ViewCache
    from photostore.store.db import Database
    from photostore.sync.arrivals import Arrivals
    from photostore.sync.engine import SyncEngine
    from photostore.sync.upkeep import Upkeep


OPENING_S = 20.0


@dataclass(frozen=True, slots=True)
class OpenLibrary:
    """The parts of an open library that the server calls down to."""

    database: Database
    views: ViewCache
    previews: PreviewStore
    engine: SyncEngine
    reports: Reports | None = None
    upkeep: Upkeep | None = None
    trash: Trash = field(kw_only=True)
    removal: Removal = field(kw_only=True)
    organiser: Organiser = field(kw_only=True)
    arrivals: Arrivals = field(kw_only=True)
    acts: Acts = field(kw_only=True)
    albums: Albums = field(kw_only=True)
    journal: JournalCopy = field(kw_only=True)
    tasks: Tasks = field(kw_only=True)


@dataclass(slots=True)
class ServerContext:
    """One running server. `problem` says why `opened` is None (SPEC 1.5: never fail fast).

    `was_open`: the library was open before; then it is tried again by itself.
    """

    settings: Settings
    layout: Layout
    bus: Bus
    exposed: bool
    opened: OpenLibrary | None = None
    problem: PhotostoreError | None = None
    root_problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    sync_problem: str | None = None
    was_open: bool = False
    codecs: Codecs | None = None
    downloads: DownloadTokens = field(default_factory=DownloadTokens)
    known: KnownPictures = field(default_factory=KnownPictures)
    _is_decided: asyncio.Event = field(default_factory=asyncio.Event)

    def decide(
        self, opened: OpenLibrary | None = None, problem: PhotostoreError | None = None
    ) -> None:
        """Say that the library is open, or why it is not; requests that waited go on."""
        self.opened, self.problem = opened, problem
        self.was_open = self.was_open or opened is not None
        self._is_decided.set()

    async def wait_decided(self) -> None:
        """Wait a while for the library to be opened: a start takes a moment, a migration more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(OPENING_S):
                await self._is_decided.wait()

    @property
    def library(self) -> OpenLibrary:
        """The open library. Raises LibraryError with the reason while there is none."""
        if self.opened is None:
            raise self.problem or LibraryError("The library is being opened: try again in a moment")
        return self.opened


def context_of(connection: HTTPConnection) -> ServerContext:
    """The context of the server that a request came to."""
    return cast("ServerContext", connection.app.state.context)
