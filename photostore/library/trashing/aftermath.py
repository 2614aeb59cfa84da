"""What is done beside the rows when assets were trashed, restored or deleted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from photostore.base.text import display_name
from photostore.library.reports import ReportRow
from photostore.store.journal import ActName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from photostore.library.previews import PreviewStore
    from photostore.library.trashing.deeds import Done

STATES = {ActName.TRASH: "trashed", ActName.RESTORE: "restored", ActName.DELETE: "deleted"}


def report_rows(name: ActName, done: Done) -> list[ReportRow]:
    """A row of the sync report for each file (SPEC 5.8)."""
    return [
        ReportRow(
            # What a person knows is where the file was, or is again.
            file.target if name is ActName.RESTORE else file.source,
            STATES[name],
            details=display_name(file.target) if name is ActName.TRASH else "",
            asset=file.public_id,
        )
        for file in done.files
    ]


def drop_previews(previews: PreviewStore, contents: Iterable[bytes]) -> None:
    """Remove the pictures of contents that are nowhere any more; what cannot go does no harm."""
    for sha1 in contents:
        with suppress(OSError):
            previews.forget(sha1)
