"""What the tests of the base floor share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment outside of a container whose home folders are temporary."""
    homes = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("DATA", "CACHE")}
    return homes | {"XDG_CONFIG_HOME": str(tmp_path / "config"), "PS_IN_CONTAINER": "0"}
