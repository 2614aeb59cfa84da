"""A file that kills the process does so once (SPEC 5.7)."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

from tests.commands.conftest import TOP, Shell, age
from tests.samples import make_photo

# Python imports this at its start, in photostore and in its decode child alike.
KILLER = """
import os
from photostore.decode import examination
real = examination.render
def render(content, facts, **more):
    if content.path.endswith(b"killer.jpg"):
        os.abort()
    return real(content, facts, **more)
examination.render = render
"""


def test_the_rest_is_imported_and_the_killer_set_aside(shell: Shell, tmp_path: Path) -> None:
    photos, patch = tmp_path / "photos", tmp_path / "patch"
    for number in range(5):
        make_photo(photos / f"{number}.jpg", seed=number)
    make_photo(photos / "killer.jpg", seed=9)
    age(photos)
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(KILLER)
    sync = ("sync", "--json", "--no-filter", "--library", shell.library, photos)
    environ = {"PYTHONPATH": os.pathsep.join([str(patch), str(TOP)])}

    shell.run(*sync, code=-signal.SIGABRT, **environ)
    shell.run(*sync, code=0, **environ)

    assert problem_of(shell, b"killer.jpg") == ("failed", "crash", "its decoder crashed (SIGABRT)")
    listed = shell.run("list", "--library", shell.library).stdout.splitlines()
    assert sorted(Path(line).name for line in listed) == [f"{number}.jpg" for number in range(5)]
    shell.run(*sync, code=0, **environ)


def test_an_innocent_file_in_flight_is_imported_after_all(shell: Shell, tmp_path: Path) -> None:
    """A power cut or `kill -9` says nothing about the file that was being read."""
    photos = tmp_path / "photos"
    make_photo(photos / "a.jpg", seed=1)
    age(photos)
    shell.sync("--no-filter", photos)
    with sqlite3.connect(shell.library / ".photostore" / "photostore.db") as database:
        database.execute("UPDATE file SET state = 'pending'")
    database.close()
    (shell.library / ".photostore" / "in-flight").write_bytes(b"1".ljust(32))
    assert shell.sync("--no-filter", photos)["imported"] == 1
    assert problem_of(shell, b"a.jpg") is None


def problem_of(shell: Shell, name: bytes) -> tuple[str, str, str] | None:
    database = sqlite3.connect(shell.library / ".photostore" / "photostore.db")
    try:
        return database.execute(
            """SELECT problem.state, stage, reason FROM problem
               JOIN file ON file.id = file_id WHERE name = ?""",
            (name,),
        ).fetchone()
    finally:
        database.close()
