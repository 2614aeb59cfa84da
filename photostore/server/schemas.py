"""JSON schemas of what the API takes and answers, for the OpenAPI document (SPEC 12.1)."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def nullable(kind: str, **more: Any) -> Schema:
    """A value that may be unknown."""
    return {"type": [kind, "null"], **more}


def array_of(items: Schema) -> Schema:
    """A list of one kind of values."""
    return {"type": "array", "items": items}


def record(properties: dict[str, Schema]) -> Schema:
    """An object of which every property is always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    """A schema by its name in the document."""
    return {"$ref": f"#/components/schemas/{name}"}


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
ORDINALS = array_of(COUNT)

FILE = record(
    {
        "id": COUNT,
        "path": TEXT,
        "name": TEXT,
        "folder": TEXT,
        "volume": TEXT,
        "uri": TEXT,
        "sha1": nullable("string", pattern="^[0-9a-f]{40}$"),
        "size": COUNT,
        "mtime": TEXT,
        "state": {
            "enum": ["pending", "ready", "rejected", "failed", "waiting", "missing", "trashed"]
        },
        "kind": nullable("string"),
        "mime": nullable("string"),
        "width": nullable("integer"),
        "height": nullable("integer"),
        "shown": FLAG,
    }
)
CAPTURED = record(
    {
        "local": TEXT,
        "offset": nullable("string"),
        "precision": nullable("string"),
        "source": nullable("string"),
        "source_text": nullable("string"),
    }
)
GPS = record({"lat": NUMBER, "lon": NUMBER, "alt": nullable("number")})
FACE = record({"name": nullable("string"), **dict.fromkeys(("x", "y", "width", "height"), NUMBER)})
ASSET = record(
    {
        "id": TEXT,
        "kind": {"enum": ["photo", "video"]},
        "mime": nullable("string"),
        "width": nullable("integer"),
        "height": nullable("integer"),
        "thumbhash": nullable("string"),
        "preview": nullable("string"),
        "duration_s": nullable("number"),
        "captured": {"anyOf": [ref("Captured"), {"type": "null"}]},
        "gps": {"anyOf": [ref("Gps"), {"type": "null"}]},
        "make": nullable("string"),
        "model": nullable("string"),
        "lens": nullable("string"),
        "exposure_time_s": nullable("number"),
        "f_number": nullable("number"),
        "iso": nullable("integer"),
        "focal_length_mm": nullable("number"),
        "video_codec": nullable("string"),
        "audio_codec": nullable("string"),
        "rating": nullable("integer"),
        "title": nullable("string"),
        "description": nullable("string"),
        "keywords": array_of(TEXT),
        "people": array_of(TEXT),
        "favourite": FLAG,
        "rotation": {"enum": [0, 90, 180, 270]},
        "shelf": {"enum": ["timeline", "hidden", "trash", "missing", "removed"]},
        "hidden": FLAG,
        "missing": FLAG,
        "motion_photo": FLAG,
        **dict.fromkeys(("label", "projection", "colour", "hdr"), nullable("string")),
        "faces": array_of(ref("Face")),
        "sources": {"type": "object", "additionalProperties": TEXT},
        "notes": array_of(TEXT),
        "added_at": TEXT,
        "files": array_of(ref("File")),
    }
)
ALBUM_NAME = record({"id": TEXT, "name": TEXT})
ASSET_TAG = record({"id": TEXT, "kind": TEXT, "path": array_of(TEXT), "query": TEXT})
PLACE = record(dict.fromkeys(("city", "state", "country", "country_code"), nullable("string")))
# One asset has more than each of a list: what must be looked up for it.
WHOLE_ASSET = record(
    {
        **ASSET["properties"],
        "edited": array_of(TEXT),
        "albums": array_of(ALBUM_NAME),
        "tags": array_of(ASSET_TAG),
        "place": {"anyOf": [PLACE, {"type": "null"}]},
    }
)
ITEM = record(
    {
        "id": TEXT,
        "kind": {"enum": ["photo", "video"]},
        "ratio": NUMBER,
        **dict.fromkeys(("preview", "thumbhash", "title", "taken"), nullable("string")),
        "duration_s": nullable("number"),
        "motion": FLAG,
        "favourite": FLAG,
    }
)
JOURNAL = record(
    {
        "acts": array_of(
            record(
                {
                    "id": COUNT,
                    "at": TEXT,
                    "user": nullable("string"),
                    "act": TEXT,
                    "count": COUNT,
                    "summary_key": TEXT,
                    "values": {
                        "type": "object",
                        "additionalProperties": {"type": ["string", "number"]},
                    },
                    "items": array_of(ref("Item")),
                    "undone_at": nullable("string"),
                    "undoable": FLAG,
                    "undoes": nullable("integer"),
                }
            )
        ),
        "next": nullable("string"),
    }
)
ALBUM = record(
    {
        "id": TEXT,
        "name": TEXT,
        **dict.fromkeys(("description", "parent", "query", "cover", "preview"), nullable("string")),
        "order": {"enum": ["album", "newest", "oldest", "added", None]},
        "ratio": nullable("number"),
        "count": COUNT,
        "position": {"type": "integer"},
        "source": TEXT,
        "created_at": TEXT,
        **dict.fromkeys(("first_taken", "last_taken"), nullable("string")),
    }
)
ALBUMS = record({"albums": array_of(ref("Album"))})
METADATA = record(
    {
        "file": COUNT,
        "groups": array_of(
            record({"name": TEXT, "entries": array_of(record({"tag": TEXT, "value": TEXT}))})
        ),
        "captured_candidates": array_of(
            record({**CAPTURED["properties"], "chosen": FLAG, "reason": TEXT})
        ),
    }
)
PROGRESS = record(
    {
        "state": {"enum": ["idle", "scanning", "importing", "paused"]},
        "found": COUNT,
        "done": COUNT,
        "failed": COUNT,
        "rejected": COUNT,
        "rate_per_s": nullable("number"),
        "time_left_s": nullable("integer"),
        "screens_left": COUNT,
        "screens_done": COUNT,
        "folder": nullable("string"),
        "started_at": nullable("string"),
    }
)
ROOT = record(
    {
        "path": TEXT,
        "files": COUNT,
        "read_only": FLAG,
        "state": {"enum": ["ok", "unavailable", "missing"]},
        "reason": nullable("string"),
    }
)
STATS = record(
    {
        "version": TEXT,
        **dict.fromkeys(("assets", "files", "photos", "videos", "pending"), COUNT),
        **dict.fromkeys(("failed", "rejected", "waiting", "missing"), COUNT),
        "syncing": FLAG,
        "revision": COUNT,
        "library": TEXT,
        "sync": ref("Progress"),
        "roots": array_of(ref("Root")),
    }
)
CHECK = record(
    {
        "id": TEXT,
        "label": TEXT,
        "status": {"enum": ["ok", "warn", "error"]},
        "summary": TEXT,
        "remedy": nullable("string"),
    }
)
HEALTH = record(
    {
        "status": {"enum": ["ok", "warn", "error"]},
        "version": TEXT,
        "checks": array_of(ref("Check")),
    }
)
FILE_PROBLEM = record(
    {
        "file_id": COUNT,
        **dict.fromkeys(("path", "folder", "name"), TEXT),
        "state": {"enum": ["rejected", "failed", "waiting"]},
        **dict.fromkeys(("stage", "reason", "at"), TEXT),
        "attempts": COUNT,
    }
)
PROBLEMS = record(
    {
        "problems": array_of(ref("FileProblem")),
        "next": nullable("string"),
        "total": record({"failed": COUNT, "rejected": COUNT, "waiting": COUNT}),
    }
)
REPORT = record(
    {
        "name": TEXT,
        "started_at": TEXT,
        "ended_at": nullable("string"),
        "counts": {"type": "object", "additionalProperties": COUNT},
    }
)
REPORTS = record({"reports": array_of(REPORT)})
REPORT_ROWS = record(
    {
        "rows": array_of(
            record(
                {
                    **dict.fromkeys(("time", "path", "state", "stage"), TEXT),
                    "ms": nullable("integer"),
                    "details": TEXT,
                    "url": nullable("string"),
                }
            )
        ),
        "next": nullable("string"),
    }
)
ASSETS = record({"assets": array_of(ref("Asset")), "next": nullable("string"), "total": COUNT})
ROWS = record(
    {
        "revision": COUNT,
        "start": COUNT,
        "ids": array_of(nullable("string")),
        "taken": array_of(nullable("string")),
        "kinds": array_of({"enum": ["photo", "video"]}),
        "thumbhashes": array_of(nullable("string")),
        "durations": array_of(nullable("number")),
        "favourites": array_of(FLAG),
        "previews": array_of(nullable("string")),
        "titles": array_of(nullable("string")),
        "motion": array_of(FLAG),
        "rotations": array_of({"enum": [0, 90, 180, 270]}),
    }
)
PATCH = record(
    {
        "from": COUNT,
        "to": COUNT,
        "removed": ORDINALS,
        "inserted": array_of({"type": "array", "prefixItems": [COUNT, COUNT, TEXT]}),
        "changed": {"anyOf": [ORDINALS, {"type": "null"}]},
    }
)
POSITION = record({"ordinal": COUNT, "revision": COUNT})
REFUSED = record(
    {
        "id": TEXT,
        "path": nullable("string"),
        "reason": TEXT,
        "remedy": nullable("string"),
    }
)


def _disposal(word: str) -> Schema:
    return record(
        {
            "act": nullable("integer"),
            **dict.fromkeys((word, "files", "bytes"), COUNT),
            "refused": array_of(ref("Refused")),
            "revision": COUNT,
        }
    )


DONE = record(
    {
        "act": nullable("integer"),
        "changed": COUNT,
        "skipped": COUNT,
        "deleted": COUNT,
        "revision": COUNT,
    }
)
TRASH = record(
    {
        **dict.fromkeys(("assets", "files", "bytes"), COUNT),
        "oldest_at": nullable("string"),
        "soft_deletes": FLAG,
        "blocked": array_of(
            record(
                {
                    **dict.fromkeys(("folder", "reason", "remedy"), TEXT),
                    "make": nullable("string"),
                }
            )
        ),
    }
)
ORGANISED = record(
    {
        "dry_run": FLAG,
        "act": nullable("integer"),
        **dict.fromkeys(("assets", "files", "bytes", "present"), COUNT),
        "refused": array_of(ref("Refused")),
        "items": array_of(
            record(
                {
                    **dict.fromkeys(("id", "source", "target"), TEXT),
                    "bytes": COUNT,
                    "state": {"enum": ["copied", "planned", "present"]},
                }
            )
        ),
        "ended_at": nullable("string"),
    }
)
ORGANISE = record(
    {
        "enabled": FLAG,
        **dict.fromkeys(("template", "destination"), TEXT),
        "problem": nullable("string"),
        "last": {"anyOf": [ref("Organised"), {"type": "null"}]},
    }
)
TASK = record(
    {
        "id": TEXT,
        "state": {"enum": ["running", "done", "failed"]},
        **dict.fromkeys(("done", "total", "bytes"), COUNT),
        "result": nullable("object"),
    }
)
PROBLEM = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "path": TEXT,
        "start": COUNT,
        "end": COUNT,
        "suggestion": TEXT,
        "reason": TEXT,
        "faults": {"type": "object", "additionalProperties": TEXT},
        "assets": COUNT,
        "bytes": COUNT,
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}

COMPONENTS: dict[str, Schema] = {
    "Album": ALBUM,
    "Albums": ALBUMS,
    "AlbumMade": record({**ALBUM["properties"], **DONE["properties"]}),
    "Item": ITEM,
    "Journal": JOURNAL,
    "Merged": record({**DONE["properties"], "asset": TEXT}),
    "Split": record({**DONE["properties"], "assets": array_of(TEXT)}),
    "WholeAsset": WHOLE_ASSET,
    "Asset": ASSET,
    "Assets": ASSETS,
    "Captured": CAPTURED,
    "Check": CHECK,
    "Face": FACE,
    "File": FILE,
    "Metadata": METADATA,
    "FileProblem": FILE_PROBLEM,
    "Gps": GPS,
    "Health": HEALTH,
    "Patch": PATCH,
    "Position": POSITION,
    "Problem": PROBLEM,
    "Problems": PROBLEMS,
    "Progress": PROGRESS,
    "ReportRows": REPORT_ROWS,
    "Reports": REPORTS,
    "Root": ROOT,
    "Rows": ROWS,
    "Stats": STATS,
    "Deleted": _disposal("deleted"),
    "Done": DONE,
    "Refused": REFUSED,
    "Restored": _disposal("restored"),
    "Sums": record(dict.fromkeys(("assets", "files", "bytes"), COUNT)),
    "Task": TASK,
    "Trash": TRASH,
    "Trashed": _disposal("trashed"),
    "Organise": ORGANISE,
    "Organised": ORGANISED,
}
