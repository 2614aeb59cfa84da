"""What lies beside a family's camera pictures: scans, copies, messages, clips, broken files."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .shot import NO_CAPTION, Shot, picture_size
from .terrain import LANDS

if TYPE_CHECKING:
    from .plan import Planner


def plan_sent(planner: Planner, shots: list[Shot]) -> Shot:
    """A picture that came by a messenger: small, without EXIF, dated by its name."""
    rng = planner.rng
    base = rng.choice([s for s in shots if s.taken and s.taken.year >= 2014] or shots)
    assert base.taken is not None
    day = datetime(base.taken.year, base.taken.month, base.taken.day)
    path = planner.claim_path(f"WhatsApp Images/IMG-{day:%Y%m%d}-WA{rng.randrange(60):04d}.jpg")
    upright = rng.random() < 0.5
    return Shot(
        path, "jpeg", picture_size((4, 3), min(planner.megapixels, 1.2), upright=upright), "sent",
        base.scene, rng.getrandbits(32), base.land, "", rng.getrandbits(32), taken=day,
        precision="day", zone_min=60, exif=False,
    )  # fmt: skip


def plan_screenshot(planner: Planner) -> Shot:
    """A screenshot of a phone, dated by its name."""
    rng = planner.rng
    day = datetime(rng.randint(2016, 2025), rng.randint(1, 12), rng.randint(1, 28))
    taken = day + timedelta(seconds=rng.randrange(28800, 80000))
    path = planner.claim_path(f"Screenshots/Screenshot_{taken:%Y%m%d-%H%M%S}.png")
    return Shot(
        path, "screenshot", (720, 1440), "phone", "screenshot", rng.getrandbits(32), 0, "",
        rng.getrandbits(32), taken=taken, zone_min=60, exif=False,
    )  # fmt: skip


def plan_scans(planner: Planner, count: int) -> list[Shot]:
    """Prints from before the first camera: only the folder says the year."""
    rng, shots = planner.rng, []
    albums = (
        ("1974 Wedding", "monochrome", ("silhouettes", "food", "street", "countryside")),
        ("1978 Summer at the lake", "sepia", ("lake", "silhouettes", "beach", "countryside")),
        ("1984 North Sea", "film", ("beach", "sea", "sea", "countryside")),
        ("1989 Alps", "slide", ("mountains", "winter", "lake", "mountains")),
    )
    for k in range(count):
        folder, look, scenes = albums[k % len(albums)]
        year = int(folder[:4])
        path = planner.claim_path(f"Scans/{folder}/scan{k // len(albums) + 1:03d}.jpg")
        aspect = rng.choice(((3, 2), (4, 3), (1, 1)))
        size = picture_size(aspect, planner.megapixels * 0.8, upright=False)
        year_begins = datetime(year, 1, 1)
        shots.append(
            Shot(
                path,
                "jpeg",
                size,
                look,
                rng.choice(scenes),
                rng.getrandbits(32),
                rng.randrange(LANDS),
                rng.choice(("clear", "noon", "golden")),
                rng.getrandbits(32),
                taken=year_begins,
                precision="year",
                zone_min=60,
                exif=False,
            )
        )
    return shots


def plan_copies(planner: Planner, shots: list[Shot], count: int) -> list[Shot]:
    """Exact copies of some pictures in a folder of their own."""
    plain = [s for s in shots if s.form == "jpeg" and s.exif and not s.sidecar]
    chosen = planner.rng.sample(plain, min(count, len(plain)))
    copies = []
    for shot in chosen:
        path = planner.claim_path("Backup of phone/" + shot.path.rpartition("/")[2])
        copies.append(replace(shot, path=path, copy_of=shot.path))
    return copies


def plan_clips(planner: Planner, number: int, shots: list[Shot]) -> list[Shot]:
    """Short videos that belong to trips and feasts."""
    rng, result = planner.rng, []
    usual = [s for s in shots if s.gps and s.form == "jpeg" and s.copy_of is None and s.taken]
    usual = usual or [s for s in shots if s.taken and s.exif and s.form == "jpeg"] or shots
    for k in range(number):
        base = rng.choice(usual)
        assert base.taken is not None
        taken = base.taken + timedelta(seconds=rng.randint(20, 600))
        folder, _, _ = base.path.rpartition("/")
        size = (1280, 720) if k % 4 == 3 else (640, 360)
        turned = k % 5 == 2
        result.append(replace(
            base, path=planner.claim_path(f"{folder}/VID_{taken:%Y%m%d_%H%M%S}.mp4"), form="mp4",
            size=(size[1], size[0]) if turned else size, orientation=6 if turned else 1,
            taken=taken.replace(microsecond=0), precision="second",
            duration_s=float(rng.randint(3, 6)), scene_seed=rng.getrandbits(32),
            seed=rng.getrandbits(32), caption=NO_CAPTION, sidecar=False, group=None,
            exposure=None, offset_min=None, camera=(None, None, None), look="phone",
        ))  # fmt: skip
    return result


def plan_oddities() -> list[Shot]:
    """Files that no importer can read: they show what the list of failures is for."""
    taken = datetime(2011, 8, 3, 12)
    base = Shot(
        "", "truncated", (1024, 768), "compact", "sea", 5, 1, "clear", 5, taken=taken, zone_min=120
    )  # fmt: skip
    return [
        replace(base, path="odds and ends/card rescue 0007.jpg"),
        replace(base, path="odds and ends/empty.jpg", form="empty", exif=False),
    ]
