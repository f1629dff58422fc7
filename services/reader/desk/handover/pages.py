"""新书接收 on screen: what is coming to this point, the count, and its end."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.handover import closing, commands, queries, rules
from services.reader.desk.handover.model import Handover, HandoverState, Verdict
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.service_points.queries import names, point_here
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/reader/handovers"
router = Router(prefix=HOME, tags=["handover"], dependencies=[allow(*DESK)])
TITLE = N_("新书接收")
LINES = 50
MODES = ((Verdict.ok, "F2"), (Verdict.label_wrong, "F3"), (Verdict.damaged, "F4"))


@router.get("")
async def index(
    request: Request, work: WorkDep, state: str = "waiting", point: str = "", q: str = "", page_no: PageNo = 1
) -> Response:
    """What waits longest first; red beyond two working days."""
    asked = HandoverState(state) if state in set(HandoverState) else HandoverState.waiting
    q = q.strip()[:80]
    found, total = await queries.handovers(
        work.session, state=asked, point=point, q=q, limit=SIZE, offset=offset(page_no)
    )
    counts, said = await queries.counts(work.session), await names(work.session)
    return page(
        request, "handover/list.html", page_title=_(TITLE), found=found, state=asked, q=q, point=point, points=said,
        today=work.today, rules=rules, here=await point_here(work.session, request.cookies.get(COOKIE, "")),
        late=await queries.late_count(work.session, work.today),
        people=await people.names(work, [x for h, _n, _d in found for x in (h.sent_by, h.received_by)]),
        tabs=[
            {"label": s.text, "count": counts.get(s, 0), "active": s is asked,
             "url": HOME + "?" + urlencode({"state": s.value})}
            for s in HandoverState
        ],
        **paged(page_no, total, state=asked.value, q=q, point=point),
    )


def _stages(handover: Handover, said: dict[str, str]) -> list[dict[str, Any]]:
    closed = handover.state is not HandoverState.waiting
    return [
        {"label": _(N_("发出")), "state": "done", "who": said.get(handover.sent_by, ""), "at": handover.sent_at},
        {"label": _(N_("清点")), "state": "done" if closed else "now"},
        {"label": handover.state.text if closed else _(N_("确认")), "who": said.get(handover.received_by, ""),
         "state": ("bad" if handover.state is HandoverState.disputed else "done") if closed else "todo",
         "at": handover.closed_at},
    ]


def _tabs(where: str, verdict: str, tally: dict[Verdict, int], *, open_: bool) -> list[dict[str, Any]]:
    """By result; while books are scanned the figures above count, and these would be behind."""
    results = (Verdict.expected, *rules.SCANNED) if open_ else tuple(tally)
    tabs = [{"label": _(N_("全部")), "count": None, "url": where, "active": not verdict}]
    return tabs + [
        {"label": v.text, "count": None if open_ else tally[v], "url": f"{where}?verdict={v.value}",
         "active": v.value == verdict}
        for v in results
    ]


@router.get("/{number}")
async def shown(
    request: Request, work: WorkDep, number: str, verdict: str = "", page_no: PageNo = 1
) -> Response:
    """The count of one batch."""
    handover = await queries.handover_by_number(work.session, clean(number))
    lines = await queries.lines_of(work.session, handover.number)
    shown_ = [line for line in lines if line.verdict.value == verdict] if verdict in set(Verdict) else lines
    tally, start = rules.tally(lines), (page_no - 1) * LINES
    part = shown_[start:start + LINES]
    said = await people.names(work, [handover.sent_by, handover.received_by, *(line.counted_by for line in part)])
    where = f"{HOME}/{handover.number}"
    return page(
        request, "handover/batch.html", page_title=_(N_("交接单 {number}"), number=handover.number),
        crumbs=[(_(TITLE), HOME), (handover.number, "")], handover=handover, lines=part, people=said, rules=rules,
        extras=await queries.extras_of(work.session, handover.number), tally=tally, all=len(lines), today=work.today,
        point=(await names(work.session)).get(handover.point, handover.point), stages=_stages(handover, said),
        open=handover.state is HandoverState.waiting, own=handover.sent_by == work.actor.id,
        modes=[{"value": v.value, "label": v.text, "key": key} for v, key in MODES], verdicts=rules.JUDGED,
        tabs=_tabs(where, verdict, tally, open_=handover.state is HandoverState.waiting),
        here=await point_here(work.session, request.cookies.get(COOKIE, "")), page_no=page_no, total=len(shown_),
        pages=max(-(-len(shown_) // LINES), 1), size=LINES, params={"verdict": verdict} if verdict else {},
    )


async def _answer(request: Request, work: Work, number: str, done: commands.Counted) -> Response:
    await work.session.flush()
    lines = await queries.lines_of(work.session, number)
    answer = Response(render_text(
        request, "handover/answer.html", done=done, number=number, tally=rules.tally(lines), all=len(lines),
        extras=await queries.extras_of(work.session, number), rules=rules, open=True, verdicts=rules.JUDGED,
        people=await people.names(work, [done.line.counted_by] if done.line else []),
    ), media_type="text/html")
    good = done.line is not None and done.line.verdict is Verdict.ok
    answer.headers["x-sound"] = "look" if done.again or (done.line and not good) else "ok" if good else "stop"
    return answer


@router.post("/{number}/scan")
async def scan(
    request: Request, work: WorkDep, number: str, code: Annotated[str, Form()] = "",
    mode: Annotated[str, Form()] = "ok", note: Annotated[str, Form()] = "",
) -> Response:
    """One book, one row."""
    if not clean(code):
        raise Invalid({"code": N_("请扫描条码")})
    verdict = Verdict(mode) if mode in set(rules.SCANNED) else Verdict.ok
    done = await commands.count(work, number=number, barcode=clean(code), verdict=verdict, note=note[:200])
    if not request.headers.get("hx-request"):
        return see_other(request, f"{HOME}/{number}")
    return await _answer(request, work, number, done)


@router.post("/lines/{line_id}")
async def judge(
    request: Request, work: WorkDep, line_id: UUID, verdict: Annotated[Verdict, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """改判."""
    line = await commands.judge(work, line_id=line_id, verdict=verdict, note=note[:200])
    said = _(N_("{barcode} 已记为“{verdict}”"), barcode=line.barcode, verdict=line.verdict.text)
    return see_other(request, f"{HOME}/{line.handover}", toast=said)


@router.post("/{number}/aside")
async def put_aside(request: Request, work: WorkDep, number: str, barcode: Annotated[str, Form()]) -> Response:
    """多出的书拿走了."""
    await commands.put_aside(work, number=number, barcode=clean(barcode))
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已从多出中移去")))


@router.post("/{number}/confirm")
async def confirm(request: Request, work: WorkDep, number: str) -> Response:
    """确认接收."""
    await closing.confirm(work, number=number)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已接收，有人预约的请放预约架，其余上架")))


@router.post("/{number}/dispute")
async def dispute(request: Request, work: WorkDep, number: str, note: Annotated[str, Form()] = "") -> Response:
    """按差异办理."""
    await closing.dispute(work, number=number, note=note[:500])
    return see_other(request, f"{HOME}/{number}", toast=_(N_("差异已退回资源建设部，相符的已接收")), tone="warn")
