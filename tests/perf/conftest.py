"""Generated libraries, servers on them, and the figures that a benchmark prints.

Nothing here fails on a time: a busy machine is no fault of the code. BENCH_ASSETS=100000 makes a
smaller library where a million take too long.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.perf.million import ASSETS, recipe

REPOSITORY = Path(__file__).resolve().parents[2]
# In the folder that `make clean` removes; a million assets are 1 GB and take a minute to make.
LIBRARIES = REPOSITORY / "build" / "bench"
COUNT = int(os.environ.get("BENCH_ASSETS", ASSETS))
BUSY_DAY = COUNT * 7 // 100


@dataclass
class Site:
    """A running server on a generated library."""

    url: str
    process: subprocess.Popen[str]
    started_s: float

    def memory_mb(self) -> tuple[float, float]:
        """Memory now and at most, of the server's process (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", status))
        return int(found["VmRSS"]) / 1024, int(found["VmHWM"]) / 1024

    def cpu_ms(self) -> float:
        """Processor time of the server so far, from the exact sums of the scheduler (Linux)."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(path.read_text("ascii").split()[0]) for path in tasks) / 1e6

    def settle(self) -> None:
        """Wait until it does nothing by itself: what searches are answered from is ready then."""
        while True:
            before = self.cpu_ms()
            time.sleep(1.5)
            if self.cpu_ms() - before < 60:
                return


def make_library(one_day: int) -> Path:
    """The library of COUNT assets, kept from the last run if it would be the same."""
    place = LIBRARIES / f"{COUNT}-{one_day}-{recipe()}"
    if not place.exists():
        partial = place.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        command = [sys.executable, "-m", "tests.perf.million", "--out", os.fspath(partial)]
        subprocess.run(
            [*command, "--assets", str(COUNT), "--one-day", str(one_day)],
            check=True,
            cwd=REPOSITORY,
        )
        partial.rename(place)
    return place


def serve(library: Path, home: Path) -> Iterator[Site]:
    """`photostore serve` on a library; it is ended afterwards."""
    environ = {**os.environ, "PYTHONPATH": os.fspath(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    environ |= {f"XDG_{name}_HOME": str(home / name) for name in ("CACHE", "CONFIG")}
    # The photos of a generated library are nowhere, and nothing can be written beside them.
    environ["PS_WRITE_SIDECARS"] = "false"
    command = [sys.executable, "-m", "photostore", "serve", "--library", os.fspath(library)]
    begun = time.perf_counter()
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, text=True, env=environ
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        urls = (re.search(r"http://\S+?(?=/?\s)", line) for line in lines)
        url = next((found.group() for found in urls if found), None)
        assert url, "the server did not start"
        yield Site(url, process, time.perf_counter() - begun)
        process.terminate()


@pytest.fixture(scope="session")
def million(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server on a million assets over twenty years."""
    yield from serve(make_library(0), tmp_path_factory.mktemp("million"))


@pytest.fixture(scope="session")
def busy_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same with 70,000 of the assets on one day."""
    yield from serve(make_library(BUSY_DAY), tmp_path_factory.mktemp("busy"))


def time_ms(act: Callable[[int], object], times: int) -> list[float]:
    """How long each of some calls took, in milliseconds, ascending."""
    taken = []
    for number in range(times):
        begun = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)


def print_row(name: str, taken: list[float], reach: str = "", baseline_ms: float = 0) -> None:
    """One line: p50, p95, and how often the baseline's p50 the p50 is."""
    p95 = taken[min(len(taken) - 1, round(0.95 * len(taken)))]
    p50 = statistics.median(taken)
    ratio = f"{p50 / baseline_ms:7.1f} x" if baseline_ms else " " * 9
    print(f"  {name:<34}{p50:9.1f}{p95:9.1f} ms{ratio}  {reach}")


def print_title(text: str) -> None:
    """A heading above some rows."""
    print(f"\n{text}\n  {'':<34}{'p50':>9}{'p95':>9}")
