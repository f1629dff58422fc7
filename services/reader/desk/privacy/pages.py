"""Who looked at what of whom, what was forgotten, and what is kept for how long: for heads, not for gossip."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import HEAD
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import LOOKS
from services.reader.desk.privacy import commands, queries, rules
from services.reader.desk.privacy.inventory import INVENTORY
from services.reader.desk.privacy.model import RunState
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(tags=["privacy"], dependencies=[allow(*HEAD)])
HOME, TITLE = "/reader/privacy", N_("隐私与查看记录")
TABS = (("", N_("查看记录")), ("/forgetting", N_("到期断开")), ("/inventory", N_("保存清单")))


def _tabs(active: str) -> list[dict[str, Any]]:
    return [{"label": _(label), "url": HOME + end, "active": end == active} for end, label in TABS]


@router.get(HOME)
async def looks(
    request: Request, work: WorkDep, who: str = "", q: str = "", what: str = "", page_no: PageNo = 1
) -> Response:
    """Sensitive reads: by colleague, by card or item, by kind."""
    who, whose, what = who.strip().upper()[:40], clean(q), what if what in LOOKS else ""
    rows, total = await queries.looks(
        work.session, who=who, whose=whose, what=what, limit=SIZE, offset=offset(page_no)
    )
    cards = [row.subject_id for row in rows if row.subject == "patron"]
    return page(
        request, "privacy/looks.html", block="list", page_title=_(TITLE), rows=rows, who=who, q=whose, what=what,
        kinds=LOOKS, names=await people.names(work, [row.actor for row in rows]), tabs=_tabs(""),
        patrons=await queries.names_by_card(work.session, cards), **paged(page_no, total, who=who, q=whose, what=what),
    )


@router.get(HOME + "/forgetting")
async def forgetting(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """The runs: how far, how much, and that the ledger came through as it was."""
    rows, total = await queries.proofs(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "privacy/forgetting.html", page_title=_(TITLE), runs=rows, tabs=_tabs("/forgetting"),
        running=await queries.running(work.session), steps=rules.STEPS, share=rules.share, days=rules.KEPT_DAYS,
        S=RunState, **paged(page_no, total),
    )


@router.post(HOME + "/forgetting")
async def begin(request: Request, work: WorkDep) -> Response:
    """Begin now and not tonight; what is under way goes on."""
    await commands.begin(work)
    return see_other(request, HOME + "/forgetting", toast=_(N_("已开始，可离开本页")))


@router.get(HOME + "/inventory")
async def inventory(request: Request) -> Response:
    """Which table holds what about a patron, how long, and what becomes of it."""
    return page(
        request, "privacy/inventory.html", page_title=_(TITLE), kept=INVENTORY, tabs=_tabs("/inventory"),
    )


@router.get("/api/reader/privacy/runs")
async def runs_by_api(work: WorkDep, limit: int = 50) -> dict[str, Any]:
    """The runs for programs, newest first."""
    rows, total = await queries.proofs(work.session, limit=min(max(limit, 1), 200))
    return {"items": [queries.run_json(row) for row in rows], "total": total, "next": None}
