"""`photostore journal`: what people did (SPEC 9.6)."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.commands.conftest import Shell


def test_acts_as_lines_and_as_json(shell: Shell, photos: Path) -> None:
    shell.sync(photos)
    assert shell.json("journal", "--json", "--library", shell.library) == []
    _, port = shell.serve("--scan", photos, "--no-write-sidecars")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as client:
        ids = [asset["id"] for asset in client.get("/assets").json()["assets"]]
        client.patch("/assets", json={"ids": ids, "set": {"rating": 3}}).raise_for_status()
        client.post("/albums", json={"name": "Trip", "ids": ids[:2]}).raise_for_status()
        client.post("/journal/1/undo").raise_for_status()
    undo, album, edit = shell.json("journal", "--json", "--library", shell.library)
    assert (edit["act"], edit["count"], edit["user"], edit["undone_by"]) == ("edit", 4, "owner", 3)
    assert edit["after"] == {"edits": {"rating": [3]}}
    assert edit["before"]["assets"][ids[0]]["edits"] == {"rating": []}
    assert album["summary"]["values"]["name"] == "Trip"
    assert undo["undoes"] == 1
    lines = shell.run("journal", "--library", shell.library).stdout.splitlines()
    assert [line.split()[2:4] for line in lines] == [
        ["edit", "4"],
        ["album_create", "2"],
        ["edit", "4"],
    ]
    assert lines[0].endswith("undoes 1")
    assert lines[1].endswith("Trip")
    assert lines[2].endswith("rating; undone")
    nowhere = shell.run("journal", "--library", shell.library.parent / "none", code=1)
    assert "There is no library here" in nowhere.stderr
