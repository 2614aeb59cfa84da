"""What may follow in the search box, what is wrong in it, and the list of all filters."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from photostore.server.context import context_of
from photostore.server.parameters import read_number
from photostore.server.responses import json_response
from photostore.store.scope import OWNER
from photostore.store.search import FILTERS, QueryError, View, compile_view
from photostore.store.suggestions import suggest

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MAX_QUERY = 2_000


async def show_suggestions(request: Request) -> Response:
    """GET /api/v1/suggest: what the term before the cursor may become."""
    query = request.query_params.get("q", "")[:MAX_QUERY]
    cursor = min(read_number(request, "cursor", len(query)), len(query))
    async with context_of(request).library.database.read() as reading:
        found = await suggest(reading, OWNER, query, cursor)
    problem = None
    try:
        compile_view(View(query))
    except QueryError as error:
        # What is just being typed is not wrong yet.
        if not (error.is_unclosed and cursor == len(query)):
            problem = problem_json(error)
    return json_response({"suggestions": [asdict(one) for one in found], "problem": problem})


def problem_json(error: QueryError) -> dict[str, Any]:
    """What is wrong in a query, and what was perhaps meant."""
    return {
        "message": str(error),
        "start": error.start,
        "end": error.end,
        "suggestion": error.suggestion,
    }


async def show_filters(_: Request) -> Response:
    """GET /api/v1/filters: all filters, as the help lists them."""
    return json_response(
        {
            "filters": [
                {
                    "name": kind.name,
                    "names": kind.names,
                    "topic": kind.topic,
                    "description": kind.description,
                    "examples": kind.examples,
                    "choices": kind.choices,
                }
                for kind in FILTERS
            ]
        }
    )
