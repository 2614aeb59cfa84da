"""Puts together what several places say of one file, and keeps who said it (SPEC 6.2).

A layer is one place: EXIF, an XMP packet, a sidecar. For each field the first layer that knows
something wins; keywords and people of all layers are joined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIELDS: Final = (
    "position",
    "make",
    "model",
    "lens",
    "exposure_time_s",
    "f_number",
    "focal_length_mm",
    "iso",
    "rating",
    "label",
    "title",
    "description",
    "content_identifier",
    "projection",
    "favourite",
    "archived",
)
JOINED: Final = ("keywords", "keyword_paths", "people", "faces", "albums")
# Who is asked first, where it is not the order of the layers.
_FIRST: Final = {
    "rating": "XMP",
    "label": "XMP",
    "title": "XMP",
    "description": "XMP",
}
_SECOND: Final = {"title": "IPTC", "description": "IPTC"}


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says: any of the dataclasses of fields, and the name of the place."""

    source: str
    fields: Any

    def value(self, name: str) -> Any:
        """Return a field's value, None where it is unknown, empty, or not of this place."""
        value = getattr(self.fields, name, None)
        return None if value in ((), "") else value


def combine(layers: Sequence[Layer]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields of `Facts` that the layers know, and the source of each of them."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in FIELDS:
        for layer in _in_order(layers, name):
            value = layer.value(name)
            if value is not None:
                values[name], sources[name] = value, layer.source
                break
    for name in JOINED:
        holders = [layer for layer in layers if layer.value(name) is not None]
        if holders:
            values[name] = join(layer.value(name) for layer in holders)
            sources[name] = "+".join(dict.fromkeys(layer.source for layer in holders))
    if "keywords" not in values and "keyword_paths" in values:
        # Who wrote only a tree meant its leaves.
        values["keywords"] = tuple(dict.fromkeys(path[-1] for path in values["keyword_paths"]))
        sources["keywords"] = sources["keyword_paths"]
    return values, sources


def join(parts: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Join tuples without repeats, in order."""
    return tuple(dict.fromkeys(value for part in parts for value in part))


def _in_order(layers: Sequence[Layer], name: str) -> list[Layer]:
    wanted = (_FIRST.get(name), _SECOND.get(name))
    return sorted(layers, key=lambda layer: _place(layer.source, wanted))


def _place(source: str, wanted: tuple[str | None, str | None]) -> int:
    return wanted.index(source) if source in wanted else len(wanted)
