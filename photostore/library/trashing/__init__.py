"""Assets to the trash, back from it and away for good: files and rows as one (SPEC 9.3 to 9.6).

`service` is what a person asks; `deeds` what is done to a batch, `sets` which files go together,
`settling` what a start does about acts that a crash interrupted.
"""

from photostore.library.trashing.results import (
    ConfirmationError,
    Disposal,
    Progress,
    Refused,
    Weight,
)
from photostore.library.trashing.service import Trash, TrashSetup
from photostore.library.trashing.settling import Settled

__all__ = [
    "ConfirmationError",
    "Disposal",
    "Progress",
    "Refused",
    "Settled",
    "Trash",
    "TrashSetup",
    "Weight",
]
