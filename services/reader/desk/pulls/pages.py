"""剔旧取书 on screen: lists, the scan along the shelves, the proposal."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.codes import clean
from services.reader.desk.dropbox.rules import codes_in
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.pulls import commands, queries, rules
from services.reader.desk.pulls.model import Outcome, PullState
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/reader/weeding-pulls"
TITLE = N_("剔旧取书")
router = Router(prefix=HOME, tags=["weeding"])
READ, PULL = [allow("staff")], [allow(*rules.PULLERS)]
Text = Annotated[str, Form()]


@router.get("", dependencies=READ)
async def index(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Every list we heard of, the open ones first."""
    found, total = await queries.lists(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "pulls/list.html", page_title=_(TITLE), found=found, tally=await queries.tally(work.session, [one.number for one in found]),
        outcomes=Outcome, today=work.today, may=work.actor.holds(rules.PULLERS), **paged(page_no, total),
    )


async def _form(request: Request, *, errors: dict[str, str] | None = None, codes: str = "", reason: str = "") -> Response:
    errors = errors or {}
    fields = [
        {"name": "codes", "label": _(N_("条码，每行一个")), "kind": "textarea", "rows": 6, "span": 12, "required": True, "value": codes,
         "error": errors.get("codes", ""), "maxlength": 12000},
        {"name": "reason", "label": _(N_("理由")), "span": 12, "required": True, "maxlength": 200, "value": reason, "error": errors.get("reason", ""),
         "placeholder": _(N_("如：内容陈旧，十年无人问津"))},
    ]
    return page(
        request, "pulls/propose.html", status=422 if errors else 200, page_title=_(N_("提名剔旧")), fields=fields,
        errors=[(f["name"], f["label"], f["error"]) for f in fields if f["error"]], crumbs=[(_(TITLE), HOME), (_(N_("提名剔旧")), "")],
    )


@router.get("/propose", dependencies=PULL)
async def propose_form(request: Request) -> Response:
    """Which books should leave, and why."""
    return await _form(request)


@router.post("/propose", dependencies=PULL)
async def propose(request: Request, work: WorkDep, codes: Text = "", reason: Text = "") -> Response:
    """提名."""
    try:
        n = await commands.propose(work, codes=codes_in(codes)[:rules.LARGEST], reason=reason[:200])
    except Invalid as refusal:
        return await _form(request, errors=refusal.errors, codes=codes, reason=reason)
    return see_other(request, HOME, toast=_(N_("已提名 {n} 册，资源建设部拟定下一批次时审看"), n=n))


@router.get("/{number}", dependencies=READ)
async def shown(request: Request, work: WorkDep, number: str, outcome: str = "", q: str = "", page_no: PageNo = 1) -> Response:
    """One list in the order of the shelves."""
    one = await queries.by_number(work.session, clean(number))
    q = q.strip()[:80]
    asked = Outcome(outcome) if outcome in set(Outcome) else None
    tally = (await queries.tally(work.session, [one.number]))[one.number]
    rows, total = await queries.lines(work.session, one.number, outcome=asked, q=q, limit=SIZE, offset=offset(page_no))
    here = f"{HOME}/{one.number}"
    return page(
        request, "pulls/pull.html", page_title=_(N_("取书清单 {number}"), number=one.number), crumbs=[(_(TITLE), HOME), (one.number, "")],
        one=one, lines=rows, q=q, here=here, outcome=outcome, tally=tally, all=sum(tally.values()), today=work.today,
        open=one.state is PullState.open and work.actor.holds(rules.PULLERS), people=await people.names(work, [one.closed_by]),
        tabs=[{"label": _(N_("全部")), "count": sum(tally.values()), "url": here, "active": asked is None}] + [
            {"label": kind.text, "count": tally[kind], "url": f"{here}?outcome={kind.value}", "active": asked is kind}
            for kind in Outcome if kind in tally
        ], **paged(page_no, total, outcome=outcome, q=q),
    )


@router.post("/{number}/scan", dependencies=PULL)
async def scan(request: Request, work: WorkDep, number: str, code: Text = "") -> Response:
    """扫一册取一册."""
    line = await commands.scan(work, number=clean(number), barcode=clean(code))
    if not request.headers.get("hx-request"):
        said = _(N_("{barcode}：{result}"), barcode=line.barcode, result=line.why or line.outcome.text)
        return see_other(request, f"{HOME}/{clean(number)}", toast=said, tone="ok" if line.outcome is Outcome.found else "warn")
    return await _answer(request, work, clean(number), line)


async def _answer(request: Request, work: Work, number: str, line: object) -> Response:
    await work.session.flush()
    tally = (await queries.tally(work.session, [number]))[number]
    answer = Response(render_text(
        request, "pulls/answer.html", line=line, here=f"{HOME}/{number}", open=True, tally=tally, all=sum(tally.values()),
    ), media_type="text/html")
    answer.headers["x-sound"] = "ok" if getattr(line, "outcome", None) is Outcome.found else "look"
    return answer


@router.post("/{number}/leave", dependencies=PULL)
async def leave(request: Request, work: WorkDep, number: str, barcode: Text = "", outcome: Text = "", why: Text = "") -> Response:
    """未找到, or 暂留 with the reason."""
    kind = Outcome.held if outcome == "held" else Outcome.absent
    line = await commands.leave(work, number=clean(number), barcode=clean(barcode), outcome=kind, why=why[:200])
    return see_other(request, f"{HOME}/{clean(number)}", toast=f"{line.barcode} {kind.text}", tone="warn")


@router.post("/{number}/finish", dependencies=PULL)
async def finish(request: Request, work: WorkDep, number: str) -> Response:
    """取书完毕."""
    one = await commands.finish(work, number=clean(number))
    return see_other(request, f"{HOME}/{one.number}", toast=_(N_("已回报资源建设部")))
