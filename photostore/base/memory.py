"""How much memory and processor there is, and what photostore makes of it (SPEC 1.5, 5.6).

The limit of a container counts where there is one (cgroup v2 and v1), else the computer's memory.
From it come the number of files imported at once and the database's caches. The C library is told
to keep few arenas and to give memory back, because threads that decode would take an arena each.
"""

from __future__ import annotations

import asyncio
import ctypes
import math
import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1 << 20
# What the server takes without an import, and what each file that is imported adds: measured with
# pictures of 12 megapixels, and rounded up. Very large pictures are decoded one at a time, apart.
_SERVER_BYTES = 120 * MIB
_IMPORT_BYTES = 80 * MIB
# Of the memory that there is, other programs and the page cache of the system need some.
_OUR_SHARE = 0.75
# A page cache for each connection to the database: at most what a million assets were tuned with.
_CACHE_SHARE = 1 / 128
_CACHE_MIN_BYTES, _CACHE_MAX_BYTES = 2 * MIB, 16 * MIB
_CGROUP = "sys/fs/cgroup"
# mallopt(3): the variable by which a person may say otherwise, the parameter, and what it shall be.
# An import of 12-megapixel pictures on two cores peaks at 112 MiB with these, at 138 without, for
# 2 % more CPU; with 1 MiB and 1 MiB it is 108, for 7 %.
_WISHES = (
    ("MALLOC_ARENA_MAX", -8, 2),
    ("MALLOC_MMAP_THRESHOLD_", -3, 4 * MIB),
    ("MALLOC_TRIM_THRESHOLD_", -1, 8 * MIB),
)
# Memory is given back when this much more is in use than after the last time.
_GROWN_BYTES = 8 * MIB
_LOOK_S = 5.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is: `memory_bytes` by the word of `memory_source`, and processor cores."""

    memory_bytes: int
    memory_source: str
    cores: float


@dataclass(frozen=True, slots=True)
class Budget:
    """What is made of it. `database_cache_bytes` is for each connection."""

    machine: Machine
    imports: int
    database_cache_bytes: int


def look_at_machine(root: Path = Path("/")) -> Machine:
    """Memory and cores of this machine, or of the container if that has less.

    `root` is where `proc` and `sys` are.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [*_read_numbers(root, "memory", "memory.max", "memory.limit_in_bytes")]
    cores = float(_count_cores())
    quotas = [*_read_quotas(root)]
    source = "the computer"
    if limits and min(limits) < memory:
        memory, source = min(limits), "the container"
    return Machine(memory, source, min([cores, *quotas]))


def choose_budget(machine: Machine) -> Budget:
    """How many files are imported at once, and how large caches may be."""
    ours = machine.memory_bytes * _OUR_SHARE - _SERVER_BYTES
    fitting = int(ours // _IMPORT_BYTES)
    wanted = machine.memory_bytes * _CACHE_SHARE
    return Budget(
        machine,
        imports=max(1, min(fitting, math.ceil(machine.cores))),
        database_cache_bytes=int(min(_CACHE_MAX_BYTES, max(_CACHE_MIN_BYTES, wanted))),
    )


@cache
def own_budget() -> Budget:
    """The budget of this process; looked up once, for a limit that changes takes a new start."""
    return choose_budget(look_at_machine())


def restrain_allocator() -> bool:
    """Have the C library keep little that is not in use; before threads start. False: it cannot.

    glibc only: two arenas, and blocks of some megabytes go back to the system when they are freed;
    by itself it raises that size with each such block, and then keeps them.
    """
    libc = _find_libc()
    if libc is None:
        return False
    done = True
    for variable, parameter, value in _WISHES:
        if variable not in os.environ:
            done &= bool(libc.mallopt(parameter, value))
    return done


async def give_back_regularly() -> None:
    """Give back what an import or a large answer took, soon after it, until cancelled."""
    kept = 0
    while (resident := resident_bytes()) is not None:
        if resident > kept + _GROWN_BYTES:
            await asyncio.to_thread(give_back)
            kept = resident_bytes() or 0
        await asyncio.sleep(_LOOK_S)


def give_back() -> None:
    """Return memory that is free inside the process to the system; takes some milliseconds."""
    libc = _find_libc()
    if libc is not None:
        libc.malloc_trim(0)


def resident_bytes() -> int | None:
    """Memory that this process has in use now; None where the system does not tell (macOS)."""
    try:
        text = Path("/proc/self/statm").read_text("ascii")
    except OSError:
        return None
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


@cache
def _find_libc() -> ctypes.CDLL | None:
    """glibc; None with another C library, which has no such calls."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        if libc.mallopt and libc.malloc_trim and libc.gnu_get_libc_version:
            return libc
    return None


def _count_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _list_groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control group and of all above it.

    In a container the path is often that of the host, which is not there; the top is.
    """
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text("utf-8", "replace").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers not in {"", controller} and controller not in controllers.split(","):
                continue
            top = root / _CGROUP / controllers if controllers else root / _CGROUP
            place = top / path.lstrip("/")
            yield from (place, *(each for each in place.parents if each.is_relative_to(top)))


def _read_numbers(root: Path, controller: str, *names: str) -> Iterator[int]:
    """What these files say in the control groups; `max`, and what is not there, is no limit."""
    for folder in _list_groups(root, controller):
        for name in names:
            with suppress(OSError, ValueError):
                yield int((folder / name).read_text("ascii"))


def _read_quotas(root: Path) -> Iterator[float]:
    """Cores that the control groups allow: cpu.max (v2), cpu.cfs_quota_us and its period (v1)."""
    for folder in _list_groups(root, "cpu"):
        with suppress(OSError, ValueError, ZeroDivisionError):
            quota, period = (folder / "cpu.max").read_text("ascii").split()
            yield int(quota) / int(period)
        with suppress(OSError, ValueError, ZeroDivisionError):
            quota_us = int((folder / "cpu.cfs_quota_us").read_text("ascii"))
            if quota_us > 0:
                yield quota_us / int((folder / "cpu.cfs_period_us").read_text("ascii"))
