"""A library over a folder of small files that are taken for photos without being decoded.

What a file says of itself is its content, as in the tests of the scanner; so ten thousand of them
are imported within seconds, and the server over them is the real one.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from photostore.base.configuration import Configuration, load_configuration
from photostore.base.events import Bus
from photostore.runtime import open_library
from photostore.server.app import create_app
from photostore.server.context import OpenLibrary, ServerContext
from photostore.store.assets import record_file
from photostore.store.work import pending_files
from tests.library.trash.disk import read
from tests.store.stock import NOW, VERSIONS, facts

ALL = 1_000_000


def fill(folder: Path, assets: int, *, per_folder: int = 100) -> None:
    """Assets of two files each, with times and modes of their own; every fifth has a sidecar."""
    for number in range(assets):
        place = folder / f"{number // per_folder:04}"
        place.mkdir(parents=True, exist_ok=True)
        for copy in ("", " copy"):
            put(place / f"IMG_{number:06}{copy}.jpg", f"asset {number}", number)
        if number % 5 == 0:
            put(place / f"IMG_{number:06}.jpg.xmp", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", number)


def put(path: Path, content: str, number: int = 0) -> None:
    path.write_text(content)
    path.chmod(0o600 | number % 0o70)
    moment = (1_600_000_000 + number) * 10**9 + number
    os.utime(path, ns=(moment, moment))


def configure(home: Path, photos: Path, **settings: object) -> Configuration:
    environ = {f"XDG_{name}_HOME": str(home / name) for name in ("DATA", "CACHE", "CONFIG")}
    given = {
        "library": str(home / "library"),
        "scan": [str(photos)],
        "watch": False,
        "min_free_space": 0,
        "min_file_size": 0,
        "settle_time": "0s",
        **settings,
    }
    return load_configuration(given, environ)


async def take_in(library: OpenLibrary) -> None:
    """Scan, and record every file as its content says."""
    scanner = library.engine._scanner
    for root in await library.engine._settle_roots():
        await scanner.scan_root(root)
    async with library.database.read() as reading:
        works = await pending_files(reading, probe_version=1, preview_version=1, limit=ALL)
    async with library.database.write() as transaction:
        for work in works:
            found = facts(read(work.path).decode())
            await record_file(transaction, work.id, found, VERSIONS, NOW)


class House:
    """An open library and a client of its server."""

    def __init__(self, client: httpx.AsyncClient, context: ServerContext) -> None:
        self.client = client
        self.context = context

    @property
    def library(self) -> OpenLibrary:
        return self.context.library

    async def ids(self, q: str = "") -> list[str]:
        found: list[str] = []
        cursor = None
        while True:
            query = {"q": q, "limit": "1000", **({"cursor": cursor} if cursor else {})}
            page = (await self.client.get("/api/v1/assets", params=query)).json()
            found += [asset["id"] for asset in page["assets"]]
            cursor = page["next"]
            if cursor is None:
                return found

    async def post(self, path: str, code: int = 200, **body: object) -> Any:
        answer = await self.client.post("/api/v1" + path, json=body)
        assert answer.status_code == code, answer.text
        return answer.json()

    async def get(self, path: str) -> Any:
        answer = await self.client.get("/api/v1" + path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def opened(home: Path, photos: Path, **settings: object) -> AsyncIterator[House]:
    configuration = configure(home, photos, **settings)
    bus = Bus()
    async with open_library(configuration, bus) as library:
        context = ServerContext(configuration.settings, configuration.layout, bus, exposed=False)
        context.decide(opened=library.library)
        transport = httpx.ASGITransport(create_app(context))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", timeout=600
        ) as client:
            yield House(client, context)
