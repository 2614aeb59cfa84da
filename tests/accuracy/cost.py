"""What facts cost: CPU milliseconds a file, and exiftool's beside it, kept open (`-stay_open`)."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photostore.base.errors import FileError
from photostore.media.probe import probe
from photostore.media.reading import read_content

ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the files of a folder, in milliseconds of CPU."""

    files: int
    facts_ms: float
    read_ms: float
    exiftool_ms: float | None


def measure_cost(folder: Path) -> Cost:
    """Measure all files of a folder that give facts; bytes and SHA-1 are `read_ms`."""
    facts, read = [], []
    paths = []
    for path in sorted(folder.iterdir()):
        try:
            probe(read_content(os.fsencode(path)))
        except FileError:
            continue
        paths.append(path)
        times = [_times(os.fsencode(path)) for _ in range(ROUNDS)]
        read.append(statistics.median(one[0] for one in times))
        facts.append(statistics.median(one[1] for one in times))
    return Cost(len(paths), statistics.median(facts), statistics.median(read), _exiftool(paths))


def _times(path: bytes) -> tuple[float, float]:
    start = time.thread_time()
    content = read_content(path)
    middle = time.thread_time()
    probe(content)
    return (middle - start) * 1000, (time.thread_time() - middle) * 1000


def _exiftool(paths: Sequence[Path]) -> float | None:
    """CPU of one exiftool process a file, without its start; None where it is not installed."""
    program = shutil.which("exiftool")
    if program is None or not Path("/proc/self/stat").exists():
        return None
    command = [program, "-stay_open", "True", "-@", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        medians = []
        for path in paths:
            costs = []
            for _ in range(ROUNDS):
                before = _cpu_ms(process.pid)
                process.stdin.write(b"-n\n-json\n" + os.fsencode(path) + b"\n-execute\n")
                process.stdin.flush()
                while not process.stdout.readline().startswith(b"{ready}"):
                    pass
                costs.append(_cpu_ms(process.pid) - before)
            # A tick of the kernel's clock is 10 ms: only the mean tells less.
            medians.append(statistics.fmean(costs[1:]))
        process.stdin.write(b"-stay_open\nFalse\n")
        process.stdin.flush()
    return statistics.median(medians)


def _cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")
