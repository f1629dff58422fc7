"""The checking desk: scan, compare, one key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.proofing.model import DefectCode
from services.resources.collections.collation import commands, queries, rules
from services.resources.collections.collation.model import Aspect
from services.resources.collections.layout import queries as layout
from services.resources.collections.stocktake.rules import clean
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Refusal
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/resources/collation"
TITLE = N_("典校")
ENTRY = Entry(
    TITLE, HOME, "checks", rules.CHECKERS, serves=("RES-MGT-01",), help=N_("交接前逐册核对书、书标、条码、磁条、馆藏章和记录"),
)
router = Router(tags=["collation"], dependencies=[allow(*rules.CHECKERS)])
Text = Annotated[str, Form()]
SIZE, LAST = 20, 10


async def _desk(request: Request, work: Work, *, code: str = "", page_no: int = 1, refusal: Refusal | None = None) -> Response:
    item: Item | None = None
    if code and refusal is None:
        try:
            item = await commands.find(work, clean(code) or code[:40])
        except Refusal as no:
            refusal = no
    record = await queries.title_of(work.session, item) if item else None
    proposal = await layout.propose(work.session, record, work.today, call_number=item.call_number) if item and record else None
    waiting, total = await queries.waiting(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    shares, last = await queries.shares(work.session, work.now), await queries.last_of(work.session, work.actor.id, LAST)
    codes = (await work.session.scalars(select(DefectCode).where(DefectCode.active).order_by(DefectCode.no))).all()
    return page(
        request, "collation/desk.html", status=refusal.status if refusal else 200, page_title=_(TITLE), crumbs=[(_(TITLE), "")], item=item,
        record=record, refusal=str(refusal) if refusal else "", aspects=list(Aspect), of=Aspect, last=last, waiting=waiting, total=total,
        page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, shares=shares, share=rules.share, days=rules.DAYS,
        unchecked=await queries.unchecked(work.session), codes=[(one.no, pick(one.name, one.name_en)) for one in codes],
        names={no: pick(place.name, place.name_en) or no for no, place in (await locations(work.session)).items()},
        # The sample or any other place the rule knows is right.
        placed=proposal is None or (item is not None and item.location in {proposal.rule.location, proposal.rule.sample_location}),
        proposal=proposal, who=await people.names(work, sorted({one.processed_by for one in waiting} | {who for who, _n, _bad in shares})),
    )


@router.get(HOME)
async def desk(request: Request, work: WorkDep, code: str = "", page_no: PageNo = 1) -> Response:
    """The book that was scanned beside what the catalogue says of it."""
    return await _desk(request, work, code=code.replace("\0", "").strip()[:40], page_no=page_no)


@router.post(HOME)
async def decide(
    request: Request, work: WorkDep, code: Text = "", verdict: Text = "", aspects: Annotated[list[str], Form()] = [],  # noqa: B006
    defect: Text = "", note: Text = "",
) -> Response:
    """All right, or what is wrong."""
    code = clean(code) or code[:40]
    try:
        if verdict == "right":
            check = await commands.pass_(work, code)
        else:
            check = await commands.send_back(work, code, aspects=aspects, defect=defect, note=note)
    except rules.WhatIsWrong as refusal:
        return see_other(request, f"{HOME}?code={code}", toast=str(refusal), tone="warn")
    except Refusal as refusal:
        return await _desk(request, work, refusal=refusal)
    said = _(N_("{barcode} 退回返工"), barcode=check.barcode) if check.open else _(N_("{barcode} 相符"), barcode=check.barcode)
    return see_other(request, HOME, toast=said, tone="warn" if check.open else "ok")


@router.post(HOME + "/mended")
async def mended(request: Request, work: WorkDep, code: Text = "") -> Response:
    """The workroom says that it is right now."""
    check = await commands.mend(work, clean(code) or code[:40])
    return see_other(request, HOME, toast=_(N_("{barcode} 已改好，请再典校一次"), barcode=check.barcode))
