"""Long work: answered at once with a task that can be followed, or when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photostore.server.context import context_of
from photostore.server.parameters import read_choice
from photostore.server.responses import json_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from photostore.library.tasks import LongTask

# Fewer assets than this are done before a page could show how far they are.
SHORT = 200


async def answer_long(
    request: Request,
    total: int,
    work: Callable[[Callable[[int, int], None]], Awaitable[Mapping[str, Any]]],
) -> Response:
    """The result of some work, or with `?task=1` and over 200 things: 202 and the task's id."""
    wants_task = read_choice(request, "task", ("0", "1"), "0") == "1"
    tasks = context_of(request).library.tasks
    if wants_task and total > SHORT:
        return json_response({"task": tasks.start(total, work).id}, 202)
    return json_response(await work(lambda _done, _size_bytes: None))


async def show_task(request: Request) -> Response:
    """GET /api/v1/tasks/{id}."""
    task = context_of(request).library.tasks.find(request.path_params["id"])
    return json_response(task_json(task))


def task_json(task: LongTask) -> dict[str, Any]:
    """How far a task is, and its result or problem when it ended."""
    return {
        "id": task.id,
        "state": task.state,
        "done": task.done,
        "total": task.total,
        "bytes": task.size_bytes,
        "result": task.result,
    }
