"""`/welcome/compose` (SPEC 1.2): the questions as a page, and the file that answers them."""

from __future__ import annotations

import pytest

from tests.commands.composefile import service_of
from tests.server.conftest import Site

PAGE, FILE = "/welcome/compose", "/welcome/compose.yaml"
ANSWERS = {
    "library": "/volume1/docker/photostore",
    "photos": "/volume1/photo\n\n /volume1/My $ <Photos> \n",
    "puid": "1026",
    "pgid": "100",
    "tz": "Europe/Berlin",
    "port": "8080",
    "hosts": "nas nas.local",
    "tmp": "/ssd/tmp",
    "image": "photostore:latest",
    "reach": "network",
    "open": "yes",
}


async def test_form_works_without_scripts(site: Site) -> None:
    page = (await site.client.get(PAGE)).text
    assert "<script" not in page
    assert '<form action="/welcome/compose">' in page
    for name in ("library", "photos", "puid", "pgid", "tz", "port", "hosts", "reach", "hardened"):
        assert f'name="{name}"' in page


async def test_file_is_as_compose_wants_it(site: Site) -> None:
    answer = await site.client.get(FILE, params=ANSWERS)
    assert answer.headers["content-disposition"] == 'attachment; filename="compose.yaml"'
    service = service_of(answer.text)
    assert service["ports"] == ["8080:1787"]
    assert service["environment"] == {
        "PUID": "1026",
        "PGID": "100",
        "TZ": "Europe/Berlin",
        "PS_ALLOWED_HOSTS": "nas:nas.local",
        "PS_AUTH": "none",
    }
    mounts = [(each["source"], each["target"]) for each in service["volumes"]]
    assert mounts == [
        ("/volume1/docker/photostore", "/ps/library"),
        ("/ssd/tmp", "/ps/tmp"),
        ("/volume1/photo", "/photos/photo"),
        ("/volume1/My $$ <Photos>", "/photos/My $$ <Photos>"),
    ]
    assert all(each["read_only"] for each in service["volumes"][2:])


async def test_page_shows_the_file_and_keeps_the_answers(site: Site) -> None:
    page = (await site.client.get(PAGE, params=ANSWERS)).text
    assert "&lt;Photos&gt;" in page
    assert "<Photos>" not in page
    assert f'<a href="{FILE}?library=%2Fvolume1%2Fdocker%2Fphotostore&amp;' in page
    assert 'value="1026"' in page


async def test_network_sees_nothing_until_that_is_said(site: Site) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != "open"}
    service = service_of((await site.client.get(FILE, params=answers)).text)
    assert "PS_AUTH" not in service["environment"]
    answers["reach"] = "computer"
    service = service_of((await site.client.get(FILE, params=answers)).text)
    assert service["ports"] == ["127.0.0.1:8080:1787"]
    assert service["environment"]["PS_AUTH"] == "none"


async def test_hardened(site: Site) -> None:
    service = service_of((await site.client.get(FILE, params=ANSWERS | {"hardened": "yes"})).text)
    assert service["user"] == "1026:100"
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("library", "", "has to begin with /"),
        ("library", "~/photostore", "has to begin with /"),
        ("photos", "C:\\Photos", "has to begin with /"),
        ("port", "0", "no number from 1 to 65535"),
        ("port", "9" * 5000, "no number"),
        ("puid", "-1", "no number"),
        ("tz", "Europe/Ber lin\n", "time zone"),
        ("hosts", "nas; rm", "cannot be a name"),
        ("image", "a b", "cannot be an image"),
    ],
)
async def test_wrong_answers_are_explained(site: Site, name: str, value: str, said: str) -> None:
    answers = ANSWERS | {name: value}
    page = await site.client.get(PAGE, params=answers)
    assert page.status_code == 400
    assert said in page.text
    answer = await site.client.get(FILE, params=answers)
    assert (answer.status_code, answer.json()["type"]) == (400, "bad-request")


async def test_least_answers_are_enough(site: Site) -> None:
    service = service_of((await site.client.get(FILE, params={"library": "/srv/ps"})).text)
    assert service["environment"]["PUID"] == "1000"
    assert [each["target"] for each in service["volumes"]] == ["/ps/library"]
