"""The demo library: planned, written by one process per core, and described in library.json."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from .exif import offset_text
from .extras import plan_clips, plan_oddities
from .formats import make_copy, make_shot
from .plan import Planner

if TYPE_CHECKING:
    from collections.abc import Callable

    from .shot import Shot

TRUTH = "library.json"
GROUP = 8  # shots per task: neighbours share their landscape
MIMES = {
    "jpeg": "image/jpeg",
    "truncated": "image/jpeg",
    "screenshot": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "dng": "image/x-adobe-dng",
    "mp4": "video/mp4",
    "empty": None,
}


def make_library(
    out: Path,
    *,
    count: int = 300,
    seed: int = 1,
    megapixels: float = 2.0,
    videos: int | None = None,
    workers: int | None = None,
    report: Callable[[str], None] | None = None,
) -> dict[str, object]:
    """Make the library in the folder `out` and return its truth (what library.json holds).

    What is there already is left alone, so that an interrupted run goes on where it stopped.
    Raises ValueError when the folder holds a library made with other options.
    """
    out = Path(out)
    say = report or _keep_quiet
    clips = max(1, round(count / 37)) if videos is None else videos
    planner = Planner(count, seed, megapixels)
    shots = planner.pictures()
    shots += plan_clips(planner, clips, shots)
    shots += plan_oddities()
    options = {"count": count, "seed": seed, "megapixels": megapixels, "videos": clips}
    truth = {"options": options, "files": [tell(shot) for shot in shots]}
    _claim(out, truth)
    began = time.monotonic()
    todo = [s for s in shots if not (out / s.path).exists()]
    originals = [s for s in todo if s.copy_of is None]
    say(f"{len(shots)} files, {len(todo)} to make")
    _make(originals, out, workers or os.cpu_count() or 1, say)
    for shot in todo:
        if shot.copy_of is not None:
            make_copy(shot, out)
    if todo:
        say(f"made {len(todo)} files in {time.monotonic() - began:.0f} s")
    return truth


def _keep_quiet(_line: str) -> None:
    pass


def _claim(out: Path, truth: dict[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    path = out / TRUTH
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        if before.get("options") != truth["options"]:
            raise ValueError(
                f"{out} holds a sample library made with {before.get('options')}; "
                "choose another folder"
            )
        return
    part = out / f".{TRUTH}.part"
    part.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", "utf-8")
    part.replace(path)


def _make(shots: list[Shot], out: Path, workers: int, report: Callable[[str], None]) -> None:
    tasks = [shots[i : i + GROUP] for i in range(0, len(shots), GROUP)]
    tasks.sort(key=lambda group: not any(s.form == "mp4" for s in group))  # long ones first
    done = 0
    if workers <= 1 or len(tasks) <= 1:
        for group in tasks:
            done += make_group(group, str(out))
            report(f"{done} of {len(shots)}")
        return
    context = multiprocessing.get_context("spawn")
    workers = min(workers, len(tasks), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = [pool.submit(make_group, group, str(out)) for group in tasks]
        told = 0
        for ready in as_completed(waiting):
            done += ready.result()
            if done - told >= 25 or done == len(shots):
                told = done
                report(f"{done} of {len(shots)}")


def make_group(group: list[Shot], out: str) -> int:
    """Make some shots in this process; the number of them."""
    for shot in group:
        make_shot(shot, Path(out))
    return len(group)


def tell(shot: Shot) -> dict[str, object]:
    """What an importer should find in the file; None = the file does not say."""
    broken = shot.form in ("truncated", "empty")
    known = shot.exif and not broken
    make, model, lens = shot.camera if known else (None, None, None)
    exposure = shot.exposure if known else None
    captured = None
    if shot.taken is not None and not broken:
        sharp = "milliseconds" if shot.precision == "millisecond" else "seconds"
        captured = {
            "local": shot.taken.isoformat(timespec=sharp),
            "precision": shot.precision,
            "offset": None if shot.offset_min is None else offset_text(shot.offset_min),
            "source": _source(shot),
        }
    return {
        "path": shot.path,
        "expected": {"truncated": "failed", "empty": "rejected"}.get(shot.form, "imported"),
        "kind": "video" if shot.form == "mp4" else "photo",
        "mime": MIMES[shot.form],
        "width": shot.size[0],
        "height": shot.size[1],
        "orientation": 1 if shot.form == "heic" else shot.orientation,
        "captured": captured,
        "gps": shot.gps if known else None,
        "make": make,
        "model": model,
        "lens": lens,
        "exposure_time_s": exposure.time_s if exposure else None,
        "f_number": exposure.f_number if exposure else None,
        "iso": exposure.iso if exposure else None,
        "focal_length_mm": exposure.focal_mm if exposure else None,
        "title": shot.caption.title,
        "description": shot.caption.description,
        "keywords": list(shot.caption.keywords),
        "rating": shot.caption.rating,
        "sidecar": shot.sidecar,
        "duration_s": shot.duration_s,
        "group": shot.group,
        "copy_of": shot.copy_of,
        "scene": shot.scene,
    }


def _source(shot: Shot) -> str:
    if shot.form == "mp4":
        return "video"
    if shot.exif:
        return "exif"
    return "folder" if shot.precision == "year" else "file-name"
