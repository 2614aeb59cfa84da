"""Copy to library: what lies outside is copied in by a template, verified, never moved (SPEC 9.2).

`template` says where, `planning` what goes together under which free name, `copying` does it, and
`service` goes over the assets and keeps the rows.
"""

from photostore.library.organise.results import Item, NoRoomError, OrganiseSetup, Outcome, Wish
from photostore.library.organise.service import Organiser
from photostore.library.organise.template import parse_template

__all__ = [
    "Item",
    "NoRoomError",
    "OrganiseSetup",
    "Organiser",
    "Outcome",
    "Wish",
    "parse_template",
]
