"""What an act changed, gathered while it is done, in the form that the journal keeps.

The parts of `before` and `after`, beyond what `store.journal` says of them:

    assets: {id: {"sha1s", "edits"?, "files"?: [{"sha1", "path", "id"}], "group"?: key | null}}
    edits:  {field: state}             in `after` only: alike for all assets
    albums: {id: {field: value} | null}           null where there is none; else what changed
    members: {album id: {"absent": [asset ids], "runs": [[[asset ids], before id | null]]}}
    origins: {album id: name}          in `after` only: of albums that sidecars name
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from photostore.store.journal import NewAct, compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.store.edits import State
    from photostore.store.journal import ActName

    Part = dict[str, dict[str, Any]]
    States = Mapping[str, State]


@dataclass(slots=True)
class Record:
    """Both sides of an act. `changed`, `skipped`, and `deleted` among these, are ids of assets."""

    before: dict[str, Part] = field(default_factory=dict)
    after: dict[str, Part] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    skipped_albums: set[str] = field(default_factory=set)
    origins: dict[str, str | None] = field(default_factory=dict)

    def note_edits(
        self, public_id: str, sha1s: Sequence[str], before: States, after: States
    ) -> None:
        """An asset's fields changed."""
        self._part("assets", public_id, {"edits": dict(before)}, {"edits": dict(after)})
        self.note_contents(public_id, sha1s)
        self.changed.add(public_id)

    def note_contents(self, public_id: str, sha1s: Sequence[str]) -> None:
        """Name the contents of an asset that the act is about."""
        self.before.setdefault("assets", {}).setdefault(public_id, {})["sha1s"] = list(sha1s)

    def note_files(
        self, public_id: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """An asset has other files, or another group; both sides are {"files", "group"}."""
        self._part("assets", public_id, before, after)
        self.changed.add(public_id)

    def note_album(
        self, public_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> None:
        """An album was made (before None), deleted (after None) or changed."""
        self.before.setdefault("albums", {})[public_id] = before  # type: ignore[assignment]
        self.after.setdefault("albums", {})[public_id] = after  # type: ignore[assignment]

    def note_members(
        self, album_id: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        """Other assets are in an album, or in another order."""
        self._part("members", album_id, before, after)
        self.changed |= {one for side in (before, after) for one in named_in(side)}

    def _part(
        self, name: str, key: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        self.before.setdefault(name, {}).setdefault(key, {}).update(before)
        self.after.setdefault(name, {}).setdefault(key, {}).update(after)

    @property
    def changes(self) -> int:
        """How many assets changed, or albums where the act is about these alone."""
        return len(self.changed) or len(self.after.get("albums", {}))

    @property
    def skips(self) -> int:
        """How many were left alone, in the same way."""
        return len(self.skipped - self.changed) or len(self.skipped_albums)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not self.after

    def act(
        self,
        name: ActName,
        user_id: int,
        at_ms: int,
        summary: Mapping[str, Any],
        undoes: int | None = None,
    ) -> NewAct:
        """The journal's row."""
        after = compact(self.after)
        origins = {album: name for album, name in self.origins.items() if name is not None}
        if origins:
            after["origins"] = origins
        return NewAct(
            name,
            user_id,
            at_ms,
            len(self.changed),
            self.before,
            after,
            undoes,
            summary,
        )


def named_in(side: Mapping[str, Any]) -> list[str]:
    """The assets that one side of an album's change is about."""
    return [*side["absent"], *(one for run, _ in side["runs"] for one in run)]
