"""Making a month, handing it on, handing it in."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import delete, insert, text

from services.resources.cataloguing.items.queries import plenty
from services.resources.collections.monthly import queries, rules, statements
from services.resources.collections.monthly.model import Grouping, HoldingsMonth, Line
from shared.events.resources import HoldingsReported, HoldingsSum
from shared.web.register import errands
from shared.work import Work

_LONG = text("SET LOCAL statement_timeout = '180s'")
# Whoever writes into the book of the stock holds this shared: the months of those who come later begin after us.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('holdings'))")


async def begin(work: Work, month: HoldingsMonth, _form: Any) -> None:
    """A month and its first figures, at once or a little later."""
    month.month = rules.first_of(month.period)
    month.period = rules.period_of(month.month)
    work.session.add(month)
    await work.session.flush()
    if await plenty(work):
        await errands.want(work, "holdings", month.no, "compute")
    else:
        await compute(work, month, None)


async def compute(work: Work, month: HoldingsMonth, _form: Any) -> None:
    """Put the tables together anew."""
    await work.session.flush()
    await work.session.execute(_LONG)
    until = rules.next_month(month.month)
    span = {"first": month.month, "until": until}
    await work.session.execute(delete(Line).where(Line.month_id == month.id))
    base = await queries.closed_month(work.session, rules.month_before(month.month))
    month.differences = 0
    for grouping in Grouping:
        lines: dict[tuple[str, ...], rules.Sums] = defaultdict(rules.Sums)
        await _opening(work, lines, grouping, base, span)
        for *key, kind, copies, value in await work.session.execute(statements.flows(grouping), span):
            line = lines[tuple(key)]
            line.copies[rules.PLACE[kind]] += rules.signed(kind, int(copies))
            line.value[rules.PLACE[kind]] += rules.signed(kind, int(value))
        for *key, kind, n in await work.session.execute(statements.titles(grouping), span):
            lines[tuple(key)].titles[rules.PLACE[kind]] += rules.signed(kind, int(n))
        if grouping in rules.CHECKED:
            await _hold_against_items(work, lines, grouping, until)
        await _write(work, month, grouping, lines)
    month.computed_at = work.now


async def _opening(
    work: Work, lines: dict[tuple[str, ...], rules.Sums], grouping: Grouping, base: HoldingsMonth | None, span: dict[str, Any]
) -> None:
    """Where the month before was handed in, its closing; else what the rows before the first day add up to."""
    if base is not None:
        for line in await queries.lines(work.session, base.id, grouping):
            sums = lines[line.location, line.clc, line.language, line.source]
            sums.titles[0], sums.copies[0], sums.value[0] = line.titles[-1], line.copies[-1], line.value[-1]
        return
    for *key, titles, copies, value in await work.session.execute(statements.opening_of_log(grouping), {"first": span["first"]}):
        sums = lines[tuple(key)]
        sums.titles[0], sums.copies[0], sums.value[0] = int(titles), int(copies), int(value)


async def _hold_against_items(
    work: Work, lines: dict[tuple[str, ...], rules.Sums], grouping: Grouping, until: Any
) -> None:
    for *key, titles, copies, value in await work.session.execute(statements.actual(grouping), {"until": until}):
        lines[tuple(key)].actual = [int(titles), int(copies), int(value)]
    for line in lines.values():
        line.actual = line.actual or [0, 0, 0]


async def _write(
    work: Work, month: HoldingsMonth, grouping: Grouping, lines: dict[tuple[str, ...], rules.Sums]
) -> None:
    if grouping is Grouping.all and not lines:
        lines["", "", "", ""] = rules.Sums(actual=[0, 0, 0])
    rows: list[dict[str, Any]] = []
    for (location, clc, language, source), sums in sorted(lines.items()):
        sums.close()
        if sums.empty and grouping is not Grouping.all:
            continue
        if rules.differs(sums.titles, sums.copies, sums.value, sums.actual):
            month.differences += 1
        rows.append({
            "month_id": month.id, "grouping": grouping, "location": location, "clc": clc, "language": language, "source": source,
            "titles": sums.titles, "copies": sums.copies, "value": sums.value, "actual": sums.actual,
        })
    if rows:
        await work.session.execute(insert(Line), rows)
    if grouping is Grouping.all:
        total = rows[0]
        month.titles, month.copies, month.value_cents = total["titles"][-1], total["copies"][-1], total["value"][-1]
        came = sum(total["copies"][rules.PLACE[kind]] for kind in ("added", "recovered"))
        gone = sum(total["copies"][rules.PLACE[kind]] for kind in ("withdrawn", "lost"))
        month.added, month.removed = came, gone


async def submit(work: Work, month: HoldingsMonth, form: Any) -> None:
    """The month is over, follows the one before, and a difference in it is explained."""
    if rules.next_month(month.month) > work.today:
        raise rules.NotOver(period=month.period)
    if earlier := await queries.unreported_before(work.session, month.month):
        raise rules.EarlierFirst(period=earlier)
    await work.session.execute(_ALONE)
    await compute(work, month, None)
    month.explanation = form.explanation.strip()
    if month.differences and not month.explanation:
        raise rules.Unexplained(n=month.differences)
    month.submitted_by, month.submitted_at = work.actor.id, work.now


async def close(work: Work, month: HoldingsMonth, _form: Any) -> None:
    """Handed in: from here on it stands, and everybody who plans by it hears."""
    month.closed_by, month.handed_in_on = work.actor.id, work.today
    (total,) = await queries.lines(work.session, month.id, Grouping.all)
    places = await queries.lines(work.session, month.id, Grouping.location)
    work.emit(HoldingsReported(
        number=month.no, period=month.period, differences=month.differences, total=_sum(total),
        locations=tuple(_sum(line) for line in places), handed_in_on=work.today,
    ), correlation=month.correlation)


def _sum(line: Line) -> HoldingsSum:
    at = rules.PLACE
    return HoldingsSum(
        location=line.location, titles=line.titles[-1], copies=line.copies[-1], value_cents=line.value[-1], opening=line.copies[0],
        added=line.copies[at["added"]] + line.copies[at["recovered"]], moved_in=line.copies[at["moved_in"]],
        moved_out=line.copies[at["moved_out"]], withdrawn=line.copies[at["withdrawn"]], lost=line.copies[at["lost"]],
    )
