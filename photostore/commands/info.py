"""`photostore info`: everything known about files, in or outside of a library."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from photostore.base.configuration import make_plan, use_decoders
from photostore.base.text import display_name, fold_lines, format_duration, format_size
from photostore.commands.examination import Findings, examine
from photostore.commands.terminal import complain, encode_json, write_json
from photostore.library.limits import limits_of
from photostore.media.capture import weigh
from photostore.server.metadata import candidate_json, group_json
from photostore.server.wire import offset_text, source_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from photostore.media.capture import Candidate
    from photostore.media.facts import Captured, Facts

LABEL_WIDTH = 13
# Facts that are printed as they are, under a heading of their own name.
TEXTS = ("make", "model", "lens", "rating", "title", "description", "keywords", "people")


def show_info(given: Mapping[str, object], names: Sequence[str], *, as_json: bool) -> int:
    """Print what is known about each file; returns 1 if one of them could not even be read."""
    # What readers would log is in the findings.
    logging.getLogger().addHandler(logging.NullHandler())
    plan = make_plan(given, os.environ)
    use_decoders(plan)
    limits = limits_of(plan.settings)
    objects: list[str] = []
    unreadable: list[str] = []
    for name in names:
        findings = examine(os.fsencode(name), limits, with_tags=as_json)
        if as_json:
            objects.append(encode_json(info_json(findings), indent=2))
        else:
            print("\n".join(info_lines(findings)), flush=True)
        if not findings.is_readable:
            unreadable.append(f"{display_name(findings.path)}: {findings.errors[0]}")
    if as_json:
        write_json("[" + ",\n".join(objects) + "]")
    for line in unreadable:
        complain(line)
    return 1 if unreadable else 0


def info_json(findings: Findings) -> dict[str, Any]:
    """The findings as `info --json` prints them (DESIGN 4); unknown values are null."""

    def fact(name: str) -> Any:
        return getattr(findings.facts, name, None)

    kind = findings.kind
    return {
        "path": display_name(findings.path),
        "accepted": not findings.reasons,
        "reasons": findings.reasons,
        "kind": kind.name if kind else None,
        "mime": kind.mime if kind else None,
        "width": fact("width") or None,
        "height": fact("height") or None,
        "orientation": fact("orientation"),
        "duration_s": fact("duration_s"),
        "video_codec": fact("video_codec"),
        "audio_codec": fact("audio_codec"),
        "captured": _captured_json(fact("captured")),
        "gps": _gps_json(findings.facts),
        "make": fact("make"),
        "model": fact("model"),
        "lens": fact("lens"),
        "exposure_time_s": fact("exposure_time_s"),
        "f_number": fact("f_number"),
        "iso": fact("iso"),
        "focal_length_mm": fact("focal_length_mm"),
        "rating": fact("rating"),
        "title": fact("title"),
        "description": fact("description"),
        "keywords": fact("keywords") or [],
        "people": fact("people") or [],
        "content_identifier": fact("content_identifier"),
        "motion_photo": fact("motion_photo"),
        "sha1": findings.sha1.hex() if findings.sha1 else None,
        "errors": findings.errors,
        **_more_json(findings),
    }


def _more_json(findings: Findings) -> dict[str, Any]:
    """What a library keeps of a file besides: where each value comes from, and all dates found."""
    facts = findings.facts
    single = ("label", "projection", "colour", "hdr", "favourite", "archived", "animated")
    listed = ("keyword_paths", "albums", "notes")
    return {
        **{name: getattr(facts, name, None) for name in single},
        **{name: list(getattr(facts, name, ())) for name in listed},
        "faces": [{"name": face.name, "box": face.box} for face in (facts.faces if facts else ())],
        "sources": dict(facts.sources) if facts else {},
        "captured_candidates": [candidate_json(one) for one in _candidates(facts)],
        "groups": [group_json(group) for group in findings.tags],
    }


def _candidates(facts: Facts | None) -> tuple[Candidate, ...]:
    if facts is None:
        return ()
    return weigh(facts.dates, facts.captured, datetime.now(UTC))


def _captured_json(captured: Captured | None) -> dict[str, Any] | None:
    if captured is None:
        return None
    return {
        "local": _wall_time(captured),
        "offset": offset_text(captured.offset_min),
        "precision": captured.precision,
        "source": captured.source,
    }


def _wall_time(captured: Captured) -> str:
    return captured.local.isoformat(
        timespec="milliseconds" if captured.local.microsecond else "seconds"
    )


def _gps_json(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None or facts.position is None:
        return None
    return {"lat": facts.position.lat, "lon": facts.position.lon, "alt": facts.position.alt_m}


def info_lines(findings: Findings) -> Iterator[str]:
    """The findings for a person: the path, then a line for each thing that is known."""
    yield display_name(findings.path)
    for label, value in _rows(findings):
        if value:
            yield f"  {label:<{LABEL_WIDTH}} {fold_lines(value)}"


def _rows(findings: Findings) -> Iterator[tuple[str, str]]:
    yield "accepted", "no: " + "; ".join(findings.reasons) if findings.reasons else "yes"
    for error in findings.errors:
        if error not in findings.reasons:
            yield "trouble", error
    if findings.kind:
        yield "kind", f"{findings.kind.name} ({findings.kind.mime})"
    if findings.size is not None:
        yield "size", format_size(findings.size)
    if findings.facts:
        yield from _fact_rows(findings.facts)
    if findings.sha1:
        yield "SHA-1", findings.sha1.hex()


def _fact_rows(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.width:
        turned = f" (orientation {facts.orientation})" if facts.orientation != 1 else ""
        yield "dimensions", f"{facts.width} x {facts.height} pixels{turned}"
    if facts.duration_s is not None:
        yield "duration", format_duration(facts.duration_s)
    yield "codecs", ", ".join(filter(None, (facts.video_codec, facts.audio_codec)))
    if facts.captured:
        offset = offset_text(facts.captured.offset_min)
        time = _wall_time(facts.captured).replace("T", " ") + (f" {offset}" if offset else "")
        exactness = f"to the {facts.captured.precision}"
        yield "captured", f"{time}, {exactness}, {source_text(facts.captured.source)}"
    if facts.position:
        altitude = "" if facts.position.alt_m is None else f", {facts.position.alt_m:.0f} m"
        yield "position", f"{facts.position.lat:.6f}, {facts.position.lon:.6f}{altitude}"
    yield "exposure", ", ".join(_exposure(facts))
    for name in TEXTS:
        value = getattr(facts, name)
        if value is not None:
            yield name, ", ".join(value) if isinstance(value, tuple) else str(value)
    yield "label", facts.label or ""
    yield "albums", ", ".join(facts.albums)
    yield "faces", ", ".join(face.name or "somebody" for face in facts.faces if face.box)
    yield "colours", ", ".join(filter(None, (facts.colour, facts.hdr and f"HDR ({facts.hdr})")))
    yield "projection", facts.projection or ""
    yield "motion photo", "yes" if facts.motion_photo else ""
    said = [name for name in ("favourite", "archived") if getattr(facts, name)]
    yield "elsewhere", ", ".join(said)
    for one in _candidates(facts):
        yield "date" if one.chosen else "other date", _candidate_text(one)
    for source, names in _by_source(facts).items():
        yield f"from {source}", ", ".join(names)
    for note in facts.notes:
        yield "note", note


def _candidate_text(candidate: Candidate) -> str:
    captured = candidate.captured
    offset = offset_text(captured.offset_min)
    time = _wall_time(captured).replace("T", " ") + (f" {offset}" if offset else "")
    return f"{time}, {source_text(captured.source)}: {candidate.reason}"


def _by_source(facts: Facts) -> dict[str, list[str]]:
    """The names of values by the place that they come from; dates have lines of their own."""
    found: dict[str, list[str]] = {}
    for name, source in facts.sources.items():
        if name != "captured":
            label = name.removesuffix("_s").removesuffix("_mm").replace("_", " ")
            found.setdefault(source, []).append(label)
    return found


def _exposure(facts: Facts) -> Iterator[str]:
    if facts.exposure_time_s:
        seconds = facts.exposure_time_s
        yield f"1/{1 / seconds:.0f} s" if seconds < 0.3 else f"{seconds:g} s"
    if facts.f_number:
        yield f"f/{facts.f_number:g}"
    if facts.iso:
        yield f"ISO {facts.iso}"
    if facts.focal_length_mm:
        yield f"{facts.focal_length_mm:g} mm"
