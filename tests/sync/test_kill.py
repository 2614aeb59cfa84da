"""SIGKILL at any point of an import loses no result: SPEC 5.4, DESIGN 7."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.samples import make_photo
from tests.sync.yard import write

TOP = Path(__file__).resolve().parents[2]
# Files done at which it is killed, more or less.
KILL_AT = (3, 12, 20, 31)
# What is the same however often an import was begun. Ids and times are not, and neither are words
# of libvips, whose threads share one buffer for them.
FILES = """
  SELECT folder.path, file.name, file.size, file.state, hex(file.sha1), file.width, file.height,
         file.captured_ms, hex(file.thumbhash), file.probe_version, file.preview_version,
         file.screen_version, file.gone_at, problem.stage, asset.shelf, asset.captured_ms,
         asset.ratio, shown.name, hex(asset.thumbhash)
  FROM file JOIN folder ON folder.id = file.folder_id
  LEFT JOIN problem ON problem.file_id = file.id LEFT JOIN asset ON asset.id = file.asset_id
  LEFT JOIN file AS shown ON shown.id = asset.shown_file_id
  ORDER BY folder.path, file.name
"""
GROUPS = """
  SELECT group_concat(name, '|') FROM (SELECT asset_id, name FROM file ORDER BY name)
  WHERE asset_id IS NOT NULL GROUP BY asset_id ORDER BY 1
"""
INDEX = "SELECT names FROM asset_text ORDER BY 1"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    top = tmp_path_factory.mktemp("photos")
    for number in range(36):
        path = top / f"{number % 5}" / f"{number:02}.jpg"
        taken = datetime(2020, 1, 1 + number % 28, 12)
        make_photo(path, taken=taken, seed=number, size=(1400, 1050))
    for number in range(0, 36, 6):
        copy = top / "copies" / f"copy{number:02}.jpg"
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((top / f"{number % 5}" / f"{number:02}.jpg").read_bytes())
    write(top / "bad" / "cut.jpg", (top / "0" / "00.jpg").read_bytes()[:900])
    write(top / "bad" / "text.jpg", "no picture at all " * 900)
    for path in top.rglob("*.jpg"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return top


def start(library: Path, photos: Path, *options: str) -> subprocess.Popen:
    library.mkdir(exist_ok=True)
    environ = os.environ | {"PYTHONPATH": str(TOP)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sync.import_once", str(library), str(photos), *options],
        cwd=TOP,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout.readline() == "begun\n"
    return process


def state(library: Path) -> dict:
    with closing(sqlite3.connect(library / "photostore.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        found = {sql: connection.execute(sql).fetchall() for sql in (FILES, GROUPS, INDEX)}
    previews = [path for path in (library / "previews").rglob("*") if path.is_file()]
    # What was cut off while it was written is left behind under another name, and never read.
    whole = [path for path in previews if path.suffix != ".partial"]
    found["previews"] = {path.name: path.read_bytes() for path in whole}
    return found


def done(library: Path) -> int:
    with closing(sqlite3.connect(library / "photostore.db")) as connection:
        return connection.execute("SELECT count(*) FROM file WHERE state = 'ready'").fetchone()[0]


def kill_at(
    process: subprocess.Popen, library: Path, previews: int, delay_s: float, what: str = "grid"
) -> None:
    """Kill an import soon after it has made so many previews."""
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        if len(list((library / "previews").rglob(f"*.{what}"))) >= previews:
            break
        time.sleep(0.002)
    time.sleep(delay_s)
    process.kill()
    process.communicate()


def test_an_import_that_was_killed_ends_like_one_that_was_not(tmp_path, photos):
    undisturbed = start(tmp_path / "undisturbed", photos)
    assert undisturbed.communicate(timeout=60)[0] == "42 1 1\n"
    rng = random.Random(20_240_501)
    killed = tmp_path / "killed"
    reached = []
    for previews in KILL_AT:
        kill_at(start(killed, photos), killed, previews, rng.uniform(0, 0.05))
        reached.append(done(killed))
    print("files done at each kill:", reached)
    assert reached == sorted(reached)
    assert reached[-1] > 0
    # No finished file is repeated, and none is lost.
    imported = int(start(killed, photos).communicate(timeout=60)[0].split()[0])
    assert imported == 42 - reached[-1]
    expected = state(tmp_path / "undisturbed")
    for part, found in state(killed).items():
        assert found == expected[part]


def test_an_import_that_was_killed_in_either_round_ends_like_one_that_was_not(tmp_path, photos):
    """docs/decisions/0015: grid pictures first, then the screen pictures."""
    undisturbed = start(tmp_path / "undisturbed", photos, "rounds")
    assert undisturbed.communicate(timeout=60)[0] == "42 1 1\n"
    rng = random.Random(20_261_121)
    killed = tmp_path / "killed"
    for what, previews in (("grid", 9), ("grid", 24), ("screen", 5), ("screen", 20)):
        delay_s = rng.uniform(0, 0.05)
        kill_at(start(killed, photos, "rounds"), killed, previews, delay_s, what)
    with closing(sqlite3.connect(killed / "photostore.db")) as connection:
        due = connection.execute("SELECT count(*) FROM file WHERE screen_version = 0").fetchone()[0]
    print("screen pictures still due after the last kill:", due)
    imported = start(killed, photos, "rounds").communicate(timeout=60)[0].split()[0]
    assert int(imported) == 0 or due == 0
    expected = state(tmp_path / "undisturbed")
    for part, found in state(killed).items():
        assert found == expected[part]
