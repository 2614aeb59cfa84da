"""Putting a file that arrived to its place: a free name by the template, never over another file.

By a rename on one file system, so that at every moment there is the whole file under the name, or
nothing. For a worker thread.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from photostore.base.errors import FileError
from photostore.library.organise.planning import Planner
from photostore.library.organise.template import Subject, parse_template
from photostore.library.trash.errors import NameTakenError, explain
from photostore.library.trash.folders import open_spot, remove, sync_folders
from photostore.library.trash.moves import rename_exclusively
from photostore.library.uploads.results import DestinationError

if TYPE_CHECKING:
    from photostore.library.trash.folders import Reach
    from photostore.library.uploads.results import Received, UploadSetup

ATTEMPTS = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Shot(NamedTuple):
    """What the template wants to know of a photo.

    `taken_ms` is the wall clock as in the database, None where only a file system tells it.
    """

    taken_ms: int | None
    make: str | None
    model: str | None


class Place(NamedTuple):
    """Where a file is now. `was_there`: one with the same bytes was, and ours was not needed."""

    path: bytes
    was_there: bool


def put_in_place(received: Received, shot: Shot, setup: UploadSetup, reach: Reach) -> Place:
    """Give a file its name. On the disk when it returns. Raises DestinationError."""
    name = os.path.basename(received.path)
    stem, extension = os.path.splitext(name)
    taken = None if shot.taken_ms is None else EPOCH + timedelta(milliseconds=shot.taken_ms)
    subject = Subject(stem, extension, b"", taken, shot.make, shot.model)
    destination = os.fsencode(os.path.realpath(setup.destination))
    planner = Planner(destination, parse_template(setup.template))
    for _ in range(ATTEMPTS):
        target, is_there = planner.find_place(received.path, received.size, subject)
        if is_there:
            return Place(target, was_there=True)
        try:
            with open_spot(received.path) as source, open_spot(target, make=True) as spot:
                reach("placing")
                rename_exclusively(source, spot)
            reach("renamed")
            sync_folders([os.path.dirname(target)])
        except FileExistsError:
            planner.look_again([os.path.dirname(target)])
            continue
        except (OSError, FileError) as error:
            take_away(Place(target, was_there=False))
            raise DestinationError(str(explain(error, target))) from error
        return Place(target, was_there=False)
    raise DestinationError(str(NameTakenError(target, "its name is taken again and again")))


def take_away(place: Place) -> None:
    """Remove a file that was put in its place a moment ago and cannot be recorded."""
    if not place.was_there:
        with suppress(OSError), open_spot(place.path) as spot:
            remove(spot)
