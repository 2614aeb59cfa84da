r"""Acts on originals, written down before they begin so that a crash leaves no half of one.

An act is a file `ID.jsonl` in a folder of the library (`.photostore/acts`), one JSON object a line:

    {"version":1,"act":ID,"kind":"trash","at":ISO time,"context":{…},"steps":[{…},…]}   on the disk
    {"done":0}                                                                        for a person
    {"step":0,"source":PATH}                       a new place for what is taken back, on the disk
    {"end":"done"}                                                                     on the disk

Paths are escaped as in a `.trashinfo`. The first line is on the disk before any file is touched; a
torn first line therefore means that nothing was done. What was done is read from the file system,
not from `done`. The file goes when the act was taken back, or with `forget_act`, once what follows
from the act is in the database.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from photostore.base.disk import sync_folder
from photostore.library.trash.info import escape_path, unescape_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

_VERSION = 1
_SUFFIX = ".jsonl"


class ActKind(StrEnum):
    """What is done: to the trash, back from it, out of it for good, away without one; or copied."""

    TRASH = "trash"
    RESTORE = "restore"
    PURGE = "purge"
    ERASE = "erase"
    COPY = "copy"

    @property
    def is_move(self) -> bool:
        """Whether the act can be taken back."""
        return self in (ActKind.TRASH, ActKind.RESTORE)


class Outcome(StrEnum):
    """How an act stands: all of it is done, all of it is taken back, or it has to wait."""

    DONE = "done"
    UNDONE = "undone"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Act:
    """An act of a person. `at` is ISO time; `context` is the caller's, strings by name.

    `id` sorts by time and is a file name.
    """

    id: str
    kind: ActKind
    at: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One file of an act: absolute paths before and after; `target` is empty when it is deleted.

    `info` is the `.trashinfo` that belongs to it, with its content, or both are empty. `size_bytes`
    is None for a folder (which only other programs put into a trash).
    """

    source: bytes
    target: bytes
    info: bytes
    info_text: bytes
    size_bytes: int | None
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """An act as it stands on the disk; `outcome` is None if it did not come to its end."""

    file: Path
    act: Act
    steps: tuple[Step, ...]
    outcome: Outcome | None


class ActsRead(NamedTuple):
    """The acts of a folder. `unreadable` are files of a later version, or damaged in the middle.

    Those are left alone: only who wrote them can tell what they mean.
    """

    acts: tuple[RecordedAct, ...]
    unreadable: tuple[Path, ...]


class ActJournal(Protocol):
    """Where acts are written down. One act at a time; each method may raise OSError."""

    def begin(self, act: Act, steps: Sequence[Step]) -> None:
        """Write what is going to be done; it is on the disk before this returns."""

    def step_done(self, number: int) -> None:
        """Note that a step is done; need not be on the disk."""

    def redirect(self, number: int, source: bytes) -> None:
        """Write that step `number` is taken back to another place; on the disk."""

    def end(self, outcome: Outcome) -> None:
        """Write how it ended; on the disk."""


class DiskJournal:
    """Acts as files in a folder; the folder is made if it is missing. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: Path | None = None
        self._lead = b""

    @classmethod
    def go_on(cls, recorded: RecordedAct) -> DiskJournal:
        """The journal of an act that was written down before."""
        journal = cls(recorded.file.parent)
        journal._file = recorded.file
        # The last line may have been torn: what is added begins on a line of its own.
        journal._lead = b"\n"
        return journal

    def begin(self, act: Act, steps: Sequence[Step]) -> None:
        """Write the first line; what could not be written is removed."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._folder / (act.id + _SUFFIX)
        first = {
            "version": _VERSION,
            "act": act.id,
            "kind": act.kind,
            "at": act.at,
            "context": dict(act.context),
            "steps": [_render_step(step) for step in steps],
        }
        try:
            self._append(first, os.O_CREAT | os.O_EXCL, is_lasting=True)
            sync_folder(self._folder)
        except OSError:
            # On a full disk nothing shall be left of an act that does not begin.
            self._file.unlink(missing_ok=True)
            raise

    def step_done(self, number: int) -> None:
        """Write a line that may be lost."""
        self._append({"done": number}, is_lasting=False)

    def redirect(self, number: int, source: bytes) -> None:
        """Write a line that counts when the act is read."""
        self._append({"step": number, "source": escape_path(source)}, is_lasting=True)

    def end(self, outcome: Outcome) -> None:
        """Write the last line; of an act that was taken back nothing is kept."""
        if outcome is Outcome.UNDONE and self._file is not None:
            # Everything is as it was: there is nothing to tell.
            self._file.unlink(missing_ok=True)
            sync_folder(self._folder)
        else:
            self._append({"end": outcome}, is_lasting=True)
        self._file = None

    def _append(self, line: dict[str, Any], flags: int = 0, *, is_lasting: bool) -> None:
        if self._file is None:
            raise RuntimeError("no act has begun")
        content = self._lead + json.dumps(line, separators=(",", ":")).encode() + b"\n"
        flags |= os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(self._file, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            if is_lasting:
                os.fsync(file.fileno())


def new_act(kind: ActKind, now: datetime, context: Mapping[str, str] | None = None) -> Act:
    """An act of now, with an id of its own."""
    identifier = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    return Act(identifier, kind, now.isoformat(timespec="seconds"), dict(context or {}))


def read_acts(folder: Path) -> ActsRead:
    """The acts in a folder, the oldest first; one that never began is removed. Raises OSError."""
    acts: list[RecordedAct] = []
    unreadable: list[Path] = []
    for file in sorted(folder.glob("*" + _SUFFIX)) if folder.is_dir() else ():
        first, *rest = file.read_bytes().split(b"\n")
        # Every line ends in a line break: what comes after the last one was torn.
        if not rest:
            file.unlink()
            continue
        try:
            acts.append(_parse_act(file, first, rest))
        except (AttributeError, LookupError, TypeError, ValueError):
            unreadable.append(file)
    return ActsRead(tuple(acts), tuple(unreadable))


def forget_act(folder: Path, act_id: str) -> None:
    """Remove the record of an act, when its consequences are kept elsewhere. Raises OSError."""
    if os.path.basename(act_id) != act_id:
        raise ValueError(act_id)
    (folder / (act_id + _SUFFIX)).unlink(missing_ok=True)


def _parse_act(file: Path, first: bytes, rest: Iterable[bytes]) -> RecordedAct:
    begun = json.loads(first)
    if begun["version"] != _VERSION:
        raise ValueError(begun["version"])
    act = Act(begun["act"], ActKind(begun["kind"]), begun["at"], begun["context"])
    steps = [_parse_step(step) for step in begun["steps"]]
    outcome: Outcome | None = None
    for line in rest:
        said = _parse_line(line)
        if "source" in said:
            number = said["step"]
            steps[number] = replace(steps[number], source=unescape_path(said["source"]))
        elif "end" in said:
            outcome = Outcome(said["end"])
    return RecordedAct(file, act, tuple(steps), outcome)


def _parse_line(line: bytes) -> dict[str, Any]:
    """A line after the first; one that was torn by a crash says nothing."""
    try:
        said = json.loads(line or b"{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _render_step(step: Step) -> dict[str, Any]:
    return {
        "source": escape_path(step.source),
        "target": escape_path(step.target),
        "info": escape_path(step.info),
        "info_text": escape_path(step.info_text),
        "size_bytes": step.size_bytes,
        "mtime_ns": step.mtime_ns,
    }


def _parse_step(said: dict[str, Any]) -> Step:
    return Step(
        unescape_path(said["source"]),
        unescape_path(said["target"]),
        unescape_path(said["info"]),
        unescape_path(said["info_text"]),
        said["size_bytes"],
        said["mtime_ns"],
    )
