"""The page that says, duty by duty, where it is done, what proves it and what is still missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.duties.catalogue import Cadence, Duty, departments, duties, posts

Names = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One duty with the screens, evidence events and tests that name it."""

    duty: Duty
    screens: tuple[str, ...]
    events: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What the duty still lacks; a covered duty lacks nothing."""
        parts = {"screen": self.screens, "evidence": self.events, "test": self.tests}
        return tuple(name for name, found in parts.items() if not found)


def coverage(screens: Names, events: Names, tests: Names) -> list[Row]:
    """One row per duty of the catalogue, given who names which duty id.

    Raises ValueError for ids outside the catalogue: a misspelt id would otherwise look like a gap.
    """
    known = duties()
    strangers = sorted({id for names in (screens, events, tests) for id in names} - set(known))
    if strangers:
        raise ValueError(f"not in the duty catalogue: {', '.join(strangers)}")
    return [
        Row(one, _named(screens, one), _named(events, one), _named(tests, one))
        for one in known.values()
    ]


def render(rows: Sequence[Row]) -> str:
    """The whole page in Markdown: the counts, the gaps, then every post."""
    lines = [
        "# Duties",
        "",
        "Generated from the code; do not edit. A duty is covered when a screen serves it, an event",
        "is evidence of it and a test shows it.",
        "",
        *_summary(rows),
        "",
        *_gaps(rows),
    ]
    for department in departments().values():
        lines += ["", f"## {department.zh} {department.en}"]
        for post in posts().values():
            if post.department == department.slug:
                mine = [row for row in rows if row.duty.post == post.code]
                lines += ["", f"### {post.code} {post.zh} {post.en}", "", *_table(mine)]
    return "\n".join(lines) + "\n"


def _named(names: Names, duty: Duty) -> tuple[str, ...]:
    return tuple(sorted(set(names.get(duty.id, ()))))


def _summary(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| department | duties | with screen | with evidence | with test | covered |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    groups = [
        (f"{one.zh} {one.en}", [row for row in rows if row.duty.department == one.slug])
        for one in departments().values()
    ]
    for label, mine in [*groups, ("all", list(rows))]:
        lacks = Counter(part for row in mine for part in row.missing)
        counts = [len(mine), *(len(mine) - lacks[part] for part in ("screen", "evidence", "test"))]
        covered = sum(not row.missing for row in mine)
        lines.append(f"| {label} | {' | '.join(map(str, counts))} | {covered} |")
    return lines


def _gaps(rows: Sequence[Row]) -> list[str]:
    open_rows = [row for row in rows if row.missing]
    lines = [f"## Not covered: {len(open_rows)} of {len(rows)}", ""]
    if not open_rows:
        return [*lines, "Every duty is covered."]
    lines += ["| duty | title | missing |", "|---|---|---|"]
    for row in open_rows:
        lines.append(f"| {row.duty.id} | {_title(row.duty)} | {', '.join(row.missing)} |")
    return lines


def _table(rows: Sequence[Row]) -> list[str]:
    lines = ["| duty | title | cadence | screens | evidence | tests |", "|---|---|---|---|---|---|"]
    for row in rows:
        cells = (
            row.duty.id,
            _title(row.duty),
            "; ".join(_cadence(one) for one in row.duty.cadence) or "–",
            _code(row.screens),
            _code(row.events),
            _code(row.tests),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _title(duty: Duty) -> str:
    return f"{duty.title_zh}<br>{duty.title_en}"


def _cadence(cadence: Cadence) -> str:
    words = [f"per {cadence.on}" if cadence.on else cadence.kind]
    if cadence.minutes:
        words.append(f"≥ {cadence.minutes} min")
    if cadence.fixed:
        words.append("fixed times")
    return ", ".join(words)


def _code(names: Iterable[str]) -> str:
    """Each name on its own line; a bar in a name (a test parameter) would break the table."""
    return "<br>".join("`" + name.replace("|", "\\|") + "`" for name in names) or "–"
