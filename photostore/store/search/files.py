"""Terms of the filters about files: folder, name, camera, exposure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from photostore.store.labels import Kind
from photostore.store.search import values as v
from photostore.store.search.naming import tagged
from photostore.store.search.terms import MEGAPIXELS, FileName, FileNumber, TagsAmong, Words
from photostore.store.search.view import Shelf

if TYPE_CHECKING:
    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.terms import Term
    from photostore.store.search.values import Range

# The shelves of assets that have a file in its place.
THERE = frozenset({Shelf.TIMELINE, Shelf.HIDDEN})
# A run of letters and digits whose beginning is not open.
TOKEN = re.compile(r"(?<![^\W_])(?<!\*)([^\W_]+)(\*?)")


def folder(binding: Binding, value: Value) -> Term:
    """A folder's own name."""
    return tagged(binding, value, Kind.FOLDER, "level > 0")


def path(binding: Binding, value: Value) -> Term:
    """Some folders one below the other, anywhere in the tree."""
    text = value.text.replace("\\", "/").strip("/")
    if not text:
        raise v.wrong(value, "path", "give folders, such as path:2020/Holiday")
    pattern = binding.bind("%/" + v.like_pattern(text))
    return TagsAmong(
        "SELECT id FROM tag WHERE owner_id = :owner AND kind = 'folder' AND level > 0 "
        f"AND key LIKE {pattern} ESCAPE '\\'"
    )


def filename(binding: Binding, value: Value) -> Term:
    """The name of one of the files: whole in quotes, else its beginning, or a pattern."""
    text = value.text
    if not any(letter.isalnum() for letter in text):
        raise v.wrong(value, "filename", "give a name or a part of it, such as filename:IMG_00*")
    pattern = v.like_pattern(text) + ("" if value.quoted or "*" in text else "%")
    return _with_file(binding, _name_tokens(text, whole=value.quoted), pattern)


def _name_tokens(text: str, *, whole: bool) -> list[str]:
    """Words of a name that the index has; those whose beginning is open cannot be looked up."""
    spelled = text if whole or "*" in text else text + "*"
    return [f'"{token}"{star}' for token, star in TOKEN.findall(spelled)]


def _with_file(binding: Binding, tokens: list[str], pattern: str) -> Term:
    """Assets by words of their names first, and then by the names themselves."""
    name = binding.bind(pattern)
    phrase = f"{{names}} : ({' AND '.join(tokens)})"
    return FileName(name, Words(binding.bind(phrase)) if tokens else None)


def extension(binding: Binding, value: Value) -> Term:
    """The end of a file's name."""
    text = value.text.lower().lstrip(".")
    if not (text.isalnum() and text.isascii()):
        raise v.wrong(value, "ext", "give an extension, such as ext:jpg")
    return _with_file(binding, [f'"{text}"'], f"%.{text}")


def _numbers(binding: Binding, column: str, found: Range, slack: float = 0.0) -> Term:
    """Of one of the files that are there."""
    bounds = []
    if found.low is not None:
        bounds.append(f"value >= {binding.bind(found.low - slack)}")
    if found.high is not None:
        bounds.append(f"value <= {binding.bind(found.high + slack)}")
    # Of what is in the trash or missing, no file is where it was.
    return FileNumber(column, " AND ".join(bounds), is_there=binding.shelf in THERE)


def iso(binding: Binding, value: Value) -> Term:
    """Sensitivity."""
    return _numbers(binding, "iso", v.read_range(value, "iso", "200-400"))


def aperture(binding: Binding, value: Value) -> Term:
    """The f-number, as it is rounded on lenses."""
    return _numbers(binding, "f_number", v.read_range(value, "f", "1.4-2.8"), 0.05)


def focal_length(binding: Binding, value: Value) -> Term:
    """In millimetres, as rounded."""
    return _numbers(binding, "focal_mm", v.read_range(value, "mm", "28-35"), 0.5)


def megapixels(binding: Binding, value: Value) -> Term:
    """Pixels in millions, as rounded."""
    found = v.read_range(value, "mp", "3-6")
    return _numbers(binding, MEGAPIXELS, found, 0.5)


def camera(binding: Binding, value: Value) -> Term:
    """Maker and model as one text."""
    return tagged(binding, value, Kind.CAMERA, "level > 0", "replace(substr(key, 8), '/', ' ')")


def make(binding: Binding, value: Value) -> Term:
    """Maker."""
    return tagged(binding, value, Kind.CAMERA, "level = 1")


def model(binding: Binding, value: Value) -> Term:
    """Model; one without a maker stands where makers do."""
    return tagged(binding, value, Kind.CAMERA, "level > 0")


def lens(binding: Binding, value: Value) -> Term:
    """Lens."""
    return tagged(binding, value, Kind.LENS, "level > 0")
