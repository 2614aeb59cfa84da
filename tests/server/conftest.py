"""A server over a small library of generated pictures, asked without a network."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from photostore.base.configuration import Configuration, load_configuration
from photostore.base.events import Bus
from photostore.library.roots import settle_roots
from photostore.runtime import open_library
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from tests.samples import Caption, make_photo, make_video


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Site:
    """A server and what it was made of."""

    client: httpx.AsyncClient
    context: ServerContext
    photos: Path


def configure(tmp_path: Path, photos: Path, **settings: object) -> Configuration:
    """A configuration whose every folder lies in `tmp_path`."""
    environ = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CACHE", "CONFIG")}
    args = {
        "library": str(tmp_path / "library"),
        "scan": [str(photos)],
        "disable_all_filters": True,
        "watch": False,
        "min_free_space": 0,
        "settle_time": "100ms",
        **settings,
    }
    return load_configuration(args, environ)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five photos on three days, one of them twice, a video, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("pictures")
    make_photo(folder / "a.jpg", taken=datetime(2020, 5, 1, 10, 0, 0), seed=1)
    make_photo(folder / "b.jpg", taken=datetime(2020, 5, 1, 12, 0, 0), offset=120, seed=2)
    make_photo(
        folder / "trip" / "c.jpg",
        taken=datetime(2021, 7, 2, 9, 30, 0),
        gps=(38.72, -9.14, 12.0),
        make="Canon",
        model="EOS 80D",
        caption=Caption(title="Tram & <b>hills</b>", keywords=("Lisbon", "tram")),
        seed=3,
    )
    make_photo(folder / "d.jpg", taken=datetime(2022, 1, 1, 0, 0, 1), size=(480, 640), seed=4)
    (folder / "copy of d.jpg").write_bytes((folder / "d.jpg").read_bytes())
    make_video(folder / "clip.mp4", taken_utc=datetime(2021, 7, 2, 10, 0, 0), seed=5)
    (folder / "broken.jpg").write_bytes(b"this is no picture" * 100)
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Path:
    """A folder with the library of `pictures`, imported once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")

    async def import_pictures() -> None:
        async with open_library(configure(folder, pictures), Bus()) as opened:
            await opened.library.engine.run_once([])

    asyncio.run(import_pictures())
    return folder


@pytest.fixture
async def site(tmp_path: Path, pictures: Path, template: Path) -> AsyncIterator[Site]:
    """The library of `pictures`, imported, and a client of its server."""
    shutil.copytree(template / "library", tmp_path / "library")
    async with opened_site(tmp_path, pictures) as made:
        yield made


@asynccontextmanager
async def opened_site(tmp_path: Path, pictures: Path, **settings: object) -> AsyncIterator[Site]:
    """A library in `tmp_path` over a folder of pictures, and a client of its server."""
    configuration = configure(tmp_path, pictures, **settings)
    bus = Bus()
    async with open_library(configuration, bus) as opened:
        context = ServerContext(configuration.settings, configuration.layout, bus, exposed=False)
        context.decide(opened=opened.library)
        transport = httpx.ASGITransport(create_app(context))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield Site(client, context, pictures)


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[None]:
    """The engine at work, as in a running server."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(site.context.library.engine.run())
        yield
        task.cancel()


async def add_photos(site: Site, folder: Path) -> None:
    """Import one more folder as a second root."""
    library = site.context.library
    await settle_roots(library.database, [bytes(folder)], exclusive=False)
    await library.engine.run_once([bytes(folder)])
