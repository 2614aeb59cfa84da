"""The routes of files that come and go: uploads, and downloads of many at once."""

from __future__ import annotations

from dataclasses import replace

from photostore.server import downloads, uploads
from photostore.server.openapi import Answer, Endpoint, Parameter
from photostore.server.schemas import COUNT, FLAG, TEXT, Schema, array_of, nullable, record
from photostore.server.trash import MAX_IDS

BYTES: Schema = {"type": "string", "format": "binary"}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-fA-F]{40}$"}
TOKEN: Schema = {"type": "string", "pattern": "^[0-9A-Za-z_-]{8,64}$"}
FILE = (
    Parameter("name", "query", TEXT, "The file's name, without folders", required=True),
    Parameter("mtime", "query", COUNT, "When it was changed: milliseconds since 1970"),
    Parameter("sha1", "query", DIGEST, "Of its content: compared, and asked for before it is sent"),
    Parameter("batch", "query", TOKEN, "All files with the same one are one act of the journal"),
)
CHECK: Schema = {
    "type": "object",
    "properties": {"sha1s": {**array_of(DIGEST), "maxItems": uploads.MAX_CHECKED}},
    "required": ["sha1s"],
}
HERE = record({"id": TEXT, "shelf": TEXT, "bytes": COUNT})
BATCH: Schema = {"type": "object", "properties": {"batch": TOKEN}, "required": ["batch"]}
IDS: Schema = {
    "type": "object",
    "properties": {"ids": {**array_of(TEXT), "minItems": 1, "maxItems": MAX_IDS}},
    "required": ["ids"],
}
SUM = record({"files": COUNT, "bytes": COUNT})
WHICH = Parameter("files", "query", {"enum": list(downloads.WHICH)}, "All: RAW, clips, copies too")
DOWNLOAD = (Parameter("token", "path", TEXT, "What the request before answered"), WHICH)

ANSWERS: dict[str, Schema] = {
    "Uploads": record(
        {
            "enabled": FLAG,
            **dict.fromkeys(("destination", "template"), TEXT),
            **dict.fromkeys(("max_bytes", "spare_bytes"), COUNT),
            "problem": nullable("string"),
        }
    ),
    "Upload": record(
        {
            "state": {"enum": ["added", "present"]},
            **dict.fromkeys(("id", "shelf", "path"), TEXT),
            "notes": array_of(TEXT),
            "act": nullable("integer"),
        }
    ),
    "UploadCheck": record({"here": {"type": "object", "additionalProperties": HERE}}),
    "UploadsFinished": record({"act": nullable("integer"), "added": COUNT}),
    "Download": record({"token": TEXT, "shown": SUM, "all": SUM}),
}


def _json(name: str) -> Answer:
    return Answer(200, "application/json", ANSWERS[name])


ENDPOINTS = (
    Endpoint(
        "POST",
        "/api/v1/uploads",
        uploads.upload_file,
        "Add one file",
        (_json("Upload"), replace(_json("Upload"), status=201)),
        FILE,
        BYTES,
        "application/octet-stream",
    ),
    Endpoint(
        "GET",
        "/api/v1/uploads",
        uploads.show_uploads,
        "Whether files can be added, and where they go",
        (_json("Uploads"),),
    ),
    Endpoint(
        "POST",
        "/api/v1/uploads/check",
        uploads.check_uploads,
        "What of these is here already",
        (_json("UploadCheck"),),
        (),
        CHECK,
    ),
    Endpoint(
        "POST",
        "/api/v1/uploads/finish",
        uploads.finish_uploads,
        "End a batch",
        (_json("UploadsFinished"),),
        (),
        BATCH,
    ),
    Endpoint(
        "POST",
        "/api/v1/assets/download",
        downloads.prepare_download,
        "A link for many originals",
        (_json("Download"),),
        (),
        IDS,
    ),
    Endpoint(
        "GET",
        "/api/v1/downloads/{token}",
        downloads.send_download,
        "Many originals as a ZIP archive",
        (Answer(200, "application/zip"),),
        DOWNLOAD,
    ),
)
