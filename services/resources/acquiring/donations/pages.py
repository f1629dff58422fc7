"""The titles of a gift, and its papers."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.checking.rules import Verdict as Found
from services.resources.acquiring.donations import commands, queries, rules
from services.resources.acquiring.donations.model import (
    Condition,
    DonationState,
    Rule,
    Verdict,
)
from services.resources.acquiring.donations.register import donations
from services.resources.acquiring.selections.rules import guess
from services.resources.cataloguing.imports.uploads import received
from services.resources.cataloguing.marc.prices import price_fen
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound, Refusal
from shared.web.pages import PageNo, page, see_other

HOME = "/resources/donations"
router = Router(tags=["donations"])
READ, BUY = [allow(*rules.READERS)], [allow(*rules.BUYERS)]
SIZE = 50
FIELDS = ("title", "author", "publisher", "year", "isbn", "copies", "price", "condition")
PAPERS = {"receipt": N_("捐赠收据"), "certificate": N_("捐赠证书"), "return": N_("退还单")}
# How lists of gifts call the number of copies, which lists of suppliers have not.
COPIES = ("册数", "复本", "数量", "copies")


def _crumbs(number: str, here: str) -> list[tuple[str, str]]:
    return [(_(donations.title), HOME), (number, f"{HOME}/{number}"), (here, "")]


async def _titles(
    request: Request, work: Any, number: str, *, page_no: int = 1, error: str = "", typed: dict[str, str] | None = None,
) -> Response:
    one = await queries.by_no(work.session, number)
    rows = await queries.lines(work.session, one.id)
    made = await queries.items(work.session, one.id)
    start = (page_no - 1) * SIZE
    may = work.actor.holds(rules.BUYERS)
    return page(
        request, "donations/titles.html", status=422 if error else 200, page_title=_(N_("捐赠清单")), crumbs=_crumbs(one.no, _(N_("清单"))),
        one=one, rows=rows[start:start + SIZE], made=made, here=f"{HOME}/{one.no}", error=error, typed={**dict.fromkeys(FIELDS, ""), **(typed or {})}, condition_options=[(kind.value, kind.text) for kind in Condition],
        deciding=may and one.state == DonationState.offered, rules_=[rule for rule in Rule if rule.value], verdicts=Verdict,
        found=Found, pricing=may and one.state in {DonationState.offered, DonationState.decided, DonationState.received}, suggested=rules.suggested,
        state=DonationState(one.state), page_no=page_no, pages=max(1, -(-len(rows) // SIZE)), total=len(rows), size=SIZE, params={},
        sums={verdict: sum(row.copies for row in rows if row.verdict == verdict) for verdict in Verdict},
        cents=sum(row.copies * row.price_cents for row in rows if row.verdict == Verdict.keep),
    )


@router.get(HOME + "/{number}/titles", dependencies=READ)
async def titles(request: Request, work: WorkDep, number: str, page_no: PageNo = 1) -> Response:
    """What was offered, what is held already, what was decided."""
    return await _titles(request, work, number, page_no=page_no)


@router.post(HOME + "/{number}/titles", dependencies=BUY)
async def add(request: Request, work: WorkDep, number: str) -> Response:
    """One title by hand."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip() for name in FIELDS}
    error = ""
    if not typed["title"]:
        error = _(N_("请填写题名"))
    elif typed["condition"] not in set(Condition):
        error = _(N_("请选品相"))
    elif typed["price"] and price_fen(typed["price"], local=True) is None:
        error = _(N_("请填金额，如 128.50"))
    if error:
        return await _titles(request, work, number, error=error, typed=typed)
    await commands.add(work, number, [typed])
    return see_other(request, f"{HOME}/{number}/titles", toast=_(N_("已登记《{title}》"), title=typed["title"]))


@router.post(HOME + "/{number}/file", dependencies=BUY)
async def upload(request: Request, work: WorkDep, number: str) -> Response:
    """A list as xlsx, csv or MARC; columns are known by their names."""
    from services.resources.acquiring.selections.reading import table_of

    try:
        async with received(request) as got:
            table = await asyncio.to_thread(table_of, got.path, got.name)
        where = {**guess(table.heads)}
        copies = next((n for n, head in enumerate(table.heads) if any(word in head.lower() for word in COPIES)), None)
        if copies is not None and copies not in where.values():
            where["copies"] = copies
        if "title" not in where:
            raise Invalid({"file": _(N_("清单首行要有“题名”或“书名”一列"))})
        n = await commands.add(work, number, [{name: row[at] for name, at in where.items() if name != "subject"} for row in table.rows])
    except Invalid as refusal:
        return await _titles(request, work, number, error="；".join(refusal.errors.values()))
    except Refusal as refusal:
        return await _titles(request, work, number, error=str(refusal))
    return see_other(request, f"{HOME}/{number}/titles", toast=_(N_("已登记并查重 {n} 种"), n=n), tone="ok" if n else "warn")


@router.post(HOME + "/{number}/verdicts", dependencies=BUY)
async def verdicts(request: Request, work: WorkDep, number: str) -> Response:
    """What becomes of the ticked titles, by which rule; or by the rule for all that are open."""
    form = await request.form()
    ids = []
    for text in form.getlist("ids"):
        try:
            ids.append(UUID(str(text)))
        except ValueError:
            continue
    asked, rule = str(form.get("verdict", "")), str(form.get("rule", ""))
    if asked == "by_rule":
        n = await commands.decide_lines(work, number, [], verdict=Verdict.open, rule=Rule.none, by_rule=True)
        return see_other(request, f"{HOME}/{number}/titles", toast=_(N_("按规则审定 {n} 种，请复核"), n=n))
    if not ids:
        return await _titles(request, work, number, error=_(N_("请先勾选题名")))
    if asked == "drop":
        n = await commands.drop(work, number, ids)
        return see_other(request, f"{HOME}/{number}/titles", toast=_(N_("已删去 {n} 种"), n=n), tone="warn")
    if asked not in {"keep", "pass_on", "refuse"}:
        return await _titles(request, work, number, error=_(N_("请选审定结果")))
    if asked != "keep" and rule not in {"duplicate", "content", "copyright", "condition"}:
        return await _titles(request, work, number, error=_(N_("转赠或谢绝时请选依据")))
    n = await commands.decide_lines(work, number, ids, verdict=Verdict(asked), rule=Rule.wanted if asked == "keep" else Rule(rule))
    return see_other(request, f"{HOME}/{number}/titles", toast=_(N_("{n} 种：{verdict}"), n=n, verdict=Verdict(asked).text))


@router.post(HOME + "/{number}/titles/{line}/price", dependencies=BUY)
async def price(request: Request, work: WorkDep, number: str, line: UUID) -> Response:
    """估价."""
    form = await request.form()
    cents = price_fen(str(form.get("price", "")), local=True)
    if not cents:
        return await _titles(request, work, number, error=_(N_("请填金额，如 128.50")))
    await commands.price(work, number, line, cents)
    return see_other(request, f"{HOME}/{number}/titles", toast=_(N_("已记估价")))


@router.get(HOME + "/{number}/paper/{kind}", dependencies=READ)
async def paper(request: Request, work: WorkDep, number: str, kind: str) -> Response:
    """Receipt, certificate, return slip: to be printed; the donor's name is on them, so the look is noted."""
    one = await queries.by_no(work.session, number)
    no = {"receipt": one.receipt_no, "certificate": one.certificate_no, "return": one.return_no}.get(kind, "")
    if not no:
        raise NotFound(f"{number} {kind}"[:60])
    work.note("print", "donation", str(one.id), kind=kind)
    rows = await queries.lines(work.session, one.id)
    shown = [row for row in rows if kind == "return" or row.verdict in {Verdict.keep, Verdict.pass_on}]
    return page(
        request, "donations/paper.html", page_title=_(PAPERS[kind]), crumbs=_crumbs(one.no, _(PAPERS[kind])), one=one, kind=kind, no=no,
        rows=shown, copies=sum(row.copies for row in shown), cents=sum(row.copies * row.price_cents for row in shown), here=f"{HOME}/{one.no}",
        on={"receipt": one.received_on, "certificate": one.certified_on, "return": one.returned_on}[kind],
    )
