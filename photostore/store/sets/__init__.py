"""Who has what, as sets of assets in memory: searches that nobody asked for before (DESIGN 5).

A tag, a value of a column, a stretch of time is a compressed bitmap of the ids that have it, some
30 bytes an asset in all. What several filters leave is cut in less than a millisecond, where the
database would read a hundred thousand rows of an index and ask another one about each.
`memory` holds them, `loading` reads them and keeps them true, `evaluation` answers a view.
"""

from photostore.store.sets.evaluation import find_columns, is_answerable
from photostore.store.sets.loading import follow_changes, load_sets
from photostore.store.sets.memory import AssetSets

__all__ = ["AssetSets", "find_columns", "follow_changes", "is_answerable", "load_sets"]
