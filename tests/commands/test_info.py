"""`photostore info`: the contract of DESIGN 4, and no file that it trips over."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from photostore.commands import examination
from photostore.commands.examination import examine
from photostore.commands.info import info_json, info_lines
from photostore.media.filters import Limits
from tests.commands.conftest import Shell, snapshot
from tests.samples import Caption, Exposure, make_photo, make_video


def maybe(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}


def exactly(properties: dict[str, Any]) -> dict[str, Any]:
    return {"properties": properties, "required": list(properties), "additionalProperties": False}


CANDIDATE = {
    "type": "object",
    **exactly(
        {
            **{key: {"type": "string"} for key in ("local", "precision", "source", "source_text")},
            "offset": maybe("string"),
            "chosen": {"type": "boolean"},
            "reason": {"type": "string"},
        }
    ),
}
GROUP = {
    "type": "object",
    **exactly(
        {
            "name": {"type": "string"},
            "entries": {
                "type": "array",
                "items": exactly({"tag": {"type": "string"}, "value": {"type": "string"}}),
            },
        }
    ),
}
TEXTS = {"type": "array", "items": {"type": "string"}}
FILE = {
    "type": "object",
    **exactly(
        {
            "path": {"type": "string"},
            "accepted": {"type": "boolean"},
            "reasons": TEXTS,
            "kind": maybe("string"),
            "mime": maybe("string", pattern="^(image|video)/"),
            "width": maybe("integer", minimum=1),
            "height": maybe("integer", minimum=1),
            "orientation": maybe("integer", minimum=1, maximum=8),
            "duration_s": maybe("number", minimum=0),
            "video_codec": maybe("string"),
            "audio_codec": maybe("string"),
            "captured": {
                "type": ["object", "null"],
                **exactly(
                    {
                        "local": {
                            "type": "string",
                            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?$",
                        },
                        "offset": maybe("string", pattern=r"^[+-]\d\d:\d\d$"),
                        "precision": {"type": "string"},
                        "source": {"type": "string"},
                    }
                ),
            },
            "gps": {
                "type": ["object", "null"],
                **exactly(
                    {
                        "lat": {"type": "number", "minimum": -90, "maximum": 90},
                        "lon": {"type": "number", "minimum": -180, "maximum": 180},
                        "alt": maybe("number"),
                    }
                ),
            },
            "make": maybe("string"),
            "model": maybe("string"),
            "lens": maybe("string"),
            "exposure_time_s": maybe("number"),
            "f_number": maybe("number"),
            "iso": maybe("integer"),
            "focal_length_mm": maybe("number"),
            "rating": maybe("integer"),
            "title": maybe("string"),
            "description": maybe("string"),
            "keywords": TEXTS,
            "people": TEXTS,
            "content_identifier": maybe("string"),
            "motion_photo": maybe("boolean"),
            "sha1": maybe("string", pattern="^[0-9a-f]{40}$"),
            "errors": TEXTS,
            **dict.fromkeys(("label", "projection", "colour", "hdr"), maybe("string")),
            **dict.fromkeys(("favourite", "archived", "animated"), maybe("boolean")),
            **dict.fromkeys(("albums", "notes"), TEXTS),
            "keyword_paths": {"type": "array", "items": TEXTS},
            "faces": {"type": "array"},
            "sources": {"type": "object", "additionalProperties": {"type": "string"}},
            "captured_candidates": {"type": "array", "items": CANDIDATE},
            "groups": {"type": "array", "items": GROUP},
        }
    ),
}
CONTRACT = {"type": "array", "items": FILE}


def test_everything_that_a_photo_says(shell: Shell, tmp_path: Path) -> None:
    path = make_photo(
        tmp_path / "a.jpg",
        taken=datetime(2024, 2, 29, 12, 30, 15, 250_000),
        offset=-210,
        gps=(-33.5, 151.25, 12.0),
        size=(300, 400),
        orientation=6,
        make="Canon",
        model="EOS",
        lens="50 mm",
        exposure=Exposure(1 / 250, 1.8, 64, 6.8, 24),
        caption=Caption(title="Tram", keywords=("a", "b"), rating=4),
    )
    [info] = shell.json("info", "--json", path)
    jsonschema.validate([info], CONTRACT)
    assert info["accepted"] is True
    assert (info["kind"], info["mime"]) == ("jpeg", "image/jpeg")
    assert (info["width"], info["height"], info["orientation"]) == (300, 400, 6)
    assert info["captured"] == {
        "local": "2024-02-29T12:30:15.250",
        "offset": "-03:30",
        "precision": "millisecond",
        "source": "EXIF:DateTimeOriginal",
    }
    assert info["gps"] == {"lat": -33.5, "lon": 151.25, "alt": 12.0}
    assert (info["make"], info["model"], info["lens"]) == ("Canon", "EOS", "50 mm")
    assert info["exposure_time_s"] == pytest.approx(0.004)
    assert (info["f_number"], info["iso"], info["focal_length_mm"]) == (1.8, 64, 6.8)
    assert (info["title"], info["keywords"], info["rating"]) == ("Tram", ["a", "b"], 4)
    assert info["sha1"] == hashlib.sha1(path.read_bytes()).hexdigest()
    assert (info["reasons"], info["errors"]) == ([], [])
    assert not any(shell.library.parent.iterdir()), "info makes nothing anywhere"


def test_an_object_for_each_file_in_order_whatever_it_is(shell: Shell, tmp_path: Path) -> None:
    video = make_video(tmp_path / "v.mp4", seconds=2)
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_bytes(b"hello " * 5000)
    (tmp_path / "cut.jpg").write_bytes(make_photo(tmp_path / "x.jpg").read_bytes()[:700])
    (tmp_path / "link.jpg").symlink_to("x.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    names = ["v.mp4", "gone.jpg", ".", "pipe.jpg", "empty.jpg", "text.jpg", "cut.jpg"]
    names += ["link.jpg", "loop.jpg"]
    paths = [tmp_path / name for name in names]
    done = shell.json("info", "--json", "--no-filter", *paths, code=1)
    jsonschema.validate(done, CONTRACT)
    assert [row["path"] for row in done] == [str(path) for path in paths]
    assert [row["accepted"] for row in done] == [True] + [False] * 8
    for row in done[1:]:
        assert row["reasons"], row
    rows = dict(zip(names, done, strict=True))
    assert all(rows[name]["errors"] for name in ("gone.jpg", ".", "pipe.jpg", "cut.jpg"))
    assert rows["v.mp4"]["duration_s"] == pytest.approx(2, abs=0.2)
    assert rows["v.mp4"]["video_codec"] == "h264"
    assert rows["link.jpg"]["width"] == 640, "what a link leads to is told all the same"
    assert rows["empty.jpg"]["errors"] == []
    assert video.exists()


def test_a_name_that_is_not_utf_8(shell: Shell, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    Path(os.fsdecode(path)).write_bytes(make_photo(tmp_path / "a.jpg").read_bytes())
    [row] = shell.json("info", "--json", path)
    assert row["path"].endswith(r"caf\xe9.jpg")
    assert row["accepted"] is True
    assert r"caf\xe9.jpg" in shell.run("info", path).stdout


def test_exit_1_and_a_line_each_for_what_cannot_be_read(shell: Shell, tmp_path: Path) -> None:
    good = make_photo(tmp_path / "a.jpg")
    done = shell.run("info", good, tmp_path / "no\nfile.jpg", tmp_path, code=1)
    assert done.stderr.splitlines() == [
        f"photostore: {tmp_path}/no\\x0afile.jpg: No such file or directory",
        f"photostore: {tmp_path}: it is a folder: name the files in it",
    ]
    assert "accepted      yes" in done.stdout


def test_filters_are_those_of_the_settings(shell: Shell, tmp_path: Path) -> None:
    small = make_photo(tmp_path / "a.jpg", size=(150, 300))
    [row] = shell.json("info", "--json", small)
    assert row["accepted"] is False
    assert row["width"] == 150
    assert any("200" in reason for reason in row["reasons"])
    [row] = shell.json("info", "--json", "--min-image-px", "100", "--min-file-size", "1", small)
    assert row["accepted"] is True
    [row] = shell.json("info", "--json", "--no-filter", small)
    assert row["accepted"] is True


def test_reasons_of_every_kind_are_told_at_once(tmp_path: Path) -> None:
    photo = make_photo(tmp_path / "a.jpg", size=(64, 64))
    hidden = photo.rename(tmp_path / ".hidden.txt")
    findings = examine(os.fsencode(hidden), Limits())
    assert len(findings.reasons) == 3
    assert findings.facts is not None
    assert "dot" in findings.reasons[0]
    assert "extension" in findings.reasons[1]
    assert "200 pixels" in findings.reasons[2]


def test_a_reader_that_breaks_is_an_error_of_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(examination, "probe", explode)
    findings = examine(os.fsencode(make_photo(tmp_path / "a.jpg")), Limits(enabled=False))
    assert findings.errors == ["unexpected error: ZeroDivisionError: oh"]
    assert info_json(findings)["kind"] == "jpeg"
    jsonschema.validate(info_json(findings), FILE)


def test_each_value_says_where_it_comes_from(shell: Shell, tmp_path: Path) -> None:
    """SPEC 6.2, 6.3: outside any library, sidecars included, all dates with the reasons."""
    path = make_photo(
        tmp_path / "IMG_20240301_101112.jpg",
        taken=datetime(2024, 2, 29, 12, 30, 15),
        size=(300, 400),
        make="Canon",
        model="EOS",
        caption=Caption(title="Tram", rating=4),
    )
    said = {"title": path.name, "description": "By the sea", "photoTakenTime": {"timestamp": "1"}}
    (tmp_path / f"{path.name}.json").write_text(json.dumps(said))
    [info] = shell.json("info", "--json", path)
    assert info["description"] == "By the sea"
    assert info["sources"]["description"] == "sidecar:takeout"
    assert info["sources"]["make"] == "EXIF"
    chosen, *others = info["captured_candidates"]
    assert (chosen["chosen"], chosen["source"]) == (True, "EXIF:DateTimeOriginal")
    reasons = {one["source"]: one["reason"] for one in others}
    assert not any(one["chosen"] for one in others)
    assert reasons["file-name"] == "less trusted than EXIF:DateTimeOriginal"
    assert {"EXIF, picture", f"Sidecar {path.name}.json"} <= {g["name"] for g in info["groups"]}
    text = shell.run("info", path).stdout
    assert "from sidecar:takeout" in text
    assert "2024-03-01 10:11:12, from the file name: less trusted" in text


def test_text_of_a_file_cannot_harm_a_terminal(tmp_path: Path) -> None:
    caption = Caption(title="\x1b[31mred\u202e")
    path = make_photo(tmp_path / "a.jpg", caption=caption)
    text = "\n".join(info_lines(examine(os.fsencode(path), Limits(enabled=False))))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_broken_pipe_is_silent(shell: Shell, photos: Path) -> None:
    before = snapshot(photos)
    command = [sys.executable, "-m", "photostore", "info", *sorted(photos.glob("*.jpg")) * 3]
    process = subprocess.Popen(
        command, env=shell.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=20) == 0
    assert snapshot(photos) == before
