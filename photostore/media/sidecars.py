"""Files that describe other files (SPEC 6.2): whose they are, what they say, and what that changes.

    names = match_sidecars(all names of one folder)   -> media name -> its sidecars, best first
    found = read_sidecar(path, form)                  -> SidecarFacts
    facts = merge(facts, found)                       -> Facts, each field with its source

A sidecar beats the file, except where Takeout only repeats or rounds what the file says better.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import UnreadableError
from photostore.media.capture import decide, settle_offset
from photostore.media.dates import is_believable
from photostore.media.kinds import NameClass, classify_name, extension_of
from photostore.media.layers import FIELDS, join
from photostore.media.names import date_from_name
from photostore.media.reading import open_regular
from photostore.media.regions import turn_face
from photostore.media.takeout import (
    TakeoutFields,
    is_album_name,
    match_strength,
    read_album_title,
    read_takeout,
)
from photostore.media.xmp import XmpFields, read_xmp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from photostore.media.facts import Captured, Facts

MAX_BYTES: Final = 4 * 1024 * 1024
# What a person or program sets on purpose; other dates in XMP are copies.
_SET_DATES: Final = ("XMP:DateTimeOriginal", "XMP:DateCreated")
_REPLACED: Final = ("keywords", "keyword_paths", "people", "faces")
_UPRIGHT_KINDS: Final = ("heic", "avif")


class SidecarForm(StrEnum):
    """What kind of description a sidecar is."""

    XMP = "xmp"
    TAKEOUT = "takeout"
    ALBUM = "album"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A sidecar in the folder of its file. `strength` is how well the name fits: 0 is best."""

    name: bytes
    form: SidecarForm
    strength: int


@dataclass(frozen=True, slots=True)
class SidecarFacts:
    """What one sidecar says; exactly one of the three is set, none when it says nothing."""

    form: SidecarForm
    xmp: XmpFields | None = None
    takeout: TakeoutFields | None = None
    album: str | None = None

    @property
    def trashed(self) -> bool:
        """Whether the other library had thrown the photo away."""
        return bool(self.takeout and self.takeout.trashed)


def match_sidecars(names: Iterable[bytes]) -> Mapping[bytes, tuple[Sidecar, ...]]:
    """Assign the sidecars among the names of one folder to its media files, best first.

    XMP: `name.ext.xmp`, then `name.xmp`, in any case. Takeout: see `takeout.match_strength`; a
    folder's album file belongs to all media in it. Media without sidecars are left out.
    """
    listed = list(names)
    media = [name for name in listed if classify_name(name) is NameClass.MEDIA]
    by_extension: dict[str, list[bytes]] = {}
    for name in listed:
        by_extension.setdefault(extension_of(name), []).append(name)
    found: dict[bytes, list[Sidecar]] = {}
    _match_xmp(media, by_extension.get("xmp", []), found)
    _match_json(media, by_extension.get("json", []), found)
    return {
        name: tuple(sorted(sidecars, key=lambda one: (_FORMS.index(one.form), one.strength)))
        for name, sidecars in found.items()
    }


_FORMS: Final = tuple(SidecarForm)


def _match_xmp(
    media: list[bytes], sidecars: list[bytes], found: dict[bytes, list[Sidecar]]
) -> None:
    by_name: dict[str, list[bytes]] = {}
    for sidecar in sidecars:
        by_name.setdefault(_folded(sidecar[:-4]), []).append(sidecar)
    for name in media:
        whole = _folded(name)
        for strength, key in enumerate((whole, whole.rpartition(".")[0])):
            for sidecar in by_name.get(key, ()):
                found.setdefault(name, []).append(Sidecar(sidecar, SidecarForm.XMP, strength))


def _match_json(
    media: list[bytes], sidecars: list[bytes], found: dict[bytes, list[Sidecar]]
) -> None:
    """Compare only names that begin alike: folders of Takeout hold many thousands of files."""
    if not sidecars:
        return
    albums = [name for name in sidecars if is_album_name(_folded(name))]
    by_start: dict[str, list[tuple[bytes, str]]] = {}
    for name in sidecars:
        folded = _folded(name)
        by_start.setdefault(_start(folded), []).append((name, folded))
    for name in media:
        folded = _folded(name)
        best: tuple[int, bytes] | None = None
        for sidecar, other in by_start.get(_start(folded), ()):
            strength = match_strength(folded, other)
            if strength is not None and (best is None or strength < best[0]):
                best = strength, sidecar
        if best is not None:
            found.setdefault(name, []).append(Sidecar(best[1], SidecarForm.TAKEOUT, best[0]))
        for album in albums:
            found.setdefault(name, []).append(Sidecar(album, SidecarForm.ALBUM, 0))


def _start(folded: str) -> str:
    """Return what a photo's name and that of its JSON have in common in any case."""
    stem = folded.rpartition(".")[0] or folded
    for mark in ("(", "-", "."):
        stem = stem.partition(mark)[0] or stem
    return stem[:40]


def _folded(name: bytes) -> str:
    if name.isascii():
        return name.decode("ascii").lower()
    return unicodedata.normalize("NFC", os.fsdecode(name)).lower()


def read_sidecar(path: bytes, form: SidecarForm) -> SidecarFacts:
    """Read a sidecar. One that is not what its name says gives empty facts.

    Raises `UnreadableError` for I/O errors and for more than 4 MiB, `MediaRejectedError` for what
    is no regular file.
    """
    data = read_sidecar_bytes(path)
    if form is SidecarForm.XMP:
        return SidecarFacts(form, xmp=read_xmp(data))
    if form is SidecarForm.TAKEOUT:
        return SidecarFacts(form, takeout=read_takeout(data))
    return SidecarFacts(form, album=read_album_title(data))


def read_sidecar_bytes(path: bytes) -> bytes:
    """Return the bytes of a sidecar. Raises as `read_sidecar`."""
    descriptor = open_regular(path)
    try:
        data = b""
        while len(data) <= MAX_BYTES and (part := os.read(descriptor, MAX_BYTES + 1 - len(data))):
            data += part
    except OSError as error:
        raise UnreadableError(path, f"cannot be read: {error.strerror}") from error
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise UnreadableError(path, "a sidecar of more than 4 MiB is not read")
    return data


def merge(facts: Facts, sidecars: Sequence[SidecarFacts], now: datetime | None = None) -> Facts:
    """Return the facts of a file with what its sidecars say, the first of them first.

    `now` (aware) bounds the dates that are believed.
    """
    now = now or datetime.now(UTC)
    values: dict[str, Any] = {}
    sources = dict(facts.sources)
    xmps = [one.xmp for one in sidecars if one.xmp is not None]
    takeouts = [one.takeout for one in sidecars if one.takeout is not None]
    for xmp in reversed(xmps):
        _overlay(values, sources, xmp, "sidecar:xmp")
    for takeout in takeouts[:1]:
        _add_takeout(facts, values, sources, takeout)
    if "faces" in values and facts.kind.name not in _UPRIGHT_KINDS:
        values["faces"] = tuple(turn_face(face, facts.orientation) for face in values["faces"])
    albums = join((one.album,) if one.album else () for one in sidecars)
    if albums:
        values["albums"] = join((values.get("albums", ()), facts.albums, albums))
        sources["albums"] = "sidecar:takeout"
    values["said"] = next((xmp.said for xmp in xmps if xmp.said), {})
    merged = replace(facts, **values)
    captured, offset_source, notes = _captured(merged, xmps, takeouts, now)
    if captured != facts.captured and captured is not None:
        sources["captured"] = captured.source
        sources.pop("offset", None)
    if offset_source:
        sources["offset"] = offset_source
    notes = tuple(dict.fromkeys((*merged.notes, *(n for xmp in xmps for n in xmp.notes), *notes)))
    told = [date for xmp in xmps for date in xmp.captured]
    told += [date for takeout in takeouts for date in takeout.captured]
    return replace(
        merged,
        captured=captured,
        sources=sources,
        notes=notes,
        dates=join((facts.dates, tuple(told))),
    )


def _overlay(
    values: dict[str, Any], sources: dict[str, str], fields: XmpFields, source: str
) -> None:
    for name in (*FIELDS, *_REPLACED, "albums"):
        value = getattr(fields, name, None)
        if value not in (None, ()):
            values[name], sources[name] = value, source
    if fields.keyword_paths and not fields.keywords:
        leaves = tuple(dict.fromkeys(path[-1] for path in fields.keyword_paths))
        values["keywords"], sources["keywords"] = leaves, source


def _add_takeout(
    facts: Facts, values: dict[str, Any], sources: dict[str, str], takeout: TakeoutFields
) -> None:
    """Add what Google knew where no XMP sidecar says more."""
    for name in ("description", "favourite", "archived"):
        value = getattr(takeout, name)
        if value is not None and name not in values:
            values[name], sources[name] = value, "sidecar:takeout"
    known = values.get("people", facts.people)
    people = join((known, takeout.people))
    if people != known:
        values["people"], sources["people"] = people, "sidecar:takeout"
    position = takeout.position or takeout.camera_position
    # Google rounds what the camera said; only a corrected or a missing position is news.
    news = facts.position is None or takeout.moved
    if position is not None and news and "position" not in values:
        values["position"], sources["position"] = position, "sidecar:takeout"


def _captured(
    facts: Facts, xmps: list[XmpFields], takeouts: list[TakeoutFields], now: datetime
) -> tuple[Captured | None, str | None, tuple[str, ...]]:
    """Choose the date: one set in an XMP sidecar, else by the order of SPEC 6.3 (`capture`)."""
    own = facts.captured
    for xmp in xmps:
        for date in xmp.captured:
            if date.source in _SET_DATES and is_believable(date, now):
                return (*_set_date(facts, date), ())
    weak = [date for xmp in xmps for date in xmp.captured]
    weak += [date for takeout in takeouts for date in takeout.captured]
    if not weak and facts.position is None:
        return own, None, ()
    names = [takeout.original_name for takeout in takeouts if takeout.original_name]
    dates = [date_from_name(name.encode("utf-8", "replace")) for name in names]
    named = [date for date in dates if date is not None]
    candidates = ([own] if own else []) + weak + named
    decision = decide(candidates, facts.position, now)
    return decision.captured, decision.offset_source, decision.notes


def _set_date(facts: Facts, date: Captured) -> tuple[Captured, str | None]:
    """Keep the file's own date where the sidecar only repeats it less exactly."""
    own = facts.captured
    if own is not None and own.local.replace(microsecond=0) == date.local.replace(microsecond=0):
        if own.offset_min is None and date.offset_min is not None:
            return replace(own, offset_min=date.offset_min), f"sidecar:{date.source}"
        return settle_offset(own, facts.position) if own.offset_min is None else (own, None)
    if own is not None and own.offset_min is not None and date.offset_min is None:
        # digiKam copies a film's clock, which is in UTC, into a field of wall clocks.
        utc = own.local - timedelta(minutes=own.offset_min)
        if utc.replace(microsecond=0) == date.local.replace(microsecond=0):
            return own, None
    settled, source = settle_offset(date, facts.position)
    return replace(settled, source=f"sidecar:{date.source}"), source
