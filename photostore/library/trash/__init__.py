"""The trash: deleting originals so that they can come back, and deleting them for good (SPEC 9).

Synchronous, over bytes paths; knows no database. `places` finds the trash of a file, `trashing` and
`restoring` move what belongs together as one act, `purging` deletes, `listing` reads, `acts` writes
down what is going to be done, and `recovery` brings to an end what a crash interrupted.
`reversal`, `checks`, `moves`, `folders` and `info` are how.
"""

from photostore.library.trash.acts import (
    Act,
    ActJournal,
    ActKind,
    DiskJournal,
    Outcome,
    forget_act,
    read_acts,
)
from photostore.library.trash.checks import ExpectedFile
from photostore.library.trash.errors import ActFailedError, ActUnfinishedError, TrashRefusedError
from photostore.library.trash.listing import EntryState, TrashEntry, list_trash, read_entries
from photostore.library.trash.places import (
    Refusal,
    Surroundings,
    TrashPlace,
    TrashStyle,
    find_places,
    find_trash,
    read_surroundings,
)
from photostore.library.trash.purging import DeletedSet, empty, erase_files, purge
from photostore.library.trash.recovery import RecoveredAct, recover
from photostore.library.trash.restoring import (
    NotRestorableError,
    RestoredFile,
    RestoredSet,
    restore,
)
from photostore.library.trash.trashing import TrashedFile, TrashedSet, trash_files

__all__ = [
    "Act",
    "ActFailedError",
    "ActJournal",
    "ActKind",
    "ActUnfinishedError",
    "DeletedSet",
    "DiskJournal",
    "EntryState",
    "ExpectedFile",
    "NotRestorableError",
    "Outcome",
    "RecoveredAct",
    "Refusal",
    "RestoredFile",
    "RestoredSet",
    "Surroundings",
    "TrashEntry",
    "TrashPlace",
    "TrashRefusedError",
    "TrashStyle",
    "TrashedFile",
    "TrashedSet",
    "empty",
    "erase_files",
    "find_places",
    "find_trash",
    "forget_act",
    "list_trash",
    "purge",
    "read_acts",
    "read_entries",
    "read_surroundings",
    "recover",
    "restore",
    "trash_files",
]
