"""One sync over the real and hostile files of the corpus: it ends, and nearly all come in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.commands.conftest import TOP, Shell

CORPUS = (TOP.parent / "shared" / "corpus").resolve()
# JPEG, PNG, GIF, WebP, TIFF, HEIC, AVIF and video; others need decoders that may be absent.
PROMISED = re.compile(
    r"image/(jpeg|a?png|gif|webp|tiff|x-tiff-big|hei[cf](-sequence)?|avif)$|video/"
)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus ../shared/corpus is not here")
@pytest.mark.timeout(400)
def test_nearly_all_that_should_come_in_does(shell: Shell) -> None:
    done = shell.run(
        "sync", "--json", "--no-filter", "--library", shell.library, CORPUS, timeout_s=300
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assets = shell.json("list", "--json", "--library", shell.library)
    known = {file["path"] for asset in assets for file in asset["files"]}
    items = json.loads((CORPUS / "manifest.json").read_text())["items"]
    wanted = [item["path"] for item in items if item["expect"] == "import" and is_promised(item)]
    missed = [path for path in wanted if str(CORPUS / path) not in known]
    print(result, f"{len(wanted) - len(missed)} of {len(wanted)} promised files", *missed, sep="\n")
    assert len(missed) <= 0.02 * len(wanted)
    assert result["assets"] == len(assets)
    accounted = result["imported"] + result["rejected"] + result["failed"]
    assert result["found"] == accounted, "each file is accounted for"
    refused = [item["path"] for item in items if refused_for_sure(item)]
    let_in = [path for path in refused if str(CORPUS / path) in known]
    print(f"{len(let_in)} of {len(refused)} files that should stay out came in", *let_in, sep="\n")
    assert len(let_in) <= 0.02 * len(refused)


def is_promised(item: dict[str, Any]) -> bool:
    return PROMISED.match(str(item["truth"].get("mime"))) is not None


def refused_for_sure(item: dict[str, Any]) -> bool:
    return item["expect"] == "reject" and not item.get("tolerant") and not item.get("partial")
