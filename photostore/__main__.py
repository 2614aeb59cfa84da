"""`python -m photostore`: the same as the command `photostore`."""

from __future__ import annotations

import sys

from photostore.cli import main

if __name__ == "__main__":
    sys.exit(main())
