"""The union on screen: what came back, boxes on their way, members, circulation counted apart."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.codes import clean
from services.reader.desk.consortium import commands, counting, months, queries, rules
from services.reader.desk.consortium.model import BoxState, Member
from services.reader.desk.consortium.tabs import HOME, TITLE, Text, fen_of, tabs
from services.reader.desk.holds.model import HoldState
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.service_points.queries import point_here
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web import show
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix=HOME, tags=["consortium"], dependencies=[allow(*DESK)])


@router.get("")
async def boxes(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Scan what came back, and the boxes on their way."""
    return await _boxes(request, work, page_no)


async def _boxes(
    request: Request, work: Work, page_no: int = 1, *, error: Refusal | None = None, typed: dict[str, Any] | None = None
) -> Response:
    rows, total = await queries.boxes(work.session, limit=SIZE, offset=offset(page_no))
    filling = [box for box, _member, _count in rows if box.state is BoxState.open]
    late = {box.number for box in filling if (work.now - box.opened_at).days >= rules.BOX_DAYS}
    return page(
        request, "consortium/boxes.html", status=error.status if error else 200, page_title=_(TITLE), tabs=tabs(""),
        rows=rows, late=late, to_pack=await queries.to_pack(work.session), members=await queries.members(work.session),
        today=work.today, error=error, typed=typed or {}, **paged(page_no, total),
    )


@router.post("/foreign")
async def foreign(request: Request, work: WorkDep, barcode: Text) -> Response:
    """A member's item came back here, or one of ours goes to a member's reader: into the box."""
    try:
        box, member, again = await commands.scan_in(work, barcode=barcode)
    except Refusal as refusal:
        await work.session.rollback()
        return await _boxes(request, work, error=refusal, typed={"barcode": barcode})
    said = N_("已在箱 {number} 中（{member}）") if again else N_("已放入箱 {number}（{member}）")
    return see_other(request, HOME, toast=_(said, number=box.number, member=member.short))


@router.post("/home")
async def come_home(
    request: Request, work: WorkDep, member: Text, barcode: Text, returned_on: Annotated[date, Form()]
) -> Response:
    """Our item came in a member's box."""
    at = await point_here(work.session, request.cookies.get(COOKIE, ""))
    try:
        back = await commands.come_home(work, member=member, barcode=barcode, returned_on=returned_on, at=at)
    except Refusal as refusal:
        await work.session.rollback()
        typed = {"home": barcode, "member": member, "returned_on": returned_on.isoformat()}
        return await _boxes(request, work, error=refusal, typed=typed)
    if back.loan is None:
        said = _(N_("{title} 已回馆"), title=back.item.title)
    else:
        said = _(N_("{title} 已还，逾期费 {money}"), title=back.item.title, money=show.money(back.fine_fen))
    return see_other(request, HOME, toast=said)


@router.get("/boxes/{number}")
async def box(request: Request, work: WorkDep, number: str) -> Response:
    """A box and its list, printable."""
    found, member, inside = await queries.box_with_items(work.session, clean(number))
    return page(
        request, "consortium/box.html", page_title=_(N_("转运箱 {number}"), number=found.number), box=found,
        member=member, inside=inside, crumbs=[(_(TITLE), HOME), (found.number, "")], on_way=HoldState.transit,
        names=await people.names(work, [row.by for row, _title, _state in inside] + [found.sent_by]),
    )


@router.post("/boxes/{number}/send")
async def send(request: Request, work: WorkDep, number: str, carrier: Text) -> Response:
    """寄出."""
    await commands.send(work, number=number, carrier=carrier)
    return see_other(request, f"{HOME}/boxes/{number}", toast=_(N_("已寄出")))


@router.post("/boxes/{number}/received")
async def received(request: Request, work: WorkDep, number: str, signed_by: Text) -> Response:
    """对方签收."""
    await commands.received(work, number=number, signed_by=signed_by)
    return see_other(request, f"{HOME}/boxes/{number}", toast=_(N_("已登记签收")))


@router.post("/boxes/{number}/out")
async def take_out(request: Request, work: WorkDep, number: str, barcode: Text) -> Response:
    """取出."""
    await commands.take_out(work, number=number, barcode=barcode)
    return see_other(request, f"{HOME}/boxes/{number}", toast=_(N_("已取出")))


@router.get("/statistics")
async def statistics(request: Request, work: WorkDep, month: Annotated[str, Query(max_length=10)] = "") -> Response:
    """A month: own and union circulation side by side and never together, by member, by class."""
    chosen = months.month_of(month) or work.today.replace(day=1)
    members = await queries.members(work.session)
    by_member = [(one, await counting.month_rows(work.session, one.id, chosen)) for one in members]
    return page(
        request, "consortium/statistics.html", page_title=_(TITLE), tabs=tabs("/statistics"), month=chosen,
        apart=await counting.month_apart(work.session, chosen), by_member=by_member, kinds=months.COUNTED,
        classes=await counting.union_loans_by_class(work.session, chosen),
        before=months.month_before(chosen), after=months.next_month(chosen), this=work.today.replace(day=1),
    )


@router.get("/members")
async def members(request: Request, work: WorkDep) -> Response:
    """The libraries of the union."""
    return page(
        request, "consortium/members.html", page_title=_(TITLE), tabs=tabs("/members"),
        rows=await queries.members(work.session), is_head=work.actor.holds(HEAD),
    )


def _form(
    request: Request, values: dict[str, Any], *, known: Member | None, errors: dict[str, str] | None = None
) -> Response:
    wrong = errors or {}

    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        error = _(wrong[name]) if name in wrong else ""
        return {"name": name, "label": _(label), "kind": kind, "value": values.get(name, ""), "error": error, **more}

    fields = [
        field("code", N_("代码"), required=True, maxlength=10, readonly=known is not None,
              help=_(N_("短，印在箱单上，登记后不改")) if known is None else ""),
        field("name", N_("馆名"), required=True, maxlength=60), field("short", N_("简称"), required=True, maxlength=20),
        field("contact", N_("联系方式"), maxlength=60),
        field("pattern", N_("条码规则"), maxlength=40, placeholder="ZJT#######",
              help=_(N_("字母数字照写，# 一位数字，末尾 * 任意；留空则不能按条码认出"))),
        field("rate", N_("每笔（元）"), "money", maxlength=12, help=_(N_("借还一册按协议结算多少；留空不改"))),
        field("compensation", N_("每册赔偿（元）"), "money", maxlength=12, help=_(N_("遗失一册按协议赔多少；留空不改"))),
        field("pickup", N_("可在该馆取预约图书"), "switch", placeholder=_(N_("该馆读者的网上预约送到该馆"))),
        field("active", N_("是否合作"), "switch"),
    ]
    title = known.name if known else _(N_("登记成员馆"))
    return page(
        request, "consortium/member.html", status=422 if wrong else 200, page_title=title, title_is_data=known is not None, fields=fields,
        errors=[(f["name"], f["label"], f["error"]) for f in fields if f["error"]],
        action=f"{HOME}/members/{known.code}" if known else f"{HOME}/members",
        crumbs=[(_(TITLE), f"{HOME}/members"), (title, "")],
    )


@router.get("/members/new", dependencies=[allow(*HEAD)])
async def new_member(request: Request) -> Response:
    """An empty form."""
    return _form(request, {"active": True}, known=None)


@router.get("/members/{code}", dependencies=[allow(*HEAD)])
async def edit_member(request: Request, work: WorkDep, code: str) -> Response:
    """The member as it is."""
    found = await queries.member_by_code(work.session, clean(code))
    values = {
        "code": found.code, "name": found.name, "short": found.short, "contact": found.contact, "pattern": found.pattern,
        "rate": f"{found.rate_fen / 100:.2f}", "compensation": f"{found.compensation_fen / 100:.2f}",
        "pickup": bool(found.point), "active": found.active,
    }
    return _form(request, values, known=found)


async def _save(request: Request, work: Work, known: Member | None) -> Response:
    typed = {k: v[:200] for k, v in (await request.form()).items() if isinstance(v, str)}
    shown: dict[str, Any] = {**typed, "pickup": "pickup" in typed, "active": "active" in typed}
    if known is not None:
        shown["code"] = known.code
    elif await queries.is_member(work.session, clean(typed.get("code", ""))):
        return _form(request, shown, known=None, errors={"code": N_("该代码已有，请在列表中打开该馆更正")})
    try:
        await commands.save_member(
            work, code=shown.get("code", ""), name=typed.get("name", ""), short=typed.get("short", ""),
            contact=typed.get("contact", ""), pattern=typed.get("pattern", ""), active="active" in typed,
            rate_fen=fen_of(typed.get("rate", ""), "rate"), pickup="pickup" in typed,
            compensation_fen=fen_of(typed.get("compensation", ""), "compensation"),
        )
    except Invalid as wrong:
        await work.session.rollback()
        return _form(request, shown, known=known, errors=wrong.errors)
    except rules.WaitsThere as no:
        await work.session.rollback()
        return _form(request, shown, known=known, errors={"pickup": str(no)})
    return see_other(request, f"{HOME}/members", toast=_(N_("已保存")))


@router.post("/members", dependencies=[allow(*HEAD)])
async def save_member(request: Request, work: WorkDep) -> Response:
    """登记成员馆."""
    return await _save(request, work, None)


@router.post("/members/{code}", dependencies=[allow(*HEAD)])
async def amend_member(request: Request, work: WorkDep, code: str) -> Response:
    """更正成员馆."""
    return await _save(request, work, await queries.member_by_code(work.session, clean(code)))
