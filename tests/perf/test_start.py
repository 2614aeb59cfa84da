"""From the command to the first answers, and what a server costs that nobody uses (SPEC 1.5).

Wall time is what a person waits for; the CPU time beside it says what it would be on a machine that
does nothing else. BENCH_IDLE_S changes how long an idle server is watched (five minutes).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.perf.conftest import COUNT, REPOSITORY, Site, make_library, serve

IDLE_S = float(os.environ.get("BENCH_IDLE_S", "300"))
TURNS = 5
SETTLED_S = 20  # what a start leaves to be done later is done
ANSWER_LIMIT_S = 120
# What the app asks for before it shows photos.
FIRST_PAGE = ("/", "/api/v1/stats", "/api/v1/shape", "/api/v1/assets?limit=50")


def cpu_s(site: Site) -> float:
    """CPU time of the server until now, in seconds (Linux)."""
    fields = Path(f"/proc/{site.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def time_start(library: Path, home: Path) -> tuple[tuple[float, float], tuple[float, float]]:
    """Wall and CPU seconds until the first /ping, and until the first page has all it shows."""
    for site in serve(library, home):
        begun = time.perf_counter() - site.started_s
        with httpx.Client(base_url=site.url, timeout=ANSWER_LIMIT_S) as client:
            assert client.get("/ping").text == "pong"
            ping = (time.perf_counter() - begun, cpu_s(site))
            for path in FIRST_PAGE:
                client.get(path).raise_for_status()
            page = (time.perf_counter() - begun, cpu_s(site))
    return ping, page


@pytest.mark.parametrize(("assets", "reach_s"), [(0, 1), (COUNT, 2)], ids=["empty", "million"])
def test_time_to_ready(tmp_path: Path, assets: int, reach_s: int) -> None:
    taken = []
    for turn in range(TURNS):
        library = make_library(0) if assets else tmp_path / f"library-{turn}"
        taken.append(time_start(library, tmp_path / "home"))
    for name, index in (("first /ping", 0), ("first page", 1)):
        wall, cpu = (sorted(turn[index][kind] for turn in taken)[TURNS // 2] for kind in (0, 1))
        print(f"\n{assets:,} assets: {name} after {wall:.2f} s, {cpu:.2f} s of CPU "
              f"(reach: {reach_s} s; the middle of {TURNS})", end="")  # fmt: skip
    print()


def test_idle(tmp_path: Path) -> None:
    """With 100,000 assets and nobody there."""
    library = tmp_path / "library"
    command = [sys.executable, "-m", "tests.perf.million", "--out", str(library)]
    subprocess.run([*command, "--assets", "100000"], check=True, cwd=REPOSITORY)
    for site in serve(library, tmp_path):
        httpx.get(site.url + "/api/v1/shape", timeout=ANSWER_LIMIT_S).raise_for_status()
        time.sleep(SETTLED_S)
        before = cpu_s(site)
        time.sleep(IDLE_S)
        share = (cpu_s(site) - before) / IDLE_S
        now, peak = site.memory_mb()
    print(
        f"\n100,000 assets: idle for {IDLE_S:.0f} s with {share:.2%} of a core (reach: 0.5 %), "
        f"{now:.0f} MB (reach: 120), {peak:.0f} MB at most"
    )
