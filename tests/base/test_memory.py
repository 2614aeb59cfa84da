"""Limits of memory and processor are those of the container, where there is one (SPEC 1.5, 5.6)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from photostore.base.memory import (
    MIB,
    Machine,
    choose_budget,
    give_back,
    look_at_machine,
    resident_bytes,
    restrain_allocator,
)

ALL = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
V2 = "0::/system.slice/docker-1.scope\n"
V1 = "11:memory:/docker/abc\n5:cpuacct,cpu:/docker/abc\n0::/\n"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_limits_it_is_the_computer(tmp_path: Path) -> None:
    machine = look_at_machine(tmp_path)
    assert (machine.memory_bytes, machine.memory_source) == (ALL, "the computer")
    assert machine.cores == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    "files",
    [
        {
            "proc/self/cgroup": V2,
            "sys/fs/cgroup/system.slice/docker-1.scope/memory.max": "536870912\n",
        },
        # Of the groups above, the least counts.
        {
            "proc/self/cgroup": V2,
            "sys/fs/cgroup/system.slice/memory.max": "536870912\n",
            "sys/fs/cgroup/system.slice/docker-1.scope/memory.max": "max\n",
        },
        # As a container with its own namespace sees it: its group is the top.
        {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n"},
        {
            "proc/self/cgroup": V1,
            "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "536870912\n",
        },
        # The path is that of the host, and what is mounted is the container's own group.
        {"proc/self/cgroup": V1, "sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n"},
    ],
)
def test_limit_of_a_container(tmp_path: Path, files: dict[str, str]) -> None:
    machine = look_at_machine(write(tmp_path, files))
    assert (machine.memory_bytes, machine.memory_source) == (512 * MIB, "the container")


@pytest.mark.parametrize("text", ["max\n", "9223372036854771712\n", "", "nonsense\n"])
def test_no_limit_is_none(tmp_path: Path, text: str) -> None:
    files = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": text}
    assert look_at_machine(write(tmp_path, files)).memory_bytes == ALL


def test_cores_of_a_container(tmp_path: Path) -> None:
    files = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}
    assert look_at_machine(write(tmp_path / "v2", files)).cores == 0.5
    files = {
        "proc/self/cgroup": V1,
        "sys/fs/cgroup/cpuacct,cpu/docker/abc/cpu.cfs_quota_us": "100000\n",
        "sys/fs/cgroup/cpuacct,cpu/docker/abc/cpu.cfs_period_us": "100000\n",
    }
    assert look_at_machine(write(tmp_path / "v1", files)).cores == 1.0
    files["sys/fs/cgroup/cpuacct,cpu/docker/abc/cpu.cfs_quota_us"] = "-1\n"
    cores = look_at_machine(write(tmp_path / "v1", files)).cores
    assert cores == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("mib", "cores", "imports", "cache_mib"),
    [
        (256, 4, 1, 2),
        (512, 4, 3, 4),
        (512, 0.5, 1, 4),
        (1024, 4, 4, 8),
        (2048, 4, 4, 16),
        (64 * 1024, 32, 32, 16),
        (16, 1, 1, 2),
    ],
)
def test_budget(mib: int, cores: float, imports: int, cache_mib: int) -> None:
    budget = choose_budget(Machine(mib * MIB, "the computer", cores))
    assert (budget.imports, budget.database_cache_bytes // MIB) == (imports, cache_mib)


def test_what_threads_freed_goes_back() -> None:
    """In a process of its own: the allocator of this one belongs to all tests."""
    program = """
import threading
from photostore.base.memory import give_back, resident_bytes, restrain_allocator
assert restrain_allocator()
before = resident_bytes()
def work():
    parts = [bytes(2 << 20) for _ in range(20)] + [bytes(50_000) for _ in range(400)]
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
give_back()
print((resident_bytes() - before) >> 20)
"""
    environ = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ
    )
    assert int(done.stdout) < 8


def test_calls_are_safe_at_any_time() -> None:
    restrain_allocator()
    give_back()
    resident = resident_bytes()
    assert resident is None or resident > MIB
