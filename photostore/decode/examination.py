"""One look at a file: its facts and its previews, from bytes that are read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.base.errors import MediaRejectedError
from photostore.decode.doubt import doubt_facts, doubt_start, is_too_large
from photostore.media.filters import rejection_by_facts, rejection_by_stat
from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import read_content

if TYPE_CHECKING:
    from photostore.media.facts import Facts
    from photostore.media.filters import Limits
    from photostore.media.preview import Previews
    from photostore.media.reading import Digest


@dataclass(frozen=True, slots=True)
class Known:
    """A file whose previews are made: they are not made again while its content and shape are so.

    `shape` is width, height and orientation.
    """

    digest: Digest
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A file to look at; `size` is in bytes, as last seen."""

    path: bytes
    size: int
    limits: Limits
    screen_px: int
    known: Known | None = None


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
    previews = None
    if known is None or (known.digest.sha1, known.shape) != (facts.sha1, shape):
        if with_care:
            doubt_facts(content, facts)
        previews = render(content, facts, screen_px=request.screen_px)
    return Examination(facts, previews, content.size, content.mtime_ns)


def _reject(request: Request, reason: str | None) -> None:
    if reason is not None:
        raise MediaRejectedError(request.path, reason)
