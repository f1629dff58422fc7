"""调拨 on screen: lists, the scan at each end, what differs, the month."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.codes import clean
from services.reader.desk.dropbox.rules import codes_in
from services.reader.desk.handover.rules import NEXT
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.transfers import approving, commands, queries, rules
from services.reader.desk.transfers.commands import Listed
from services.reader.desk.transfers.model import Transfer, TransferLine, TransferState
from services.reader.rooms.service_points.queries import homes, locations, names, point_here, points
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.settings import LOCAL
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

HOME = "/reader/transfers"
router = Router(prefix=HOME, tags=["transfers"], dependencies=[allow(*rules.MOVERS)])
TITLE = N_("书刊调拨")
LINES = 50


@router.get("")
async def index(
    request: Request, work: WorkDep, state: str = "sent", point: str = "", q: str = "", page_no: PageNo = 1
) -> Response:
    """On their way first, the longest overdue on top."""
    asked = TransferState(state) if state in set(TransferState) else TransferState.sent
    q = q.strip()[:80]
    found, total = await queries.transfers(
        work.session, state=asked, point=point, q=q, limit=SIZE, offset=offset(page_no)
    )
    counts, said = await queries.counts(work.session), await names(work.session)
    return page(
        request, "transfers/list.html", page_title=_(TITLE), found=found, state=asked, q=q, point=point, points=said,
        today=work.today, rules=rules, late=await queries.late_count(work.session, work.today),
        people=await people.names(work, [t.made_by for t, _n, _d in found]),
        tabs=[
            {"label": s.text, "count": counts.get(s, 0), "active": s is asked,
             "url": HOME + "?" + urlencode({"state": s.value})}
            for s in TransferState
        ],
        **paged(page_no, total, state=asked.value, q=q, point=point),
    )


async def _form(
    request: Request, work: Work, *, error: str = "", status: int = 200, **typed: str
) -> Response:
    there = [(p.code, p.text) for p in await points(work.session, only_open=True)]
    kept, said = await homes(work.session), await names(work.session)
    places = [
        (code, f"{name}（{said.get(kept.get(code, ''), _(N_('无所属服务点')))}）")
        for code, name, _n in await locations(work.session)
    ]
    here = await point_here(work.session, request.cookies.get(COOKIE, ""))
    fields = [
        {"name": "origin", "label": _(N_("调出服务点")), "kind": "select", "required": True, "span": 6,
         "value": typed.get("origin", here), "options": there, "data": True},
        {"name": "location", "label": _(N_("调入馆藏地")), "kind": "select", "required": True, "span": 6,
         "value": typed.get("location", ""), "options": places, "data": True},
        {"name": "to", "label": _(N_("接收服务点")), "kind": "select", "span": 6, "value": typed.get("to", ""),
         "options": there, "data": True, "placeholder": _(N_("调入馆藏地所属的服务点"))},
        {"name": "reason", "label": _(N_("调拨原因")), "span": 6, "maxlength": 200, "value": typed.get("reason", "")},
        {"name": "codes", "label": _(N_("条码清单")), "kind": "textarea", "rows": 4, "span": 12,
         "value": typed.get("codes", ""), "help": _(N_("每行一个，先列入待取；也可开单后直接扫描装箱"))},
    ]
    return page(
        request, "transfers/new.html", status=status, page_title=_(N_("新调拨单")), fields=fields, error=error,
        points=there, crumbs=[(_(TITLE), HOME), (_(N_("新调拨单")), "")],
    )


@router.get("/new")
async def new(request: Request, work: WorkDep) -> Response:
    """From where, to which location."""
    return await _form(request, work)


@router.post("")
async def open_transfer(
    request: Request, work: WorkDep, origin: Annotated[str, Form()] = "", location: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "", codes: Annotated[str, Form()] = "",
) -> Response:
    """开单."""
    try:
        transfer, done = await commands.open_transfer(
            work, origin=origin, location=location, to=to, reason=reason[:200], codes=codes_in(codes)[:rules.LARGEST]
        )
    except Refusal as no:
        return await _form(
            request, work, error=str(no), status=422, origin=origin, location=location, to=to, reason=reason, codes=codes
        )
    if done.refused:
        return await _show(request, work, transfer, done=done)
    return see_other(request, f"{HOME}/{transfer.number}", toast=_(N_("已开调拨单 {number}"), number=transfer.number))


@router.get("/month")
async def month(request: Request, work: WorkDep, month: str = "", page_no: PageNo = 1) -> Response:
    """月报: what was received, route by route and book by book."""
    of = queries.month_of(month, work.today)
    routes = await queries.month_routes(work.session, of)
    total = sum(n for _a, _b, _c, n, _fen in routes)
    return page(
        request, "transfers/month.html", page_title=_(N_("调拨月报")), month=f"{of:%Y-%m}", routes=routes,
        crumbs=[(_(TITLE), HOME), (_(N_("调拨月报")), "")], value=sum(fen for *_rest, fen in routes),
        lines=await queries.month_lines(work.session, of, limit=SIZE, offset=offset(page_no)),
        **paged(page_no, total, month=f"{of:%Y-%m}"),
    )


@router.get("/month.xlsx")
async def month_sheet(work: WorkDep, month: str = "") -> Response:
    """The month as a sheet."""
    of = queries.month_of(month, work.today)
    rows = [
        [line.received_at.astimezone(LOCAL).replace(tzinfo=None) if line.received_at else "", transfer.number,
         line.barcode, line.title, line.call_number, line.from_name, transfer.place, line.price_fen / 100]
        for line, transfer in await queries.month_lines(work.session, of)
    ]
    heads = [_(N_("收到")), _(N_("调拨单")), _(N_("条码")), _(N_("题名")), _(N_("索书号")), _(N_("调出馆藏地")),
             _(N_("调入馆藏地")), _(N_("价格"))]
    kinds = ["moment", "ref", "ref", "text", "text", "text", "text", "money"]
    work.note("export", "transfer_line", f"{of:%Y-%m}", rows=len(rows))
    data = await asyncio.to_thread(write, _(N_("调拨月报")), heads, kinds, rows)
    return download(data, f"{_(N_('调拨月报'))}-{of:%Y-%m}.xlsx")


def _stages(transfer: Transfer, said: dict[str, str]) -> list[dict[str, Any]]:
    over = transfer.closed_at is not None
    end = "bad" if transfer.state in {TransferState.differed, TransferState.cancelled} else "done"
    return [
        {"label": _(N_("开单")), "state": "done", "who": said.get(transfer.made_by, ""), "at": transfer.made_at},
        {"label": _(N_("审批")), "who": said.get(transfer.approved_by, ""), "at": transfer.approved_at,
         "state": "done" if transfer.approved_at else "todo" if over else "now"},
        {"label": _(N_("发出")), "who": said.get(transfer.sent_by, ""), "at": transfer.sent_at,
         "state": "done" if transfer.sent_at else "now" if transfer.approved_at and not over else "todo"},
        {"label": transfer.state.text if over else _(N_("接收")), "who": said.get(transfer.closed_by, ""),
         "state": end if over else "now" if transfer.sent_at else "todo", "at": transfer.closed_at},
    ]


def _stand(transfer: Transfer) -> dict[str, Any]:
    """What the page asks about the state, each by its name."""
    stands = TransferState
    return {
        "draft": transfer.state is stands.draft, "submitted": transfer.state is stands.submitted,
        "packing": transfer.state is stands.approved, "sent": transfer.state is stands.sent,
    }


async def _show(
    request: Request, work: Work, transfer: Transfer, *, page_no: int = 1, done: Listed | None = None
) -> Response:
    lines = await queries.lines_of(work.session, transfer.number)
    start = (page_no - 1) * LINES
    said = await people.names(
        work, [transfer.made_by, transfer.submitted_by, transfer.approved_by, transfer.sent_by, transfer.closed_by]
    )
    mine = work.actor.id in {transfer.made_by, transfer.submitted_by}
    return page(
        request, "transfers/transfer.html", page_title=_(N_("调拨单 {number}"), number=transfer.number),
        crumbs=[(_(TITLE), HOME), (transfer.number, "")], transfer=transfer, lines=lines[start:start + LINES],
        tally=rules.tally(lines), all=len(lines), value=sum(line.price_fen for line in lines), done=done,
        stages=_stages(transfer, said), points=await names(work.session), rules=rules, today=work.today, next=NEXT,
        **_stand(transfer), may_approve=work.actor.holds(rules.APPROVERS) and not mine, mine=mine,
        page_no=page_no, pages=max(-(-len(lines) // LINES), 1), total=len(lines), size=LINES, params={},
    )


@router.get("/{number}")
async def shown(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """One list."""
    transfer = await queries.transfer_by_number(work.session, clean(number))
    return await _show(request, work, transfer, page_no=page_no)


async def _answer(request: Request, work: Work, number: str, line: TransferLine, *, again: bool) -> Response:
    await work.session.flush()
    transfer = await queries.transfer_by_number(work.session, number)
    lines = await queries.lines_of(work.session, number)
    done = transfer.state is TransferState.received
    if not request.headers.get("hx-request") or done:
        return see_other(request, f"{HOME}/{number}", toast=_(N_("全部收清，已结单")) if done else "")
    answer = Response(render_text(
        request, "transfers/answer.html", line=line, transfer=transfer, tally=rules.tally(lines), all=len(lines),
        **_stand(transfer), next=NEXT, rules=rules,
        value=sum(one.price_fen for one in lines),
    ), media_type="text/html")
    answer.headers["x-sound"] = "look" if again or line.went not in {"", "shelve"} else "ok"
    return answer


@router.post("/{number}/scan")
async def scan(
    request: Request, work: WorkDep, number: str, code: Annotated[str, Form()] = ""
) -> Response:
    """One box throughout: on the list, out while the box is filled, in when it has travelled."""
    transfer = await queries.transfer_by_number(work.session, clean(number))
    if transfer.state is TransferState.draft:
        line, again = await commands.list_one(work, number=transfer.number, barcode=clean(code))
    else:
        verb = commands.scan_in if transfer.state is TransferState.sent else commands.scan_out
        line, again = await verb(work, number=transfer.number, barcode=clean(code))
    return await _answer(request, work, transfer.number, line, again=again)


@router.post("/{number}/list")
async def listing(request: Request, work: WorkDep, number: str, codes: Annotated[str, Form()] = "") -> Response:
    """列入待取."""
    done = await commands.listing(work, number=clean(number), codes=codes_in(codes)[:rules.LARGEST])
    return await _show(request, work, await queries.transfer_by_number(work.session, clean(number)), done=done)


@router.post("/{number}/out")
async def take_out(request: Request, work: WorkDep, number: str, barcode: Annotated[str, Form()]) -> Response:
    """移出."""
    await commands.take_out(work, number=clean(number), barcode=clean(barcode))
    return see_other(request, f"{HOME}/{clean(number)}", toast=_(N_("已移出，放回原架")))


@router.post("/{number}/submit")
async def submit(request: Request, work: WorkDep, number: str) -> Response:
    """提交审批."""
    await approving.submit(work, number=clean(number))
    return see_other(request, f"{HOME}/{clean(number)}", toast=_(N_("已提交，待另一位责任人审批")))


@router.post("/{number}/approve", dependencies=[allow(*rules.APPROVERS)])
async def approve(request: Request, work: WorkDep, number: str) -> Response:
    """批准."""
    await approving.approve(work, number=clean(number))
    return see_other(request, f"{HOME}/{clean(number)}", toast=_(N_("已批准，可以取书装箱")))


@router.post("/{number}/send-back", dependencies=[allow(*rules.APPROVERS)])
async def send_back(request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """退回修改."""
    await approving.send_back(work, number=clean(number), reason=reason[:300])
    return see_other(request, f"{HOME}/{clean(number)}", toast=_(N_("已退回，等修改后再提交")), tone="warn")


@router.post("/{number}/send")
async def send(request: Request, work: WorkDep, number: str) -> Response:
    """发出."""
    transfer = await commands.send(work, number=clean(number))
    return see_other(request, f"{HOME}/{transfer.number}", toast=_(N_("已发出，{day} 前应到"), day=transfer.due_on))


@router.post("/{number}/cancel")
async def cancel(request: Request, work: WorkDep, number: str) -> Response:
    """作废."""
    await commands.cancel(work, number=clean(number))
    return see_other(request, f"{HOME}/{clean(number)}", toast=_(N_("已作废，箱里的书请放回原架")))


@router.post("/{number}/close")
async def close(request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """有差异结单."""
    await commands.close(work, number=clean(number), reason=reason[:500])
    return see_other(request, f"{HOME}/{clean(number)}", toast=_(N_("已结单，未到的书转清点未见")), tone="warn")
