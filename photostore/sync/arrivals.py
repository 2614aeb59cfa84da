"""A file that somebody adds: from its bytes to its asset on the timeline.

    Offer -> Received -> (is it here?) -> ImportedFile -> its place -> its row -> Arrival

It is read before it has a place, since its place is by its date, and what is refused leaves nothing
behind. What was read is recorded as it is, so that a file is decoded once.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from photostore.base.errors import LibraryError, MediaRejectedError
from photostore.base.text import display_name
from photostore.library.reports import ReportRow
from photostore.library.trashing.aftermath import drop_previews
from photostore.library.uploads import (
    DestinationError,
    Received,
    Shot,
    UploadNoRoomError,
    receive,
)
from photostore.store.files import WorkFile
from photostore.store.uploads import Added, find_recorded, is_known
from photostore.sync.journey import FailedFile, PreviewsUnwritableError
from photostore.sync.shared import now_ms

if TYPE_CHECKING:
    from photostore.library.previews import PreviewStore
    from photostore.library.uploads import Offer, Uploads
    from photostore.library.uploads.placing import Place
    from photostore.store.facts import FileFacts
    from photostore.store.scope import Scope
    from photostore.store.volumes import Root
    from photostore.sync.engine import SyncEngine
    from photostore.sync.journey import ImportedFile

# Where only a file system tells when a photo was taken, it has no date (SPEC 9.2).
GUESSES = frozenset({"mtime", "ctime"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a file: `is_new`, or the asset that had its content before.

    `shelf` is where that asset is found. `path` is where the file lies, `notes` what is odd about
    it; `act` is the journal's number of an upload that is no part of a batch.
    """

    public_id: str
    shelf: str
    path: bytes
    is_new: bool
    notes: tuple[str, ...] = ()
    act: int | None = None


class Arrivals:
    """Takes files into one open library."""

    def __init__(self, uploads: Uploads, engine: SyncEngine, previews: PreviewStore) -> None:
        self.uploads = uploads
        self._engine = engine
        self._previews = previews
        # Of twenty who send the same photo at once, the first is waited for.
        self._contents: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        uploads.on_root = lambda root: engine.request_scan([root.path])

    async def take(self, scope: Scope, offer: Offer, batch: str | None = None) -> Arrival:
        """Take one file in. Without a batch it is an act of its own.

        Raises what `library.uploads` names, and MediaRejectedError or another FileError with the
        reason why the file is none that can be added.
        """
        uploads = self.uploads
        root = await uploads.destination()
        if offer.sha1 is not None and offer.size is not None:
            # Nothing is sent, and nothing is lost: whoever asks still has it.
            here = (await uploads.find_here(scope, [offer.sha1])).get(offer.sha1)
            if here is not None and here.size == offer.size:
                return Arrival(here.public_id, here.shelf, here.path, is_new=False)
        name = batch or secrets.token_urlsafe(12)
        with uploads.part_of(name):
            async with receive(offer, uploads.setup, uploads.space, uploads.reach) as received:
                uploads.reach("received")
                lock = self._contents.setdefault(received.sha1, asyncio.Lock())
                async with lock:
                    arrival = await self._settle(scope, root, received, name)
        if batch is None and arrival.is_new:
            act, _ = await uploads.finish(scope, name)
            return replace(arrival, act=act)
        return arrival

    async def _settle(self, scope: Scope, root: Root, received: Received, batch: str) -> Arrival:
        """A file that is on the disk, and of which no other copy arrives at this moment."""
        uploads = self.uploads
        same = await uploads.find_same(scope, received)
        if same is not None:
            return Arrival(same.public_id, same.shelf, same.path, is_new=False)
        imported = await self._examine(received)
        uploads.reach("examined")
        row, place = await self._take_up(scope, root, received, imported, batch)
        uploads.reach("recorded")
        async with uploads.database.read() as reading:
            found = await find_recorded(reading, scope, row)
        if found is None:
            raise LibraryError(
                f"{display_name(place.path)} was added and changed at once; it is read again"
            )
        if not place.was_there:
            details = "added in the browser"
            await self._report(ReportRow(place.path, "added", details=details, asset=found[0]))
        return Arrival(*found, place.path, is_new=not place.was_there, notes=_notes(imported.facts))

    async def _take_up(
        self, scope: Scope, root: Root, received: Received, imported: ImportedFile, batch: str
    ) -> tuple[int, Place]:
        """Give a file its place and its row, and record what was read of it."""
        importer, claimed = self._engine.importer, list[int]()

        def claim(file_id: int) -> None:
            claimed.append(file_id)
            importer.claim(file_id)

        try:
            row, place, seen = await self.uploads.place(
                root,
                received,
                _shot(imported.facts),
                Added(batch, scope.user_id, now_ms()),
                claim,
            )
            work = WorkFile(row, place.path, seen.size, seen.mtime_ns, 0, unfiltered=False)
            recorded = replace(imported, work=work, size=seen.size, mtime_ns=seen.mtime_ns)
            await importer.record(recorded)
        except (DestinationError, UploadNoRoomError):
            await self._forget(imported.facts.sha1)
            raise
        finally:
            for file_id in claimed:
                importer.release(file_id)
        return row, place

    async def _examine(self, received: Received) -> ImportedFile:
        """Read, filter and render a file. Raises FileError with its name instead of its path."""
        work = WorkFile(0, received.path, received.size, received.mtime_ns, 0, unfiltered=False)
        try:
            outcome = await self._engine.examine(work)
        except PreviewsUnwritableError as error:
            raise UploadNoRoomError(f"Previews cannot be written: {error}") from error
        if isinstance(outcome, FailedFile):
            name = os.path.basename(received.path)
            reason = outcome.reason
            if outcome.state == "waiting":
                reason += "; install it at /welcome/tools, then add the file again"
            raise MediaRejectedError(name, reason)
        return outcome

    async def _forget(self, sha1: bytes) -> None:
        """Remove the previews of a file that got no place, unless a file has them."""
        async with self.uploads.database.read() as reading:
            is_needed = await is_known(reading, sha1)
        if not is_needed:
            await asyncio.to_thread(drop_previews, self._previews, [sha1])

    async def _report(self, row: ReportRow) -> None:
        await asyncio.to_thread(self.uploads.setup.reports.add, [row])


def _shot(facts: FileFacts) -> Shot:
    is_guess = facts.captured_source in GUESSES
    return Shot(None if is_guess else facts.captured_ms, facts.make, facts.model)


def _notes(facts: FileFacts) -> tuple[str, ...]:
    notes = json.loads(facts.extra).get("notes", ())
    return tuple(map(str, notes))
