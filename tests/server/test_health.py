"""Health: one row a check, and a server that starts whatever is wrong (SPEC 1.5)."""

from __future__ import annotations

import httpx

from photostore.base.errors import LibraryError
from photostore.base.events import Bus
from photostore.server.app import create_app
from photostore.server.checks import library
from photostore.server.context import ServerContext
from tests.server.conftest import Site, configure


async def test_every_part_has_a_row(site: Site) -> None:
    health = (await site.client.get("/api/v1/health")).json()
    ids = {check["id"] for check in health["checks"]}
    assert {"library", "database", "space-library", "watchers", "codecs", "settings"} <= ids
    assert {"folder-cache", "folder-logs", "folder-config", "memory"} <= ids
    assert health["status"] == "ok"


async def test_page_escapes_what_it_shows(site: Site) -> None:
    site.context.root_problems = ("<script>alert(1)</script> is not there",)
    page = (await site.client.get("/health")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_server_without_library_says_why(tmp_path) -> None:
    configuration = configure(tmp_path, tmp_path)
    context = ServerContext(configuration.settings, configuration.layout, Bus(), exposed=False)
    context.decide(problem=LibraryError("the disk is read-only"))
    transport = httpx.ASGITransport(create_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/ping")).text == "pong"
        page = (await client.get("/health")).text
        assert "the disk is read-only" in page
        assert "UID" in page
        stats = await client.get("/api/v1/stats")
        assert stats.status_code == 503
        assert stats.json()["type"] == "library-unavailable"


async def test_a_library_that_is_closed_meanwhile_is_no_fault(site: Site, monkeypatch) -> None:
    """As when its database is damaged, and opened anew."""

    async def close(_reading: object) -> int:
        site.context.decide(problem=LibraryError("it is closed"))
        return 1

    monkeypatch.setattr(library, "library_revision", close)
    assert (await site.client.get("/api/v1/health")).status_code == 200
    checks = (await site.client.get("/api/v1/health")).json()["checks"]
    assert "it is closed" in checks[0]["summary"]
