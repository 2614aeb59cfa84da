"""The table of filters: name, what it says to a person, and the term that it becomes.

Help and suggestions come from it, and docs/search.md, so none of them can be out of date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photostore.store.labels import Kind
from photostore.store.search import clauses as c
from photostore.store.search import files, when, where
from photostore.store.search.errors import QueryError
from photostore.store.search.values import find_nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Filter, Value
    from photostore.store.search.terms import Term


@dataclass(frozen=True, slots=True)
class FilterKind:
    """One filter. `choices` are its values where there are a few, `tags` the kind it looks among.

    `narrow`: it finds its assets at once by an index. `is_word`: it may stand alone, as `portrait`.
    """

    names: tuple[str, ...]
    topic: str
    description: str
    examples: tuple[str, ...]
    term: Callable[[Binding, Value], Term]
    choices: tuple[str, ...] = ()
    tags: Kind | None = None
    narrow: bool = True
    is_word: bool = False

    @property
    def name(self) -> str:
        """The name that is shown."""
        return self.names[0]


WHEN, WHERE, GEAR = "When", "Where", "Camera"
WHAT, ORDER, FILES = "What is in it", "How it is kept", "Files"

FILTERS: tuple[FilterKind, ...] = (
    FilterKind(
        ("year",), WHEN, "Taken in a year", ("year:2019", "year:2019|2020", "year:2015-2018"),
        when.year, tags=Kind.WHEN, narrow=False,
    ),
    FilterKind(
        ("month",), WHEN, "Taken in a month of any year", ("month:7", "month:6-8"), when.month,
        choices=tuple(map(str, range(1, 13))),
    ),
    FilterKind(
        ("taken",), WHEN, "Taken in a year, in a month or on a day",
        ("taken:2019", "taken:2019-07", "taken:2019-07-14"), when.taken, narrow=False,
    ),
    FilterKind(
        ("before",), WHEN, "Taken before a year, month or day begins",
        ("before:2010", "before:2019-07-14"), when.before, narrow=False,
    ),
    FilterKind(
        ("after", "since"), WHEN, "Taken since a year, a month or a day began",
        ("after:2010", "after:2019-07"), when.after, narrow=False,
    ),
    FilterKind(
        ("onthisday",), WHEN, "Taken on this day of any year", ("onthisday:12-24",),
        when.on_this_day,
    ),
    FilterKind(
        ("undated",), WHEN, "Whether nothing tells when it was taken", ("undated:yes",),
        when.undated, choices=("yes", "no"), narrow=False,
    ),
    FilterKind(
        ("added",), WHEN, "Added to the library in a year, in a month or on a day",
        ("added:2024-05",), when.added, narrow=False,
    ),
    FilterKind(
        ("country",), WHERE, "Taken in a country, by name or two-letter code",
        ("country:germany", "country:de|at", "country:no"), where.country, tags=Kind.WHERE,
    ),
    FilterKind(
        ("state",), WHERE, "Taken in a state or region", ('state:"New York"',), where.state,
        tags=Kind.WHERE,
    ),
    FilterKind(
        ("city",), WHERE, "Taken in or near a city (25 km)", ("city:lisbon", "city:san*"),
        where.city, tags=Kind.WHERE,
    ),
    FilterKind(
        ("near",), WHERE, "Taken around a position or a place; dist: says how near",
        ("near:52.5,13.4", "near:lisbon dist:10"), where.near,
    ),
    FilterKind(
        ("dist",), WHERE, "How many kilometres from near:, 5 where it is not given",
        ("near:lisbon dist:50",), where.dist, narrow=False,
    ),
    FilterKind(
        ("geo",), WHERE, "Whether it is known where it was taken", ("geo:yes", "geo:no"), where.geo,
        choices=("yes", "no"),
    ),
    FilterKind(
        ("camera",), GEAR, "Maker and model", ("camera:canon", 'camera:"EOS 80D"', "camera:no"),
        files.camera, tags=Kind.CAMERA,
    ),
    FilterKind(("make",), GEAR, "Maker alone", ("make:nikon",), files.make, tags=Kind.CAMERA),
    FilterKind(("model",), GEAR, "Model alone", ("model:d90",), files.model, tags=Kind.CAMERA),
    FilterKind(("lens",), GEAR, "Lens", ("lens:ef-s*",), files.lens, tags=Kind.LENS),
    FilterKind(("iso",), GEAR, "Sensitivity", ("iso:200-400", "iso:3200-"), files.iso),
    FilterKind(("f",), GEAR, "Aperture", ("f:1.4-2.8",), files.aperture),
    FilterKind(("mm",), GEAR, "Focal length in millimetres", ("mm:28-35",), files.focal_length),
    FilterKind(("mp",), GEAR, "Millions of pixels", ("mp:12-", "mp:3-6"), files.megapixels),
    FilterKind(
        ("type",), WHAT, "Kind of asset", ("type:video", "type:raw|live"), c.type_,
        choices=("photo", "video", "raw", "live", "animated", "panorama"), narrow=False,
    ),
    FilterKind(
        ("portrait",), WHAT, "Higher than wide", ("portrait", "portrait:no"), c.portrait,
        choices=("yes", "no"), narrow=False, is_word=True,
    ),
    FilterKind(
        ("landscape",), WHAT, "Wider than high", ("landscape",), c.landscape,
        choices=("yes", "no"), narrow=False, is_word=True,
    ),
    FilterKind(
        ("square",), WHAT, "As wide as high", ("square",), c.square, choices=("yes", "no"),
        narrow=False, is_word=True,
    ),
    FilterKind(
        ("panorama",), WHAT, "Nearly twice as wide as high, or all around", ("panorama",),
        c.panorama, choices=("yes", "no"), is_word=True,
    ),
    FilterKind(
        ("person", "people", "subject"), WHAT, "Somebody is in it",
        ('person:"Jane Doe"', "person:jane", "person:no"), c.person, tags=Kind.PERSON,
    ),
    FilterKind(
        ("faces",), WHAT, "At least so many faces are in it, or a range",
        ("faces:2", "faces:3-5", "faces:no"), c.faces,
    ),
    FilterKind(
        ("keyword", "keywords", "label"), WHAT, "A keyword, and all below it",
        ("keyword:beach", "keyword:no"), c.keyword, tags=Kind.KEYWORD,
    ),
    FilterKind(
        ("tag",), WHAT, "A tag by its whole path, and all below it",
        ('tag:"Where/Germany/Bavaria"', 'tag:"Keywords/Animals"'), c.tag,
    ),
    FilterKind(("title",), WHAT, "Words of the title", ("title:sunset", "title:no"), c.title),
    FilterKind(
        ("description", "caption"), WHAT, "Words of the description", ('description:"at home"',),
        c.description,
    ),
    FilterKind(
        ("color", "colour"), WHAT, "Not known yet: colours are not looked at", (), c.color,
        narrow=False,
    ),
    FilterKind(
        ("album", "albums"), ORDER, "In an album, by its id or name",
        ('album:"Summer 2019"', "album:no"), c.album,
    ),
    FilterKind(
        ("favourite", "favorite"), ORDER, "Marked as a favourite", ("favourite:yes",), c.favourite,
        choices=("yes", "no"), narrow=False,
    ),
    FilterKind(
        ("rating",), ORDER, "Stars; -1 is rejected, no means none were given",
        ("rating:4-5", "rating:3-", "rating:no"), c.rating,
    ),
    FilterKind(
        ("in",), ORDER, "Look elsewhere than on the timeline", ("in:hidden", "in:trash"), c.in_,
        choices=("timeline", "hidden", "trash", "missing", "removed"), narrow=False,
    ),
    FilterKind(
        ("id",), ORDER, "One asset, as its page's address names it", ("id:01H8…",), c.public_id,
    ),
    FilterKind(
        ("folder",), FILES, "A folder by its own name, and all below it",
        ("folder:holiday", 'folder:"2019-07"'), files.folder, tags=Kind.FOLDER,
    ),
    FilterKind(
        ("path",), FILES, "Folders by a part of their path, and all below them",
        ("path:2020/Holiday", "path:*/scans"), files.path,
    ),
    FilterKind(
        ("filename", "name"), FILES, "The beginning of a file's name, or a pattern of it",
        ("filename:IMG_00", 'filename:"IMG_0042.jpg"', "filename:*edited*"), files.filename,
    ),
    FilterKind(("ext",), FILES, "Extension", ("ext:heic", "ext:cr2|nef"), files.extension),
)  # fmt: skip
BY_NAME = {name: kind for kind in FILTERS for name in kind.names}
SWITCHES = frozenset(kind.name for kind in FILTERS if kind.is_word)


def find_filter(node: Filter) -> FilterKind:
    """The filter that a term names. Raises QueryError with the nearest one."""
    found = BY_NAME.get(node.name)
    if found is None:
        nearest = find_nearest(node.name, tuple(BY_NAME))
        hint = f"did you mean {nearest}:?" if nearest else "the help lists all filters."
        raise QueryError(
            f'There is no filter "{node.name}:"; {hint} To search for the words themselves, '
            "put them in quotes",
            node.start,
            node.start + len(node.name) + 1,
            f"{nearest}:" if nearest else None,
        )
    return found
