"""`photostore sync`: the contract of DESIGN 4, exit codes, and originals that stay as they are."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from photostore.base.events import Bus, ProblemsChanged, SyncProgress, SyncProgressed
from photostore.commands import progress
from photostore.commands.progress import describe
from tests.commands.conftest import Shell, age, snapshot
from tests.samples import make_photo

COUNTS = ("found", "imported", "unchanged", "rejected", "failed", "assets")
CONTRACT = {
    "type": "object",
    "properties": {
        **{name: {"type": "integer", "minimum": 0} for name in COUNTS},
        "seconds": {"type": "number", "minimum": 0},
    },
    "required": [*COUNTS, "seconds"],
    "additionalProperties": False,
}


def counts(result: dict[str, int]) -> tuple[int, ...]:
    return tuple(result[name] for name in COUNTS)


def test_a_folder_is_imported_once_and_left_as_it_is(shell: Shell, photos: Path) -> None:
    before = snapshot(photos)
    first = shell.sync(photos)
    jsonschema.validate(first, CONTRACT)
    # icon.jpg is too small and broken.jpg no picture; copy of a.jpg is the asset of a.jpg.
    assert counts(first) == (7, 5, 0, 2, 0, 4)
    second = shell.sync(photos)
    assert counts(second) == (7, 0, 7, 0, 0, 4)
    assert snapshot(photos) == before


def test_without_json_the_result_is_a_sentence(shell: Shell, photos: Path) -> None:
    done = shell.run("sync", "--library", shell.library, photos)
    assert done.stdout.startswith("7 files found: 5 imported, 0 unchanged, 2 rejected, 0 failed")
    assert done.stdout.count("\n") == 1


def test_filters_can_be_turned_off(shell: Shell, photos: Path) -> None:
    assert shell.sync("--no-filter", photos)["imported"] == 6


def test_failed_files_are_named_and_no_failure_of_the_command(shell: Shell, photos: Path) -> None:
    whole = (photos / "a.jpg").read_bytes()
    bad = photos / "bad\n.jpg"
    bad.write_bytes(whole[:40] + b"\xff" * 20_000)
    os.utime(bad, (1, 1))
    done = shell.run("sync", "--json", "--library", shell.library, photos)
    assert '"failed": 1' in done.stdout
    [line] = done.stderr.splitlines()
    assert line.startswith(f"photostore: {photos}/bad\\x0a.jpg: ")


def test_a_path_may_be_one_file(shell: Shell, photos: Path) -> None:
    assert counts(shell.sync(photos / "a.jpg")) == (1, 1, 0, 0, 0, 1)
    assert counts(shell.sync(photos / "a.jpg", photos / "b.jpg")) == (2, 1, 1, 0, 0, 2)
    # Nothing is concluded of the others, and a whole scan still finds them.
    (photos / "b.jpg").unlink()
    assert counts(shell.sync(photos / "a.jpg")) == (1, 0, 1, 0, 0, 2)
    assert counts(shell.sync(photos)) == (6, 3, 1, 2, 0, 3)


def test_configured_folders_stay_when_a_path_is_given(shell: Shell, photos: Path) -> None:
    other = photos.parent / "other"
    make_photo(other / "x.jpg", seed=9)
    age(other)
    assert shell.sync("--scan", photos)["found"] == 7
    # Within a root, beside it, and again all of them: none is forgotten, none counted twice.
    assert counts(shell.sync(photos / "trip")) == (1, 0, 1, 0, 0, 4)
    assert counts(shell.sync(other))[:2] == (1, 1)
    assert counts(shell.sync())[0] == 8
    assert counts(shell.sync(photos.parent, "--exclude-globs", "*/home"))[0] == 8
    assert counts(shell.sync("--exclude-globs", "*/home"))[0] == 8


def test_named_folders_replace_those_of_before(shell: Shell, photos: Path) -> None:
    shell.sync(photos / "trip")
    other = photos.parent / "other"
    make_photo(other / "x.jpg", seed=9)
    age(other)
    assert counts(shell.sync("--scan", other))[:2] == (1, 1)
    assert counts(shell.sync())[0] == 1


def test_a_path_that_does_not_exist_is_exit_1_and_nothing_is_made(shell: Shell) -> None:
    done = shell.run("sync", "--library", shell.library, "/nowhere/at all", code=1)
    assert done.stderr == "photostore: /nowhere/at all: No such file or directory\n"
    assert not shell.library.exists()


def test_a_configured_folder_that_is_not_there_is_exit_1(shell: Shell, photos: Path) -> None:
    args = ("sync", "--json", "--library", shell.library, "--scan", photos, "--scan", "/nowhere")
    done = shell.run(*args, code=1)
    assert '"imported": 5' in done.stdout
    assert "/nowhere" in done.stderr


def test_no_folder_at_all_is_exit_1(shell: Shell) -> None:
    done = shell.run("sync", "--library", shell.library, code=1)
    assert "no folder is known" in done.stderr


def test_a_library_that_cannot_be_written_is_one_line_and_exit_1(
    shell: Shell, photos: Path
) -> None:
    shell.library.write_text("a file, no folder")
    done = shell.run("sync", "--library", shell.library, photos, code=1)
    *warnings, line = done.stderr.splitlines()
    assert all(warning.startswith("photostore: warning: ") for warning in warnings)
    assert line.startswith(f"photostore: {shell.library} cannot be made: File exists")


def test_too_little_room_is_exit_1_and_no_waiting(shell: Shell, photos: Path) -> None:
    args = ("sync", "--library", shell.library, "--min-free-space", "900000TB", photos)
    done = shell.run(*args, code=1)
    assert "min_free_space" in done.stderr


def test_unknown_variables_are_a_warning(shell: Shell, photos: Path) -> None:
    done = shell.run("sync", "--library", shell.library, photos, PS_HTTP_PROT="1")
    assert "warning: unknown variable PS_HTTP_PROT: did you mean PS_HTTP_PORT?" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sync_is_exit_130_and_goes_on_later(
    shell: Shell, tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "many"
    for seed in range(40):
        make_photo(folder / f"{seed}.jpg", size=(1600, 1200), seed=seed)
    age(folder)
    process = shell.start("sync", "--json", "--library", shell.library, folder)
    deadline = time.monotonic() + 60
    while not list(shell.library.glob(".photostore/previews/*/*/*.grid")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    sent = time.monotonic()
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - sent < 20
    assert process.returncode == 130
    assert out == ""
    assert err.endswith("photostore: interrupted; what was done is kept\n")
    result = shell.sync(folder)
    assert result["assets"] == 40
    assert result["imported"] <= 40


def test_a_library_that_a_server_has_is_one_line_that_names_it(shell: Shell, photos: Path) -> None:
    process, _ = shell.serve("--scan", photos)
    done = shell.run("sync", "--library", shell.library, photos, code=1)
    assert done.stderr.count("\n") == 1
    assert f"process {process.pid} on " in done.stderr


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(shell: Shell, photos: Path) -> None:
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "photostore", "sync", "--json", "--library", shell.library, photos],
        env=shell.environ | {"TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs, check=False,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert done.returncode == 0
    assert json.loads(done.stdout)["imported"] == 5
    assert b"\r\x1b[?7l[" in shown
    assert shown.endswith(b"\r\x1b[K")


async def test_plain_progress_is_a_line_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    bus, stream = Bus(), io.StringIO()
    with bus.subscribe() as events:
        shown = asyncio.create_task(progress.show_progress(events, stream))
        bus.publish(SyncProgressed(SyncProgress("scanning")))
        bus.publish(ProblemsChanged())
        bus.publish(SyncProgressed(SyncProgress("importing", 10, 5)))
        await asyncio.sleep(0.01)
        bus.close()
        await shown
    assert stream.getvalue().splitlines() == [
        "photostore: scanning, 0 of 0",
        "photostore: importing, 5 of 10",
    ]


def test_progress_in_words() -> None:
    now = SyncProgress("importing", 2700, 1234, 3, 1, 12.34, 119, "Pictures/2024")
    assert describe(now) == "importing, 1,234 of 2,700, 12.3/s, 1 min 59 s left, 3 failed"
    following = replace(now, done=2700, failed=0, screens_left=1200)
    assert describe(following).startswith(
        "importing, 2,700 of 2,700, 1,200 large pictures to follow,"
    )
    bar = describe(now, 10)
    assert bar.startswith("[=====     ]  46%  importing  1,234 of 2,700")
    assert bar.endswith("Pictures/2024")
    assert describe(SyncProgress("scanning")) == "scanning, 0 of 0"
