"""Scans on request, pause, and the list of what was not imported (SPEC 5.3, 5.6, 5.7)."""

from __future__ import annotations

import pytest

from tests.server.conftest import Site


async def test_stats_count_what_is_there(site: Site) -> None:
    stats = (await site.client.get("/api/v1/stats")).json()
    assert (stats["assets"], stats["photos"], stats["videos"]) == (5, 4, 1)
    assert (stats["files"], stats["rejected"], stats["pending"]) == (6, 1, 0)
    assert stats["roots"][0]["files"] == 7
    assert stats["syncing"] is False


async def test_rejected_file_has_its_reason(site: Site) -> None:
    found = (await site.client.get("/api/v1/problems", params={"state": "rejected"})).json()
    assert [problem["name"] for problem in found["problems"]] == ["broken.jpg"]
    assert found["problems"][0]["reason"]
    assert found["total"] == {"failed": 0, "rejected": 1, "waiting": 0}


@pytest.mark.parametrize(("words", "count"), [("BROKEN", 1), ("elsewhere", 0)])
async def test_problems_can_be_searched(site: Site, words: str, count: int) -> None:
    found = (await site.client.get("/api/v1/problems", params={"q": words})).json()
    assert len(found["problems"]) == count


async def test_person_can_ask_to_try_again(site: Site) -> None:
    found = (await site.client.get("/api/v1/problems")).json()
    ids = [problem["file_id"] for problem in found["problems"]]
    answer = await site.client.post("/api/v1/problems/retry", json={"file_ids": ids})
    assert answer.json() == {"retried": 1}
    assert (await site.client.get("/api/v1/stats")).json()["pending"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"file_ids": "all"},
        {"file_ids": [1.5]},
        {"file_ids": [True]},
        {"file_ids": [-1]},
        {"all": "everything"},
        {"all": ["failed"]},
        {"file_ids": [1], "all": "failed"},
        [],
        "text",
    ],
)
async def test_wrong_body_is_explained(site: Site, body: object) -> None:
    answer = await site.client.post("/api/v1/problems/retry", json=body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "bad-request"


async def test_sync_of_a_foreign_path_is_refused(site: Site) -> None:
    answer = await site.client.post("/api/v1/sync", json={"paths": ["/etc"]})
    assert answer.status_code == 400
    assert "/etc" in answer.json()["detail"]


@pytest.mark.parametrize("path", [rb"\ud800", rb"a\u0000b"])
async def test_sync_of_an_impossible_path_is_refused(site: Site, path: bytes) -> None:
    answer = await site.client.post("/api/v1/sync", content=b'{"paths": ["%b"]}' % path)
    assert answer.status_code == 400


async def test_pause_and_resume(site: Site) -> None:
    assert (await site.client.post("/api/v1/sync/pause")).json()["state"] == "paused"
    assert (await site.client.post("/api/v1/sync/resume")).json()["state"] == "idle"


async def test_person_can_say_that_files_are_gone(site: Site) -> None:
    """SPEC 4.3: a guard keeps what vanished at once until a person answers."""
    answer = await site.client.post("/api/v1/sync/accept-missing", json={})
    assert answer.json() == {"accepted": True}
    page = await site.client.post("/health/accept-missing", follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/health")
    foreign = await site.client.post(
        "/health/accept-missing", headers={"origin": "http://x.example"}
    )
    assert foreign.status_code == 403


async def test_person_can_import_a_rejected_file_anyway(site: Site) -> None:
    """SPEC 5.3: filters are overridden, and that is kept."""
    (problem,) = (await site.client.get("/api/v1/problems")).json()["problems"]
    body = {"file_ids": [problem["file_id"], 999]}
    answer = await site.client.post("/api/v1/problems/override", json=body)
    assert answer.json() == {"overridden": 1}
    assert (await site.client.get("/api/v1/stats")).json()["pending"] == 1
    async with site.context.library.database.read() as reading:
        assert await reading.fetch_value("SELECT overridden_by FROM problem") == 1


@pytest.mark.parametrize("body", [{}, {"file_ids": []}, {"file_ids": "all"}, {"file_ids": [-1]}])
async def test_what_to_import_anyway_has_to_be_named(site: Site, body: object) -> None:
    answer = await site.client.post("/api/v1/problems/override", json=body)
    assert (answer.status_code, answer.json()["type"]) == (400, "bad-request")
