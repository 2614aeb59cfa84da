"""`photostore compose` (SPEC 1.2): what it writes, and that the examples are written by it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from photostore.base.compose import Mount, Plan, render
from photostore.base.errors import UsageError
from tests.commands.composefile import service_of
from tests.commands.conftest import Shell

CONTAINER = Path(__file__).resolve().parents[2] / "container"
EXAMPLE = Plan(
    library=Path("/srv/photostore"),
    photos=(Path("/srv/photos"), Path("/media/camera")),
    tz="Europe/Berlin",
)


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("compose.example.yaml", EXAMPLE),
        ("compose.hardened.yaml", replace(EXAMPLE, is_hardened=True)),
    ],
)
def test_examples_are_what_is_written(name: str, plan: Plan) -> None:
    written = (CONTAINER / name).read_text()
    said, _, text = written.partition("\n\n")
    assert all(line.startswith("#") for line in said.splitlines())
    assert text == render(plan)


def test_from_options(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "Bilder").mkdir()
    output = tmp_path / "compose.yaml"
    done = shell.run(
        *("compose", "--library", tmp_path / "library", "--scan", tmp_path / "Bilder"),
        *("--port", "8080", "--puid", "1001", "--pgid", "100", "--tz", "Asia/Tokyo"),
        *("--output", output),
    )
    service = service_of(output.read_text())
    assert service["ports"] == ["127.0.0.1:8080:1787"]
    assert service["environment"] == {
        "PUID": "1001",
        "PGID": "100",
        "TZ": "Asia/Tokyo",
        "PS_AUTH": "none",
    }
    library, photos = service["volumes"]
    assert (library["source"], library["target"]) == (str(tmp_path / "library"), "/ps/library")
    assert "read_only" not in library
    assert (photos["target"], photos["read_only"]) == ("/photos/Bilder", True)
    assert "docker compose up" in done.stdout
    assert done.stderr == f"photostore: warning: {tmp_path}/library is no folder here yet\n"
    assert not (tmp_path / "library").exists()


def test_file_that_exists_is_never_overwritten(shell: Shell, tmp_path: Path) -> None:
    output = tmp_path / "compose.yaml"
    output.write_text("mine")
    done = shell.run("compose", "--library", tmp_path, "--output", output, code=1)
    assert "exists already" in done.stderr
    assert output.read_text() == "mine"


def test_without_a_terminal_a_library_is_needed(shell: Shell) -> None:
    assert "--library DIR" in shell.run("compose", code=2).stderr


def test_questions_on_a_terminal(shell: Shell, tmp_path: Path) -> None:
    terminal, its_end = os.openpty()
    answers = (tmp_path / "library", tmp_path / "a", tmp_path / "b", "", "8081", "", "Asia/Tokyo")
    os.write(terminal, "".join(f"{answer}\n" for answer in answers).encode())
    output = tmp_path / "compose.yaml"
    try:
        subprocess.run(
            [sys.executable, "-m", "photostore", "compose", "--output", output],
            env=shell.environ,
            stdin=its_end,
            stdout=subprocess.DEVNULL,
            timeout=30,
            check=True,
        )
    finally:
        os.close(its_end)
        os.close(terminal)
    service = service_of(output.read_text())
    sources = [mount["source"] for mount in service["volumes"]]
    assert sources == [str(tmp_path / name) for name in ("library", "a", "b")]
    assert service["ports"] == ["127.0.0.1:8081:1787"]
    assert service["environment"]["TZ"] == "Asia/Tokyo"
    assert service["environment"]["PS_AUTH"] == "none"


def test_network_is_asked_for_twice(shell: Shell, tmp_path: Path) -> None:
    """Other devices reach the port, but see nothing until that is said as well."""
    options = ("compose", "--library", tmp_path, "--expose", "--output", "-")
    service = service_of(shell.run(*options).stdout)
    assert service["ports"] == ["1787:1787"]
    assert "PS_AUTH" not in service["environment"]
    assert ".local" in service["environment"]["PS_ALLOWED_HOSTS"]
    service = service_of(shell.run(*options, "--auth", "none").stdout)
    assert service["environment"]["PS_AUTH"] == "none"


@pytest.mark.parametrize("name", ["a b", 'quote"', "$HOME", "colon: #", "ü", "- x", "tab\t"])
def test_any_name_is_read_as_it_is(name: str) -> None:
    folder = Path("/srv") / name
    service = service_of(render(replace(EXAMPLE, photos=(folder,))))
    assert service["volumes"][1]["source"].replace("$$", "$") == str(folder)


def test_name_that_is_not_utf8() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        render(replace(EXAMPLE, photos=(Path(os.fsdecode(b"/srv/\xff")),)))


def test_folders_of_one_name_stay_apart() -> None:
    photos = (Path("/a/Photos"), Path("/b/Photos"), Path("/c/Photos"), Path("/"))
    service = service_of(render(replace(EXAMPLE, photos=photos)))
    targets = [mount["target"] for mount in service["volumes"][1:]]
    assert targets == ["/photos/Photos", "/photos/Photos-2", "/photos/Photos-3", "/photos/root"]


def test_own_folders_can_be_elsewhere() -> None:
    plan = replace(EXAMPLE, own=(Mount(Path("/ssd"), "/ps/tmp"),))
    assert {"type": "bind", "source": "/ssd", "target": "/ps/tmp"} in service_of(render(plan))[
        "volumes"
    ]


def test_hardened_runs_as_the_user_from_the_start() -> None:
    service = service_of(render(replace(EXAMPLE, is_hardened=True, uid=1234, gid=100)))
    assert service["user"] == "1234:100"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "PUID" not in service["environment"]
