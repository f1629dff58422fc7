"""Looking up the authority of a heading while a record is edited, and putting its form with the link into the line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.resources.cataloguing.authorities import queries
from services.resources.cataloguing.authorities import rules as authorities
from services.resources.cataloguing.authorities.model import Authority, Kind
from services.resources.cataloguing.editing.rules import Sheet
from services.resources.cataloguing.marc import headings, rows
from services.resources.cataloguing.marc.record import Field
from shared.work import Work

_ASKED = re.compile(r"find:([0-9]{1,4})|use:([0-9]{1,4}):(AU[0-9]{7,12})")
FOUND = 12


@dataclass(frozen=True, slots=True)
class Panel:
    """What was found for a line; without a kind, the line holds no heading."""

    row: int
    kind: Kind | None = None
    q: str = ""
    found: tuple[tuple[Authority, tuple[str, ...]], ...] = ()


def controlled(dialect: str, tag: str, ind1: str) -> bool:
    """Whether a line holds a heading authorities know."""
    return bool(headings.kind_of(tag.strip(), ind1 or " ", dialect))


async def act(work: Work, sheet: Sheet, wanted: str, form: Mapping[str, Sequence[str]]) -> tuple[Sheet, Panel | None] | None:
    """Search for a line's authority, or take one; None when that was not asked."""
    if (match := _ASKED.fullmatch(wanted)) is None:
        return None
    n = int(match[1] or match[2])
    if n >= len(sheet.rows) or not controlled(sheet.dialect, sheet.rows[n].tag, sheet.rows[n].ind1):
        return replace(sheet, focus=min(n, len(sheet.rows) - 1)), Panel(0)
    row = sheet.rows[n]
    kind = headings.kind_of(row.tag.strip(), row.ind1 or " ", sheet.dialect)
    field = sheet.fields()[n] or Field(row.tag.strip(), (row.ind1 or " ") + (row.ind2 or " "), ())
    if match[3] and (used := await _used(work, sheet, n, field, kind, match[3])) is not None:
        return used, None
    parts = headings.parts_of(field, kind, sheet.dialect)
    again = next(iter(form.get("find-row", ())), "") == str(n)
    q = next(iter(form.get("find-q", ())), "") if again else next((text for code, text in parts if code == "a"), "")
    q = q.replace("\0", "").strip()[:100]
    found, _total = await queries.find(work.session, q, kind=kind, limit=FOUND) if q else ((), 0)
    live = [await queries.today(work.session, one) for one in found]
    live = [one for one in dict.fromkeys(live) if one.state in authorities.LIVE]
    forms = await queries.forms(work.session, [one.id for one in live])
    told = tuple((one, tuple(form.text for form in forms.get(one.id, [])[1:6])) for one in live)
    return replace(sheet, focus=-1), Panel(n, Kind(kind), q, told)


async def _used(work: Work, sheet: Sheet, n: int, field: Field, kind: str, no: str) -> Sheet | None:
    """The line in its established form; None when it went out of use meanwhile: then it is looked up again."""
    found, _total = await queries.find(work.session, no, kind=kind, limit=1)
    one = next(iter(found), None)
    if one is None or one.state not in authorities.LIVE:
        return None
    new = headings.established(field, kind, authorities.parts_from(one.parts), one.no, sheet.dialect)
    lines = list(sheet.rows)
    lines[n] = rows.row_of(new)
    return replace(sheet, rows=tuple(lines), focus=n)
