"""One file's way from bytes to facts and previews, in a decode thread.

    WorkFile -> Content -> Facts -> Previews -> ImportedFile, or a FailedFile that names the stage.

(Or -> PicturedFile: one of a first pass, of which only the screen picture was missing.)

The bytes are read once and serve hash, metadata and decode. Nothing here touches the database.
"""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from photostore.base.errors import (
    CodecMissingError,
    FileChangedError,
    FileError,
    MediaRejectedError,
    UnreadableError,
)
from photostore.base.text import display_name
from photostore.decode.child import CrashedError
from photostore.decode.doubt import DoubtfulError
from photostore.decode.examination import Known, Request, Stage, examine
from photostore.media.filters import Limits
from photostore.media.kinds import Group
from photostore.media.reading import Digest
from photostore.store.facts import (
    BROWSER_RANK,
    CAMERA_RANK,
    FILE_NAME_RANK,
    FILE_SYSTEM_RANK,
    FOLDER_RANK,
    HEIC_RANK,
    RAW_RANK,
    UNDATED_RANK,
    VIDEO_RANK,
    FileFacts,
    ScreenState,
)
from photostore.store.files import Pictures
from photostore.sync.companions import with_sidecars
from photostore.sync.walk import clamp_time

if TYPE_CHECKING:
    from photostore.decode.child import DecodeChild
    from photostore.decode.examination import Examination
    from photostore.library.previews import PreviewStore
    from photostore.media.facts import Captured, Facts
    from photostore.media.preview import Previews
    from photostore.store.files import WorkFile
    from photostore.store.problems import ProblemState
    from photostore.sync.companions import Described
    from photostore.sync.inflight import InFlight

log = logging.getLogger(__name__)

# Raise one of these, and every file is read, or every preview made, anew in the background.
PROBE_VERSION = 2
PREVIEW_VERSION = 1

BROWSER_MIMES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
SOURCE_RANKS = {
    "mtime": FILE_SYSTEM_RANK,
    "ctime": FILE_SYSTEM_RANK,
    "siblings": FILE_SYSTEM_RANK,
    "folder": FOLDER_RANK,
    "file-name": FILE_NAME_RANK,
}
# A copy may stall for longer than the settle time; a file this young that ends early gets time.
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Workshop:
    """What a journey needs besides the file; `slot` is the worker's own in `in_flight`.

    `children` look at what is doubtful; a journey that goes by one has it as `child`. Without any,
    all is decoded here.
    """

    previews: PreviewStore
    limits: Limits
    screen_px: int
    patience_s: float = PATIENCE_S
    children: tuple[DecodeChild, ...] = ()
    child: DecodeChild | None = None
    in_flight: InFlight | None = None
    slot: int = 0

    def hold(self, work: WorkFile) -> AbstractContextManager[None]:
        """Name a file in the in-flight journal, if there is one, for as long as it is read."""
        return self.in_flight.hold(self.slot, work.id) if self.in_flight else nullcontext()


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file whose facts are known and whose previews are on disk.

    `screen` says whether its screen picture is to follow. `size` and `mtime_ns` are those of the
    file when it was read; `took_ms` is how long that took.
    """

    work: WorkFile
    facts: FileFacts
    size: int
    mtime_ns: int
    took_ms: int | None = None
    screen: ScreenState = ScreenState.MADE


@dataclass(frozen=True, slots=True)
class PicturedFile:
    """A file of a first pass whose screen picture is on disk now too; the content is `sha1`."""

    work: WorkFile
    sha1: bytes
    took_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that went no further than `stage`. `again` says whether time may help.

    `unsettled`: it was removed, moved or changed while it was read, so its folder is to be compared
    anew.
    """

    work: WorkFile
    state: ProblemState
    stage: str
    reason: str
    again: bool
    unsettled: bool = False
    took_ms: int | None = None


Journeyed: TypeAlias = ImportedFile | PicturedFile | FailedFile


class PreviewsUnwritableError(Exception):
    """Previews cannot be kept (no room, no rights): the import waits, the file stays pending."""


def travel(work: WorkFile, workshop: Workshop) -> Journeyed:
    """Take one file through all stages; any trouble with the file is a FailedFile.

    Raises PreviewsUnwritableError, which is no fault of the file, and DoubtfulError if there are
    children and none was given.
    """
    stage = Stage()
    try:
        with (
            workshop.in_flight.hold(workshop.slot, work.id) if workshop.in_flight else nullcontext()
        ):
            return _pass_stages(work, workshop, stage)
    except (PreviewsUnwritableError, DoubtfulError):
        raise
    except FileError as error:
        state = _state_after(error)
        unsettled = isinstance(error, FileChangedError) or not os.path.lexists(work.path)
        again = state == "failed" and not isinstance(error, CrashedError)
        return FailedFile(work, state, stage.name, error.reason, again=again, unsettled=unsettled)
    except OSError as error:
        return FailedFile(work, "failed", stage.name, error.strerror or str(error), again=True)
    except Exception as error:
        # A reader tripped over this one file; the others must go on, and a person must see it.
        log.exception("unexpected error in stage %s of %s", stage.name, display_name(work.path))
        reason = f"unexpected error: {type(error).__name__}: {error}"
        return FailedFile(work, "failed", stage.name, reason, again=True)


def _pass_stages(work: WorkFile, workshop: Workshop, stage: Stage) -> ImportedFile | PicturedFile:
    known = _known(work, workshop)
    screen_only = known is not None and work.pictures is Pictures.SCREEN
    # What was accepted by the first pass is not filtered by the second.
    limits = Limits(enabled=False) if work.unfiltered or screen_only else workshop.limits
    request = Request(
        work.path,
        work.size,
        limits,
        workshop.screen_px,
        known,
        grid_first=work.pictures is Pictures.GRID,
        screen_only=screen_only,
    )
    if workshop.child is not None:
        found = workshop.child.examine(request, stage)
    else:
        found = examine(request, stage, with_care=bool(workshop.children))
    made = _keep(work, workshop, found)
    if found.previews is not None and found.previews.grid is None:
        return PicturedFile(work, found.facts.sha1)
    described = with_sidecars(work.path, found.facts)
    columns = _columns(described, made)
    screen = _screen_state(found.previews)
    return ImportedFile(work, columns, found.size, clamp_time(found.mtime_ns), screen=screen)


def _screen_state(previews: Previews | None) -> ScreenState:
    if previews is None:
        return ScreenState.UNTOUCHED
    return ScreenState.DUE if previews.screen is None else ScreenState.MADE


@dataclass(frozen=True, slots=True)
class _Made:
    """What is kept of a picture beside its previews; `damaged` says what is wrong with it."""

    thumbhash: bytes | None
    damaged: str | None


def _known(work: WorkFile, workshop: Workshop) -> Known | None:
    """What need not be decoded again: a file of which only the facts are to be read anew."""
    earlier = work.earlier
    if earlier is None or earlier.thumbhash is None or not workshop.previews.has(earlier.sha1):
        return None
    return Known(Digest(work.size, work.mtime_ns, earlier.sha1), earlier.shape)


def _keep(work: WorkFile, workshop: Workshop, found: Examination) -> _Made:
    """Write the previews, unless those of an earlier reading are still good."""
    previews = found.previews
    if previews is None:
        earlier = work.earlier
        return _Made(earlier.thumbhash, earlier.damaged) if earlier else _Made(None, None)
    if previews.damaged and time.time() - found.mtime_ns / 1e9 < workshop.patience_s:
        raise UnreadableError(work.path, f"perhaps still being copied ({previews.damaged})")
    try:
        workshop.previews.write(found.facts.sha1, previews)
    except OSError as error:
        raise PreviewsUnwritableError(error.strerror or str(error)) from error
    return _Made(previews.thumbhash, previews.damaged)


def _state_after(error: FileError) -> ProblemState:
    if isinstance(error, MediaRejectedError):
        return "rejected"
    return "waiting" if isinstance(error, CodecMissingError) else "failed"


def _columns(described: Described, made: _Made) -> FileFacts:
    facts = described.facts
    notes = facts.notes + ((made.damaged,) if made.damaged else ())
    captured, position = facts.captured, facts.position
    is_video = facts.kind.group is Group.VIDEO
    extra = _extra(facts) | {"notes": notes, "damaged": made.damaged}
    return FileFacts(
        sha1=facts.sha1,
        kind=facts.kind.name,
        mime=facts.kind.mime,
        is_video=is_video,
        width=facts.width,
        height=facts.height,
        orientation=facts.orientation,
        show_rank=_show_rank(facts),
        duration_ms=None if facts.duration_s is None else round(facts.duration_s * 1000),
        captured_ms=wall_ms(captured.local) if captured else None,
        captured_precision=captured.precision if captured else None,
        captured_offset_min=captured.offset_min if captured else None,
        captured_source=captured.source if captured else None,
        captured_rank=_captured_rank(captured),
        lat=position.lat if position else None,
        lon=position.lon if position else None,
        alt_m=position.alt_m if position else None,
        title=facts.title,
        description=facts.description,
        rating=facts.rating,
        keywords=facts.keywords,
        people=facts.people,
        make=facts.make,
        model=facts.model,
        lens=facts.lens,
        exposure_s=facts.exposure_time_s,
        f_number=facts.f_number,
        iso=facts.iso,
        focal_mm=facts.focal_length_mm,
        content_identifier=facts.content_identifier,
        extra=json.dumps({key: value for key, value in extra.items() if value}, ensure_ascii=False),
        thumbhash=made.thumbhash,
        sidecars=described.digest,
    )


def _extra(facts: Facts) -> dict[str, object]:
    """What is shown, or derived into other tables, and not queried; empty values are left out.

    `keyword_paths` are lists of names, outermost first; a face's `box` is left, top, width, height
    as shares of the picture as displayed. `favourite` and `archived` are what another library said.
    """
    return {
        "video_codec": facts.video_codec,
        "audio_codec": facts.audio_codec,
        "animated": facts.animated,
        "motion_photo": facts.motion_photo,
        "clip": asdict(facts.clip) if facts.clip else None,
        "label": facts.label,
        "keyword_paths": facts.keyword_paths,
        "faces": [asdict(face) for face in facts.faces],
        "albums": facts.albums,
        "favourite": facts.favourite,
        "archived": facts.archived,
        "projection": facts.projection,
        "person": dict(facts.said),
        "colour": facts.colour,
        "hdr": facts.hdr,
        "sources": dict(facts.sources),
    }


def wall_ms(local: datetime) -> int:
    """Wall clock time as milliseconds since 1970, as if it were UTC."""
    return round(local.replace(tzinfo=UTC).timestamp() * 1000)


def _show_rank(facts: Facts) -> int:
    """Fitness to be the shown file of an asset (SPEC 7.2)."""
    if facts.kind.group is Group.VIDEO:
        return VIDEO_RANK
    if facts.kind.group is Group.RAW:
        return RAW_RANK
    return BROWSER_RANK if facts.kind.mime in BROWSER_MIMES else HEIC_RANK


def _captured_rank(captured: Captured | None) -> int:
    """Trust in the source of a capture time, for an asset whose files disagree (SPEC 6.2)."""
    if captured is None:
        return UNDATED_RANK
    return SOURCE_RANKS.get(captured.source, CAMERA_RANK)
