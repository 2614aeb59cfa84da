"""`python -m tests.accuracy [--corpus DIR] [--out FILE]`: measure, print, and write the page."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from tests.accuracy.cost import measure_cost
from tests.accuracy.measure import measure
from tests.accuracy.report import as_lines, as_page, cost_lines

TOP = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=TOP.parent / "shared" / "corpus")
    parser.add_argument("--out", type=Path, help="write the page here, in Markdown")
    options = parser.parse_args()
    manifest = options.corpus / "manifest.json"
    if not manifest.is_file():
        print("accuracy: no corpus (a folder with a manifest.json); give one with --corpus DIR")
        return 0
    logging.disable(logging.CRITICAL)
    measured = measure(options.corpus, json.loads(manifest.read_text("utf-8"))["items"])
    costs = {
        "JPEG of 8 to 16 megapixels": measure_cost(options.corpus / "camera"),
        "RAW": measure_cost(options.corpus / "raw"),
    }
    print("\n".join((*as_lines(measured), "", *cost_lines(costs))))
    if options.out:
        options.out.write_text(as_page(measured, costs), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
