"""The import against the bare libraries, a scan against `find`, memory (DESIGN 5).

Nothing fails on a time. BENCH_FILES changes how many pictures of each kind are imported (40),
BENCH_SCAN how many files a scan compares (100,000).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pyvips

from tests.commands.conftest import Shell
from tests.faults.conftest import children_of, resident_mb
from tests.perf.conftest import REPOSITORY, serve
from tests.perf.importing import drop
from tests.samples import make_photo, make_video

FILES = int(os.environ.get("BENCH_FILES", "40"))
SCANNED = int(os.environ.get("BENCH_SCAN", "100000"))
CORES = len(os.sched_getaffinity(0))
CORPUS = REPOSITORY.parent / "shared" / "corpus"
BASES = 4


@dataclass
class Cost:
    """What a process and its children took."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def run(command: list[str], environ: dict[str, str]) -> tuple[Cost, str]:
    """Run a program to its end and watch the memory of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    peak_mb = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak_mb
        while not ended.wait(0.02):
            now = resident_mb(process.pid) + sum(map(resident_mb, children_of(process.pid)))
            peak_mb = max(peak_mb, now)

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    ended.set()
    watcher.join()
    assert process.returncode == 0, said
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, time.perf_counter() - began, peak_mb), said


def call(*arguments: object) -> dict[str, float]:
    """One of the acts in `importing`, in a process of its own."""
    environ = os.environ | {"PYTHONPATH": str(REPOSITORY), "VIPS_CONCURRENCY": "1"}
    command = [sys.executable, "-m", "tests.perf.importing", *map(str, arguments)]
    return json.loads(run(command, environ)[1])


def spread(base: Path, folder: Path, count: int) -> None:
    """Copies of one file whose contents differ in a few bytes behind the end."""
    data = base.read_bytes()
    for number in range(count):
        path = folder / f"{base.stem}-{number:03}{base.suffix}"
        path.write_bytes(data + f"{base.stem} {number}".encode())
        os.utime(path, (1_600_000_000, 1_600_000_000))


def large_photo(path: Path, seed: int) -> Path:
    """A picture of 12 megapixels with the grain of a photograph: about 5 MB as JPEG."""
    small = pyvips.Image.new_from_file(str(make_photo(path.with_suffix(".s.jpg"), seed=seed)))
    grain = pyvips.Image.gaussnoise(4000, 3000, sigma=9, seed=seed)
    picture = small.resize(4000 / small.width, vscale=3000 / small.height)
    picture = (picture + grain).cast("uchar").copy(interpretation="srgb")
    options = {"Q": 88} if path.suffix == ".jpg" else {"compression": 6}
    picture.write_to_file(str(path), **options)
    path.with_suffix(".s.jpg").unlink()
    return path


def make_set(kind: str, folder: Path, bases: Path) -> bool:
    """Files of one kind; False if this machine has nothing to make them of."""
    if kind == "jpeg":
        for seed in range(BASES):
            base = large_photo(bases / f"{seed}.jpg", seed)
            spread(base, folder, FILES // BASES)
        return True
    if kind == "png":
        spread(large_photo(bases / "a.png", 1), folder, FILES // 4)
        return True
    if kind == "video":
        spread(make_video(bases / "a.mp4", seed=1), folder, FILES)
        return True
    pattern = {"heic": "heic/*.heic", "raw": "raw/*.*"}[kind]
    found = sorted(CORPUS.glob(pattern), key=lambda path: -path.stat().st_size)
    wanted = {"heic": (".heic",), "raw": (".nef",)}[kind]
    found = [path for path in found if path.suffix.lower() in wanted][:1]
    for base in found:
        spread(base, folder, FILES // 2)
    return bool(found)


@pytest.mark.parametrize("kind", ["jpeg", "heic", "raw", "png", "video"])
def test_import_against_the_bare_libraries(tmp_path: Path, kind: str) -> None:
    photos, bases = tmp_path / "photos", tmp_path / "bases"
    photos.mkdir()
    bases.mkdir()
    if not make_set(kind, photos, bases):
        pytest.skip("the corpus of real files is not here")
    names = sorted(map(str, photos.iterdir()))
    home = tmp_path / "home"
    home.mkdir()
    shell = Shell(home)
    empty = tmp_path / "empty"
    empty.mkdir()
    sync = [sys.executable, "-m", "photostore", "sync", "--no-filter", "--library"]
    start, _ = run([*sync, str(home / "none"), str(empty)], shell.environ)
    bare = call("bare", *names)["cpu_s"]
    full, _ = run([*sync, str(shell.library), str(photos)], shell.environ)
    cpu_s = full.cpu_s - start.cpu_s
    wall_s = full.wall_s - start.wall_s
    kept = sum(p.stat().st_size for p in (shell.library / ".photostore/previews").rglob("*.*"))
    size = sum(os.path.getsize(name) for name in names) / len(names)
    print(
        f"\n{kind}: {len(names)} files of {size / 1e6:.1f} MB;"
        f" bare {bare / len(names) * 1000:.0f} ms CPU a file,"
        f" photostore {cpu_s / len(names) * 1000:.0f} ms: {cpu_s / bare:.2f} x"
        f" (reach: 1.15); wall {wall_s / (cpu_s / CORES):.2f} x CPU / {CORES} cores (1.15);"
        f" peak {full.peak_mb:.0f} MB (300); previews {kept / len(names) / 1000:.0f} kB a file"
    )


def test_first_pass_against_one_pass(tmp_path: Path) -> None:
    """The grid pictures of a large new library come first (docs/decisions/0015)."""
    photos, bases = tmp_path / "photos", tmp_path / "bases"
    photos.mkdir()
    bases.mkdir()
    make_set("jpeg", photos, bases)
    done = call("rounds", tmp_path / "home", photos)
    print(
        f"\n{FILES} JPEGs: one pass {done['one_s'] / FILES * 1000:.0f} ms CPU a file; first round"
        f" {done['first_s'] / done['one_s']:.2f} x of it (reach: 0.60), both rounds"
        f" {done['both_s'] / done['one_s']:.2f} x"
    )


def test_scan_of_known_files_against_find(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    drop(photos, SCANNED, max(1, SCANNED // 100))
    database = tmp_path / "photostore.db"
    first = call("scan", database, photos)
    assert first["new"] == SCANNED
    command = ["find", str(photos), "-type", "f", "-printf", "%s %T@\n"]
    finds, scans = [], []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        finds.append(time.perf_counter() - began)
        scans.append(call("scan", database, photos))
    find_s, again = min(finds), min(scans, key=lambda one: one["wall_s"])
    print(
        f"\nscan of {SCANNED:,} files: first {first['wall_s']:.1f} s,"
        f" again {again['wall_s']:.2f} s, find {find_s:.2f} s:"
        f" {again['wall_s'] / find_s:.1f} x (reach: 6);"
        f" peak {again['peak_mb']:.0f} MB (120)"
    )


def test_files_dropped_under_a_watch(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    done = call("burst", tmp_path / "photostore.db", photos, SCANNED, max(1, SCANNED // 100))
    print(
        f"\n{SCANNED:,} files in {SCANNED // 100:,} folders under a watch: written in"
        f" {done['dropped_s']:.0f} s, all known after {done['known_s']:.0f} s, {done['known']:,.0f}"
        f" rows; the event loop worked {done['longest_work_ms']:.0f} ms at a stretch (reach: 50)"
        f" and came {done['longest_block_ms']:.0f} ms late at most (others' load counts too);"
        f" peak {done['peak_mb']:.0f} MB"
    )


def test_idle_memory(tmp_path: Path) -> None:
    """With 100,000 assets, after somebody has looked around."""
    library = tmp_path / "library"
    command = [sys.executable, "-m", "tests.perf.million", "--out", str(library)]
    subprocess.run([*command, "--assets", "100000"], check=True, cwd=REPOSITORY)
    for site in serve(library, tmp_path):
        time.sleep(5)
        at_start = site.memory_mb()[0]
        with httpx.Client(base_url=site.url + "/api/v1", timeout=60) as client:
            client.get("/shape")
            revision = client.get("/stats").json()["revision"]
            for start in range(0, 10_000, 500):
                client.get("/rows", params={"revision": revision, "start": start, "count": 500})
            client.get("/assets", params={"limit": 1000})
        time.sleep(45)
        now, peak = site.memory_mb()
        print(
            f"\n100,000 assets: idle {at_start:.0f} MB after the start, {now:.0f} MB after looking"
            f" around (reach: 120), at most {peak:.0f} MB"
        )
