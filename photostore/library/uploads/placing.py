"""Putting a file that arrived to its place: a free name by the template, never over another file.

By a rename on one file system, so that at every moment there is the whole file under the name, or
nothing. For a worker thread.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from photostore.base.errors import FileError
from photostore.library.organise.planning import Planner
from photostore.library.organise.template import Subject, fold, parse_template
from photostore.library.trash.errors import NameTakenError, explain
from photostore.library.trash.folders import look, open_spot, remove, sync_folders
from photostore.library.trash.moves import rename_exclusively
from photostore.library.uploads.results import DestinationError

if TYPE_CHECKING:
    from photostore.library.trash.folders import Reach
    from photostore.library.uploads.results import Received, UploadSetup

ATTEMPTS = 5
# A RAW and its JPEG, a still and its clip (SPEC 6.5), and how far zones are apart.
SAME_SHOT_MS = 3_000
QUARTER_MS = 15 * 60_000
FARTHEST_ZONE_MS = 14 * 3_600_000
# Capture times by name, None of what has none.
Moments = Mapping[bytes, int | None]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Shot(NamedTuple):
    """What the template wants to know of a photo.

    `taken_ms` is the wall clock as in the database, None where only a file system tells it.
    """

    taken_ms: int | None
    make: str | None
    model: str | None


class Place(NamedTuple):
    """Where a file is now; `identity` are device and inode of ours.

    `was_there`: one with the same bytes was there, and ours was not needed.
    """

    path: bytes
    identity: tuple[int, int] | None

    @property
    def was_there(self) -> bool:
        """Whether ours was not needed."""
        return self.identity is None


def wanted_path(received: Received, shot: Shot, setup: UploadSetup) -> bytes:
    """Where a file goes if the name is free."""
    return _planner(setup).wanted_path(_subject(received, shot))


def put_in_place(
    received: Received, shot: Shot, moments: Moments, setup: UploadSetup, reach: Reach
) -> Place:
    """Give a file its name. On the disk when it returns. Raises DestinationError.

    `moments` are those of the files in its folder that may be of one shot with it.
    """
    planner, subject = _planner(setup), _subject(received, shot)

    def may_have(name: bytes) -> bool:
        return _is_with_its_own(name, shot, moments)

    for _ in range(ATTEMPTS):
        target, is_there = planner.find_place(received.path, received.size, subject, may_have)
        if is_there:
            return Place(target, None)
        status = os.lstat(received.path)
        place = Place(target, (status.st_dev, status.st_ino))
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
            take_away(place)
            raise DestinationError(str(explain(error, target))) from error
        return place
    raise DestinationError(str(NameTakenError(target, "its name is taken again and again")))


def _planner(setup: UploadSetup) -> Planner:
    destination = os.fsencode(os.path.realpath(setup.destination))
    return Planner(destination, parse_template(setup.template))


def _subject(received: Received, shot: Shot) -> Subject:
    stem, extension = os.path.splitext(os.path.basename(received.path))
    taken = None if shot.taken_ms is None else EPOCH + timedelta(milliseconds=shot.taken_ms)
    return Subject(stem, extension, b"", taken, shot.make, shot.model)


def _is_with_its_own(name: bytes, shot: Shot, moments: Moments) -> bool:
    """Whether files that have the name but for its extension are of the same shot.

    RAW and JPEG, still and clip are one asset by their names: so a RAW goes beside its JPEG, with
    the number that this got, and not beside that of another camera. A film's time may be in UTC.
    """
    stem = fold(os.path.splitext(name)[0])
    for other, moment in moments.items():
        if fold(os.path.splitext(other)[0]) == stem and None not in (moment, shot.taken_ms):
            apart = abs((moment or 0) - (shot.taken_ms or 0))
            if apart <= FARTHEST_ZONE_MS:
                apart = abs(apart - round(apart / QUARTER_MS) * QUARTER_MS)
            if apart > SAME_SHOT_MS:
                return False
    return True


def take_away(place: Place) -> None:
    """Remove a file that was put in its place a moment ago and cannot be recorded.

    Never another one: somebody may have saved his under that name before us, or since.
    """
    with suppress(OSError), open_spot(place.path) as spot:
        status = look(spot)
        if status is not None and (status.st_dev, status.st_ino) == place.identity:
            remove(spot)
