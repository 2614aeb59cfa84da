"""A library of a million assets without a million files: rows straight into the database.

`python -m tests.perf.million --out DIR` makes one to look at with `photostore serve --library DIR`.
Everything is seeded. The rows are those that an import would have written; a few dozen real
pictures lend their contents, so that previews and placeholders are real too. The files themselves
lie on a volume that is not there, which a library keeps showing (SPEC 4.3).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from photostore.library.previews import PreviewStore
from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import read_content
from photostore.store.assets import UNDATED_MS, aspect_byte
from photostore.store.db import Database, Transaction
from photostore.store.facts import BROWSER_RANK, VIDEO_RANK
from photostore.store.folders import ensure_folders
from photostore.store.identifiers import make_public_id
from photostore.store.labels import Label, labels_of
from photostore.store.places import find_place
from photostore.store.scope import OWNER_ID
from photostore.store.tagging import TAG_VERSION, ensure_tags
from photostore.store.volumes import VolumeIdentity, record_root, record_volume
from photostore.sync.journey import PREVIEW_VERSION, PROBE_VERSION
from tests.samples import make_photo

ASSETS = 1_000_000
YEARS = range(2005, 2025)
ONE_DAY = date(2019, 7, 14)
ADDED_MS = 1_735_000_000_000
CHUNK = 20_000
CONTENTS = 24
EPOCH = date(1970, 1, 1)
DAY_MS = 86_400_000

SIZES = ((4032, 3024), (3024, 4032), (6000, 4000), (4000, 6000), (1920, 1080), (8000, 2000))
SIZE_WEIGHTS = (44, 22, 18, 6, 9, 1)
CAMERAS = (
    ("Apple", "iPhone 12", "iPhone 12 back camera"),
    ("Canon", "Canon EOS 80D", "EF-S18-135mm"),
    ("NIKON CORPORATION", "NIKON D90", "18.0-105.0 mm f/3.5-5.6"),
    ("SONY", "ILCE-7M3", "FE 24-70mm F2.8 GM"),
    ("FUJIFILM", "X-T3", "XF35mmF1.4 R"),
    ("Panasonic", "DMC-TZ7", None),
    ("Google", "Pixel 7", None),
)
# The last ones are rare: a search for them finds a few, one for the first a third of everything.
KEYWORDS = (
    *("family", "holiday", "beach", "garden", "dog", "birthday", "mountain", "snow", "city"),
    *("museum", "train", "concert", "wedding", "harbour", "sunset", "macro", "aurora", "eclipse"),
)
KEYWORD_WEIGHTS = tuple(1 / rank**1.3 for rank in range(1, len(KEYWORDS) + 1))
EXPOSURES = ((100, 2.8, 35.0), (200, 5.6, 50.0), (800, 1.8, 26.0), (3200, 4.0, 200.0))
RATINGS = (None,) * 16 + (1, 3, 4, 5)
ALBUMS = 200
PLACES = ((52.52, 13.40), (38.72, -9.14), (59.91, 10.75), (-33.92, 18.42), (35.68, 139.69))


@dataclass(frozen=True)
class Picture:
    """A content that many of the assets share."""

    sha1: bytes
    thumbhash: bytes


@dataclass
class Columns:
    """What one chunk inserts, by table."""

    assets: list[tuple]
    files: list[tuple]
    texts: list[tuple]
    positions: list[tuple]
    labels: dict[int, frozenset[Label]]


async def make_million(
    library: Path, *, assets: int = ASSETS, one_day: int = 0, seed: int = 1
) -> None:
    """Write a library of `assets` assets; with `one_day`, that many of them on one day."""
    support = library / ".photostore"
    (support / "previews").mkdir(parents=True)
    pictures = await asyncio.to_thread(make_pictures, PreviewStore(support / "previews"))
    chance = random.Random(seed)
    moments = sorted(spread_moments(assets, one_day, chance))
    database = await Database.open(support / "photostore.db", support / "backups")
    try:
        async with database.write() as transaction:
            folders = await _make_folders(transaction, moments)
            revision = await transaction.revision()
            rows = enumerate(moments, 1)
            tags = Tags()
            while chunk := list(islice(rows, CHUNK)):
                columns = _make_columns(chunk, folders, revision, pictures, chance)
                await _insert(transaction, columns)
                await tags.write(transaction, columns.labels)
            await tags.write_counts(transaction)
            await _make_albums(transaction, assets, revision, chance)
    finally:
        await database.close()


def make_pictures(previews: PreviewStore) -> list[Picture]:
    """Some real pictures, their previews kept where the server looks for them."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(CONTENTS):
            path = make_photo(Path(folder) / f"{number}.jpg", size=(480, 320), seed=number)
            content = read_content(bytes(path))
            rendered = render(content, probe(content))
            previews.write(content.sha1, rendered)
            made.append(Picture(content.sha1, rendered.thumbhash))
    return made


def spread_moments(assets: int, one_day: int, chance: random.Random) -> list[int]:
    """Wall clock milliseconds: quiet days, busy days and bursts over twenty years, some undated."""
    undated = assets // 500
    first = date(YEARS[0], 1, 1)
    length = (date(YEARS[-1] + 1, 1, 1) - first).days
    moments = [UNDATED_MS] * undated + _day_moments(ONE_DAY, one_day, chance)
    days = [first + timedelta(days=day) for day in range(length) if chance.random() < 0.6]
    weights = [math.exp(chance.gauss(0, 1.4)) * (1 + (day.year - first.year) / 8) for day in days]
    left = assets - len(moments)
    scale = left / sum(weights)
    for day, weight in zip(days, weights, strict=True):
        moments += _day_moments(day, min(round(weight * scale), assets - len(moments)), chance)
    moments += _day_moments(days[-1], assets - len(moments), chance)
    return moments


def _day_moments(day: date, count: int, chance: random.Random) -> list[int]:
    """`count` moments of a day, in bursts of a few seconds."""
    moments: list[int] = []
    start = (day - EPOCH).days * DAY_MS
    while len(moments) < count:
        at = chance.randrange(7 * 3_600_000, 22 * 3_600_000)
        burst = min(count - len(moments), 1 + int(chance.expovariate(0.4)))
        moments += [start + at + 1_500 * step for step in range(burst)]
    return moments


async def _make_folders(transaction: Transaction, moments: list[int]) -> dict[str, int]:
    """A folder a month, as cameras' owners have them, by name (`2019-07`, or `scans`)."""
    identity = VolumeIdentity(
        "path:/bench", "mount-path", b"/photostore-bench-absent", None, read_only=True
    )
    volume = await record_volume(transaction, identity, ADDED_MS)
    root = await record_root(transaction, volume, b"", OWNER_ID)
    names = sorted({_folder_name(moment) for moment in moments})
    await ensure_folders(transaction, root, volume, [_folder_path(name) for name in names])
    rows = await transaction.fetch_all("SELECT path, id FROM folder")
    ids = {row["path"]: row["id"] for row in rows}
    return {name: ids[_folder_path(name)] for name in names}


def _folder_name(moment: int) -> str:
    if moment == UNDATED_MS:
        return "scans"
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m")


def _folder_path(name: str) -> bytes:
    return name.encode() if name == "scans" else f"{name[:4]}/{name}".encode()


def _make_columns(
    chunk: list[tuple[int, int]],
    folders: dict[str, int],
    revision: int,
    pictures: list[Picture],
    chance: random.Random,
) -> Columns:
    columns = Columns([], [], [], [], {})
    for number, moment in chunk:
        folder = _folder_name(moment)
        is_video = chance.random() < 0.06
        width, height = chance.choices(SIZES, SIZE_WEIGHTS)[0]
        picture = chance.choice(pictures)
        camera = CAMERAS[(number // 5_000 + chance.randrange(2)) % len(CAMERAS)]
        words = sorted(set(chance.choices(KEYWORDS, KEYWORD_WEIGHTS, k=2)))
        words = words if chance.random() < 0.4 else []
        title = f"{words[0].title()} {number}" if words and chance.random() < 0.2 else None
        place = chance.choice(PLACES) if chance.random() < 0.3 else None
        lat, lon = (place[0] + chance.gauss(0, 0.1), place[1]) if place else (None, None)
        name = f"{'MVI' if is_video else 'IMG'}_{number:07}.{'mp4' if is_video else 'jpg'}"
        duration = chance.randrange(1_000, 90_000) if is_video else None
        dated = None if moment == UNDATED_MS else moment
        source = None if dated is None else "EXIF:DateTimeOriginal"
        gear = chance.choice(EXPOSURES)
        rating = chance.choice(RATINGS)
        columns.labels[number] = _labels(
            (moment, lat, lon, is_video, aspect_byte(width, height)),
            (camera, words, _folder_path(folder)),
        )
        columns.assets.append(
            (
                *(number, make_public_id(ADDED_MS + number), OWNER_ID, moment, "second", source),
                *(aspect_byte(width, height), is_video, duration, picture.thumbhash),
                *(title, lat, lon, ADDED_MS + number, revision),
                *(rating, rating == 5, TAG_VERSION),
            )
        )
        kind = ("mp4", "video/mp4") if is_video else ("jpeg", "image/jpeg")
        columns.files.append(
            (
                *(number, folders[folder], name.encode(), 3_000_000 + number, number, number),
                *("ready", ADDED_MS + number, number, PROBE_VERSION, PREVIEW_VERSION),
                *(picture.sha1, *kind, is_video, width, height, duration, dated, "second", source),
                *(VIDEO_RANK if is_video else BROWSER_RANK, lat, lon, title, json.dumps(words)),
                *(*camera, *gear, rating, "{}", picture.thumbhash),
            )
        )
        names = f"{name} \n{_folder_path(folder).decode()}"
        columns.texts.append(
            (
                *(number, title, None, " \n".join(words), ""),
                *(" ".join(filter(None, camera)), names, _place_words(lat, lon)),
            )
        )
        if place:
            columns.positions.append((number, lat, lat, lon, lon))
    return columns


def _labels(asset: tuple, file: tuple) -> frozenset[Label]:
    """The tags that an import would have given it."""
    names = ("captured_ms", "lat", "lon", "is_video", "ratio")
    asset_row = dict(zip(names, asset, strict=True))
    asset_row |= {"captured_precision": "second", "keywords_edit": None}
    (make, model, lens), words, folder = file
    file_row = {
        "make": make,
        "model": model,
        "lens": lens,
        "keywords": json.dumps(words),
        "people": "[]",
        "facts": "{}",
        "folder": folder,
        "uuid": "path:/bench",
        "label": "bench",
        "show_rank": BROWSER_RANK,
        "is_video": asset_row["is_video"],
    }
    return labels_of(asset_row, [file_row])  # type: ignore[arg-type,list-item]


def _place_words(lat: float | None, lon: float | None) -> str:
    place = find_place(lat, lon)
    return " \n".join(reversed(place.names)) if place else ""


class Tags:
    """Writes the tags of chunks, and counts what is on the timeline, which is everything."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.above: dict[Label, tuple[str, ...]] = {}
        self.counts: Counter[str] = Counter()

    async def write(self, transaction: Transaction, labels: dict[int, frozenset[Label]]) -> None:
        rows: list[tuple[int, int]] = []
        new = {label for some in labels.values() for label in some if label not in self.above}
        self.ids |= await ensure_tags(transaction, OWNER_ID, new)
        for label in new:
            self.above[label] = tuple(one.key for one in _upwards(label))
        for asset_id, some in labels.items():
            rows += [(asset_id, self.ids[self.above[label][0]]) for label in some]
            self.counts.update({key for label in some for key in self.above[label]})
        await transaction.execute_many(
            "INSERT INTO asset_tag (asset_id, tag_id) VALUES (?, ?)", sorted(rows)
        )

    async def write_counts(self, transaction: Transaction) -> None:
        await transaction.execute_many(
            "UPDATE tag SET asset_count = ? WHERE key = ?",
            [(count, key) for key, count in self.counts.items()],
        )


def _upwards(label: Label) -> Iterator[Label]:
    """A label and all above it."""
    one: Label | None = label
    while one is not None:
        yield one
        one = one.parent


async def _make_albums(
    transaction: Transaction, assets: int, revision: int, chance: random.Random
) -> None:
    """Albums of neighbours in time, and one large one."""
    for number in range(ALBUMS):
        length = min(assets // 10, 5_000 if number == 0 else 300)
        start = chance.randrange(max(1, assets - length)) + 1
        await transaction.execute(
            """INSERT INTO album (id, public_id, owner_id, name, position, created_at, revision)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (
                *(number + 1, f"album{number}", OWNER_ID, f"Album {number}"),
                *(number, ADDED_MS, revision),
            ),
        )
        await transaction.execute_many(
            "INSERT INTO album_asset VALUES (?, ?, ?, ?)",
            [(number + 1, start + step, step, ADDED_MS) for step in range(length)],
        )


ASSET_COLUMNS = (
    "id, public_id, owner_id, captured_ms, captured_precision, captured_source, ratio, is_video, "
    "duration_ms, thumbhash, title, lat, lon, added_at, revision, rating, favourite, tagged"
)
FILE_COLUMNS = (
    "id, folder_id, name, size, mtime_ns, inode, state, found_at, asset_id, probe_version, "
    "preview_version, sha1, kind, mime, is_video, width, height, duration_ms, captured_ms, "
    "captured_precision, captured_source, show_rank, lat, lon, title, keywords, make, model, "
    "lens, iso, f_number, focal_mm, rating, facts, thumbhash"
)
TEXT_COLUMNS = "rowid, title, description, keywords, people, camera, names, place"
POSITION_COLUMNS = "id, lat_min, lat_max, lon_min, lon_max"


async def _insert(transaction: Transaction, columns: Columns) -> None:
    for table, names, rows in (
        ("asset", ASSET_COLUMNS, columns.assets),
        ("file", FILE_COLUMNS, columns.files),
        ("asset_text", TEXT_COLUMNS, columns.texts),
        ("asset_position", POSITION_COLUMNS, columns.positions),
    ):
        places = ", ".join("?" * len(names.split(",")))
        await transaction.execute_many(
            f"INSERT INTO {table} ({names}) VALUES ({places})",
            rows,
        )
    # Only now: an asset that names a file before it is there makes each file look for it.
    first, last = columns.assets[0][0], columns.assets[-1][0]
    await transaction.execute(
        "UPDATE asset SET shown_file_id = id WHERE id BETWEEN ? AND ?", (first, last)
    )


def recipe() -> str:
    """Changes whenever the rows that are made may change: part of a kept library's name."""
    parts: Iterator[Path] = iter(
        [
            Path(__file__),
            *sorted(Path(__file__).parents[2].glob("photostore/store/migrations/*.sql")),
        ]
    )
    digest = hashlib.sha256(f"{PROBE_VERSION} {PREVIEW_VERSION}".encode())
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()[:8]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf.million", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to make the library in")
    parser.add_argument("--assets", type=int, default=ASSETS)
    parser.add_argument("--one-day", type=int, default=0, help="assets of a single day")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = make_million(given.out, assets=given.assets, one_day=given.one_day, seed=given.seed)
    asyncio.run(made)


if __name__ == "__main__":
    main()
