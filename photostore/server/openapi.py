"""The OpenAPI 3.1 document, made of the route table, so that it names what is really there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from photostore import __version__
from photostore.server.responses import json_response
from photostore.server.schemas import COMPONENTS, Schema, ref

if TYPE_CHECKING:
    from collections.abc import Sequence

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path or the query."""

    name: str
    place: str
    schema: Schema
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an endpoint answers with, 0 for all others; no media type means no body."""

    status: int
    media_type: str | None = None
    schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path, who handles it, and what it takes and answers."""

    method: str
    path: str
    handler: Handler
    summary: str
    answers: tuple[Answer, ...]
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_type: str = "application/json"


PROBLEM = Answer(0, "application/problem+json", ref("Problem"))


def json_answer(schema: str) -> Answer:
    """200 with a JSON value of a named schema."""
    return Answer(200, "application/json", ref(schema))


def make_handler(endpoints: Sequence[Endpoint]) -> Handler:
    """The handler of GET /api/openapi.json."""
    document = make_document(endpoints)

    async def send_document(_: Request) -> Response:
        return json_response(document)

    return send_document


def make_document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The document of some endpoints."""
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "photostore",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {"schemas": COMPONENTS},
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    name = re.sub(r"\W+", "_", endpoint.path.removeprefix("/api/v1/")).strip("_")
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}_{name}",
        "summary": endpoint.summary,
        "responses": _answers((*endpoint.answers, PROBLEM)),
    }
    if endpoint.parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in endpoint.parameters]
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": False,
            "content": {endpoint.body_type: {"schema": endpoint.body}},
        }
    return operation


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required or parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """Answers by status; those of one status are its media types."""
    described: dict[str, Any] = {}
    for answer in answers:
        entry = described.setdefault(
            str(answer.status or "default"),
            {"description": HTTPStatus(answer.status).phrase if answer.status else "A problem"},
        )
        if answer.media_type:
            entry.setdefault("content", {})[answer.media_type] = {"schema": answer.schema or {}}
    return described
