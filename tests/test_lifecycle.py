"""Start and stop leave nothing behind (SPEC 1.4, DESIGN 7)."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from pathlib import Path

import httpx
import pytest

from photostore.runtime import run_server
from tests.samples import make_photo
from tests.server.conftest import configure

STARTS = 50


async def start_and_stop(tmp_path: Path, photos: Path) -> None:
    """One server: started, asked for its stats, listened to by a stream, stopped by a signal."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    configuration = configure(tmp_path, photos, http_port=0, watch=True)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_server(configuration, on_listening=port.set_result))
        base = f"http://127.0.0.1:{await port}"
        async with httpx.AsyncClient(base_url=base) as client:
            await wait_until_open(client)
            async with client.stream("GET", "/api/v1/events") as stream:
                lines = stream.aiter_lines()
                assert await anext(lines) == "event: hello"
                signal.raise_signal(signal.SIGTERM)
                rest = [line async for line in lines]
    assert "event: bye" in rest


async def wait_until_open(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        if (await client.get("/api/v1/stats")).status_code == 200:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the library was not opened in time")


def resources_in_use() -> tuple[int, int]:
    """(threads, descriptors) of this process."""
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to count descriptors")
def test_fifty_starts_and_stops_leave_nothing(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    make_photo(photos / "a.jpg", seed=1)
    asyncio.run(start_and_stop(tmp_path, photos), debug=False)
    threads, descriptors = resources_in_use()
    for _ in range(STARTS):
        asyncio.run(start_and_stop(tmp_path, photos))
    assert wait_for_baseline(threads, descriptors) == (threads, descriptors)


def wait_for_baseline(threads: int, descriptors: int) -> tuple[int, int]:
    """Decode threads end by themselves a moment after the stop."""
    for _ in range(50):
        now = resources_in_use()
        if now[0] <= threads and now[1] <= descriptors:
            return threads, descriptors
        threading.Event().wait(0.1)
    return now


def test_no_task_outlives_the_server(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    make_photo(photos / "a.jpg", seed=1)

    async def run() -> set[str]:
        await start_and_stop(tmp_path, photos)
        await asyncio.sleep(0)
        return {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}}

    assert asyncio.run(run()) == set()
