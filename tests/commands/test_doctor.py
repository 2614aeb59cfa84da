"""`photostore doctor`: the health of a library without a server."""

from __future__ import annotations

from pathlib import Path

import jsonschema

from tests.commands.conftest import Shell, snapshot

CONTRACT = {
    "type": "object",
    "properties": {
        "status": {"enum": ["ok", "warn", "error"]},
        "version": {"type": "string"},
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "label": {"type": "string"},
                    "status": {"enum": ["ok", "warn", "error"]},
                    "summary": {"type": "string"},
                    "remedy": {"type": ["string", "null"]},
                },
                "required": ["id", "label", "status", "summary", "remedy"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["status", "version", "checks"],
    "additionalProperties": False,
}


def test_a_library_that_is_well(shell: Shell, photos: Path) -> None:
    shell.sync("--scan", photos)
    before = snapshot(photos)
    args = ("doctor", "--library", shell.library, "--min-free-space", "0")
    report = shell.json(*args, "--json")
    jsonschema.validate(report, CONTRACT)
    assert report["status"] == "ok", report
    ids = {check["id"] for check in report["checks"]}
    assert {"library", "database", "soundness", "space-library", "codecs", "settings"} <= ids
    assert not {"watchers", "memory"} & ids
    assert any(str(photos) in check["summary"] for check in report["checks"])
    text = shell.run(*args).stdout
    assert "fine    Database soundness: every page of it was checked" in text
    assert snapshot(photos) == before


def test_a_broken_database_is_exit_1_and_says_so(shell: Shell, photos: Path) -> None:
    shell.sync("--scan", photos)
    database = shell.library / ".photostore" / "photostore.db"
    data = bytearray(database.read_bytes())
    data[4096 * 3 : 4096 * 12] = b"\xa5" * (4096 * 9)
    database.write_bytes(data)
    done = shell.run("doctor", "--library", shell.library, code=1)
    assert "BROKEN" in done.stdout
    assert done.stderr.startswith("photostore: ")
    database.write_bytes(b"this is no database" * 1000)
    done = shell.run("doctor", "--json", "--library", shell.library, code=1)
    assert '"status": "error"' in done.stdout


def test_trouble_that_is_not_broken_is_exit_0(shell: Shell, photos: Path) -> None:
    shell.sync("--scan", photos)
    done = shell.run("doctor", "--library", shell.library, PS_HTTP_PROT="1")
    assert "did you mean PS_HTTP_PORT?" in done.stdout


def test_no_library_is_exit_1_and_none_is_made(shell: Shell) -> None:
    done = shell.run("doctor", "--library", shell.library, code=1)
    assert done.stderr == f"photostore: There is no library in {shell.library}\n"
    assert not shell.library.exists()
