"""The ASGI application of one server."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from photostore.base.errors import PhotostoreError
from photostore.server.fastpath import PictureCache
from photostore.server.guard import Guard
from photostore.server.responses import (
    answer_database_error,
    answer_error,
    answer_fault,
    answer_http_exception,
)
from photostore.server.routes import make_routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from photostore.server.context import ServerContext


def create_app(context: ServerContext) -> ASGIApp:
    """The application; `context` may get its library later."""
    app = Starlette(
        routes=make_routes(),
        exception_handlers={
            PhotostoreError: answer_error,
            sqlite3.Error: answer_database_error,
            HTTPException: answer_http_exception,
            Exception: answer_fault,
        },
    )
    app.state.context = context
    return Guard(PictureCache(app, context), context)
