"""A kill right after an act was answered loses nothing of it: SPEC 9.1, 9.6."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import httpx

from photostore.media.xmp import read_xmp
from tests.commands.conftest import Shell

ACTS = 12


def test_acts_outlive_a_kill_with_their_sidecars_and_the_copy(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    ids: list[str] = []
    for rating in range(3):
        process, port = shell.serve("--scan", photos)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
            ids = [one["id"] for one in client.get("/assets").json()["assets"]]
            for number in range(ACTS):
                body = {"ids": ids, "set": {"rating": rating, "title": f"{rating}.{number}"}}
                client.patch("/assets", json=body).raise_for_status()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    _, port = shell.serve("--scan", photos)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
        assets = client.get("/assets").json()["assets"]
        assert {(one["rating"], one["title"]) for one in assets} == {(2, f"2.{ACTS - 1}")}
        acts = client.get("/journal?limit=200").json()["acts"]
        assert len(acts) == 3 * ACTS
        shown = [Path(file["path"]) for one in assets for file in one["files"]]
        wanted = {"rating": 2, "title": f"2.{ACTS - 1}"}
        end = time.monotonic() + 30
        while time.monotonic() < end:
            sidecars = [path.with_name(path.name + ".xmp") for path in shown]
            if all(one.exists() and read_xmp(one.read_bytes()).said == wanted for one in sidecars):
                break
            time.sleep(0.2)
        else:
            raise AssertionError("the sidecars were not brought up to date")
    lines = [
        json.loads(line)
        for path in sorted((shell.library / ".photostore" / "journal").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    assert [line["id"] for line in lines] == list(range(1, 3 * ACTS + 1))
