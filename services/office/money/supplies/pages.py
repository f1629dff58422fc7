"""The monthly issue report, and what must be bought."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from services.office.money.supplies.model import SupplyItem
from services.office.money.supplies.queries import IssueLine, issue_lines
from services.office.people.post_duties.rules import dept_name
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.settings import LOCAL
from shared.web.pages import Entry, page
from shared.web.register.exporting import download, write
from shared.work import Work

router = Router()
URL = "/office/issue-report"
READERS = ("OFF", "director", "head")
ENTRY = Entry(
    N_("领用月报"), URL, icon="report", who=READERS, badge="", serves=("OFF-ADM-05",),
    help=N_("按部门和物品统计当月发放的数量与金额"),
)


def _month(text: str, today: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


async def _lines(work: Work, first: date) -> list[IssueLine]:
    after = (first + timedelta(days=32)).replace(day=1)
    start, end = (datetime.combine(d, time.min, LOCAL) for d in (first, after))
    return await issue_lines(work.session, start, end)


@router.get(URL, dependencies=[allow(*READERS)])
async def report(request: Request, work: WorkDep, month: str = "") -> Response:
    """Quantity and cost by department and item, and items below their minimum."""
    first = _month(month, work.today)
    lines = await _lines(work, first)
    by_dept: dict[str, list[IssueLine]] = {}
    for line in lines:
        by_dept.setdefault(line.dept, []).append(line)
    short = await work.session.scalars(
        select(SupplyItem).where(SupplyItem.short).order_by(SupplyItem.no)  # type: ignore[attr-defined]
    )
    return page(
        request, "office/issue_report.html", page_title=_(ENTRY.label), first=first, by_dept=by_dept,
        dept_name=dept_name, total=sum(line.cost for line in lines), short=short.all(),
        before=(first - timedelta(days=1)).strftime("%Y-%m"), after=(first + timedelta(days=32)).strftime("%Y-%m"),
    )


@router.get(URL + "/export", dependencies=[allow(*READERS)])
async def export(work: WorkDep, month: str = "") -> Response:
    """The report as a spreadsheet."""
    first = _month(month, work.today)
    heads = [_(N_("部门")), _(N_("物资编号")), _(N_("物品")), _(N_("单位")), _(N_("数量")), _(N_("金额"))]
    table = [
        [dept_name(line.dept), line.item_no, line.item_name, line.unit, line.quantity, line.cost / 100]
        for line in await _lines(work, first)
    ]
    kinds = ["text", "text", "text", "text", "num", "money"]
    data = await asyncio.to_thread(write, _(ENTRY.label), heads, kinds, table)
    return download(data, f"{_(ENTRY.label)}-{first:%Y%m}.xlsx")
