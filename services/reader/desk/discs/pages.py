"""Discs on screen: what waits for its check, the check itself, every disc with its book and history."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import Grade
from services.reader.desk.discs import commands, queries
from services.reader.desk.discs.commands import Checked
from services.reader.desk.discs.form import findings, whole
from services.reader.desk.discs.model import CheckState, Pays
from services.reader.desk.discs.rules import FAULTS, FINDINGS, month_of
from services.reader.desk.items.rules import NEXT_LABELS, availability, word
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.service_points.queries import point_here
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web import show
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader/discs", tags=["discs"], dependencies=[allow(*DESK)])
TITLE = N_("随书光盘")
TABS: dict[str, str] = {"waiting": N_("待验盘"), "decided": N_("已验"), "all": N_("全部光盘")}
DECIDED = [state for state in CheckState if state is not CheckState.waiting]


@router.get("")
async def index(
    request: Request, work: WorkDep, tab: str = "waiting", q: str = "", page_no: PageNo = 1,
    month: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Checks to do, checks done, or every disc; above them the month in numbers."""
    tab, q = tab if tab in TABS else "waiting", q.strip()[:80]
    chosen = month_of(month, work.today)
    figures = await queries.figures(work.session, chosen)
    checks: Any = []
    rows: Any = []
    if tab == "all":
        rows, total = await queries.discs(work.session, q=q, limit=SIZE, offset=offset(page_no))
    else:
        states = [CheckState.waiting] if tab == "waiting" else DECIDED
        checks, total = await queries.checks(work.session, states=states, limit=SIZE, offset=offset(page_no))
    return page(
        request, "discs/list.html", block="list", page_title=_(TITLE), tab=tab, q=q, checks=checks, rows=rows,
        figures=figures, month=f"{chosen:%Y-%m}", word=word, faults=FAULTS, next_labels=NEXT_LABELS,
        books=await queries.books_of(work.session, [disc for _item, disc in rows]),
        names=await people.names(work, [one.decided_by for one in checks if one.decided_by]),
        tabs=[
            {"label": _(label), "url": f"/reader/discs?tab={key}", "active": key == tab,
             "count": figures["waiting"] if key == "waiting" else None}
            for key, label in TABS.items()
        ],
        **paged(page_no, total, tab=tab, q=q, month=month),
    )


@router.get("/find")
async def find(request: Request, work: WorkDep, code: str = "") -> Response:
    """A scanned disc: straight to the check it waits for, else to its page."""
    item = await queries.disc_item(work.session, clean(code))
    waiting = await queries.waiting_check(work.session, item.id)
    return see_other(request, f"/reader/discs/checks/{waiting.number}" if waiting else f"/reader/discs/{item.barcode}")


@router.get("/checks/{number}")
async def check(request: Request, work: WorkDep, number: str) -> Response:
    """One check: the form while it waits, what was found once it is done."""
    found = await queries.check_by_number(work.session, clean(number))
    disc = await queries.disc_of(work.session, found.item_id)
    loan = await queries.loan_of(work.session, found)
    return page(
        request, "discs/check.html", page_title=found.title, check=found, loan=loan,
        crumbs=[(_(TITLE), "/reader/discs"), (found.number, "")], book=await queries.book_of(work.session, disc),
        checks=FINDINGS, faults=FAULTS, pays=list(Pays), grades=list(Grade), next_labels=NEXT_LABELS,
        names=await people.names(work, [found.decided_by, found.opened_by]), CheckState=CheckState,
    )


def said(done: Checked) -> tuple[str, str]:
    """How a check ended, in a sentence and a tone."""
    check = done.check
    if check.state is CheckState.passed:
        if done.hold is not None and done.transit is None:
            return _(N_("验盘合格：放预约架 {shelf}"), shelf=done.hold.shelf), "ok"
        return _(N_("验盘合格，去向：{next}"), next=_(NEXT_LABELS[done.next])), "ok"
    text = _(N_("{state}：{case}"), state=check.state.text, case=check.slip or check.loss)
    if check.amount_fen:
        text += _(N_("，计收 {money}"), money=show.money(check.amount_fen))
    return text, "warn"


@router.post("/checks/{number}")
async def decide(
    request: Request, work: WorkDep, number: str, found: Annotated[dict[str, Any], Depends(findings)]
) -> Response:
    """合格 or 不合格; then the next one that waits."""
    at = await point_here(work.session, request.cookies.get(COOKIE, ""))
    done = await commands.decide(work, number=clean(number), at=at, **found)
    text, tone = said(done)
    return see_other(request, "/reader/discs", toast=text, tone=tone)


@router.get("/{barcode}")
async def disc(request: Request, work: WorkDep, barcode: str, page_no: PageNo = 1) -> Response:
    """One disc: where it is, its book, every check it went through."""
    item = await queries.disc_item(work.session, clean(barcode))
    known = await queries.disc_of(work.session, item.id)
    checks, total = await queries.checks(
        work.session, states=list(CheckState), item_id=item.id, limit=SIZE, offset=offset(page_no)
    )
    free, why = availability(item)
    return page(
        request, "discs/disc.html", page_title=item.title, item=item, disc=known, word=word(item), free=free, why=why,
        crumbs=[(_(TITLE), "/reader/discs?tab=all"), (item.barcode, "")], checks=checks, faults=FAULTS,
        book=await queries.book_of(work.session, known), waiting=await queries.waiting_check(work.session, item.id),
        names=await people.names(work, [one.decided_by for one in checks if one.decided_by]),
        next_labels=NEXT_LABELS, **paged(page_no, total),
    )


@router.post("/{barcode}")
async def belong(
    request: Request, work: WorkDep, barcode: str, book: Annotated[str, Form()] = "",
    own_copy: Annotated[bool, Form()] = False, pieces: Annotated[str, Form()] = "1",
) -> Response:
    """Which book it belongs to, and how many pieces its case holds."""
    item, _disc = await commands.belong(
        work, barcode=clean(barcode), book=clean(book), own_copy=own_copy, pieces=whole(pieces, "pieces", 1) or 0
    )
    return see_other(request, f"/reader/discs/{item.barcode}", toast=_(N_("已保存")))
