"""What a person agrees to before something goes, and that no more goes than that (SPEC 9.4).

Between the question and the deed others may have their turn, and an import goes on in any case: an
asset that got another file by then stays, since nobody was asked about that file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photostore.library.trash.errors import TrashRefusedError
from photostore.library.trashing.results import Weight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.store.trash import AssetOriginals, Original

# Row and content of each file of an asset, by the asset's public id.
Agreed = Mapping[str, frozenset[tuple[int | None, bytes | None]]]


@dataclass(slots=True)
class Survey:
    """What deleting some assets would delete. `trashed` are those of them that are in the trash."""

    assets: int = 0
    size_bytes: int = 0
    trashed: list[str] = field(default_factory=list)
    agreed: dict[str, frozenset[tuple[int | None, bytes | None]]] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """What is to be confirmed."""
        return Weight(self.assets, self.size_bytes)

    def add(self, assets: Iterable[AssetOriginals], *, soft_deletes: bool) -> None:
        """Look at more assets; with soft deletes only those in the trash are deleted for good."""
        for asset in assets:
            if asset.shelf == "trash":
                self.trashed.append(asset.public_id)
            elif soft_deletes:
                continue
            self.assets += 1
            self.size_bytes += sum(file.size for file in _concerned(asset))
            self.agreed |= agree_to([asset])


def agree_to(
    assets: Iterable[AssetOriginals],
) -> dict[str, frozenset[tuple[int | None, bytes | None]]]:
    """That these assets go as they are now."""
    return {
        asset.public_id: frozenset((file.id, file.sha1) for file in _concerned(asset))
        for asset in assets
    }


def hold_to(agreed: Agreed | None, asset: AssetOriginals) -> None:
    """Refuse an asset that has other files than were agreed to, None: all may go.

    Raises TrashRefusedError.
    """
    if agreed is None:
        return
    known = agreed.get(asset.public_id, frozenset())
    for file in _concerned(asset):
        if (file.id, file.sha1) not in known:
            reason, remedy = "it has another file than a moment ago", "look at it again"
            raise TrashRefusedError(file.trashed or file.path, reason, remedy)


def _concerned(asset: AssetOriginals) -> list[Original]:
    """The files that go with an asset: those in the trash if it is there, else those in place."""
    is_in_trash = asset.shelf == "trash"
    return [
        file
        for file in asset.files
        if (file.trashed is not None if is_in_trash else not file.is_gone)
    ]
