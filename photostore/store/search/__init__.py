"""Search: a grammar, a table of filters, and the condition on assets that a query becomes.

`syntax` parses text into a tree and knows no filter; `filters` is the table; `compilation` makes
`terms` of the tree, which say what they ask and are SQL. What is not understood is
explained, never ignored (SPEC 7.5).
"""

from photostore.store.search.compilation import compile_view
from photostore.store.search.errors import QueryError
from photostore.store.search.filters import FILTERS, FilterKind
from photostore.store.search.syntax import parse, quote, render
from photostore.store.search.view import Condition, Order, Shelf, View

__all__ = [
    "FILTERS",
    "Condition",
    "FilterKind",
    "Order",
    "QueryError",
    "Shelf",
    "View",
    "compile_view",
    "parse",
    "quote",
    "render",
]
