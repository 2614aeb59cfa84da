"""The OpenAPI document is true (SPEC 12.1); `tests/test_contract.py` asks every endpoint by it."""

from __future__ import annotations

import jsonschema
import pytest

from photostore.server.openapi import make_document
from photostore.server.routes import ENDPOINTS
from tests.server.conftest import Site

DOCUMENT = make_document(ENDPOINTS)


def test_operations_have_names_of_their_own() -> None:
    names = [
        operation["operationId"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
    ]
    assert len(names) == len(set(names)) == len(ENDPOINTS)


async def test_document_is_served(site: Site) -> None:
    assert (await site.client.get("/api/openapi.json")).json() == DOCUMENT


@pytest.mark.parametrize("path", ["/stats", "/health", "/assets", "/problems", "/shape?since=1"])
async def test_answers_hold_to_their_schema(site: Site, path: str) -> None:
    answer = await site.client.get("/api/v1" + path)
    operation = DOCUMENT["paths"]["/api/v1" + path.partition("?")[0]]["get"]
    if answer.headers["content-type"] != "application/json":
        assert answer.headers["content-type"] in operation["responses"]["200"]["content"]
        return
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]
    schema = {**reference, "components": DOCUMENT["components"]}
    jsonschema.validate(answer.json(), schema)
