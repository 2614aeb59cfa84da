"""The routes of pages around the photos: tags, home, streams, suggestions, settings."""

from __future__ import annotations

from typing import Any

from photostore.server import home, settings, suggest, tags
from photostore.server.openapi import Answer, Endpoint, Parameter, json_answer
from photostore.server.schemas import COUNT, FLAG, TEXT, Schema, array_of, nullable, record, ref

TAG_ID = Parameter("id", "path", TEXT, "Id of the tag")
ASSET_ID = Parameter("id", "path", TEXT, "Public id of the asset")
PARENT = Parameter("parent", "query", TEXT, "Id of the tag to look below; none: the roots")
NAMED = Parameter("q", "query", TEXT, "The beginning of a word of the tag's name")
TYPED = Parameter("q", "query", TEXT, "What is in the search box")
CURSOR = Parameter("cursor", "query", COUNT, "How many characters of it stand before the cursor")
SEED = Parameter(
    "seed", "query", {"type": "integer", "minimum": 0, "maximum": home.MAX_SEED}, "Which chance"
)

TAG: dict[str, Schema] = {
    **dict.fromkeys(("id", "name", "kind"), TEXT),
    "path": array_of(TEXT),
    "query": TEXT,
    "count": COUNT,
    "has_children": FLAG,
    "cover": nullable("string"),
    "preview": nullable("string"),
    "ratio": nullable("number"),
}
STREAM = record(
    {
        **dict.fromkeys(("kind", "title", "query"), TEXT),
        "count": COUNT,
        "items": array_of(ref("Item")),
    }
)
VALUE: Schema = {"type": ["string", "number", "boolean", "array", "null"]}
SETTING = record(
    {
        **dict.fromkeys(("name", "env", "topic", "kind", "description", "allowed"), TEXT),
        "scope": {"enum": ["system", "library"]},
        "value": VALUE,
        "default": VALUE,
        "choices": {"anyOf": [array_of(TEXT), {"type": "null"}]},
        "source": record({"kind": TEXT, "where": nullable("string")}),
        "fixed": FLAG,
        "needs_restart": FLAG,
    }
)
SETTINGS = record({"settings": array_of(SETTING), "restart_needed": FLAG})
SAVED = record({**SETTINGS["properties"], "saved": array_of(TEXT)})
SUGGESTIONS = record(
    {
        "suggestions": array_of(
            record(
                {
                    **dict.fromkeys(("text", "query", "kind"), TEXT),
                    "count": nullable("integer"),
                }
            )
        ),
        "problem": {
            "anyOf": [
                record(
                    {
                        "message": TEXT,
                        "start": COUNT,
                        "end": COUNT,
                        "suggestion": nullable("string"),
                    }
                ),
                {"type": "null"},
            ]
        },
    }
)
FILTERS = record(
    {
        "filters": array_of(
            record(
                {
                    **dict.fromkeys(("name", "topic", "description"), TEXT),
                    **dict.fromkeys(("names", "examples", "choices"), array_of(TEXT)),
                }
            )
        )
    }
)
ABOVE = {"ancestors": array_of(record({"id": TEXT, "name": TEXT}))}
CHANGES = {"type": "object", "properties": {"changes": {"type": "object"}}}


def _endpoint(
    line: str, handler: Any, summary: str, answer: Schema, *takes: Parameter, body: Any = None
) -> Endpoint:
    method, path = line.split()
    answers = (Answer(200, "application/json", answer),)
    return Endpoint(method, "/api/v1" + path, handler, summary, answers, takes, body)


DONE = json_answer("Done").schema or {}
NAME = {"type": "object", "properties": {"name": TEXT}}
INTO = {"type": "object", "properties": {"into": TEXT}}
TAGS = record({"tags": array_of(record(TAG))})
HOME = record({"seed": COUNT, "streams": array_of(STREAM)})
STREAMS = record({"streams": array_of(STREAM)})
ENDPOINTS = (
    _endpoint("GET /tags", tags.show_tags, "The tree, or tags by name", TAGS, PARENT, NAMED),
    _endpoint("GET /tags/{id}", tags.show_tag, "One tag", record({**TAG, **ABOVE}), TAG_ID),
    _endpoint("PATCH /tags/{id}", tags.rename_tag, "Rename a keyword", DONE, TAG_ID, body=NAME),
    _endpoint("POST /tags/{id}/merge", tags.merge_tag, "Merge keywords", DONE, TAG_ID, body=INTO),
    _endpoint("GET /home", home.show_home, "Samples of the library", HOME, SEED),
    _endpoint("GET /assets/{id}/streams", home.show_streams, "What is around", STREAMS, ASSET_ID),
    _endpoint(
        "GET /suggest", suggest.show_suggestions, "What may follow", SUGGESTIONS, TYPED, CURSOR
    ),
    _endpoint("GET /filters", suggest.show_filters, "What the search knows", FILTERS),
    _endpoint("GET /settings", settings.show_settings, "All settings", SETTINGS),
    _endpoint("PATCH /settings", settings.change_settings, "Save some", SAVED, body=CHANGES),
)
