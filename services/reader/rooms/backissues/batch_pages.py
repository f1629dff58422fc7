"""送装批次 on screen: ticked bundles leave together, each comes back by a scan."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.attempts import attempt
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.backissues import binding, queries, rules
from services.reader.rooms.backissues.bundle_pages import listed_with
from services.reader.rooms.backissues.model import Outcome
from services.reader.rooms.backissues.pages import HOME, WORK, Text, day_of
from services.reader.rooms.backissues.pages import TITLE as LOOSE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

LIST = HOME + "/batches"
TITLE = N_("期刊送装")
BATCH = re.compile(rules.BATCHES + r"\d{4}-\d{4,}")
router = Router(prefix=LIST, tags=["backissues"], dependencies=[allow(*rules.READERS)])


@router.get("")
async def listed(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Every batch: sent, bound, sent back, to be done again."""
    found, total = await queries.batches(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "backissues/batches.html", page_title=_(TITLE), found=found, may=work.actor.holds(rules.HANDS), today=work.today,
        ready=(await queries.counts(work.session, work.today)).get("ready", 0), crumbs=[(_(LOOSE), HOME), (_(TITLE), "")],
        people=await people.names(work, [batch.sent_by for batch, _t in found]), **paged(page_no, total),
    )


@router.post("", dependencies=WORK)
async def send(request: Request, work: WorkDep) -> Response:
    """送装."""
    sent = await request.form()
    typed = {name: str(sent.get(name, ""))[:200] for name in ("binder", "due_on", "note")}
    ticked = [str(one) for one in sent.getlist("numbers")]
    try:
        due = day_of(typed["due_on"])
        if typed["due_on"] and due is None:
            raise Invalid({"due_on": N_("请填写日期")})
        async with attempt(work):
            batch = await binding.send(work, numbers=ticked, binder=typed["binder"][:60], due_on=due, note=typed["note"])
    except Refusal as no:
        return await listed_with(request, work, view="ready", typed={**typed, "numbers": ticked}, wrong=no)
    return see_other(request, f"{LIST}/{batch.number}", toast=_(N_("已送装，批次 {number}"), number=batch.number))


@router.post("/scan", dependencies=WORK)
async def scan(request: Request, work: WorkDep, code: Text = "", batch: Text = "") -> Response:
    """One scan of a binding slip, one volume back."""
    if not code.strip():
        raise Invalid({"code": N_("请扫描装订单上的捆号")})
    bundle, title, again = await binding.take_back(work, number=code[:40])
    said = N_("{number} 此前已收回") if again else N_("已收回 {number}《{title}》{label}")
    back = f"{LIST}/{batch}" if BATCH.fullmatch(batch) else LIST
    return see_other(request, back, toast=_(said, number=bundle.number, title=title.text, label=bundle.label), tone="warn" if again else "ok")


@router.get("/{number}")
async def shown(request: Request, work: WorkDep, number: str) -> Response:
    """The list that travels with the batch, and what has come back of it."""
    batch = await queries.batch_by_number(work.session, number)
    lines = await queries.lines_of(work.session, batch)
    sizes = {bundle.id: await queries.count_in(work.session, bundle) for _l, bundle, _t in lines}
    tally = {one.value: sum(line.outcome is one for line, _b, _t in lines) for one in Outcome}
    return page(
        request, "backissues/batch.html", page_title=_(N_("送装批次 {number}"), number=number), batch=batch, lines=lines, tally=tally, sizes=sizes,
        today=work.today, may=work.actor.holds(rules.HANDS), people=await people.names(work, [batch.sent_by, *(line.back_by for line, _b, _t in lines)]),
        crumbs=[(_(LOOSE), HOME), (_(TITLE), LIST), (number, "")],
    )
