"""What the tests of the trash share."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.library.trash.disk import Disk, acting_as


@pytest.fixture
def disk(tmp_path):
    top = tmp_path / "disk"
    top.mkdir()
    return Disk(top, tmp_path / "library" / ".photostore" / "acts")


@pytest.fixture
def nobody():
    """`with nobody():` acts as a user without the rights of root."""
    return lambda uid=65534: acting_as(uid)


@pytest.fixture
def open_folder():
    """A temporary folder that every user can go through, unlike `tmp_path`."""
    folder = Path(tempfile.mkdtemp(prefix="photostore-trash-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
