"""The ledger on screen: what somebody did, counted, exported, and its chain walked."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.office.people.ledger.queries import Search, allowed_search, counts, page_of, verify
from services.office.people.ledger.rules import READERS, moment_of, sentence_of
from services.office.people.personnel.queries import staff_by_no
from services.office.people.post_duties.rules import dept_name
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, DUTIES, title
from shared.i18n import N_, _
from shared.settings import LOCAL
from shared.web.pages import Entry, page
from shared.web.register.exporting import download, write
from shared.web.register.people import names, suggest
from shared.work import Work

router = Router()
URL = "/office/ledger"
ENTRY = Entry(
    N_("工作台账"), URL, icon="book-2", who=("staff",), badge="", serves=("OFF-ADM-01",),
    help=N_("系统自动记下的履职记录，只增不改，逐条可查证"),
)
SIZES = (20, 50, 100)
EXPORT_LIMIT = 20_000
BREAKS = {
    "gap": N_("缺少一条记录"), "chain": N_("与前一条衔接不上"), "content": N_("内容与校验值不符"),
    "head": N_("台账末尾与登记的末尾不符"), "missing": N_("末尾记录被删去"),
}


def _asked(request: Request, work: Work) -> tuple[Search, dict[str, str]]:
    query = {k: v.strip() for k, v in request.query_params.items() if v.strip()}
    names_ = ("person", "duty", "department", "since", "until")
    params = {name: query[name] for name in names_ if name in query}
    search = allowed_search(work.actor, Search(
        person=params.get("person", "").upper(), duty=params.get("duty", ""),
        department=params.get("department", ""), since=moment_of(params.get("since", ""), "since"),
        until=moment_of(params.get("until", ""), "until", end=True),
    ))
    return search, params


def _whole(text: str | None, default: int) -> int:
    return max(1, int(text)) if text and text.isdecimal() else default


@router.get(URL, dependencies=[allow("staff")])
async def listed(request: Request, work: WorkDep) -> Response:
    """Rows that match, newest first, with what they add up to."""
    search, params = _asked(request, work)
    size = min(_whole(request.query_params.get("size"), SIZES[0]), SIZES[-1])
    number = _whole(request.query_params.get("page"), 1)
    entries, total = await page_of(work.session, search, limit=size, offset=(number - 1) * size)
    by_dept = await counts(work.session, search, "department")
    by_duty = await counts(work.session, search, "duty")
    chosen = await staff_by_no(work.session, search.person) if search.person else None
    return page(
        request, "office/ledger.html", page_title=_(ENTRY.label), entries=entries, total=total, size=size,
        number=number, pages=max(1, -(-total // size)), params=params, search=search,
        names=await names(work, [e.person for e in entries]), sentence_of=sentence_of, duties=DUTIES,
        duty_title=title, dept_name=dept_name, departments=DEPARTMENTS, by_dept=by_dept,
        by_duty=list(by_duty.items())[:8], duties_n=len(by_duty), chosen=chosen,
        may_choose=work.actor.holds(READERS), people=await suggest(work, "") if work.actor.holds(READERS) else [],
        may_verify=work.actor.holds((*READERS, "TEC-SYS")),
    )


@router.get(URL + "/export", dependencies=[allow("staff")])
async def export(request: Request, work: WorkDep) -> Response:
    """The matching rows as a spreadsheet."""
    search, params = _asked(request, work)
    entries, _total = await page_of(work.session, search, limit=EXPORT_LIMIT)
    known = await names(work, [e.person for e in entries])
    heads = [_(N_("序号")), _(N_("时间")), _(N_("工号")), _(N_("姓名")), _(N_("职责编号")), _(N_("职责")), _(N_("部门")),
             _(N_("事实")), _(N_("数量")), _(N_("校验值"))]
    kinds = ["num", "moment", "text", "text", "text", "text", "text", "text", "num", "text"]
    table = [
        [e.position, _local(e.at), e.person, known.get(e.person, ""), e.duty, title(DUTIES[e.duty]) if e.duty in DUTIES else "",
         dept_name(e.department), sentence_of(e), e.quantity, e.hash]
        for e in entries
    ]
    work.note("export", "ledger", "ledger", rows=len(entries), asked=params)
    data = await asyncio.to_thread(write, _(ENTRY.label), heads, kinds, table)
    return download(data, f"{_(ENTRY.label)}-{work.today:%Y%m%d}.xlsx")


def _local(at: Any) -> date:
    return at.astimezone(LOCAL).replace(tzinfo=None)  # type: ignore[no-any-return]


@router.get(URL + "/verify", dependencies=[allow(*READERS, "TEC-SYS")])
async def verified(request: Request, work: WorkDep) -> Response:
    """Walk the chain while somebody watches."""
    verdict = await verify(work.session)
    return page(
        request, "office/ledger_verify.html", page_title=_(N_("查证台账")), verdict=verdict,
        crumbs=[(_(ENTRY.label), URL), (_(N_("查证台账")), "")],
        said=_(BREAKS[verdict.broken.kind]) if verdict.broken else "",
    )
