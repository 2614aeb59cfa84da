"""A real server answers as its OpenAPI document says, whatever it is asked (SPEC 12.1)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks

from photostore.server.openapi import make_document
from photostore.server.routes import ENDPOINTS
from tests.commands.conftest import Shell
from tests.samples import make_photo, make_video

EXAMPLES = 25
# An event stream has no end; it has tests of its own.
schema = schemathesis.openapi.from_dict(make_document(ENDPOINTS)).exclude(path="/api/v1/events")
turn = itertools.count()
CHECKS = [
    checks.content_type_conformance,
    checks.not_a_server_error,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.status_code_conformance,
]


@dataclass
class Asked:
    """A running server and the ids of its assets."""

    url: str
    ids: list[str]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    home = tmp_path_factory.mktemp("contract")
    make_photo(home / "photos" / "a.jpg", taken=datetime(2020, 1, 1), seed=1)
    make_video(home / "photos" / "b.mp4", seed=2)
    (home / "photos" / "c.jpg").write_bytes(b"no picture at all")
    shell = Shell(home)
    try:
        shell.sync("--no-filter", home / "photos")
        _, port = shell.serve("--no-filter", "--scan", home / "photos")
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, transport=httpx.HTTPTransport(retries=5)) as client:
            assets = client.get("/api/v1/assets").json()["assets"]
        yield Asked(url, [asset["id"] for asset in assets])
    finally:
        shell.end_all()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_answer_is_as_documented(case: schemathesis.Case, asked: Asked) -> None:
    # Made-up ids find nothing; every other question is about an asset that is there.
    if "id" in case.path_parameters and next(turn) % 2:
        case.path_parameters["id"] = asked.ids[next(turn) % len(asked.ids)]
    case.validate_response(case.call(base_url=asked.url), checks=CHECKS)
