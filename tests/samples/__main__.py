"""Make a demo library: ``python -m tests.samples --out DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .library import make_library


def main() -> int:
    """Read the options and make the library; 2 when the folder belongs to another one."""
    parser = argparse.ArgumentParser(prog="python -m tests.samples", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the library")
    parser.add_argument("--count", type=int, default=300, help="pictures (300)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another family (1)")
    parser.add_argument("--megapixels", type=float, default=2.0, help="of a good camera (2)")
    parser.add_argument("--videos", type=int, default=None, help="clips (one per 37 pictures)")
    parser.add_argument("--workers", type=int, default=None, help="processes (one per core)")
    options = vars(parser.parse_args())
    try:
        make_library(options.pop("out"), **options, report=lambda line: print(line, flush=True))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
