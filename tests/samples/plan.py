"""The plan of a library: every file with all its facts, before anything is painted."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from .cameras import CameraModel, choose_camera, expose, name_file
from .exif import Caption
from .extras import plan_copies, plan_scans, plan_screenshot, plan_sent
from .shot import NO_CAPTION, Shot, picture_size
from .terrain import LANDS
from .trips import LATEST, Event, offset_at, plan_events

NIGHT = ("aurora", "street", "fireworks")
HOURS = {  # of the day, by light
    "morning": (6.5, 9),
    "rose": (6, 8),
    "noon": (11, 15),
    "golden": (17, 19),
    "sunset": (19, 21),
    "ember": (19, 21),
    "dusk": (20, 22),
    "blue hour": (20, 22),
    "night": (21, 23.9),
}
EVENING = ("birthday", "christmas")
PANORAMAS = ("mountains", "lake", "sea", "skyline", "dunes", "countryside", "winter")
FREE_LIGHT = (
    "mountains",
    "lake",
    "sea",
    "skyline",
    "countryside",
    "desert",
    "silhouettes",
    "beach",
)


class Planner:
    """Draws up the files of a library; everything follows from the seed."""

    def __init__(self, count: int, seed: int, megapixels: float) -> None:
        self.rng = random.Random(f"library {seed}")
        self.seed = seed
        self.count = count
        self.megapixels = megapixels
        self.numbers: dict[str, int] = {}
        self.paths: set[str] = set()

    def pictures(self) -> list[Shot]:
        """`count` pictures by date, copies and screenshots included."""
        share = self.count / 300
        scans, sent, screens, copies = (round(n * share) for n in (11, 8, 4, 4))
        raws = 1 if self.count >= 40 else 0
        events = plan_events(self.rng)
        ordinary = max(1, self.count - scans - sent - screens - copies - raws)
        shots: list[Shot] = []
        for event, number in zip(events, _shares(events, ordinary), strict=True):
            shots += self._event(event, number)
        shots = shots[:ordinary]
        if raws:
            shots.append(self._raw_pair(shots))
        shots += [plan_sent(self, shots) for _ in range(sent)]
        shots += [plan_screenshot(self) for _ in range(screens)]
        shots += plan_scans(self, scans)
        shots += plan_copies(self, shots, copies)
        return shots

    def _event(self, event: Event, number: int) -> list[Shot]:
        shots: list[Shot] = []
        land = self.rng.randrange(LANDS)
        steps = sorted(self.rng.random() for _ in range(number))
        for step in steps:
            if len(shots) >= number:
                break
            shot = self._picture(event, step, land)
            shots.append(shot)
            if event.place is not LATEST and self.rng.random() < 0.06:
                shots += self._burst(shot, min(self.rng.randint(2, 4), number - len(shots)))
        return shots

    def _picture(self, event: Event, step: float, land: int) -> Shot:
        rng = self.rng
        scene = rng.choice(event.scenes)
        camera = choose_camera(rng, event.start.year, trip=event.trip)
        light = event.light or ("" if scene not in FREE_LIGHT else self._light(scene))
        taken = self._time(event, step, scene, light, camera)
        zone = offset_at(event.place, taken.date())
        size, upright = self._shape(camera, scene)
        gps = None
        if camera.gps and event.start.year >= 2012 and rng.random() < 0.93:
            wander = 0.03 if event.trip else 0.012
            place = event.place
            gps = (
                round(place.lat + rng.gauss(0, wander), 6),
                round(place.lon + rng.gauss(0, wander), 6),
                round(max(1.0, place.alt_m + rng.gauss(0, 15)), 1),
            )
        shot = Shot(
            path="", form="jpeg", size=size, look=camera.look, scene=scene,
            scene_seed=rng.getrandbits(32), land=land, light=light,
            seed=rng.getrandbits(32), taken=taken,
            precision="millisecond" if camera.subsec else "second",
            offset_min=zone if camera.zones else None, zone_min=zone, gps=gps,
            camera=(camera.make, camera.model, camera.lens),
            exposure=expose(camera, scene, light, rng),
            orientation=self._orientation(upright=upright), caption=self._caption(event, scene),
        )  # fmt: skip
        shot = self._form(shot, camera)
        sidecar = shot.caption != NO_CAPTION and rng.random() < 0.3
        return replace(self._place(shot, event, camera), sidecar=sidecar)

    def _light(self, scene: str) -> str:
        names = (
            "noon",
            "clear",
            "morning",
            "golden",
            "sunset",
            "ember",
            "rose",
            "overcast",
            "dusk",
        )
        weights = [5, 7, 4, 4, 2, 2, 2, 2, 1.5]
        if scene == "skyline":
            names, weights = (*names, "night", "blue hour"), [*weights, 3, 4]
        if scene == "silhouettes":
            return self.rng.choice(("sunset", "golden", "ember", "rose", "dusk"))
        if scene == "beach":
            weights[-1] = weights[-2] = 0.4
        return self.rng.choices(names, weights)[0]

    def _time(
        self, event: Event, step: float, scene: str, light: str, camera: CameraModel
    ) -> datetime:
        rng = self.rng
        day = event.start + timedelta(days=int(step * event.days))
        hours = HOURS.get(light, (9, 18))
        if scene in NIGHT:
            hours = (21, 23.9)
        elif scene in EVENING:
            hours = (17, 21)
        start = datetime(day.year, day.month, day.day)
        taken = start + timedelta(seconds=int(rng.uniform(*hours) * 3600))
        return taken + timedelta(milliseconds=rng.randrange(10, 990) if camera.subsec else 0)

    def _shape(self, camera: CameraModel, scene: str) -> tuple[tuple[int, int], bool]:
        rng = self.rng
        megapixels = self.megapixels * camera.sharpness
        draw = rng.random()
        if camera.phone and draw < 0.09 and scene in PANORAMAS:
            return picture_size((rng.uniform(3, 4), 1), megapixels, upright=False), False
        if camera.phone and draw < 0.13:
            return picture_size((1, 1), megapixels * 0.8, upright=False), False
        aspect = (16, 9) if camera.phone and draw < 0.2 else camera.aspect
        upright = rng.random() < (0.3 if camera.phone else 0.15)
        return picture_size(aspect, megapixels, upright=upright), upright

    def _orientation(self, *, upright: bool) -> int:
        if upright:
            return self.rng.choice((6, 6, 6, 8, 1))
        return 3 if self.rng.random() < 0.03 else 1

    def _caption(self, event: Event, scene: str) -> Caption:
        rng = self.rng
        if rng.random() > 0.3:
            return NO_CAPTION
        subject = scene.replace("_", " ")
        where = event.place.name
        title = f"{subject.capitalize()}, {where}" if rng.random() < 0.6 else None
        text = (
            f"{event.name or 'At home'}: {subject} in {event.start:%B %Y}"
            if rng.random() < 0.4
            else None
        )
        words = (
            tuple(dict.fromkeys((where, event.place.country, subject)))
            if rng.random() < 0.7
            else ()
        )
        return Caption(title, text, words, rng.choice((None, 3, 4, 5, 5)))

    def _form(self, shot: Shot, camera: CameraModel) -> Shot:
        draw = self.rng.random()
        if camera.make == "Apple" and shot.taken and shot.taken.year >= 2022 and draw < 0.4:
            return replace(shot, form="heic")
        if camera.phone and draw > 0.95:
            return replace(shot, form="webp", orientation=1)
        return shot

    def _place(self, shot: Shot, event: Event, camera: CameraModel) -> Shot:
        assert shot.taken is not None
        before = self.numbers.get(camera.model) or self.rng.randrange(9000)
        number = self.numbers[camera.model] = before + self.rng.randint(1, 40)
        utc = shot.taken - timedelta(minutes=shot.zone_min)
        name = name_file(camera, number, shot.taken, utc)
        if shot.form in ("heic", "webp"):
            name = name.rpartition(".")[0] + {"heic": ".HEIC", "webp": ".webp"}[shot.form]
        when = f"{event.start:%Y-%m}"
        folder = f"{when} {event.name}".strip()
        return replace(shot, path=self.claim_path(f"{event.start.year}/{folder}/{name}"))

    def claim_path(self, path: str) -> str:
        """The path, or with a number when another file has it already."""
        stem, _, extension = path.rpartition(".")
        number = 1
        while path.lower() in self.paths:
            path = f"{stem}_{number}.{extension}"
            number += 1
        self.paths.add(path.lower())
        return path

    def _burst(self, shot: Shot, more: int) -> list[Shot]:
        """Neighbours within a second, cut from the same scene; only from files that can say so."""
        if shot.precision != "millisecond" or shot.form != "jpeg" or shot.taken is None:
            return []
        result = []
        x, y = self.rng.uniform(-0.8, 0.2), self.rng.uniform(-0.6, 0.2)
        for k in range(1, more + 1):
            folder, _, name = shot.path.rpartition("/")
            stem, _, extension = name.rpartition(".")
            burst = replace(
                shot, path=self.claim_path(f"{folder}/{stem}_B{k}.{extension}"), seed=shot.seed + k,
                taken=shot.taken + timedelta(milliseconds=140 * k), group=f"burst {shot.path}",
                shift=(x + 0.25 * k, y + 0.12 * k), caption=NO_CAPTION,
            )  # fmt: skip
            result.append(burst)
        return result

    def _raw_pair(self, shots: list[Shot]) -> Shot:
        camera = [
            s
            for s in shots
            if s.look == "reflex" and s.form == "jpeg" and s.orientation == 1 and s.group is None
        ]
        base = self.rng.choice(camera or shots)
        path = self.claim_path(base.path.rpartition(".")[0] + ".dng")
        pair = f"pair {base.path}"
        return replace(base, path=path, form="dng", group=pair, sidecar=False, caption=NO_CAPTION)


def _shares(events: list[Event], total: int) -> list[int]:
    """`total` divided by weight, largest remainders first, so that the sum is exact."""
    weights = sum(event.weight for event in events)
    exact = [event.weight * total / weights for event in events]
    numbers = [int(share) for share in exact]
    order = sorted(range(len(events)), key=lambda i: numbers[i] - exact[i])
    for index in order[: total - sum(numbers)]:
        numbers[index] += 1
    return numbers
