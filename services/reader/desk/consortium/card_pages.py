"""Union cards on screen: issue, renew, the way of the deposit back, receipts."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import TAKEN, Method
from services.reader.desk.codes import clean
from services.reader.desk.consortium import lending, queries, rules
from services.reader.desk.consortium.tabs import HOME, TITLE, Text, tabs
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.form import CODE, EMAIL
from services.reader.desk.patrons.model import Document
from services.reader.desk.patrons.rules import CardTaken, IdentityNeeded, standing
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix=HOME, tags=["consortium"], dependencies=[allow(*DESK)])
CARDS = f"{HOME}/cards"


@router.get("/cards")
async def cards(
    request: Request, work: WorkDep, q: Annotated[str, Query(max_length=60)] = "",
    member: Annotated[str, Query(max_length=20)] = "", page_no: PageNo = 1,
) -> Response:
    """Union cards and the money held for them; refunds that wait stand on top."""
    q = q.strip()
    rows, total = await queries.cards(work.session, q=q, member=member, limit=SIZE, offset=offset(page_no))
    return page(
        request, "consortium/cards.html", page_title=_(TITLE), tabs=tabs("/cards"), rows=rows, q=q, member=member,
        held=await queries.held_fen(work.session), stage=rules.stage,
        choices=[(m.code, m.short) for m in await queries.members(work.session)],
        S=rules.Stage, deposits=await queries.deposits_of(work.session, [patron.id for _card, patron, _member in rows]),
        is_head=work.actor.holds(HEAD), me_id=work.actor.id, year_on=_year_on(work.today), today=work.today,
        standing=standing, **paged(page_no, total, q=q, member=member),
    )


def _year_on(today: date) -> date:
    return today.replace(year=today.year + 1, day=min(today.day, 28))


async def _form(
    request: Request, work: Work, values: dict[str, Any], errors: dict[str, str] | None = None
) -> Response:
    wrong, members = errors or {}, [m for m in await queries.members(work.session) if m.active]

    def field(name: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
        error = _(wrong[name]) if name in wrong else ""
        return {"name": name, "label": _(label), "kind": kind, "value": values.get(name, ""), "error": error, **more}

    fields = [
        field("card", N_("证号"), required=True, maxlength=40, autofocus=not wrong), field("name", N_("姓名"), required=True, maxlength=80),
        field("member", N_("所属成员馆"), "select", required=True, data=True, options=[(m.code, m.name) for m in members]),
        field("valid_to", N_("有效期至"), "date", required=True),
        field("document", N_("核对的证件"), "select", required=True, options=[(d.value, d.text) for d in Document]),
        field("last4", N_("证件号码后四位"), required=True, maxlength=4, help=_(N_("只保存后四位"))),
        field("method", N_("收款方式"), "select", required=True, options=[(m.value, m.text) for m in TAKEN],
              help=_(N_("现金进本人当班的钱箱，随班次清点缴存"))),
        field("email", N_("电子邮箱"), "email", maxlength=120, help=_(N_("到期、预约到书等通知发到这里"))),
        field("online", N_("网上账户"), "switch", placeholder=_(N_("可在网上预约、续借"))),
    ]
    return page(
        request, "consortium/issue.html", status=422 if wrong else 200, page_title=_(N_("办理联合证")), fields=fields,
        members=members, deposit=rules.DEPOSIT_FEN, crumbs=[(_(TITLE), CARDS), (_(N_("办理联合证")), "")],
        errors=[(f["name"], f["label"], f["error"]) for f in fields if f["error"]],
    )


def _typed(typed: dict[str, str]) -> dict[str, Any]:
    """What was typed as the command wants it, or everything that is wrong with it."""
    errors = {name: N_("必填") for name in ("card", "name", "member", "last4") if not typed.get(name)}
    found: dict[str, Any] = {
        "card": clean(typed.get("card", "")), "name": typed.get("name", ""), "member": typed.get("member", ""),
        "last4": typed.get("last4", ""), "online": "online" in typed, "email": typed.get("email", ""),
    }
    if not re.fullmatch(CODE, found["card"] or "-"):
        errors["card"] = N_("证号只用字母、数字和连字符")
    if not re.fullmatch(EMAIL, found["email"]):
        errors["email"] = N_("电子邮箱写法不对")
    try:
        found["valid_to"] = date.fromisoformat(typed.get("valid_to", ""))
    except ValueError:
        errors["valid_to"] = N_("请填日期")
    for name, choices in (("document", Document), ("method", Method)):
        if typed.get(name) in set(choices):
            found[name] = choices(typed[name])
        else:
            errors[name] = N_("请选择")
    if errors:
        raise Invalid(errors)
    return found


@router.get("/cards/new")
async def new(request: Request, work: WorkDep) -> Response:
    """The form of a new card."""
    return await _form(request, work, {"valid_to": _year_on(work.today).isoformat(), "method": "cash", "document": "id_card"})


@router.post("/cards")
async def issue(request: Request, work: WorkDep) -> Response:
    """办证收押金."""
    typed = {k: v.strip()[:120] for k, v in (await request.form()).items() if isinstance(v, str)}
    try:
        row = await lending.issue(work, **_typed(typed))
    except Invalid as wrong:
        errors = wrong.errors
    except CardTaken as taken:
        errors = {"card": str(taken)}
    except IdentityNeeded as needed:
        errors = {"last4": str(needed)}
    else:
        return see_other(request, f"{HOME}/receipts/{row.receipt}", toast=_(N_("已办证，已收押金")))
    await work.session.rollback()
    return await _form(request, work, typed, errors)


@router.post("/cards/{card}/renew")
async def renew(request: Request, work: WorkDep, card: str, valid_to: Annotated[date, Form()]) -> Response:
    """续期."""
    await lending.renew(work, card=card, valid_to=valid_to)
    return see_other(request, CARDS, toast=_(N_("已续期")))


@router.post("/cards/{card}/ask-refund")
async def ask_refund(
    request: Request, work: WorkDep, card: str, from_deposit: Annotated[str, Form()] = ""
) -> Response:
    """申请退押金."""
    await lending.ask_refund(work, card=card, from_deposit=bool(from_deposit))
    return see_other(request, CARDS, toast=_(N_("已申请，待另一人审批；该证已停借")))


@router.post("/cards/{card}/refuse-refund")
async def refuse_refund(request: Request, work: WorkDep, card: str, reason: Text = "") -> Response:
    """撤回或不同意."""
    await lending.refuse_refund(work, card=card, reason=reason)
    return see_other(request, CARDS, toast=_(N_("已退回，联合证照常使用")))


@router.post("/cards/{card}/approve-refund", dependencies=[allow(*HEAD)])
async def approve_refund(request: Request, work: WorkDep, card: str) -> Response:
    """批准退押金."""
    number = await lending.approve_refund(work, card=card)
    if not number:
        return see_other(request, CARDS, toast=_(N_("押金已全部抵扣欠费，该证已注销")))
    return see_other(request, CARDS, toast=_(N_("已批准，{number} 送办公室付款，付款后自动注销"), number=number))


@router.get("/receipts/{number}")
async def receipt(request: Request, work: WorkDep, number: str) -> Response:
    """A deposit receipt, printable on the slip roll."""
    row, patron = await queries.receipt(work.session, number)
    return page(
        request, "consortium/receipt.html", page_title=_(N_("押金收据 {number}"), number=number), row=row, patron=patron,
        crumbs=[(_(TITLE), CARDS), (number, "")], names=await people.names(work, [row.actor]),
        postings=(await queries.deposits_of(work.session, [patron.id])).get(patron.id, []),
        settled=await queries.settled_by(work.session, row),
    )
