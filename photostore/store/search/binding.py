"""What a query is compiled into: its parameters, and what it says of the view as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from photostore.store.search.view import Shelf

NEAR_KM = 5.0


@dataclass(slots=True)
class Binding:
    """Collects named parameters; the owner is always `:owner`."""

    owner_id: int
    parameters: dict[str, Any] = field(default_factory=dict)
    shelf: Shelf = Shelf.TIMELINE
    dist_km: float = NEAR_KM

    def __post_init__(self) -> None:
        self.parameters["owner"] = self.owner_id

    def bind(self, value: Any) -> str:
        """A parameter with this value, as it stands in SQL."""
        if isinstance(value, str):
            # Halves of UTF-16 pairs cannot be stored, so nothing has them either.
            value = value.encode("utf-8", "replace").decode()
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"
