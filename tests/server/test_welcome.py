"""The pages of the first start (SPEC 2.6): plain HTML, guarded like all that changes something."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx
import pytest

from photostore.base.codecs import CONSENT_NAME, Codec
from photostore.library.codecs import Codecs
from photostore.runtime.keeping import read_waiting
from photostore.server.app import create_app
from photostore.store.files import count_files
from tests.samples import make_video
from tests.server.conftest import Site, add_photos, running

MISSING = Codec("photostore-no-such-decoder", "photostore_no_such_decoder", "1.0", "<test> files")
PAGE = "/welcome/tools"


async def ready() -> None:
    """Nothing waits in these tests."""


@pytest.fixture
def asking(site: Site) -> Site:
    """A server without one of its decoders, whose installation is not running."""
    site.context.codecs = Codecs(site.context.layout, ready, codecs=(MISSING,), environ={})
    return site


async def test_health_leads_to_the_question(asking: Site) -> None:
    health = (await asking.client.get("/api/v1/health")).json()
    (row,) = [check for check in health["checks"] if check["id"] == "codecs"]
    assert row["status"] == "warn"
    assert "/welcome/tools" in row["remedy"]
    page = (await asking.client.get("/health")).text
    assert '<a href="/welcome/tools">' in page
    assert "&lt;test&gt; files" in page


async def test_first_page_asks_once(asking: Site) -> None:
    answer = await asking.client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert (await asking.client.get("/photos")).status_code != 303
    await asking.client.get(PAGE)
    # Whoever goes back without an answer comes to the photos.
    assert (await asking.client.get("/")).status_code != 303
    asking.client.cookies.clear()
    await asking.client.post(PAGE, data={"wish": "decline"})
    assert (await asking.client.get("/")).status_code != 303


async def test_question_without_scripts(asking: Site) -> None:
    page = (await asking.client.get(PAGE)).text
    assert "<script" not in page
    assert "&lt;test&gt; files" in page
    assert '<form method="post" action="/welcome/tools">' in page
    assert '<button name="wish" value="install">' in page


async def test_answers(asking: Site) -> None:
    consent = asking.context.layout.support / CONSENT_NAME
    for wish, kept, shown in (
        ("decline", "CONSENT=no", "as you said"),
        ("install", "CONSENT=yes", "being installed"),
        ("forget", None, "May it install them?"),
    ):
        answer = await asking.client.post(PAGE, data={"wish": wish})
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
        assert shown in (await asking.client.get(PAGE)).text
        assert consent.exists() == bool(kept)
        assert kept is None or kept in consent.read_text()


async def test_declined_is_no_trouble(asking: Site) -> None:
    await asking.client.post(PAGE, data={"wish": "decline"})
    health = (await asking.client.get("/api/v1/health")).json()
    (row,) = [check for check in health["checks"] if check["id"] == "codecs"]
    assert row["status"] == "ok"


async def test_failure_is_told_with_the_folder_for_wheels(asking: Site) -> None:
    await asking.client.post(PAGE, data={"wish": "install"})
    assert asking.context.codecs is not None
    asking.context.codecs.problem = "this computer seems to be <offline>"
    page = (await asking.client.get(PAGE)).text
    assert "&lt;offline&gt;" in page
    assert "pip download --no-deps photostore-no-such-decoder==1.0" in page
    assert str(asking.context.codecs.wheels) in page


@pytest.mark.parametrize("form", [{}, {"wish": "rm"}, {"wish": "x" * 70_000}])
async def test_other_forms_change_nothing(asking: Site, form: dict[str, str]) -> None:
    answer = await asking.client.post(PAGE, data=form)
    assert answer.status_code == 400
    assert not (asking.context.layout.support / CONSENT_NAME).exists()


async def test_another_site_cannot_consent(asking: Site) -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = await asking.client.post(PAGE, data={"wish": "install"}, headers=headers)
    assert answer.status_code == 403
    assert not (asking.context.layout.support / CONSENT_NAME).exists()


async def test_nobody_without_an_account_can_consent(asking: Site) -> None:
    asking.context.exposed = True
    transport = httpx.ASGITransport(create_app(asking.context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get(PAGE)).status_code == 403
        assert (await client.post(PAGE, data={"wish": "install"})).status_code == 403


async def test_consent_that_cannot_be_kept_is_told(asking: Site) -> None:
    (asking.context.layout.support / CONSENT_NAME).mkdir()
    answer = await asking.client.post(PAGE, data={"wish": "install"})
    assert answer.status_code >= 400
    assert "That did not work" in answer.text


async def test_included_decoders_need_nothing(site: Site) -> None:
    site.context.codecs = Codecs(site.context.layout, ready)
    page = (await site.client.get(PAGE)).text
    assert "There is nothing to do" in page
    assert "<form" not in page


async def test_files_that_waited_are_imported_by_themselves(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "later"
    make_video(folder / "a.mp4", seed=77)
    database = site.context.library.database
    with monkeypatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] == "av"]:
            patch.delitem(sys.modules, name)
        patch.setitem(sys.modules, "av", None)
        await add_photos(site, folder)
        async with database.read() as reading:
            assert (await count_files(reading))["waiting"] == 1
        site.context.codecs = Codecs(site.context.layout, ready)
        assert "wait for a decoder: 1" in (await site.client.get(PAGE)).text
    async with running(site), asyncio.timeout(30):
        await read_waiting(site.context)
        while True:
            async with database.read() as reading:
                counts = await count_files(reading)
            if not counts["waiting"] and not counts["pending"]:
                break
            await asyncio.sleep(0.1)
    assert counts["failed"] == 0
