"""What one file is, and whether it would be imported. Writes nothing anywhere.

The file goes the way that it goes at import (stat, read, probe, filters, previews), so what is
found here is what an import does.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photostore.base.errors import FileError, MediaRejectedError
from photostore.media.everything import read_everything
from photostore.media.filters import rejection_by_facts, rejection_by_stat
from photostore.media.kinds import sniff
from photostore.media.preview import render
from photostore.media.probe import probe
from photostore.media.reading import read_content
from photostore.media.said import with_said
from photostore.sync.companions import sidecars_beside, with_sidecars

if TYPE_CHECKING:
    from photostore.media.everything import TagGroup
    from photostore.media.facts import Facts
    from photostore.media.filters import Limits
    from photostore.media.kinds import Kind


@dataclass(slots=True)
class Findings:
    """What is known of one file, step by step; `reasons` is empty if it would be imported.

    `tags` are all that are in it and its sidecars, where
    they were wished for. `errors` are what went wrong; `is_readable` is false where not even the
    bytes could be had.
    """

    path: bytes
    size: int | None = None
    sha1: bytes | None = None
    kind: Kind | None = None
    facts: Facts | None = None
    is_readable: bool = False
    tags: tuple[TagGroup, ...] = ()
    reasons: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def reject(self, reason: str | None) -> None:
        """Note why the file would not be imported, if there is a new reason."""
        if reason and reason not in self.reasons:
            self.reasons.append(reason)

    def fail(self, reason: str) -> None:
        """Note what went wrong; such a file is not imported either."""
        self.errors.append(reason)
        self.reject(reason)


def examine(path: bytes, limits: Limits, *, with_tags: bool = False) -> Findings:
    """Find out everything about one file, on wish with all its tags.

    Never raises: what goes wrong is in the findings.
    """
    findings = Findings(path)
    try:
        _examine(findings, limits, with_tags=with_tags)
    except MediaRejectedError as error:
        findings.reject(error.reason)
    except FileError as error:
        findings.fail(error.reason)
    except OSError as error:
        findings.fail(error.strerror or str(error))
    except Exception as error:  # noqa: BLE001 - one file must not keep a person from the others
        findings.fail(f"unexpected error: {type(error).__name__}: {error}")
    return findings


def _examine(findings: Findings, limits: Limits, *, with_tags: bool) -> None:
    target = findings.path
    found = os.lstat(target)
    if stat.S_ISLNK(found.st_mode):
        findings.reject("it is a link: links are not followed")
        target = os.path.realpath(target)
        found = os.stat(target)
    if stat.S_ISDIR(found.st_mode):
        findings.fail("it is a folder: name the files in it")
        return
    if not stat.S_ISREG(found.st_mode):
        findings.fail("it is no regular file")
        return
    if os.path.basename(findings.path).startswith(b"."):
        findings.reject("its name begins with a dot")
    findings.size = found.st_size
    findings.reject(rejection_by_stat(findings.path, found.st_size, limits))
    findings.is_readable = found.st_size == 0
    content = read_content(target)
    findings.is_readable = True
    findings.sha1 = content.sha1
    findings.kind = sniff(content.head if content.data is None else content.data)
    facts = probe(content)
    findings.facts = facts = with_said(with_sidecars(os.path.abspath(target), facts).facts)
    if with_tags:
        findings.tags = read_everything(content, sidecars_beside(os.path.abspath(target)))
    findings.reject(rejection_by_facts(facts, limits))
    if not findings.reasons:
        damaged = render(content, facts).damaged
        if damaged:
            findings.errors.append(damaged)
