"""photostore behind the proxies of docs/install/proxies.md, set up as that page says (SPEC 2.7).

Live events come at once and last, ranges and large bodies pass, names and origins are checked.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Self

import pytest

from tests.container.box import Box, Boxes
from tests.container.proxies import KINDS, NAME, PASSWORD, PORT, START_LIMIT_S, USER, start_proxy
from tests.samples.paint import Image

HERE = {"Host": NAME, "Origin": f"https://{NAME}"}
AT_ONCE_S = 6  # an event that was held back would come with the next sign of life, after 15 s
LONGER_THAN_A_MINUTE_S = 63  # where proxies of old settings cut a connection
SIGN_EVERY_S = 15
LARGE = (8_200, 8_200)  # pixels of three bytes: 200 MB


class Site:
    """A container with a proxy in front of it."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._trust = ssl._create_unverified_context()  # noqa: S323 - made for this test

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the proxy, as a browser makes it."""
        connection = http.client.HTTPConnection(NAME)
        plain = self._box.connect(PORT)
        plain.settimeout(100)
        connection.sock = self._trust.wrap_socket(plain, server_hostname=NAME)
        return connection

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of an answer."""
        with closing(self.connect()) as connection:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Host": NAME} | KEY | given)
            with connection.getresponse() as answer:
                found = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, answer.read(), found

    def answers(self) -> bool:
        """Whether photostore is reached through the proxy."""
        try:
            return self.ask("GET", "/ping")[:2] == (200, b"pong")
        except OSError:
            return False

    def json(self, path: str) -> dict:
        status, body, _ = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)


class Listener:
    """An open page: notes each line of the events, and when it came."""

    def __init__(self, site: Site) -> None:
        self._connection = site.connect()
        self._lines: list[tuple[float, bytes]] = []
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._connection.request("GET", "/api/v1/events", headers={"Host": NAME} | KEY)
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        self._thread.start()
        self.wait_for(b"event: hello", limit_s=AT_ONCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._answer.close()
        self._connection.close()

    def _read(self) -> None:
        with suppress(OSError, http.client.HTTPException):  # it was ended
            while line := self._answer.readline():
                self._lines.append((time.monotonic(), line))

    def wait_for(self, beginning: bytes, since: float = 0, limit_s: float = 30) -> None:
        """Return when a line with this beginning has come."""
        limit = time.monotonic() + limit_s
        while not any(at >= since and line.startswith(beginning) for at, line in self._lines):
            assert self._thread.is_alive(), self._lines
            assert time.monotonic() < limit, self._lines
            time.sleep(0.02)

    def wait_silence(self, seconds: float) -> None:
        """Return when no event has come for so long; signs of life have to come meanwhile."""
        while True:
            events = [at for at, line in self._lines if line.startswith(b"event:")]
            if time.monotonic() > events[-1] + seconds:
                break
            time.sleep(0.1)
        signs = [at for at, line in self._lines if line.startswith(b":") and at > events[-1]]
        assert len(signs) >= seconds // SIGN_EVERY_S - 1, self._lines


KEY = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, boxes: Boxes, library, photos, tmp_path) -> Iterator[Site]:
    kind = KINDS[request.param]
    if kind.find() is None:
        pytest.skip(f"{kind.program} is not installed")
    box = boxes.serve(
        f"--env=PS_ALLOWED_HOSTS={NAME}",
        f"--volume={library}:/ps/library",
        f"--volume={photos}:/photos:ro",
    )
    box.wait_imported(3)
    proxy = start_proxy(kind, box, tmp_path / "proxy")
    try:
        site = Site(box)
        limit = time.monotonic() + START_LIMIT_S
        while not site.answers():  # it listens before it knows its way
            assert time.monotonic() < limit, proxy.log.read_text()
            time.sleep(0.1)
        yield site
    finally:
        proxy.stop()


def test_all_that_a_browser_does(site: Site, tmp_path: Path):
    """One test, as a container with a proxy is dear, and a minute of silence is long."""
    with Listener(site) as listener:
        check_password_and_page(site)
        check_ranges(site)
        check_origins(site)
        check_other_names(site)
        check_large_bodies(site, tmp_path)
        listener.wait_silence(LONGER_THAN_A_MINUTE_S)
        asked = time.monotonic()
        change(site)
        listener.wait_for(b"event: library", since=asked, limit_s=AT_ONCE_S)


def change(site: Site) -> None:
    """Something that every open page is told."""
    asset, *_ = site.json("/api/v1/assets")["assets"]
    wish = json.dumps({"ids": [asset["id"]], "set": {"favourite": not asset["favourite"]}})
    status, body, _ = site.ask("PATCH", "/api/v1/assets", wish, Content_Type="application/json")
    assert status == 200, body


def check_password_and_page(site: Site):
    assert site.ask("GET", "/api/v1/stats", Authorization="")[0] == 401
    status, body, headers = site.ask("GET", "/", Accept="text/html", Accept_Encoding="gzip")
    assert status == 200
    assert body
    assert "default-src 'self'" in headers["content-security-policy"]
    assert site.json("/api/v1/stats")["photos"] == 3


def check_ranges(site: Site):
    asset, *_ = site.json("/api/v1/assets")["assets"]
    path = f"/api/v1/assets/{asset['id']}/original"
    _, whole, _ = site.ask("GET", path)
    assert hashlib.sha1(whole).hexdigest() == asset["files"][0]["sha1"]
    status, part, headers = site.ask("GET", path, Range="bytes=100-199")
    assert (status, part) == (206, whole[100:200])
    assert headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert site.ask("GET", path, Range=f"bytes={len(whole)}-")[0] == 416


def check_origins(site: Site):
    """Only photostore's own pages may change something, and the proxy hides neither."""
    own, evil = f"https://{NAME}", "https://evil.example"
    for headers, expected in (
        ({"Origin": own}, 202),
        ({"Sec_Fetch_Site": "same-origin", "Origin": own}, 202),
        ({}, 202),
        ({"Origin": evil}, 403),
        ({"Origin": f"{own}.evil.example"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
    ):
        status, body, _ = site.ask("POST", "/api/v1/sync", b"{}", **headers)
        assert status == expected, (headers, body)


def check_other_names(site: Site):
    """A name that DNS may have been bent to: by the proxy itself, or by photostore."""
    status, body, _ = site.ask("GET", "/api/v1/stats", Host="evil.example")
    assert status in {404, 421} or body == b""


def check_large_bodies(site: Site, tmp_path: Path):
    """A file of 200 MB is added, and comes back byte by byte."""
    path = tmp_path / "large.tif"
    width, height = LARGE
    grey = Image.gaussnoise(width, height, mean=128, sigma=20, seed=3).cast("uchar")
    grey.bandjoin([0, 0]).tiffsave(str(path))
    data = path.read_bytes()
    status, body, _ = site.ask("POST", "/api/v1/uploads?name=large.tif", data)
    assert status == 201, body
    added = json.loads(body)
    _, returned, _ = site.ask("GET", f"/api/v1/assets/{added['id']}/original")
    assert hashlib.sha1(returned).digest() == hashlib.sha1(data).digest()
