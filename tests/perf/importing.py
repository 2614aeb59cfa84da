"""What the benchmarks of the import run in processes of their own: the baseline, a scan, a burst.

`python -m tests.perf.importing bare FILE...`: bare libraries making the same two pictures.
`... scan DATABASE FOLDER`: one comparison of a folder with what is known of it.
`... rounds FOLDER PHOTOS`: one pass of a server's engine; and grid pictures first, then the others.
`... burst DATABASE FOLDER FILES FOLDERS`: files that are dropped under a watch.
Each prints one line of JSON.
"""
# ruff: noqa: PLC0415 - each act loads what it measures, and nothing else

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

SCREEN_PX, GRID_PX = 1440, 320
TICK_S = 0.002


def spent_s() -> float:
    """CPU time of this process, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """The most memory that was resident; `ru_maxrss` also counts the parent's before the exec."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def bare(names: list[str]) -> dict[str, float]:
    """Decode each file once and encode both pictures, with nothing around it."""
    import pyvips

    pyvips.cache_set_max(0)
    before = spent_s()
    for name in names:
        screen = decode(pyvips, name)
        scale = min(1.5 * GRID_PX / screen.width, GRID_PX / screen.height)
        grid = screen.resize(min(1.0, scale)).copy_memory()
        screen.jpegsave_buffer(Q=82, keep="none")
        grid.webpsave_buffer(Q=65, effort=2, keep="none")
    return {"cpu_s": spent_s() - before}


def decode(pyvips: Any, name: str) -> Any:
    """The screen picture by the library that photostore uses for the kind, called directly."""
    data = Path(name).read_bytes()
    kind = Path(name).suffix.lower()
    if kind == ".heic":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        heif = pillow_heif.open_heif(io.BytesIO(data))
        image = pyvips.Image.new_from_memory(bytes(heif.data), *heif.size, 3, "uchar")
        image = image.copy(interpretation="srgb")
    elif kind in {".dng", ".nef", ".arw", ".cr2"}:
        import rawpy

        with rawpy.imread(io.BytesIO(data)) as raw:
            half = max(raw.sizes.width, raw.sizes.height) >= 2 * SCREEN_PX
            pixels = raw.postprocess(use_camera_wb=True, half_size=half)
        height, width, bands = pixels.shape
        image = pyvips.Image.new_from_memory(pixels.tobytes(), width, height, bands, "uchar")
        image = image.copy(interpretation="srgb")
    elif kind == ".mp4":
        import av

        with av.open(io.BytesIO(data)) as container:
            frame = next(container.decode(video=0)).reformat(format="rgb24")
            pixels = bytes(frame.planes[0])
            line = frame.planes[0].line_size
            image = pyvips.Image.new_from_memory(pixels, line // 3, frame.height, 3, "uchar")
            image = image.crop(0, 0, frame.width, frame.height).copy(interpretation="srgb")
    else:
        thumbnail = pyvips.Image.thumbnail_buffer(
            data, SCREEN_PX, height=SCREEN_PX, size="down", no_rotate=False
        )
        return thumbnail.copy_memory()
    scale = min(1.0, SCREEN_PX / max(image.width, image.height))
    return image.resize(scale).copy_memory()


async def open_engine(database: Path, folder: str, **changes: Any) -> Any:
    """A database with one root, and an engine over it that imports nothing."""
    from photostore.base.events import Bus
    from photostore.library.previews import PreviewStore
    from photostore.library.roots import settle_roots
    from photostore.media.filters import Limits
    from photostore.store.db import Database
    from photostore.sync.engine import SyncEngine
    from photostore.sync.journey import Workshop
    from tests.sync.shop import settings

    opened = await Database.open(database, database.parent / "backups")
    await settle_roots(opened, [os.fsencode(folder)])
    workshop = Workshop(PreviewStore(database.parent / "previews"), Limits(), SCREEN_PX)
    engine = SyncEngine(opened, Bus(), workshop, settings(**changes))
    return opened, engine


async def scan(database: Path, folder: str) -> dict[str, float]:
    """Compare the whole folder once."""
    from photostore.store.volumes import configured_roots

    opened, engine = await open_engine(database, folder)
    async with opened.read() as reading:
        (root,) = await configured_roots(reading)
    began, before = time.perf_counter(), spent_s()
    summary = await engine._scanner.scan_root(root)
    wall_s, cpu_s = time.perf_counter() - began, spent_s() - before
    await opened.close()
    return {
        "found": summary.found,
        "new": summary.new,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "peak_mb": peak_mb(),
    }


async def burst(database: Path, folder: str, files: int, folders: int) -> dict[str, float]:
    """Drop files into new folders under a watch; how long until all are known, and the loop."""
    opened, engine = await open_engine(database, folder, watch=True)
    await engine.pause(paused=True)
    longest = longest_cpu = 0.0

    async def watch_loop() -> None:
        nonlocal longest, longest_cpu
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK_S)
            longest = max(longest, time.perf_counter() - began - TICK_S)
            longest_cpu = max(longest_cpu, time.thread_time() - worked)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(engine.run())]
        await asyncio.sleep(2)
        running.append(tasks.create_task(watch_loop()))
        began = time.perf_counter()
        # Another process, as it would be: a thread here would take turns with the loop.
        command = ("drop", folder, str(files), str(folders))
        dropping = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.perf.importing", *command
        )
        await dropping.wait()
        dropped_s = time.perf_counter() - began
        known = 0
        while known < files and time.perf_counter() - began < 600:
            await asyncio.sleep(0.5)
            async with opened.read() as reading:
                known = await reading.fetch_value("SELECT count(*) FROM file")
        known_s = time.perf_counter() - began
        await asyncio.sleep(3)
        async with opened.read() as reading:
            known = await reading.fetch_value("SELECT count(*) FROM file")
        for task in running:
            task.cancel()
    await opened.close()
    return {
        "known": known,
        "dropped_s": dropped_s,
        "known_s": known_s,
        "longest_block_ms": longest * 1000,
        "longest_work_ms": longest_cpu * 1000,
        "peak_mb": peak_mb(),
    }


async def rounds(home: Path, photos: str) -> dict[str, float]:
    """CPU time of a server's import in one pass, of its first round, and of both rounds."""
    from photostore.store import work

    files = len(os.listdir(photos))
    kinds = work.KINDS
    unscreened = tuple(
        (f"file.id < 0 AND {condition}" if condition is work.SCREENS_DUE else condition, *rest)
        for condition, *rest in kinds
    )
    found: dict[str, float] = {}
    for name, first in (("warm", 0), ("one_s", 0), ("both_s", 1)):
        folder = home / name
        folder.mkdir(parents=True)
        database = folder / "photostore.db"
        opened, engine = await open_engine(database, photos, first_pass_files=first)
        work.KINDS = unscreened if first else kinds
        before = spent_s()
        running = asyncio.create_task(engine.run())
        await until_ready(opened, files, "TRUE")
        if first:
            found["first_s"] = spent_s() - before
            work.KINDS = kinds
            engine.importer.wake()
        await until_ready(opened, files, "screen_version IS NULL")
        found[name] = spent_s() - before
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await opened.close()
    return found


async def until_ready(opened: Any, files: int, condition: str) -> None:
    """Wait until so many files are recorded for which something holds."""
    ready = 0
    while ready < files:
        await asyncio.sleep(0.1)
        async with opened.read() as reading:
            sql = f"SELECT count(*) FROM file WHERE state = 'ready' AND {condition}"
            ready = await reading.fetch_value(sql)


def drop(top: Path, files: int, folders: int) -> None:
    """Small files, each with a name and an inode of its own, as if written long ago."""
    for folder in range(folders):
        path = top / f"{folder // 100}" / f"{folder}"
        path.mkdir(parents=True)
        for number in range(files // folders):
            name = path / f"{folder}-{number}.jpg"
            name.write_bytes(b"x")
            os.utime(name, (1_600_000_000, 1_600_000_000))


def main() -> None:
    """Do what the arguments say."""
    act, *arguments = sys.argv[1:]
    if act == "bare":
        done = bare(arguments)
    elif act == "scan":
        done = asyncio.run(scan(Path(arguments[0]), arguments[1]))
    elif act == "rounds":
        done = asyncio.run(rounds(Path(arguments[0]), arguments[1]))
    elif act == "drop":
        drop(Path(arguments[0]), int(arguments[1]), int(arguments[2]))
        return
    else:
        counts = (int(arguments[2]), int(arguments[3]))
        done = asyncio.run(burst(Path(arguments[0]), arguments[1], *counts))
    print(json.dumps(done))


if __name__ == "__main__":
    main()
