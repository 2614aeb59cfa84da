"""Maker notes, only where they pay: the lens, the camera's time zone, Apple's content identifier.

Each maker has a layout of its own, none documented; what is read here was found by many people over
the years (exiftool's tag tables are the reference). Every read is bounded; damage ends the reading.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from photostore.media.headers.header import DamagedHeaderError
from photostore.media.headers.ifd import Directories, Entry
from photostore.media.text import clean_text, decode_text

if TYPE_CHECKING:
    from collections.abc import Callable

_EXIF_IFD: Final = 0x8769
_MAKER_NOTE: Final = 0x927C
_MAKE: Final = 0x10F
_MAX_OFFSET_MIN: Final = 14 * 60
_MAX_TEXT: Final = 256


@dataclass(frozen=True, slots=True)
class MakerFields:
    """What photostore takes from maker notes; `offset_min` is minutes east of UTC."""

    lens: str | None = None
    offset_min: int | None = None
    content_identifier: str | None = None


def read_maker_notes(block: bytes) -> MakerFields:
    """Read the maker note of a TIFF block. Never raises; an unknown maker gives nothing."""
    try:
        file = Directories(block)
        first, _ = file.directory(file.first)
        pointer = file.one(first, _EXIF_IFD)
        entries, _ = file.directory(pointer) if pointer else ({}, 0)
        note = entries.get(_MAKER_NOTE)
        if note is None or note.count < 12 or note.at + 12 > len(block):
            return MakerFields()
        start = block[note.at : note.at + 16]
        for magic, reader in _READERS:
            if start.startswith(magic):
                return reader(file, note)
        make = (file.block(first, _MAKE) or b"")[:16].upper()
        if make.startswith(b"CANON"):
            return _canon(file, note)
    except (struct.error, DamagedHeaderError, IndexError, ValueError, OverflowError):
        return MakerFields()
    return MakerFields()


def _apple(file: Directories, note: Entry) -> MakerFields:
    inner = Directories(file.data, ">", note.at)
    entries, _ = inner.directory(note.at + 14)
    return MakerFields(content_identifier=_text(inner, entries, 0x11))


def _canon(file: Directories, note: Entry) -> MakerFields:
    inner = Directories(file.data, file.order)
    entries, _ = inner.directory(note.at)
    time = inner.values(entries, 0x35)
    offset: int | None = None
    if len(time) >= 4:
        # Zone in minutes, then (behind the city) 60 while summer time is on.
        minutes = time[1] - (1 << 32) if time[1] >= 1 << 31 else time[1]
        offset = minutes + (60 if time[3] == 60 else 0)
    return MakerFields(lens=_text(inner, entries, 0x95), offset_min=_sound_offset(offset))


def _nikon(file: Directories, note: Entry) -> MakerFields:
    """Nikon puts a whole TIFF block into the note, behind ten bytes."""
    block = file.data[note.at + 10 : note.at + note.count]
    inner = Directories(block)
    entries, _ = inner.directory(inner.first)
    world = inner.block(entries, 0x24) or b""
    offset: int | None = None
    if len(world) >= 3:
        offset = struct.unpack_from(inner.order + "h", world)[0] + (60 if world[2] == 1 else 0)
    lens = describe_lens(inner.ratios(entries, 0x84))
    return MakerFields(lens=lens, offset_min=_sound_offset(offset))


def _olympus(header: int, own_base: bool) -> Callable[[Directories, Entry], MakerFields]:
    def read(file: Directories, note: Entry) -> MakerFields:
        base = note.at if own_base else 0
        inner = Directories(file.data, file.order, base)
        entries, _ = inner.directory(note.at + header)
        equipment = inner.one(entries, 0x2010)
        if equipment:
            equipment += base
        elif 0x2010 in entries:
            equipment = entries[0x2010].at
        inside, _ = inner.directory(equipment) if equipment else ({}, 0)
        return MakerFields(lens=_text(inner, inside, 0x203))

    return read


def _panasonic(file: Directories, note: Entry) -> MakerFields:
    inner = Directories(file.data, file.order)
    entries, _ = inner.directory(note.at + 12)
    return MakerFields(lens=_text(inner, entries, 0x51))


def _fujifilm(file: Directories, note: Entry) -> MakerFields:
    inner = Directories(file.data, "<", note.at)
    entries, _ = inner.directory(note.at + struct.unpack_from("<I", file.data, note.at + 8)[0])
    parts = tuple(number for tag in range(0x1404, 0x1408) for number in inner.ratios(entries, tag))
    return MakerFields(lens=describe_lens(parts))


_READERS: Final[tuple[tuple[bytes, Callable[[Directories, Entry], MakerFields]], ...]] = (
    (b"Apple iOS\x00", _apple),
    (b"Nikon\x00\x02", _nikon),
    (b"OLYMPUS\x00", _olympus(12, own_base=True)),
    (b"OM SYSTEM\x00", _olympus(16, own_base=True)),
    (b"OLYMP\x00", _olympus(8, own_base=False)),
    (b"Panasonic\x00", _panasonic),
    (b"FUJIFILM", _fujifilm),
)


def describe_lens(parts: tuple[float, ...]) -> str | None:
    """Name a lens by shortest and longest focal length and the widest apertures at both.

    `18-55mm f/3.5-5.6`, `50mm f/1.8`; None for what is no lens.
    """
    if len(parts) != 4 or not 1 <= parts[0] <= parts[1] <= 5000:
        return None
    lengths = f"{parts[0]:.4g}" if parts[0] == parts[1] else f"{parts[0]:.4g}-{parts[1]:.4g}"
    stops = [f"{stop:.2g}" for stop in dict.fromkeys(parts[2:]) if 0.5 <= stop <= 100]
    return f"{lengths}mm" + (f" f/{'-'.join(stops)}" if stops else "")


def _text(file: Directories, entries: dict[int, Entry], tag: int) -> str | None:
    block = file.block(entries, tag)
    if block is None:
        return None
    text = clean_text(decode_text(block[:_MAX_TEXT].split(b"\x00")[0]))
    # Cameras without a lens fill the field with dashes.
    return text if text and text.strip("-. ") else None


def _sound_offset(minutes: int | None) -> int | None:
    if minutes is None or abs(minutes) > _MAX_OFFSET_MIN or minutes % 15:
        return None
    return minutes
