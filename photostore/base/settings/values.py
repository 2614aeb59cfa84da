"""How the value of a setting is read and written; knows types of values, not the settings.

A value arrives as text (command line, environment, env file) or as what TOML gives (int, bool,
list, time). `read` takes either and raises ValueError; `show` returns text that `read` takes again.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Network = IPv4Network | IPv6Network

_DECIMAL_UNITS = {"B": 1} | {f"{p}B": 1000 ** (n + 1) for n, p in enumerate("kMGTP")}
_BINARY_UNITS = {f"{p}iB": 1024 ** (n + 1) for n, p in enumerate("KMGTP")}
_SIZE_UNITS = {unit.lower(): size for unit, size in (_DECIMAL_UNITS | _BINARY_UNITS).items()}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE | re.ASCII)
_PIXELS = re.compile(r"(\d+(?:\.\d+)?)\s*(MP)?", re.IGNORECASE | re.ASCII)

_DURATION_UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION = re.compile(
    r"(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?!s))?(?:(?P<s>\d+(?:\.\d{1,3})?)s)?"
    r"(?:(?P<ms>\d+)ms)?",
    re.ASCII,
)
_SECONDS = re.compile(r"\d+(?:\.\d{1,3})?", re.ASCII)
# A hundred years: more is a slip of the finger, and far more would not fit a timedelta.
_LONGEST_MS = 36_525 * 86_400_000

_FLAGS = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_HOST = re.compile(
    r"(?=.{1,253}$)(?!\d+$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ValueType(Generic[T]):
    """One type of value: what is allowed (for people), and how it is read and written."""

    name: str
    allowed: str
    read: Callable[[object], T]
    show: Callable[[T], str]
    to_toml: Callable[[T], Any]
    choices: tuple[str, ...] = ()


def whole_number(low: int, high: int) -> ValueType[int]:
    """Return the type of whole numbers from `low` to `high`, both included."""

    def read(raw: object) -> int:
        text = _number_or_text(raw)
        # Not int(text) alone: that takes "1_000" and digits of other scripts.
        if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
            raise ValueError(raw)
        return _within(int(text), low, high)

    return ValueType("number", f"a whole number from {low} to {high}", read, str, int)


def optional_number(low: int, high: int, *, base: int = 10) -> ValueType[int | None]:
    """Return the type of `whole_number` or nothing; the number is octal when `base` is 8."""

    def read(raw: object) -> int | None:
        text = _number_or_text(raw)
        return _within(int(text, base), low, high) if text else None

    def show(value: int | None) -> str:
        if value is None:
            return ""
        return f"{value:03o}" if base == 8 else str(value)

    allowed = (
        f"an octal number from {low:03o} to {high:03o}"
        if base == 8
        else f"a whole number from {low} to {high}"
    )
    return ValueType("number", f"{allowed}, or nothing", read, show, show)


def choice(options: type[E]) -> ValueType[E]:
    """Return the type whose values are a few words, read in any case."""
    words = tuple(option.value for option in options)

    def read(raw: object) -> E:
        return options(_text(raw).lower())

    return ValueType("choice", " or ".join(words), read, str, str, words)


def _read_flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    try:
        return _FLAGS[_text(raw).lower()]
    except KeyError:
        raise ValueError(raw) from None


def _show_flag(value: bool) -> str:
    return "true" if value else "false"


def parse_size(text: str) -> int:
    """Return bytes for `500MB` (decimal), `16GiB` (binary), `10kB` or a plain number of bytes."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    number, unit = match.groups()
    factor = _SIZE_UNITS.get(unit.lower() or "b")
    if factor is None:
        raise ValueError(text)
    return _whole(Decimal(number) * factor)


def show_size(size_bytes: int) -> str:
    """Return the shortest text that `parse_size` turns into exactly this size."""
    units = _DECIMAL_UNITS | _BINARY_UNITS
    exact = {unit: size_bytes // size for unit, size in units.items() if size_bytes % size == 0}
    unit = min(exact, key=lambda name: (exact[name], len(name)))
    return f"{exact[unit]}{unit}" if size_bytes else "0B"


def parse_duration(text: str) -> dt.timedelta:
    """Return the duration for `90s`, `1h30m`, `7d`, `250ms`, `1.5s` or a plain number of seconds.

    The finest step is a millisecond, the longest duration a hundred years.
    """
    text = text.strip()
    if _SECONDS.fullmatch(text):
        text += "s"
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise ValueError(text)
    parts = match.groupdict(default="0")
    total_ms = sum(Decimal(parts[unit]) * ms for unit, ms in _DURATION_UNITS_MS.items())
    return dt.timedelta(milliseconds=_within(_whole(Decimal(total_ms)), 0, _LONGEST_MS))


def show_duration(duration: dt.timedelta) -> str:
    """Return the text that `parse_duration` turns into exactly this duration (whole ms)."""
    rest_ms = duration // dt.timedelta(milliseconds=1)
    parts: list[str] = []
    for unit, unit_ms in _DURATION_UNITS_MS.items():
        count, rest_ms = divmod(rest_ms, unit_ms)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _read_size(raw: object) -> int:
    return parse_size(_number_or_text(raw))


def _read_duration(raw: object) -> dt.timedelta:
    return parse_duration(_number_or_text(raw))


def _read_pixels(raw: object) -> int:
    match = _PIXELS.fullmatch(_number_or_text(raw))
    if match is None:
        raise ValueError(raw)
    number, unit = match.groups()
    return _whole(Decimal(number) * (1_000_000 if unit else 1))


def _show_pixels(pixels: int) -> str:
    millions, rest = divmod(pixels, 1_000_000)
    return str(pixels) if rest or not millions else f"{millions}MP"


def _read_time_of_day(raw: object) -> dt.time | None:
    if isinstance(raw, dt.time):
        return raw.replace(second=0, microsecond=0)
    text = _text(raw).lower()
    if text in {"", "off"}:
        return None
    if not re.fullmatch(r"\d{1,2}:\d{2}", text, re.ASCII):
        raise ValueError(raw)
    hour, minute = text.split(":")
    return dt.time(int(hour), int(minute))


def _show_time_of_day(value: dt.time | None) -> str:
    return "off" if value is None else value.strftime("%H:%M")


def _read_path(raw: object) -> Path | None:
    if isinstance(raw, Path):
        return raw.expanduser().absolute()
    text = raw if isinstance(raw, str) else None
    if text is None or "\0" in text:
        raise ValueError(raw)
    try:
        # Not stripped: a folder's name may begin or end with a space.
        return Path(text).expanduser().absolute() if text else None
    except RuntimeError:  # `~name` of nobody
        raise ValueError(raw) from None


def _show_path(value: Path | None) -> str:
    return "" if value is None else str(value)


def parse_list(raw: object) -> tuple[str, ...]:
    """Return the items of a list given as JSON (`["a", "b"]`), as `a:b`, or by TOML."""
    if isinstance(raw, str) and raw.lstrip().startswith("["):
        try:
            raw = json.loads(raw)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(raw) from error
    items = [item for item in raw.split(":") if item] if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError(raw)
    return tuple(items)


def _show_list(value: tuple[object, ...]) -> str:
    return json.dumps([str(item) for item in value], ensure_ascii=False)


def _list_to_toml(value: tuple[object, ...]) -> list[str]:
    return [str(item) for item in value]


def _read_paths(raw: object) -> tuple[Path, ...]:
    if isinstance(raw, list | tuple):
        raw = [str(item) if isinstance(item, Path) else item for item in raw]
    paths = [_read_path(item) for item in parse_list(raw)]
    return tuple(path for path in paths if path is not None)


def _read_hosts(raw: object) -> tuple[str, ...]:
    hosts = parse_list(raw)
    for host in hosts:
        # An IPv6 address has colons, so it can only come by JSON or TOML.
        if not _HOST.fullmatch(host):
            ip_network(host)
    return tuple(host.lower() for host in hosts)


def _read_networks(raw: object) -> tuple[Network, ...]:
    if isinstance(raw, str) and raw.count(":") > 1 and not raw.lstrip().startswith("["):
        # `::1` alone is one address; `10.0.0.1:10.0.0.2:10.0.0.3` is three.
        try:
            return (ip_network(raw.strip(), strict=False),)
        except ValueError:
            pass
    return tuple(ip_network(item.strip(), strict=False) for item in parse_list(raw))


def _read_text(raw: object) -> str:
    return _text(raw)


def _read_time_zone(raw: object) -> str:
    """A zone's name as zoneinfo has it; "" for that of the system, which systems name by a file."""
    name = _text(raw).removeprefix(":").removeprefix("/usr/share/zoneinfo/")
    if name in {"", "/etc/localtime"}:
        return ""
    try:
        ZoneInfo(name)
    except (OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(raw) from error
    return name


def _text(raw: object) -> str:
    if isinstance(raw, str):
        return raw.strip()
    raise ValueError(raw)


def _number_or_text(raw: object) -> str:
    if isinstance(raw, int | float | str) and not isinstance(raw, bool):
        return str(raw).strip()
    raise ValueError(raw)


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value() or number >= 2**63:
        raise ValueError(number)
    return int(number)


def _within(number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise ValueError(number)
    return number


FLAG = ValueType("flag", "true or false", _read_flag, _show_flag, bool)
SIZE = ValueType("size", "a size such as 500MB, 16GiB or 10kB", _read_size, show_size, show_size)
DURATION = ValueType(
    "duration", "a duration such as 90s, 1h30m or 7d", _read_duration, show_duration, show_duration
)
PIXELS = ValueType(
    "pixels", "a number of pixels such as 500MP", _read_pixels, _show_pixels, _show_pixels
)
TIME_OF_DAY = ValueType(
    "time", "a time of day such as 02:00, or off", _read_time_of_day, _show_time_of_day,
    _show_time_of_day,
)  # fmt: skip
# What a template of "copy to library" can hold in braces.
TEMPLATE_TOKENS = (
    *("year", "month", "day", "hour", "minute", "second"),
    *("name", "ext", "folder", "make", "model"),
)


def _read_template(raw: object) -> str:
    text = _text(raw).strip().strip("/")
    parts = text.split("/")
    rest = re.sub(r"\{(" + "|".join(TEMPLATE_TOKENS) + r")\}", "", text)
    is_path = all(part.strip() not in {"", ".", ".."} for part in parts)
    if not is_path or "{" in rest or "}" in rest or "{" not in parts[-1]:
        raise ValueError(raw)
    return text


TEMPLATE = ValueType(
    "text",
    "a path such as {year}/{year}-{month}-{day}/{name}, of "
    + ", ".join("{" + token + "}" for token in TEMPLATE_TOKENS),
    _read_template,
    str,
    str,
)
TEXT = ValueType("text", "text", _read_text, str, str)
TIME_ZONE = ValueType(
    "text", "the name of a time zone such as Europe/Berlin or UTC", _read_time_zone, str, str
)
FOLDER = ValueType("path", "a path, or nothing", _read_path, _show_path, _show_path)
FOLDERS = ValueType(
    "paths", 'paths as ["/a", "/b"] or /a:/b', _read_paths, _show_list, _list_to_toml
)
TEXTS = ValueType("list", 'a list as ["a", "b"] or a:b', parse_list, _show_list, _list_to_toml)
HOSTS = ValueType(
    "hosts", 'host names without port as ["a", "b"] or a:b', _read_hosts, _show_list, _list_to_toml
)
NETWORKS = ValueType(
    "networks",
    'addresses or networks as ["10.0.0.0/8", "::1"] or 10.0.0.1:10.0.0.2',
    _read_networks,
    _show_list,
    _list_to_toml,
)
