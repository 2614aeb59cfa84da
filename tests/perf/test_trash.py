"""Ten thousand assets to the trash and back over the API, on a tmpfs: under a minute (SPEC 9.3)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library.trash.disk import tree
from tests.library.trash.machine import Machine
from tests.library.trash.stocked import fill, opened, take_in

ASSETS = 10_000
REACH_S = 60.0


@pytest.fixture
def machine() -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a tmpfs")
    made = Machine()
    yield made
    made.close()


@pytest.mark.anyio
@pytest.mark.timeout(600)
async def test_ten_thousand_to_the_trash_and_back(machine: Machine, tmp_path: Path) -> None:
    photos = machine.tmpfs("disk", "size=400m,mode=1777") / "photos"
    fill(photos, ASSETS)
    before = tree(photos)
    async with opened(tmp_path / "home", photos) as house:
        await take_in(house.library)
        ids = await house.ids()
        seconds = []
        for path, word in (("/assets/trash", "trashed"), ("/assets/restore", "restored")):
            began = time.monotonic()
            done = await house.post(path, ids=ids)
            seconds.append(time.monotonic() - began)
            assert (done[word], done["refused"]) == (ASSETS, [])
            assert tree(photos) == (before if word == "restored" else {})
    files = len(before)
    print(
        f"\n{ASSETS:,} assets, {files:,} files: trashed in {seconds[0]:.1f} s, "
        f"restored in {seconds[1]:.1f} s (reach {REACH_S:.0f} s each)"
    )
