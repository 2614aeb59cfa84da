"""Tests of the real image in real containers.

They take minutes, so they run only when they are asked for: `pytest tests/container`, or
`-m container`. Where podman and its kin are missing, or for another user than root, they are
skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.box import Boxes
from tests.container.image import ASK, ensure_image, find_obstacle
from tests.samples import make_photo

HERE = Path(__file__).resolve().parent
MARK = "container: runs the real image with podman; takes minutes, as root"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = "container" in config.option.markexpr or any(
        HERE in (path := Path(each.partition("::")[0]).resolve()).parents or path == HERE
        for each in config.invocation_params.args
        if isinstance(each, str)
    )
    reason = find_obstacle() if asked else "runs only when asked for: pytest tests/container"
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.container)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(900))  # the first one builds the image
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def image() -> str:
    return ensure_image()


@pytest.fixture(scope="session")
def asking_image() -> str:
    """The image without decoders for videos and HEIC."""
    return ensure_image(ASK)


@pytest.fixture
def boxes(image: str) -> Iterator[Boxes]:
    boxes = Boxes(image)
    yield boxes
    boxes.remove_all()


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """An empty folder that belongs to root, as Docker makes one for a mount."""
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos of root's, which everyone may read."""
    folder = tmp_path / "photos"
    for number in range(3):
        make_photo(folder / f"{number}.jpg", seed=number)
    return folder
