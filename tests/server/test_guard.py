"""Who may ask, and what every answer says (SPEC 11.1, 11.5)."""

from __future__ import annotations

import httpx
import pytest

from photostore.base.errors import LibraryError
from photostore.base.events import Bus
from photostore.server.app import create_app
from photostore.server.context import ServerContext
from tests.server.conftest import Site, configure


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:1787", 200),
        ("127.0.0.1", 200),
        ("[::1]:1787", 200),
        ("192.168.1.7:8080", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("[", 421),
    ],
)
async def test_only_own_names_are_answered(site: Site, host: str, status: int) -> None:
    """DNS rebinding."""
    answer = await site.client.get("/ping", headers={"host": host})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 202),
        ({"sec-fetch-site": "same-origin"}, 202),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost"}, 202),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_other_sites_change_nothing(site: Site, headers: dict, status: int) -> None:
    """Cross-site requests."""
    answer = await site.client.post("/api/v1/sync", headers=headers)
    assert answer.status_code == status


async def test_headers_on_every_answer(site: Site) -> None:
    for path in ("/ping", "/api/v1/stats", "/api/v1/nothing", "/photos"):
        answer = await site.client.get(path, headers={"accept": "text/html"})
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(("auth", "status"), [("auto", 403), ("none", 200)])
async def test_nothing_is_shown_to_others_without_an_account(tmp_path, auth, status) -> None:
    """SPEC 11.1: reachable from elsewhere, no page shows a photo before an account exists."""
    configuration = configure(tmp_path, tmp_path, auth=auth)
    context = ServerContext(configuration.settings, configuration.layout, Bus(), exposed=True)
    context.decide(problem=LibraryError("none in this test"))
    transport = httpx.ASGITransport(create_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/api/v1/health")).status_code == status
        assert (await client.get("/ping")).status_code == 200
