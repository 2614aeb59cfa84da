"""One look at a file: its facts and its previews, from bytes that are read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import MediaRejectedError
from photostore.decode.doubt import doubt_facts, doubt_start, is_too_large
from photostore.media.filters import rejection_by_facts, rejection_by_stat
from photostore.media.preview import pays_first, render, render_grid, render_screen
from photostore.media.probe import probe
from photostore.media.reading import read_content

if TYPE_CHECKING:
    from photostore.media.facts import Facts
    from photostore.media.filters import Limits
    from photostore.media.preview import Previews
    from photostore.media.reading import Content, Digest


@dataclass(frozen=True, slots=True)
class Known:
    """A file whose previews are made: they are not made again while its content and shape are so.

    `shape` is width, height and orientation.
    """

    digest: Digest
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A file to look at; `size` is in bytes, as last seen.

    `grid_first`: its screen picture may follow later, where that pays. `screen_only`: of what is
    `known` only that is wanted.
    """

    path: bytes
    size: int
    limits: Limits
    screen_px: int
    known: Known | None = None
    grid_first: bool = False
    screen_only: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found. `size` and `mtime_ns` are those of the file when it was read.

    `previews` is None where those that were made before still show it.
    """

    facts: Facts
    previews: Previews | None
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Stage:
    """The stage that a look has come to, for the one who reports a failure."""

    name: str = "read"


def examine(request: Request, stage: Stage, *, with_care: bool = False) -> Examination:
    """Read, probe, filter and render one file. Raises FileError with the reason.

    `with_care` raises DoubtfulError instead for what is better looked at in a child.
    """
    _reject(request, rejection_by_stat(request.path, request.size, request.limits))
    if is_too_large(request.path):
        # Hashing a terabyte of nothing would take the night.
        _reject(request, "no film, and more than the 256 MiB up to which pictures are decoded")
    if with_care:
        doubt_start(request.path)
    known = request.known
    content = read_content(request.path, known.digest if known else None)
    stage.name = "probe"
    facts = probe(content)
    _reject(request, rejection_by_facts(facts, request.limits))
    stage.name = "preview"
    shape = facts.width, facts.height, facts.orientation
    is_known = known is not None and (known.digest.sha1, known.shape) == (facts.sha1, shape)
    previews = None
    if request.screen_only or not is_known:
        if with_care:
            doubt_facts(content, facts)
        previews = _render(request, content, facts, is_known=is_known)
    return Examination(facts, previews, content.size, content.mtime_ns)


def _render(request: Request, content: Content, facts: Facts, *, is_known: bool) -> Previews:
    if request.screen_only and is_known:
        return render_screen(content, facts, screen_px=request.screen_px)
    if request.grid_first and pays_first(content, facts):
        return render_grid(content, facts)
    return render(content, facts, screen_px=request.screen_px)


def _reject(request: Request, reason: str | None) -> None:
    if reason is not None:
        raise MediaRejectedError(request.path, reason)
