"""What a person wants changed on assets, checked: a wrong value names its field and the remedy.

The form is that of `PATCH /api/v1/assets`; photostore's own callers make a `Change` directly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from photostore.base.errors import BadRequestError
from photostore.base.text import shorten
from photostore.store.edits import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TITLE: Final = 1_000
MAX_DESCRIPTION: Final = 20_000
MAX_KEYWORD: Final = 200
MAX_KEYWORDS: Final = 500
MAX_SHIFT_S: Final = 200 * 366 * 86_400
FIRST_YEAR: Final = 1826  # SPEC 6.3: before the first photograph there is nothing to date
AHEAD: Final = timedelta(days=2)
MAX_OFFSET_MIN: Final = 15 * 60
PRECISIONS: Final = ("millisecond", "second", "minute", "hour", "day", "month", "year")
TURNS: Final = (0, 90, 180, 270)
# The API speaks of `gps`, as it does where it shows an asset.
API_NAMES: Final = {"gps": Field.POSITION} | {
    one.value: one for one in Field if one not in (Field.POSITION, Field.SHOWN)
}
API_FIELDS: Final = {field: name for name, field in API_NAMES.items()}
WISHES: Final = (
    "set",
    "add_keywords",
    "remove_keywords",
    "shift_s",
    "offset",
    "rotate",
    "reset",
)


@dataclass(frozen=True, slots=True)
class CapturedWish:
    """A capture time: ISO wall clock, precision, offset in minutes.

    Without `sets_offset` the offset stays what it is; None with it means that nobody knows.
    """

    local: str
    precision: str
    offset_min: int | None = None
    sets_offset: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A wish for many assets. `values` are the JSON values of fields that are set alike for all.

    `shift_s` moves the wall clock; `offset` is a list of none or one offset in minutes or None;
    `turn` is in degrees clockwise, on top of what was; `reset` fields are what the files say again.
    """

    values: Mapping[Field, Any] = field(default_factory=dict)
    captured: CapturedWish | None = None
    add_keywords: tuple[str, ...] = ()
    remove_keywords: tuple[str, ...] = ()
    shift_s: int = 0
    offset: tuple[int | None, ...] = ()
    turn: int = 0
    reset: tuple[Field, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it wishes nothing."""
        return self == Change()


def read_change(body: Mapping[str, Any]) -> Change:
    """The change that a request asks for. Raises BadRequestError with field and remedy."""
    unknown = body.keys() - {*WISHES, "ids"}
    if unknown:
        raise BadRequestError(f'"{min(unknown)}" is unknown: use {", ".join(WISHES)}')
    wanted = body.get("set")
    if wanted is not None and not isinstance(wanted, dict):
        raise BadRequestError("set: must be an object of fields and values")
    wanted = dict(wanted or {})
    if "captured" in wanted and wanted["captured"] is None:
        raise BadRequestError("captured: cannot be none; to go by the files again, reset it")
    captured = wanted.pop("captured", None)
    change = Change(
        values={
            _field(name, "set"): CHECKS[_field(name, "set")](value)
            for name, value in wanted.items()
        },
        captured=None if captured is None else _check_captured(captured),
        add_keywords=_check_keywords(body.get("add_keywords"), "add_keywords"),
        remove_keywords=_check_keywords(body.get("remove_keywords"), "remove_keywords"),
        shift_s=_check_shift(body.get("shift_s")),
        offset=(_check_offset(body["offset"], "offset"),) if "offset" in body else (),
        turn=_check_turn(body.get("rotate"), "rotate") if body.get("rotate") is not None else 0,
        reset=_check_reset(body.get("reset")),
    )
    if change.is_empty:
        raise BadRequestError(f"Nothing is to be changed: give one of {', '.join(WISHES)}")
    _refuse_contradictions(change)
    return change


def _refuse_contradictions(change: Change) -> None:
    both = set(change.add_keywords) & set(change.remove_keywords)
    if both:
        raise BadRequestError(
            f'add_keywords and remove_keywords both name "{min(both)}": leave it out of one'
        )
    if change.captured is not None and (change.shift_s or change.offset):
        raise BadRequestError(
            "captured sets the time and its offset: leave out shift_s and offset beside it"
        )
    if change.turn and Field.ROTATION in change.values:
        raise BadRequestError("rotate is on top of the rotation: leave out one of the two")
    set_twice = set(change.reset) & set(change.values)
    if set_twice:
        name = API_FIELDS[min(set_twice)]
        raise BadRequestError(f"reset and set both name {name}: leave it out of one")


def _field(name: str, where: str) -> Field:
    if name not in API_NAMES or (where == "set" and name == "keywords"):
        known = [one for one in API_NAMES if where == "reset" or one != "keywords"]
        raise BadRequestError(
            f'{where}: there is no field "{shorten(name, 40)}"; there are {", ".join(known)}'
        )
    return API_NAMES[name]


def check_text(value: Any, name: str, high: int) -> str | None:
    """Text without blanks at its ends, None for null or nothing. Raises BadRequestError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadRequestError(f"{name}: must be text, or null for none")
    text = value.strip()
    if len(text) > high:
        raise BadRequestError(f"{name}: may have {high} characters at most, not {len(text)}")
    refused = next((c for c in text if _is_unfit(c)), None)
    if refused is not None:
        raise BadRequestError(
            f"{name}: holds the character U+{ord(refused):04X}, which no text has; remove it"
        )
    return text or None


def _is_unfit(character: str) -> bool:
    """Whether XML and with it sidecars cannot hold a character."""
    code = ord(character)
    return (
        (code < 32 and character not in "\t\n\r")
        or 0xD800 <= code < 0xE000
        or (code & 0xFFFE) == 0xFFFE
    )


def _check_title(value: Any) -> str | None:
    return check_text(value, "title", MAX_TITLE)


def _check_description(value: Any) -> str | None:
    return check_text(value, "description", MAX_DESCRIPTION)


def _check_rating(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not -1 <= value <= 5:
        raise BadRequestError("rating: must be a whole number from -1 (rejected) to 5, or null")
    return value


def _check_flag(value: Any, name: str) -> bool:
    if type(value) is not bool:
        raise BadRequestError(f"{name}: must be true or false")
    return value


def _check_favourite(value: Any) -> bool:
    return _check_flag(value, "favourite")


def _check_hidden(value: Any) -> bool:
    return _check_flag(value, "hidden")


def _check_turn(value: Any, name: str) -> int:
    low = 0 if name == "rotation" else 90
    if type(value) is not int or value not in TURNS or value < low:
        raise BadRequestError(f"{name}: must be {'0, ' if not low else ''}90, 180 or 270 degrees")
    return value


def _check_rotation(value: Any) -> int:
    return _check_turn(value, "rotation")


def _check_position(value: Any) -> dict[str, float] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not {"lat", "lon"} <= value.keys() <= {"lat", "lon", "alt"}:
        raise BadRequestError('gps: must be {"lat": degrees, "lon": degrees}, or null for none')
    checked = {
        "lat": _check_number(value["lat"], "gps.lat", -90, 90),
        "lon": _check_number(value["lon"], "gps.lon", -180, 180),
    }
    if value.get("alt") is not None:
        checked["alt"] = _check_number(value["alt"], "gps.alt", -12_000, 100_000)
    return checked


def _check_number(value: Any, name: str, low: float, high: float) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise BadRequestError(f"{name}: must be a number from {low} to {high}")
    return round(float(value), 7)


def _check_captured(value: Any) -> CapturedWish:
    if not isinstance(value, dict) or "local" not in value:
        raise BadRequestError(
            'captured: must be {"local": "2024-05-03T12:30:00", "precision", "offset"}'
        )
    unknown = value.keys() - {"local", "precision", "offset"}
    if unknown:
        raise BadRequestError(
            f'captured: there is no "{shorten(min(unknown), 40)}"; there are local, precision, '
            "offset"
        )
    local = check_local(value["local"])
    precision = value.get("precision")
    if precision is None:
        precision = "millisecond" if "." in local else "second"
    if precision not in PRECISIONS:
        raise BadRequestError(f"captured.precision: must be one of {', '.join(PRECISIONS)}")
    return CapturedWish(
        local,
        precision,
        _check_offset(value.get("offset"), "captured.offset"),
        sets_offset="offset" in value,
    )


def check_local(value: Any) -> str:
    """An ISO wall clock, with milliseconds only where it has some. Raises BadRequestError."""
    remedy = "must be a wall clock without a zone, for example 2024-05-03T12:30:00"
    if not isinstance(value, str) or len(value) > 40:
        raise BadRequestError(f"captured.local: {remedy}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadRequestError(f"captured.local: {remedy}") from error
    if moment.tzinfo is not None:
        raise BadRequestError(f"captured.local: {remedy}; the zone goes into offset")
    if not is_datable(moment):
        raise BadRequestError(
            f"captured.local: must lie between the year {FIRST_YEAR} and two days from now"
        )
    return format_local(moment)


def is_datable(moment: datetime) -> bool:
    """Whether a wall clock can be that of a photo (SPEC 6.3)."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return moment.year >= FIRST_YEAR and moment <= now + AHEAD


def format_local(moment: datetime) -> str:
    """A wall clock as it is kept."""
    kept = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=None)
    return kept.isoformat(timespec="milliseconds" if kept.microsecond else "seconds")


def _check_offset(value: Any, name: str) -> int | None:
    """Minutes of `+02:00`; None for null."""
    if value is None:
        return None
    remedy = f'{name}: must be an offset from UTC, for example "+02:00", or null if unknown'
    if not isinstance(value, str) or len(value) != 6 or value[0] not in "+-" or value[3] != ":":
        raise BadRequestError(remedy)
    hours, minutes = value[1:3], value[4:6]
    if not (hours.isascii() and hours.isdecimal() and minutes.isascii() and minutes.isdecimal()):
        raise BadRequestError(remedy)
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > MAX_OFFSET_MIN:
        raise BadRequestError(remedy)
    return -total if value[0] == "-" else total


def _check_shift(value: Any) -> int:
    if value is None:
        return 0
    if type(value) is not int or abs(value) > MAX_SHIFT_S:
        raise BadRequestError("shift_s: must be a whole number of seconds, 200 years at most")
    return value


def _check_keywords(value: Any, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_KEYWORDS:
        raise BadRequestError(f"{name}: must be a list of {MAX_KEYWORDS} keywords at most")
    words = [check_text(word, name, MAX_KEYWORD) for word in value]
    if None in words:
        raise BadRequestError(f"{name}: a keyword must have a letter at least; leave it out")
    return tuple(dict.fromkeys(word for word in words if word))


def _check_reset(value: Any) -> tuple[Field, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise BadRequestError("reset: must be a list of names of fields")
    # A person may have the name from a list of edited fields.
    return tuple(dict.fromkeys(_field(name, "reset") for name in value))


CHECKS: Final = {
    Field.TITLE: _check_title,
    Field.DESCRIPTION: _check_description,
    Field.RATING: _check_rating,
    Field.FAVOURITE: _check_favourite,
    Field.HIDDEN: _check_hidden,
    Field.POSITION: _check_position,
    Field.ROTATION: _check_rotation,
}
