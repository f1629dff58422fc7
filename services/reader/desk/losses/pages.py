"""Loss cases on screen: where each stands, who has it, what comes next."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD, MONEY
from services.reader.desk.charges.amounts import fen
from services.reader.desk.charges.compensation import Work as Kind
from services.reader.desk.charges.compensation import reckon, sentence_of
from services.reader.desk.charges.queries import payment_of, settlement_of
from services.reader.desk.circulation import losing
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.losses import commands, queries, refunds
from services.reader.desk.losses.model import ENDED, Loss, LossState
from services.reader.desk.losses.rules import HOLDER, STEPS, last_day, left, paid_on, stages
from shared.doors import Router, WorkDep, allow
from shared.events.office import VOUCHER_STATES
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/losses", tags=["losses"], dependencies=[allow(*MONEY)])
ACT = [allow(*DESK)]

S = LossState
TABS: dict[str, tuple[str, tuple[LossState, ...]]] = {
    "open": (N_("未结"), tuple(state for state in LossState if state not in ENDED)),
    "search": (N_("查找中"), (S.searching,)),
    "decide": (N_("待定赔偿"), (S.open,)),
    "money": (N_("按款赔偿"), (S.money,)),
    "copy": (N_("赔书加工"), (S.processing,)),
    "refund": (N_("退款"), (S.refundable, S.refund_asked, S.refund_due, S.unpaid)),
    "extra": (N_("原书又找回"), (S.extra,)),
    "done": (N_("已结"), ENDED),
}


def whole(text: str, name: str) -> int | None:
    """A year as typed; None for nothing."""
    if not text.strip():
        return None
    if not text.strip().isdecimal() or not 1000 <= int(text) <= 2200:
        raise Invalid({name: N_("请填四位年份")})
    return int(text)


def given(form: Any) -> dict[str, Any]:
    """The facts a form corrects; an unticked box is a statement once the form was sent."""
    if not form.get("work"):
        return {}
    kind = form["work"]
    return {
        "work": Kind(kind) if kind in set(Kind) else None, "price_fen": fen(form.get("price", ""), "price"),
        "set_price_fen": fen(form.get("set_price", ""), "set_price"),
        "year_price_fen": fen(form.get("year_price", ""), "year_price"),
        "year": whole(form.get("year", ""), "year"), "foreign": bool(form.get("foreign")),
        "stolen": bool(form.get("stolen")),
    }


@router.get("")
async def index(request: Request, work: WorkDep, state: str = "open", page_no: PageNo = 1) -> Response:
    """Cases by stage."""
    chosen = state if state in TABS else "open"
    found, total = await queries.losses(
        work.session, states=TABS[chosen][1], limit=SIZE, offset=offset(page_no)
    )
    counts = await queries.counts(work.session)
    tabs = [
        {
            "label": _(label), "url": f"/reader/losses?state={key}", "active": key == chosen,
            "count": sum(counts.get(one, 0) for one in of),
        }
        for key, (label, of) in TABS.items()
    ]
    return page(
        request, "losses/list.html", block="list", page_title=_(N_("遗失与赔偿")), losses=found, tabs=tabs,
        holder=HOLDER, now=work.now, may_act=work.actor.holds(DESK), **paged(page_no, total, state=chosen),
    )


@router.post("", dependencies=ACT)
async def lose(
    request: Request, work: WorkDep, barcode: Annotated[str, Form()], how: Annotated[str, Form()] = "declared",
    note: Annotated[str, Form()] = "",
) -> Response:
    """登记遗失, or 声称已还."""
    verb = losing.claim_returned if how == "claimed" else losing.declare_lost
    loss = await verb(work, barcode=clean(barcode), note=note[:300])
    said = _(N_("已登记，请到架上查找")) if how == "claimed" else _(N_("已登记遗失 {no}"), no=loss.no)
    return see_other(request, f"/reader/losses/{loss.no}", toast=said)


@router.get("/{no}")
async def one(request: Request, work: WorkDep, no: str) -> Response:
    """One case, with the reckoning before anything is charged."""
    loss = await queries.loss_by_no(work.session, no)
    payment = await payment_of(work.session, loss.charge_id) if loss.charge_id else None
    settled = await settlement_of(work.session, loss.charge_id) if loss.charge_id else None
    facts, explain, wrong = None, None, ""
    if loss.state is S.open:
        facts = await queries.facts_of(work.session, loss)
        try:
            facts = commands.corrected(facts, given(request.query_params))
            commands.check_price(facts)
            explain = reckon(facts)
        except Invalid as error:
            wrong = "；".join(str(reason) for reason in error.reasons)
    ids = {loss.opened_by, loss.refund_asked_by, loss.refund_approved_by, *(s["by"] for s in loss.steps)} - {""}
    return page(
        request, "losses/case.html", page_title=loss.title, loss=loss, payment=payment, settled=settled,
        crumbs=[(_(N_("遗失与赔偿")), "/reader/losses"), (loss.no, "")], facts=facts, explain=explain, wrong=wrong,
        names=await people.names(work, ids), holder=HOLDER, S=LossState, steps=STEPS, left=left(loss),
        stages=await _staged(work, loss, paid=settled is not None), sentence_of=sentence_of, kinds_of_work=list(Kind),
        until=last_day(paid_on(payment)) if payment else None, is_head=work.actor.holds(HEAD),
        may_approve=work.actor.id not in {loss.refund_asked_by, payment.actor if payment else ""},
        kinds=list(DamageKind), grades=list(Grade), may_act=work.actor.holds(DESK), voucher_states=VOUCHER_STATES,
        in_office=work.actor.holds(("OFF", "head", "deputy", "director", "auditor")),
    )


async def _staged(work: Work, loss: Loss, *, paid: bool) -> list[dict[str, Any]]:
    names = await people.names(work, [loss.opened_by])
    return [
        {**step, **({"who": names.get(step["who"], step["who"])} if "who" in step else {})}
        for step in stages(loss, paid=paid)
    ]


@router.post("/{no}/compensate", dependencies=ACT)
async def compensate(request: Request, work: WorkDep, no: str) -> Response:
    """按款赔偿."""
    loss = await commands.compensate(work, no=no, given=given(await request.form()))
    return see_other(request, f"/reader/losses/{loss.no}", toast=_(N_("已计收赔偿款，请读者缴费")))


@router.post("/{no}/reconsider", dependencies=ACT)
async def reconsider(request: Request, work: WorkDep, no: str) -> Response:
    """改议赔偿方式."""
    await commands.reconsider(work, no=no)
    return see_other(request, f"/reader/losses/{no}")


@router.post("/{no}/replace", dependencies=ACT)
async def replace(
    request: Request, work: WorkDep, no: str, title: Annotated[str, Form()],
    year: Annotated[str, Form()] = "", edition: Annotated[str, Form()] = "", isbn: Annotated[str, Form()] = "",
) -> Response:
    """赔书."""
    await commands.replace(
        work, no=no, title=title[:200], year=whole(year, "year"), edition=edition[:60], isbn=isbn[:20]
    )
    return see_other(request, f"/reader/losses/{no}", toast=_(N_("已收赔书，加工费 5.00 元已计收")))


@router.post("/{no}/steps", dependencies=ACT)
async def tick(
    request: Request, work: WorkDep, no: str, step: Annotated[str, Form()], barcode: Annotated[str, Form()] = ""
) -> Response:
    """一道工序."""
    loss = await commands.tick(work, no=no, step=step, barcode=clean(barcode))
    said = _(N_("赔书加工完毕，已通知资源建设部")) if loss.state is S.replaced else ""
    return see_other(request, f"/reader/losses/{no}", toast=said)


@router.post("/{no}/lost", dependencies=ACT)
async def give_up(request: Request, work: WorkDep, no: str) -> Response:
    """查找未果."""
    loss = await queries.loss_by_no(work.session, no)
    await losing.declare_lost(work, barcode=loss.barcode)
    return see_other(request, f"/reader/losses/{no}", toast=_(N_("查找未果，转入赔偿")))


@router.post("/{no}/found", dependencies=ACT)
async def found(
    request: Request, work: WorkDep, no: str, grade: Annotated[str, Form()] = "",
    kind: Annotated[DamageKind, Form()] = DamageKind.other,
) -> Response:
    """找到."""
    loss = await queries.loss_by_no(work.session, no)
    damage = (kind, Grade(grade)) if grade in set(Grade) else None
    back = await losing.found(work, barcode=loss.barcode, damage=damage)
    said = N_("已登记：不退款，原书送资源建设部定夺") if back.loss else N_("已登记找回，图书按归还处理")
    return see_other(request, f"/reader/losses/{no}", toast=_(said))


@router.post("/{no}/refund", dependencies=ACT)
async def refund(request: Request, work: WorkDep, no: str, receipt: Annotated[str, Form()]) -> Response:
    """申请退款."""
    await refunds.ask(work, no=no, receipt=receipt[:40])
    return see_other(request, f"/reader/losses/{no}", toast=_(N_("已申请，待责任人审核")))


@router.post("/{no}/forgo", dependencies=ACT)
async def forgo(request: Request, work: WorkDep, no: str) -> Response:
    """不退款."""
    await refunds.forgo(work, no=no)
    return see_other(request, f"/reader/losses/{no}")


@router.post("/{no}/approve", dependencies=[allow(*HEAD)])
async def approve(request: Request, work: WorkDep, no: str) -> Response:
    """同意退款."""
    await refunds.approve(work, no=no)
    return see_other(request, f"/reader/losses/{no}", toast=_(N_("已送办公室付款")))


@router.post("/{no}/refuse", dependencies=[allow(*HEAD)])
async def refuse(request: Request, work: WorkDep, no: str, reason: Annotated[str, Form()] = "") -> Response:
    """不同意."""
    await refunds.refuse(work, no=no, reason=reason[:300])
    return see_other(request, f"/reader/losses/{no}")
