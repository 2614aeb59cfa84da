"""The table, for a terminal and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tests.accuracy.cost import Cost
from tests.accuracy.explained import EXPLAINED
from tests.accuracy.fields import FIELDS, Field
from tests.accuracy.measure import Difference, Measurement, Tally

_WIDEST = 60


def as_lines(measured: Measurement) -> Iterator[str]:
    """Yield the summary and all differences as plain lines."""
    yield f"{measured.files} files to import, {len(measured.unread)} of them gave no facts"
    yield ""
    yield f"{'field':20} {'right':>6} {'explained':>10} {'of':>6} {'share':>8} {'target':>7}"
    for field, right, explained, counted in _totals(measured):
        share = right / counted
        mark = "" if share >= field.target else "  below"
        yield (
            f"{field.name:20} {right:6} {explained:10} {counted:6} {share:8.1%}"
            f" {field.target:7.0%}{mark}"
        )
    yield ""
    for one in measured.unread:
        yield f"no facts: {one.path}: {one.reason}{' (tolerated)' if one.tolerant else ''}"
    for difference in measured.differences:
        yield (
            f"{difference.field}: {difference.path}: wanted {_short(difference.wanted)}, "
            f"found {_short(difference.found)}{_because(difference)}"
        )


def cost_lines(costs: Mapping[str, Cost]) -> Iterator[str]:
    """Yield the table of costs."""
    yield "| files | number | facts | bytes and SHA-1 | exiftool, kept open |"
    yield "|---|---:|---:|---:|---:|"
    for name, cost in costs.items():
        other = "" if cost.exiftool_ms is None else f"{cost.exiftool_ms:.1f} ms"
        yield (
            f"| {name} | {cost.files} | {cost.facts_ms:.1f} ms | {cost.read_ms:.1f} ms | {other} |"
        )


def as_page(measured: Measurement, costs: Mapping[str, Cost]) -> str:
    """Return the page: by field, by field and kind, and each difference with its reason."""
    lines = [
        "# Accuracy",
        "",
        "How often the facts that photostore reads agree with what exiftool and ffprobe say of the",
        "same files (and, for sizes, with what decoders make of them). `make accuracy` measures it",
        "anew and writes this page. The files are those of the test corpus that are to be let in.",
        "",
        f"{measured.files} files; {len(measured.unread)} gave no facts.",
        "",
        "`explained` are differences where photostore means what it says; the reasons are below.",
        "",
        "| field | right | explained | of | share | target |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {field.name} | {right} | {explained} | {counted} | {right / counted:.1%} "
        f"| {field.target:.0%} |"
        for field, right, explained, counted in _totals(measured)
    ]
    lines += ["", "## Cost", "", "CPU a file, the median of the corpus' camera files.", ""]
    lines += cost_lines(costs)
    lines += ["", "## By kind", "", "Files with a value / of them right.", ""]
    lines += _by_kind(measured.tallies)
    if measured.unread:
        lines += ["", "## No facts", ""]
        lines += [f"- `{one.path}`: {one.reason}" for one in measured.unread]
    lines += ["", "## Differences", ""]
    lines += [_bullet(one) for one in measured.differences]
    return "\n".join(lines) + "\n"


def _totals(measured: Measurement) -> list[tuple[Field, int, int, int]]:
    found = []
    for field in FIELDS:
        of_it = [tally for tally in measured.tallies if tally.field is field]
        counted = sum(tally.counted for tally in of_it)
        if counted:
            right = sum(tally.right for tally in of_it)
            explained = sum(
                one.field == field.name and (one.path, one.field) in EXPLAINED
                for one in measured.differences
            )
            found.append((field, right, explained, counted))
    return found


def _by_kind(tallies: Iterable[Tally]) -> Iterator[str]:
    cells = {(tally.kind, tally.field.name): tally for tally in tallies}
    kinds = sorted({kind for kind, _ in cells})
    names = [field.name for field in FIELDS]
    yield "| kind | " + " | ".join(names) + " |"
    yield "|---|" + "---:|" * len(names)
    for kind in kinds:
        row = (cells.get((kind, name)) for name in names)
        yield f"| {kind} | " + " | ".join(_cell(tally) for tally in row) + " |"


def _cell(tally: Tally | None) -> str:
    if tally is None:
        return ""
    if tally.right == tally.counted:
        return str(tally.counted)
    return f"**{tally.right} / {tally.counted}**"


def _bullet(one: Difference) -> str:
    return (
        f"- {one.field}, `{one.path}`: {_short(one.wanted)} expected, {_short(one.found)} found"
        f"{_because(one)}"
    )


def _because(one: Difference) -> str:
    reason = EXPLAINED.get((one.path, one.field))
    return f". {reason}" if reason else ""


def _short(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
