"""The books on screen: receipts, rows behind a number, waivers of a month, the proof."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD, MONEY, PROVERS
from services.reader.desk.books import commands, proof, queries, rules
from services.reader.desk.cash.queries import takings
from services.reader.desk.charges import receipts
from services.reader.desk.charges.model import Kind, Posting
from services.reader.desk.charges.queries import receipt_lines
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import export as noted
from services.reader.desk.looks import masked_card
from shared.doors import Router, WorkDep, allow
from shared.events.office import VOUCHER_STATES
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.settings import LOCAL
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import LIMIT, download, write
from shared.work import Work

router = Router(tags=["books"])
BOOKS, PAPER = "/reader/books", "/reader/charges/receipts"
REGISTER, PROOF, WAIVERS = N_("收据登记簿"), N_("账务核对"), N_("减免清单")


@router.get(PAPER, dependencies=[allow(*MONEY)])
async def find_receipt(request: Request, number: str = "") -> Response:
    """The receipt somebody holds in the hand: to look at it or print it again."""
    wanted = clean(number)
    return see_other(request, f"{PAPER}/{quote(wanted)}" if wanted else f"{BOOKS}/receipts")


@router.get(PAPER + "/{number}", dependencies=[allow(*MONEY)])
async def receipt(request: Request, work: WorkDep, number: str) -> Response:
    """One receipt, printable on the slip roll; what was printed before is marked as a copy."""
    found = receipts.of(await receipt_lines(work.session, number))
    if found is None:
        raise NotFound(number)
    printed = await queries.prints(work.session, number)
    back = await queries.refund_of(work.session, found.rows) if found.what is Posting.payment else None
    return page(
        request, "books/receipt.html", page_title=_(N_("收据 {number}"), number=number), receipt=found, printed=printed,
        back=back, crumbs=[(_(REGISTER), f"{BOOKS}/receipts"), (number, "")], may_print=work.actor.holds(DESK),
        names=await people.names(work, found.people() | {one.by for one in printed}), paper=PAPER,
    )


@router.post(PAPER + "/{number}/print", dependencies=[allow(*DESK)])
async def note_print(request: Request, work: WorkDep, number: str) -> Response:
    """The paper came out: the next one is a copy."""
    await commands.note_print(work, receipt=number)
    return see_other(request, f"{PAPER}/{quote(number)}")


@router.get(BOOKS + "/receipts", dependencies=[allow(*MONEY)])
async def register(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Every receipt in the order of its number, with what they add up to."""
    wrong, ask = "", rules.Asked()
    try:
        ask = rules.asked(request.query_params)
    except Invalid as refusal:
        wrong = "；".join(str(reason) for reason in refusal.reasons)
    found, total = await queries.lines(work.session, ask, limit=SIZE, offset=offset(page_no))
    shift = await queries.shift_by_no(work.session, ask.shift) if ask.shift else None
    drawer = (await takings(work.session, [shift.id]))[shift.id].expected if shift else None
    return page(
        request, "books/receipts.html", block="list", page_title=_(REGISTER), lines=found, ask=ask, wrong=wrong,
        sums=await queries.totals(work.session, ask), shift=shift, drawer=drawer, gaps=await queries.gaps(work.session),
        kinds=list(Kind), postings=rules.PROVEN, names=await people.names(work, [one.actor for one in found]),
        typed={key: request.query_params.get(key, "") for key in ("shift", "first", "last", "since", "until")},
        paper=PAPER, query=urlencode(ask.params()), at_desk=work.actor.holds(DESK), is_head=work.actor.holds(HEAD), whole=not (ask.what or ask.kind),
        **paged(page_no, total, **ask.params()),
    )


@router.get(BOOKS + "/receipts/export", dependencies=[allow(*MONEY)])
async def export(request: Request, work: WorkDep) -> Response:
    """The register as a spreadsheet, as asked for, with cards masked."""
    return await _receipts(request, work)


@router.post(BOOKS + "/receipts/export", dependencies=[allow(*HEAD)])
async def export_whole(request: Request, work: WorkDep, reason: Annotated[str, Form()] = "") -> Response:
    """The same with whole cards: the reason is written down."""
    return await _receipts(request, work, full=True, reason=reason)


async def _receipts(request: Request, work: Work, *, full: bool = False, reason: str = "") -> Response:
    ask = rules.asked(request.query_params)
    found, _total = await queries.lines(work.session, ask, limit=LIMIT)
    names = await people.names(work, {one.actor for one in found})
    heads = [N_("收据号"), N_("时间"), N_("结清方式"), N_("费用类型"), N_("读者证"), N_("收款方式"), N_("金额"), N_("班次"), N_("经办")]
    kinds = ["text", "moment", "text", "text", "text", "text", "money", "text", "text"]
    table = [
        [
            one.receipt, _local(one.at), one.what.text, _("、").join(_(kind) for kind in one.kinds), one.card if full else masked_card(one.card),
            one.method.text if one.method else "", one.amount_fen / 100, one.shift, names.get(one.actor, one.actor),
        ]
        for one in found
    ]
    noted(work, "ledger", f"receipts?{urlencode(ask.params())}", rows=len(table), full=full, reason=reason)
    return await _sheet(_(REGISTER), heads, kinds, table, work.today)


@router.get(BOOKS + "/rows", dependencies=[allow(*PROVERS)])
async def rows(
    request: Request, work: WorkDep, month: str = "", kind: str = "", posting: str = "", before: bool = False,
    page_no: PageNo = 1,
) -> Response:
    """The postings behind one number of the proof."""
    first = rules.month_of(month, work.today)
    chosen = Kind(kind) if kind in set(Kind) else None
    what = Posting(posting) if posting in set(Posting) else None
    found, count, total = await queries.rows(
        work.session, first, rules.next_month(first), kind=chosen, posting=what, before=before, limit=SIZE,
        offset=offset(page_no),
    )
    return page(
        request, "books/rows.html", page_title=_(N_("流水明细")), rows=found, sum_fen=total, first=first, kind=chosen,
        posting=what, before=before, paper=PAPER, names=await people.names(work, [row.actor for row in found]),
        at_desk=work.actor.holds(DESK), crumbs=[(_(PROOF), f"{BOOKS}/proof?month={first:%Y-%m}"), (_(N_("流水明细")), "")],
        **paged(page_no, count, month=f"{first:%Y-%m}", kind=kind, posting=posting, before="1" if before else ""),
    )


@router.get(BOOKS + "/waivers", dependencies=[allow(*PROVERS)])
async def waivers(request: Request, work: WorkDep, month: str = "", page_no: PageNo = 1) -> Response:
    """Who was let off in a month, by whom, and why."""
    first = rules.month_of(month, work.today)
    after = rules.next_month(first)
    found, count, total = await queries.waivers(work.session, first, after, limit=SIZE, offset=offset(page_no))
    by = await queries.waived_by(work.session, first, after)
    ids = {one for pair in found for one in (pair[0].actor, pair[1].actor)} | {one for one, _n, _sum in by}
    return page(
        request, "books/waivers.html", block="list", page_title=_(WAIVERS), waivers=found, sum_fen=total, by=by, paper=PAPER,
        names=await people.names(work, ids), at_desk=work.actor.holds(DESK), is_head=work.actor.holds(HEAD), **_months(first),
        **paged(page_no, count, month=f"{first:%Y-%m}"),
    )


@router.get(BOOKS + "/waivers/export", dependencies=[allow(*PROVERS)])
async def export_waivers(work: WorkDep, month: str = "") -> Response:
    """The month's waivers as a spreadsheet, with cards masked."""
    return await _waivers(work, month)


@router.post(BOOKS + "/waivers/export", dependencies=[allow(*HEAD)])
async def export_waivers_whole(work: WorkDep, month: str = "", reason: Annotated[str, Form()] = "") -> Response:
    """The same with whole cards: the reason is written down."""
    return await _waivers(work, month, full=True, reason=reason)


async def _waivers(work: Work, month: str, *, full: bool = False, reason: str = "") -> Response:
    first = rules.month_of(month, work.today)
    found, _count, _total = await queries.waivers(work.session, first, rules.next_month(first), limit=LIMIT)
    names = await people.names(work, {one for pair in found for one in (pair[0].actor, pair[1].actor)})
    heads = [N_("时间"), N_("收据号"), N_("读者证"), N_("费用类型"), N_("金额"), N_("减免理由"), N_("计收人"), N_("减免人")]
    kinds = ["moment", "text", "text", "text", "money", "text", "text", "text"]
    table = [
        [
            _local(waiver.at), waiver.receipt, waiver.card if full else masked_card(waiver.card), waiver.kind.text, -waiver.amount_fen / 100, waiver.reason,
            names.get(charge.actor, charge.actor), names.get(waiver.actor, waiver.actor),
        ]
        for waiver, charge in found
    ]
    noted(work, "ledger", f"waivers {first:%Y-%m}", rows=len(table), full=full, reason=reason)
    return await _sheet(_(WAIVERS), heads, kinds, table, first)


@router.get(BOOKS + "/proof", dependencies=[allow(*PROVERS)])
async def proven(request: Request, work: WorkDep, month: str = "") -> Response:
    """Balances by kind and shift by shift of a month, and whether everything agrees."""
    first = rules.month_of(month, work.today)
    after = rules.next_month(first)
    shifts = await proof.shifts_of(work.session, first, after)
    ids = {one.shift.cashier for one in shifts} | {one.shift.counted_by for one in shifts} - {""}
    return page(
        request, "books/proof.html", page_title=_(PROOF), balances=await proof.balances(work.session, first, after),
        shifts=shifts, checks=await proof.verify(work.session), postings=list(Posting), books=BOOKS,
        voucher_states=VOUCHER_STATES,
        names=await people.names(work, ids), in_office=work.actor.holds(("OFF", *PROVERS[len(HEAD):])), **_months(first),
    )


def _months(first: date) -> dict[str, Any]:
    return {
        "first": first, "month": f"{first:%Y-%m}", "earlier": f"{first - timedelta(days=1):%Y-%m}",
        "later": f"{rules.next_month(first):%Y-%m}",
    }


def _local(at: datetime) -> datetime:
    return at.astimezone(LOCAL).replace(tzinfo=None)


async def _sheet(title: str, heads: list[str], kinds: list[str], table: list[list[Any]], day: date) -> Response:
    data = await asyncio.to_thread(write, title, [_(head) for head in heads], kinds, table)
    return download(data, f"{title}-{day:%Y%m%d}.xlsx")
