"""The route table on one screen; from it come the router and the OpenAPI document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.routing import Route

from photostore.server import (
    albums,
    assets,
    browsing,
    edits,
    health,
    journal,
    live,
    metadata,
    openapi,
    organise,
    pages,
    pictures,
    reports,
    status,
    sums,
    syncing,
    tasks,
    timeline,
    trash,
    uploading,
    uploads,
    welcome,
    wizard,
)
from photostore.server.openapi import Answer, Endpoint, Parameter, json_answer
from photostore.server.schemas import COUNT, TEXT, array_of, record, ref
from photostore.store.search import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photostore.server.openapi import Handler
    from photostore.server.schemas import Schema

ID = Parameter("id", "path", TEXT, "Public id of the asset")
VIEW = (
    Parameter("q", "query", TEXT, "Search words and filters; empty for all"),
    Parameter("order", "query", {"enum": list(Order)}, "album: as the album in `q` has it"),
)
REVISION = Parameter("revision", "query", COUNT, "Revision of the shape that the client holds")
VERSION = Parameter("v", "query", TEXT, "The preview's version; right, it may be kept for ever")
FILE = Parameter("file", "query", COUNT, "Id of one of the asset's files")
DOWNLOAD = Parameter("download", "query", {"enum": ["0", "1"]}, "1 saves instead of showing")


def _paged(high: int) -> tuple[Parameter, ...]:
    limit = {"type": "integer", "minimum": 1, "maximum": high}
    return (
        Parameter("limit", "query", limit, "Entries a page"),
        Parameter("cursor", "query", TEXT, "`next` of the page before"),
    )


PICTURE = (Answer(200, "image/*"), Answer(304))
BYTES = (Answer(200, "*/*"), Answer(206, "*/*"), Answer(304), Answer(416))
PACKED = Answer(200, timeline.PACK_TYPE)
EVENTS = "text/event-stream"
ROWS, ASSETS, POSITION, PROBLEMS = map(json_answer, ("Rows", "Assets", "Position", "Problems"))
REPORT_ROWS, METADATA = map(json_answer, ("ReportRows", "Metadata"))
DONE = json_answer("Done")
SHAPED = (Answer(200, timeline.SHAPE_TYPE), json_answer("Patch"), Answer(304))
ROW_RANGE = (
    replace(REVISION, required=True),
    Parameter("start", "query", COUNT, "First ordinal"),
    Parameter("count", "query", {"type": "integer", "minimum": 1, "maximum": 500}, "How many"),
)
IDS = Parameter("ids", "query", TEXT, "1 to 100 asset ids with commas between", required=True)
STATE = Parameter("state", "query", {"enum": list(syncing.STATES)}, "Which files")
WORDS = Parameter("q", "query", TEXT, "Occurs in name, folder or reason")
PATHS = {"type": "object", "properties": {"paths": {"anyOf": [array_of(TEXT), {"type": "null"}]}}}
RETRY = {
    "type": "object",
    "properties": {
        "file_ids": {"anyOf": [array_of(COUNT), {"type": "null"}]},
        "all": {"enum": ["failed", "rejected", "waiting", None]},
    },
}
OVERRIDE = {
    "type": "object",
    "properties": {"file_ids": {**array_of(COUNT), "minItems": 1, "maxItems": 1000}},
    "required": ["file_ids"],
}
OVERRIDDEN = Answer(200, "application/json", record({"overridden": COUNT}))
REPORT = Parameter("name", "path", TEXT, "Name of the report")
REPORT_STATE = Parameter("state", "query", TEXT, "Only rows of this state")
REPORT_WORDS = Parameter("q", "query", TEXT, "Occurs in the row, in any case")
REPORT_PAGE = (REPORT, REPORT_WORDS, REPORT_STATE, *_paged(1000))
CSV = (Answer(200, "text/csv"), Answer(206, "text/csv"), Answer(304), Answer(416))
IDS_BODY: Schema = {
    "type": "object",
    "properties": {"ids": {**array_of(TEXT), "minItems": 1, "maxItems": trash.MAX_IDS}},
    "required": ["ids"],
}
WEIGHT = record({"assets": COUNT, "bytes": COUNT})
DELETE_BODY: Schema = {**IDS_BODY, "properties": {**IDS_BODY["properties"], "confirm": WEIGHT}}
EMPTY_BODY: Schema = {
    "type": "object",
    "properties": {
        "confirm": {"anyOf": [WEIGHT, {"const": True}]},
        "older_than_days": {"anyOf": [COUNT, {"type": "null"}]},
    },
}
EDIT_BODY: Schema = {
    **IDS_BODY,
    "properties": {
        **IDS_BODY["properties"],
        "set": {"type": "object"},
        **dict.fromkeys(("add_keywords", "remove_keywords", "reset"), array_of(TEXT)),
        "shift_s": {"type": "integer"},
        "offset": {"type": ["string", "null"]},
        "rotate": {"enum": [90, 180, 270]},
    },
}
SPLIT_BODY: Schema = {
    "type": "object",
    "properties": {"id": TEXT, "file_ids": {**array_of(COUNT), "minItems": 1}},
    "required": ["id", "file_ids"],
}
SHOWN_BODY: Schema = {
    "type": "object",
    "properties": {"file_id": {"type": ["integer", "null"], "minimum": 0}},
    "required": ["file_id"],
}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
ALBUM_FIELDS: Schema = {
    "name": TEXT,
    **dict.fromkeys(("description", "parent", "cover", "query"), OPTIONAL_TEXT),
    "order": {"enum": [*Order, None]},
}
NEW_ALBUM: Schema = {
    "type": "object",
    "properties": {**ALBUM_FIELDS, "ids": array_of(TEXT)},
    "required": ["name"],
}
ALBUM_BODY: Schema = {
    "type": "object",
    "properties": {**ALBUM_FIELDS, "before": OPTIONAL_TEXT},
}
MEMBERS: Schema = {
    **IDS_BODY,
    "properties": {**IDS_BODY["properties"], "before": OPTIONAL_TEXT},
}
ALBUM_ID = (Parameter("id", "path", TEXT, "Id of the album"),)
ACT_ID = (Parameter("id", "path", COUNT, "Number of the act"),)
MADE = Answer(201, "application/json", ref("AlbumMade"))
ORGANISE: Schema = {
    "type": "object",
    "properties": {
        "dry_run": {"type": "boolean"},
        "q": {"type": ["string", "null"]},
        "ids": {"anyOf": [{**array_of(TEXT), "maxItems": trash.MAX_IDS}, {"type": "null"}]},
    },
}
STARTED = Answer(202, "application/json", record({"task": TEXT}))
AS_TASK = Parameter(
    "task", "query", {"enum": ["0", "1"]}, "1: answer over 200 assets with a task to be followed"
)
TASK = Parameter("id", "path", TEXT, "Id of the task")
ACCEPTED = Answer(202, "application/json", record({"accepted": {"const": True}}))
RETRIED = Answer(200, "application/json", record({"retried": COUNT}))
PLACE = (ID, *VIEW, REVISION)
SEEN = (ID, VERSION)
FILES = (ID, FILE, DOWNLOAD)
FOUND = (STATE, WORDS, *_paged(1000))
SINCE = Parameter("since", "query", COUNT, "Answer with a patch from this revision if possible")


def _get(
    path: str, handler: Handler, summary: str, *answers: Answer, takes: Sequence[Parameter] = ()
) -> Endpoint:
    return Endpoint("GET", "/api/v1" + path, handler, summary, answers, tuple(takes))


def _post(
    path: str, handler: Handler, summary: str, answer: Answer, body: Schema | None = None
) -> Endpoint:
    return Endpoint("POST", "/api/v1" + path, handler, summary, (answer,), (), body)


def _long(path: str, handler: Handler, summary: str, schema: str, body: Schema) -> Endpoint:
    answers = (json_answer(schema), STARTED)
    return Endpoint("POST", "/api/v1" + path, handler, summary, answers, (AS_TASK,), body)


def _album(method: str, path: str, handler: Handler, summary: str, answer: Answer) -> Endpoint:
    """An endpoint of one album; the body follows from what it does."""
    bodies = {"": ALBUM_BODY if method == "PATCH" else None, "/add": MEMBERS, "/remove": IDS_BODY}
    whole = "/api/v1/albums/{id}" + path
    return Endpoint(method, whole, handler, summary, (answer,), ALBUM_ID, bodies[path])


ENDPOINTS = (
    _get("/health", health.show_health, "Checks, each with a remedy", json_answer("Health")),
    _get("/stats", status.show_stats, "Counts and progress", json_answer("Stats")),
    _get("/events", live.stream_events, "What changes, as it does", Answer(200, EVENTS)),
    _get("/shape", timeline.send_shape, "Where everything stands", *SHAPED, takes=(*VIEW, SINCE)),
    _get("/rows", timeline.send_rows, "A range of a view", ROWS, takes=(*VIEW, *ROW_RANGE)),
    _get("/thumbnails", timeline.send_thumbnails, "A screenful", PACKED, takes=(IDS,)),
    _get("/assets", assets.list_assets, "A view, paged", ASSETS, takes=(*VIEW, *_paged(1000))),
    _get("/assets/{id}", assets.show_asset, "One asset", json_answer("WholeAsset"), takes=(ID,)),
    Endpoint(
        *("PATCH", "/api/v1/assets", edits.edit_assets, "Edit", (DONE, STARTED)),
        parameters=(AS_TASK,),
        body=EDIT_BODY,
    ),
    _post("/assets/split", edits.split_asset, "One into two", json_answer("Split"), SPLIT_BODY),
    _post("/assets/merge", edits.merge_assets, "Many into one", json_answer("Merged"), IDS_BODY),
    replace(
        _post("/assets/{id}/shown", edits.choose_shown, "Which file", DONE, SHOWN_BODY),
        parameters=(ID,),
    ),
    _get("/journal", journal.list_journal, "Acts", json_answer("Journal"), takes=_paged(200)),
    replace(
        _post("/journal/{id}/undo", journal.undo_act, "Take it back", DONE),
        answers=(DONE, STARTED),
        parameters=(*ACT_ID, AS_TASK),
    ),
    _get("/albums", albums.send_albums, "All albums", json_answer("Albums")),
    _post("/albums", albums.create_album, "A new album", MADE, NEW_ALBUM),
    _album("GET", "", albums.show_album, "One album", json_answer("Album")),
    _album("PATCH", "", albums.change_album, "Name, cover, place", DONE),
    _album("DELETE", "", albums.delete_album, "Its photos stay", DONE),
    _album("POST", "/add", albums.add_to_album, "Put photos in, or move them", DONE),
    _album("POST", "/remove", albums.remove_from_album, "Take photos out", DONE),
    _get("/assets/{id}/metadata", metadata.show_metadata, "Its tags", METADATA, takes=(ID, FILE)),
    _get("/assets/{id}/position", timeline.send_position, "Its ordinal", POSITION, takes=PLACE),
    _get("/assets/{id}/thumbnail", pictures.send_thumbnail, "Grid picture", *PICTURE, takes=SEEN),
    _get("/assets/{id}/preview", pictures.send_preview, "Screen picture", *PICTURE, takes=SEEN),
    _get("/assets/{id}/original", pictures.send_original, "Original bytes", *BYTES, takes=FILES),
    _get("/assets/{id}/video", pictures.send_video, "Video bytes", *BYTES, takes=(ID, DOWNLOAD)),
    _post("/assets/sums", sums.send_sums, "How much some are", json_answer("Sums"), IDS_BODY),
    _long("/assets/trash", trash.trash_assets, "To the trash", "Trashed", IDS_BODY),
    _long("/assets/restore", trash.restore_assets, "Back from it", "Restored", IDS_BODY),
    _long("/assets/delete", trash.delete_assets, "For good", "Deleted", DELETE_BODY),
    _post("/assets/remove", trash.remove_assets, "Out of the library", DONE, IDS_BODY),
    _post("/assets/unremove", trash.unremove_assets, "Back into it", DONE, IDS_BODY),
    _get("/trash", trash.show_trash, "What is in the trash", json_answer("Trash")),
    _long("/trash/empty", trash.empty_trash, "Delete for good", "Deleted", EMPTY_BODY),
    _post("/organise", organise.start_organise, "Copy to library", STARTED, ORGANISE),
    _get("/organise", organise.show_organise, "How copies are set", json_answer("Organise")),
    _get("/tasks/{id}", tasks.show_task, "How far it is", json_answer("Task"), takes=(TASK,)),
    _get("/problems", syncing.show_problems, "Files not imported", PROBLEMS, takes=FOUND),
    _post("/problems/retry", syncing.retry_problems, "Try files again", RETRIED, RETRY),
    _post("/problems/override", syncing.override_problems, "Import anyway", OVERRIDDEN, OVERRIDE),
    _get("/reports", reports.list_reports, "What became of files", json_answer("Reports")),
    _get("/reports/{name}", reports.show_report, "Its rows", REPORT_ROWS, takes=REPORT_PAGE),
    _get("/reports/{name}/csv", reports.send_csv, "The whole table", *CSV, takes=(REPORT,)),
    _post("/sync", syncing.start_sync, "Scan all folders, or some", ACCEPTED, PATHS),
    _post("/sync/accept-missing", syncing.accept_missing, "Files are gone", ACCEPTED, PATHS),
    _post("/sync/pause", syncing.pause_sync, "Hold the import back", json_answer("Progress")),
    _post("/sync/resume", syncing.resume_sync, "Let it go on", json_answer("Progress")),
    *uploading.ENDPOINTS,
    *browsing.ENDPOINTS,
)


def make_routes() -> list[Route]:
    """The routes: the API's, the probes, and last the app for everything else."""
    return [
        *(Route(one.path, one.handler, methods=[one.method]) for one in ENDPOINTS),
        Route("/ping", status.ping),
        Route("/health", health.show_health_page),
        Route("/health/accept-missing", health.accept_missing, methods=["POST"]),
        Route("/welcome/compose", wizard.show_wizard),
        Route("/welcome/compose.yaml", wizard.send_compose_file),
        Route("/welcome/tools", welcome.show_tools),
        Route("/welcome/tools", welcome.change_tools, methods=["POST"]),
        Route("/share", uploads.explain_share, methods=["POST"]),
        Route("/api/openapi.json", openapi.make_handler(ENDPOINTS)),
        Route("/", pages.send_app),
        Route("/{path:path}", pages.send_app),
    ]
