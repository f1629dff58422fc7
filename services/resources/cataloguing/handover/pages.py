"""Batches on screen: what waits, the list being gathered and checked, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.handover import commands, printing, queries, rules
from services.resources.cataloguing.handover.commands import Gathered
from services.resources.cataloguing.handover.model import BatchState
from services.resources.cataloguing.handover.queries import SIZE
from services.resources.cataloguing.items.queries import locations
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Refusal
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/resources/handovers"
router = Router(prefix=HOME, tags=["handover"], dependencies=[allow(*rules.READERS)])
WRITE = [allow(*rules.HANDERS)]
TITLE = N_("交接单")
FILE_KB = 256


def _paged(number: int, total: int, **params: str) -> dict[str, Any]:
    pages = max(-(-total // SIZE), 1)
    return {
        "page_no": min(number, pages), "pages": pages, "total": total, "size": SIZE,
        "params": {k: v for k, v in params.items() if v},
    }


async def _places(work: Work) -> dict[str, str]:
    return {code: pick(p.name, p.name_en) for code, p in (await locations(work.session)).items()}


@router.get("")
async def index(
    request: Request, work: WorkDep, state: str = "", point: str = "", q: str = "", page_no: PageNo = 1
) -> Response:
    """Batches, and before them what waits to go into one."""
    q, ready = q.strip()[:80], state == "ready"
    skip, names = (page_no - 1) * SIZE, await queries.point_names(work.session)
    counts = await queries.counts(work.session)
    found: list[Any] = []
    waiting, waits = await queries.ready_items(work.session, limit=SIZE if ready else 0, offset=skip if ready else 0)
    total = waits
    if not ready:
        found, total = await queries.batches(work.session, state=state, point=point, q=q, limit=SIZE, offset=skip)
    tabs = [("", _(N_("全部")), sum(counts.values())), ("ready", _(N_("待交接的单册")), waits)]
    tabs += [(s.value, s.text, counts.get(s, 0)) for s in BatchState]
    return page(
        request, "handover/list.html", page_title=_(TITLE), found=found, ready=ready, waiting=waiting, names=names,
        state=state, point=point, q=q, rules=rules, today=work.today, may=work.actor.holds(rules.HANDERS),
        places=await _places(work), reasons=await queries.last_reasons(work.session, [i.id for i, _t in waiting]),
        people=await people.names(work, [b.made_by for b, _n, _back in found]),
        tabs=[
            {"label": label, "count": n, "active": value == state, "url": HOME + (f"?{urlencode({'state': value})}" if value else "")}
            for value, label, n in tabs
        ],
        **_paged(page_no, total, state=state, point=point, q=q),
    )


async def _form(request: Request, work: Work, *, error: str = "", status: int = 200, **typed: str) -> Response:
    points = await queries.points(work.session)
    fields = [
        {"name": "point", "label": _(N_("送往服务点")), "kind": "select", "required": True, "span": 6,
         "value": typed.get("point", ""), "options": [(p.code, p.text) for p in points], "data": True},
        {"name": "note", "label": _(N_("说明")), "value": typed.get("note", ""), "span": 6, "maxlength": 200},
        {"name": "file", "label": _(N_("条码文件")), "kind": "file", "accept": ".txt,.csv", "span": 12,
         "help": _(N_("每行一个条码；也可不选，开单后逐册扫描"))},
        {"name": "codes", "label": _(N_("或粘贴条码")), "kind": "textarea", "rows": 4, "span": 12,
         "value": typed.get("codes", "")},
    ]
    return page(
        request, "handover/new.html", status=status, page_title=_(N_("新交接单")), fields=fields, error=error,
        points=points, crumbs=[(_(TITLE), HOME), (_(N_("新交接单")), "")],
    )


@router.get("/new", dependencies=WRITE)
async def new(request: Request, work: WorkDep, point: str = "") -> Response:
    """For which point, and perhaps a list at once."""
    return await _form(request, work, point=point)


@router.post("", dependencies=WRITE)
async def open_batch(
    request: Request, work: WorkDep, point: Annotated[str, Form()] = "", note: Annotated[str, Form()] = "",
    codes: Annotated[str, Form()] = "", file: UploadFile | None = None,
) -> Response:
    """开单."""
    data = await file.read((FILE_KB << 10) + 1) if file is not None else b""
    if len(data) > FILE_KB << 10:
        return await _form(request, work, error=_(N_("文件过大，请分批")), status=422, point=point, note=note, codes=codes)
    listed = rules.codes_in(codes + "\n" + data.decode("utf-8", "replace"))
    try:
        batch, done = await commands.open_batch(work, point=point, note=note[:200], codes=listed)
    except Refusal as refusal:
        return await _form(request, work, error=str(refusal), status=422, point=point, note=note, codes=codes)
    if done.refused:
        return await _show(request, work, batch.number, done=done)
    return see_other(request, f"{HOME}/{batch.number}", toast=_(N_("已开交接单 {number}"), number=batch.number))


async def _show(
    request: Request, work: Work, number: str, *, page_no: int = 1, done: Gathered | None = None
) -> Response:
    batch = await queries.batch_of(work.session, number)
    total = await queries.line_count(work.session, batch.number)
    point = (await queries.point_names(work.session)).get(batch.point, batch.point)
    names = await people.names(work, [batch.made_by, batch.sent_by, batch.received_by, batch.settled_by])
    _ready, waits = await queries.ready_items(
        work.session, locations=await queries.locations_of(work.session, batch.point), limit=0
    )
    return page(
        request, "handover/batch.html", page_title=_(N_("交接单 {number}"), number=batch.number), batch=batch,
        crumbs=[(_(TITLE), HOME), (batch.number, "")], point=point, names=names, rules=rules, today=work.today,
        lines=await queries.lines_of(work.session, batch.number, limit=SIZE, offset=(page_no - 1) * SIZE),
        extras=await queries.extras_of(work.session, batch.number), done=done, waits=waits,
        stages=printing.stages(batch, names), places=await _places(work),
        sums=await queries.checked(work.session, batch.number),
        tally=rules.tally(await queries.outcomes(work.session, batch.number)),
        may=work.actor.holds(rules.HANDERS), **_paged(page_no, total),
    )


@router.get("/{number}")
async def shown(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """One batch."""
    return await _show(request, work, number, page_no=page_no)


@router.post("/{number}/scan", dependencies=WRITE)
async def scan(
    request: Request, work: WorkDep, number: str, code: Annotated[str, Form()] = "", mode: Annotated[str, Form()] = "add"
) -> Response:
    """加入 or 核对: one book, one row."""
    barcode = "".join(rules.codes_in(code))
    if mode == "add":
        done = await commands.gather(work, number=number, codes=[barcode], scanned=True)
        if done.refused:
            raise done.refused[0]
        line, again = await queries.line_on(work.session, number, (done.added + done.already)[0]), bool(done.already)
    else:
        line, again = await commands.check(work, number=number, barcode=barcode), False
    if not request.headers.get("hx-request"):
        return see_other(request, f"{HOME}/{number}")
    await work.session.flush()
    answer = Response(render_text(
        request, "handover/answer.html", line=line, may=True, draft=True, places=await _places(work), rules=rules,
        sums=await queries.checked(work.session, number), number=number,
    ), media_type="text/html")
    answer.headers["x-sound"] = "look" if again else "ok"
    return answer


@router.post("/{number}/gather", dependencies=WRITE)
async def gather(request: Request, work: WorkDep, number: str, codes: Annotated[str, Form()] = "") -> Response:
    """按清单加入."""
    done = await commands.gather(work, number=number, codes=rules.codes_in(codes)[:2 * rules.LARGEST])
    return await _show(request, work, number, done=done)


@router.post("/{number}/gather-ready", dependencies=WRITE)
async def gather_ready(request: Request, work: WorkDep, number: str) -> Response:
    """加入全部待交接."""
    return await _show(request, work, number, done=await commands.gather_ready(work, number=number))


@router.post("/{number}/labels", dependencies=WRITE)
async def labels(request: Request, work: WorkDep, number: str) -> Response:
    """全部书标相符."""
    count = await commands.check_labels(work, number=number)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已记 {n} 册书标相符"), n=count))


@router.post("/{number}/out", dependencies=WRITE)
async def take_out(request: Request, work: WorkDep, number: str, barcode: Annotated[str, Form()]) -> Response:
    """移出."""
    await commands.take_out(work, number=number, barcode=barcode.strip().upper())
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已移出")))


@router.post("/{number}/send", dependencies=WRITE)
async def send(request: Request, work: WorkDep, number: str) -> Response:
    """发出."""
    await commands.send(work, number=number)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已发出，等对方清点")))


@router.post("/{number}/cancel", dependencies=WRITE)
async def cancel(request: Request, work: WorkDep, number: str) -> Response:
    """作废."""
    await commands.cancel(work, number=number)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已作废，单册可加入别的交接单")))


@router.post("/{number}/settle", dependencies=WRITE)
async def settle(request: Request, work: WorkDep, number: str, note: Annotated[str, Form()] = "") -> Response:
    """差异已处理."""
    await commands.settle(work, number=number, note=note[:500])
    return see_other(request, f"{HOME}/{number}", toast=_(N_("差异已处理")))


@router.get("/{number}/list.pdf")
async def list_pdf(request: Request, work: WorkDep, number: str) -> Response:
    """The list for the box, with room for both signatures."""
    batch = await queries.batch_of(work.session, number)
    names = await people.names(work, [batch.made_by, batch.sent_by, batch.received_by])
    data = printing.listed(
        batch, await queries.lines_of(work.session, batch.number), places=await _places(work), names=names,
        point=(await queries.point_names(work.session)).get(batch.point, batch.point),
    )
    drawn = await printing.sheet(data, fonts=request.app.state.kit.settings.static.parent / "fonts")
    return Response(drawn, media_type="application/pdf", headers={
        "content-disposition": f'inline; filename="{batch.number}.pdf"', "cache-control": "no-store",
    })
