"""Camera data inside H.264 streams: what AVCHD camcorders write with each key frame.

A block `MDPM` of five-byte entries in a user data message; FFmpeg hands it over with the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from photostore.media.dates import parse_stamp
from photostore.media.text import clean_text, decode_text

if TYPE_CHECKING:
    from photostore.media.facts import Captured

_UUID: Final = bytes.fromhex("17ee8c60f84d11d98cd60800200c9a66")
_MAX_ENTRIES: Final = 255
_MAKERS: Final = {0x103: "Panasonic", 0x108: "Sony", 0x1011: "Canon", 0x1104: "JVC"}
_MODEL_ENTRIES: Final = (0xE4, 0xE5, 0xE6)


@dataclass(frozen=True, slots=True)
class CameraFields:
    """What a camcorder says of itself and of its clock."""

    captured: tuple[Captured, ...] = ()
    make: str | None = None
    model: str | None = None


def read_camera_data(frame: Any) -> CameraFields:
    """Read the camera data of a decoded frame (PyAV). Empty where there is none."""
    for entry in frame.side_data:
        if entry.type.name == "SEI_UNREGISTERED":
            body = bytes(entry)
            if body.startswith(_UUID + b"MDPM"):
                return _read(body[20:])
    return CameraFields()


def _read(body: bytes) -> CameraFields:
    entries = {
        body[at]: body[at + 1 : at + 5]
        for at in range(1, min(len(body) - 4, 1 + 5 * min(body[0], _MAX_ENTRIES)), 5)
    }
    stamp = _date(entries.get(0x18, b""), entries.get(0x19, b""))
    model = b"".join(entries.get(entry, b"") for entry in _MODEL_ENTRIES)
    maker = int.from_bytes(entries.get(0xE0, b"")[:2], "big")
    return CameraFields(
        captured=(stamp,) if stamp else (),
        make=_MAKERS.get(maker),
        model=clean_text(decode_text(model.split(b"\x00")[0])),
    )


def _date(first: bytes, second: bytes) -> Captured | None:
    """Read zone, century, year, month; then day, hour, minute, second: as decimal digits."""
    if len(first) < 4 or len(second) < 4:
        return None
    zone = first[0]
    sign = "-" if zone & 0x20 else "+"
    offset = f"{sign}{zone >> 1 & 15:02}:{30 if zone & 1 else 0:02}"
    digits = first[1:].hex() + second.hex()
    if not digits.isdecimal():
        return None
    day, clock = digits[:8], digits[8:]
    text = f"{day[:4]}:{day[4:6]}:{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return parse_stamp(text + ("" if zone == 0xFF else offset), "H264:DateTimeOriginal")
