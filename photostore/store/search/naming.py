"""Tags by the name that a person gives them, as many filters do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from photostore.store.folding import fold
from photostore.store.labels import Kind
from photostore.store.search import values as v
from photostore.store.search.terms import Negated, TagsAmong

if TYPE_CHECKING:
    from photostore.store.search.binding import Binding
    from photostore.store.search.syntax import Value
    from photostore.store.search.terms import Term


def tagged(binding: Binding, value: Value, kind: Kind, where: str, name: str = "fold") -> Term:
    """Assets with a tag of a kind whose `name` (an expression) is meant by a value."""
    own = f"SELECT id FROM tag WHERE owner_id = :owner AND kind = '{kind}'"
    flag = v.read_flag(value)
    if flag is not None and kind is not Kind.TYPE:
        root = TagsAmong(f"{own} AND level = 0")
        return root if flag else Negated(root)
    if not fold(value.text):
        raise v.wrong(value, kind, "give a name, the beginning of one, or yes or no")
    likes = " OR ".join(
        f"{name} LIKE {binding.bind(pattern)} ESCAPE '\\'" for pattern in v.name_patterns(value)
    )
    return TagsAmong(f"{own} AND {where} AND ({likes})")
