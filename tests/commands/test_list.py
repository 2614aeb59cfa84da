"""`photostore list`: JSON, lines, and exact bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.commands.conftest import Shell
from tests.samples import make_photo


def test_json_is_an_array_of_assets_newest_first(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    assets = shell.json("list", "--json", "--library", shell.library)
    assert [len(asset["files"]) for asset in assets] == [1, 1, 2, 1]
    assert [asset["kind"] for asset in assets] == ["photo", "photo", "photo", "video"]
    first = assets[0]
    assert first["files"][0]["path"] == str(photos / "trip" / "c.jpg")
    assert first["gps"] == {"lat": 1.5, "lon": -2.5, "alt": None}
    assert first["captured"]["local"] == "2022-05-01T10:00:00"


def test_lines_are_the_shown_files(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    lines = shell.run("list", "--library", shell.library).stdout.splitlines()
    assert len(lines) == 4
    assert lines[0] == str(photos / "trip" / "c.jpg")


def test_a_query_selects(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    done = shell.run("list", "--library", shell.library, "--query", "type:video")
    assert done.stdout == f"{photos}/clip.mp4\n"
    assert shell.json("list", "--library", shell.library, "--query", "nothing", "--json") == []


def test_nul_separated_paths_are_the_bytes_of_the_file_system(shell: Shell, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "odd")
    photo = make_photo(tmp_path / "a.jpg").read_bytes()
    names = {b"caf\xe9.jpg", b"new\nline.jpg", b"-dash.jpg", "ü \u202e.jpg".encode()}
    os.mkdir(folder)
    for number, name in enumerate(sorted(names)):
        Path(os.fsdecode(os.path.join(folder, name))).write_bytes(photo + bytes([number]))
    shell.sync("--no-filter", os.fsdecode(folder))
    done = shell.run("list", "--library", shell.library, "-0")
    paths = os.fsencode(done.stdout).split(b"\0")
    assert paths.pop() == b""
    assert set(paths) == {os.path.join(folder, name) for name in names}
    for path in paths:
        assert os.path.exists(path)


def test_it_reads_beside_a_running_server(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    shell.serve("--scan", photos)
    assert len(shell.json("list", "--json", "--library", shell.library)) == 4


def test_no_library_is_exit_1_and_none_is_made(shell: Shell) -> None:
    done = shell.run("list", "--library", shell.library, code=1)
    assert "There is no library here" in done.stderr
    assert not shell.library.exists()


def test_a_reader_that_leaves_is_no_error(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    process = subprocess.Popen(
        [sys.executable, "-m", "photostore", "list", "--json", "--library", shell.library],
        env=shell.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=20) == 0


def test_a_full_disk_behind_stdout_is_one_line(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "photostore", "list", "--library", shell.library],
            env=shell.environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "photostore: [Errno 28] No space left on device\n"
