"""Taking back what was done with the trash and with removing, from the journal (SPEC 9.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.library.acts.results import Undone
from photostore.library.trashing.weighing import agree_to
from photostore.store.journal import ActName
from photostore.store.trash import load_originals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from photostore.library.acts.results import Undoer
    from photostore.library.removal import Removal
    from photostore.library.trashing.service import Trash
    from photostore.store.journal import JournalAct
    from photostore.store.scope import Scope
    from photostore.store.trash import AssetOriginals


def undoers(trash: Trash, removal: Removal) -> Mapping[ActName, Undoer]:
    """Who takes back which act. Deleting for good and copying are not taken back."""
    moves, rows, added = _Moves(trash), _Rows(removal), _Added(trash)
    return {
        ActName.TRASH: moves,
        ActName.RESTORE: moves,
        ActName.REMOVE: rows,
        ActName.UNREMOVE: rows,
        ActName.UPLOAD: added,
    }


class _Moves:
    """Trashed assets are restored, restored ones go back to the trash."""

    def __init__(self, trash: Trash) -> None:
        self._trash = trash

    async def undo(self, act: JournalAct, scope: Scope) -> Undone:
        """Undo as far as the files are where the act left them; the others are skipped."""
        ids = list(act.before.get("assets", {}))
        move = self._trash.restore if act.act is ActName.TRASH else self._trash.trash
        done = await move(scope, ids, undoes=act.id)
        return Undone(done.assets, len(ids) - done.assets, done.act)


class _Added:
    """What was added goes to the trash, but for what has become a part of something else."""

    def __init__(self, trash: Trash) -> None:
        self._trash = trash

    async def undo(self, act: JournalAct, scope: Scope) -> Undone:
        """Undo for assets that have no other files than those that were added.

        A copy on a disk that was away when the same bytes were added is such a file.
        """
        added = act.before.get("assets", {})
        async with self._trash.database.read() as reading:
            found = await load_originals(reading, scope, list(added))
        alone = [one for one in found if _is_all_of(one, added[one.public_id]["sha1s"])]
        ids, agreed = [one.public_id for one in alone], agree_to(alone)
        done = await self._trash.trash(scope, ids, undoes=act.id, agreed=agreed)
        return Undone(done.assets, len(added) - done.assets, done.act)


def _is_all_of(asset: AssetOriginals, added: Sequence[str]) -> bool:
    """Whether an asset has nothing but files of these contents, one of each."""
    held = [file.sha1.hex() for file in asset.files if file.sha1 and not file.is_gone]
    return bool(held) and len(held) == len(set(held)) and set(held) <= set(added)


class _Rows:
    """Removed assets come back into the library, and the reverse."""

    def __init__(self, removal: Removal) -> None:
        self._removal = removal

    async def undo(self, act: JournalAct, scope: Scope) -> Undone:
        """Undo for the assets that are still as the act left them."""
        ids = list(act.before.get("assets", {}))
        removal = self._removal
        move = removal.unremove if act.act is ActName.REMOVE else removal.remove
        done = await move(scope, ids, undoes=act.id)
        return Undone(done.changed, done.skipped, done.act)
