"""Moving originals to the trash, all files of an asset or none (SPEC 9.3 to 9.5)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import BadRequestError, FileChangedError
from photostore.library.trash.acts import Act, ActKind, Step, new_act
from photostore.library.trash.checks import (
    ExpectedFile,
    Seen,
    check_file,
    check_unchanged,
    is_same_file,
)
from photostore.library.trash.errors import NameTakenError, TrashRefusedError, explain
from photostore.library.trash.folders import (
    Spot,
    look,
    open_folder,
    open_spot,
    pass_by,
    sync_folders,
    write_new,
)
from photostore.library.trash.info import INFO_SUFFIX, render_info, vary_name
from photostore.library.trash.moves import keep_time, move, rename_exclusively
from photostore.library.trash.places import Refusal, TrashPlace, find_trash
from photostore.library.trash.reversal import carry_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from photostore.library.trash.acts import ActJournal
    from photostore.library.trash.folders import Reach
    from photostore.library.trash.places import Surroundings

_MAX_NAME_BYTES = 255
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class TrashedFile:
    """A file in the trash: where it was, in which trash it is, and its name there."""

    original: bytes
    place: TrashPlace
    name: bytes

    @property
    def path(self) -> bytes:
        """Where the file is now."""
        return os.path.join(self.place.files, self.name)


@dataclass(frozen=True, slots=True)
class TrashedSet:
    """What an act moved to the trash. Its record stays until `forget_act(folder, act.id)`."""

    act: Act
    files: tuple[TrashedFile, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    expected: ExpectedFile
    seen: Seen
    place: TrashPlace
    step: Step

    @property
    def trashed(self) -> TrashedFile:
        return TrashedFile(self.step.source, self.place, os.path.basename(self.step.target))


def trash_files(
    expected: Sequence[ExpectedFile],
    around: Surroundings,
    *,
    journal: ActJournal,
    now: datetime,
    context: Mapping[str, str] | None = None,
    reach: Reach = pass_by,
) -> TrashedSet:
    """Move files to the trash of their volumes as one act: all of them, or none.

    `now` has a zone or is local time; `context` is written down with the act. Blocks on the disk:
    for a worker thread. Raises TrashRefusedError (no trash; nothing was touched), FileChangedError
    (a file is not what the person saw), ActFailedError (taken back), ActUnfinishedError.
    """
    _refuse_nonsense(expected)
    attempt = 1
    while True:
        plans = _plan_all(expected, around, now)
        act = new_act(ActKind.TRASH, now, context)
        steps = [plan.step for plan in plans]

        def do(plans: Sequence[_Plan] = plans) -> None:
            _move_all(plans, journal, reach)

        try:
            carry_out(act, steps, do, journal, reach)
        except NameTakenError:
            # Another program chose the same name in the trash: plan again, with other names.
            attempt += 1
            if attempt > _ATTEMPTS:
                raise
        else:
            return TrashedSet(act, tuple(plan.trashed for plan in plans))


def _refuse_nonsense(expected: Sequence[ExpectedFile]) -> None:
    paths = [file.path for file in expected]
    if not paths or len(set(paths)) < len(paths):
        raise BadRequestError("an act needs files, each of them once")


def _plan_all(expected: Sequence[ExpectedFile], around: Surroundings, now: datetime) -> list[_Plan]:
    # Every file is checked before any trash folder is made or any file is touched.
    seen = [_check(file) for file in expected]
    taken: set[bytes] = set()
    places: dict[bytes, TrashPlace] = {}
    for file in expected:
        folder = os.path.dirname(file.path)
        if folder not in places:
            places[folder] = _find_place(file.path, around)
    return [
        _plan(file, known, places[os.path.dirname(file.path)], now, taken)
        for file, known in zip(expected, seen, strict=True)
    ]


def _find_place(path: bytes, around: Surroundings) -> TrashPlace:
    """The trash for a file, which is that of its folder."""
    place = find_trash(path, around)
    if isinstance(place, Refusal):
        raise TrashRefusedError.of(place)
    if path.startswith(place.folder + b"/"):
        reason = "it is in the trash already"
        raise TrashRefusedError(path, reason, "restore it or delete it for good there")
    return place


def _check(file: ExpectedFile) -> Seen:
    try:
        with open_spot(file.path) as spot:
            return check_file(spot, file)
    except OSError as error:
        raise explain(error, file.path) from error


def _plan(
    file: ExpectedFile, seen: Seen, place: TrashPlace, now: datetime, taken: set[bytes]
) -> _Plan:
    try:
        target = os.path.join(place.files, _choose_name(file.path, place, taken))
    except OSError as error:
        raise explain(error, place.folder) from error
    taken.add(target.lower())
    inner = file.path if place.top is None else os.path.relpath(file.path, place.top)
    info = os.path.join(place.info, os.path.basename(target) + INFO_SUFFIX)
    text = render_info(inner, now)
    step = Step(file.path, target, info, text, seen.size_bytes, seen.mtime_ns)
    return _Plan(file, seen, place, step)


def _choose_name(path: bytes, place: TrashPlace, taken: set[bytes]) -> bytes:
    with open_folder(place.files) as files, open_folder(place.info) as info:
        try:
            most = min(os.fpathconf(info, "PC_NAME_MAX"), _MAX_NAME_BYTES)
        except OSError:
            most = _MAX_NAME_BYTES
        names = vary_name(os.path.basename(path), most - len(INFO_SUFFIX))
        # A file without an info file is in the way as well, since a rename would replace it.
        return next(
            name
            for name in names
            if os.path.join(place.files, name).lower() not in taken
            and look(Spot(info, name + INFO_SUFFIX)) is None
            and look(Spot(files, name)) is None
        )


def _move_all(plans: Sequence[_Plan], journal: ActJournal, reach: Reach) -> None:
    for plan in plans:
        _write_info(plan, reach)
    sync_folders(plan.place.info for plan in plans)
    reach("infos synced")
    for number, plan in enumerate(plans):
        _move_one(plan, reach)
        reach("moved")
        journal.step_done(number)
    folders = {plan.place.files for plan in plans}
    sync_folders(folders | {os.path.dirname(plan.step.source) for plan in plans})


def _write_info(plan: _Plan, reach: Reach) -> None:
    try:
        with open_spot(plan.step.info) as spot:
            write_new(spot, plan.step.info_text, lambda: reach("info created"))
        reach("info written")
    except OSError as error:
        raise explain(error, plan.step.info) from error


def _move_one(plan: _Plan, reach: Reach) -> None:
    path = plan.step.source
    try:
        with open_spot(path) as source, open_spot(plan.step.target) as target:
            check_unchanged(source, plan.expected, plan.seen)
            reach("checked")
            is_copied = move(source, target, reach)
            # A rename goes by name: what came under the name since the check goes back at once.
            # A copy was compared when it was made.
            if not is_copied and not is_same_file(target, plan.seen, plan.expected.sha1):
                rename_exclusively(target, source)
                raise FileChangedError(path, "it was replaced just now; sync the folder")
            keep_time(target, plan.seen.mtime_ns)
    except OSError as error:
        raise explain(error, path) from error
