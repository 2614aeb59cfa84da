"""A query that is not understood, with where in it and what was perhaps meant."""

from __future__ import annotations

from typing import ClassVar

from photostore.base.errors import BadRequestError


class QueryError(BadRequestError):
    """What is wrong with a search; `start` and `end` are the characters of it that are meant.

    `suggestion` is what was perhaps meant in their place, as it would be typed.
    """

    type: ClassVar[str] = "bad-query"
    title: ClassVar[str] = "The search was not understood"

    def __init__(self, message: str, start: int, end: int, suggestion: str | None = None) -> None:
        super().__init__(message, start, end)
        self.message = message
        self.start = start
        self.end = end
        self.suggestion = suggestion
        # Whether it only is not finished: a quotation mark is open.
        self.is_unclosed = False

    def __str__(self) -> str:
        return self.message


class UnknownNameError(QueryError):
    """The search is understood, and asks for a name that nothing in the library has."""

    type: ClassVar[str] = "unknown-name"
    title: ClassVar[str] = "Nothing in the library has this name"
