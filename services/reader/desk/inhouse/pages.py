"""The reading room's list: what is in hand, and a box that takes a card and books."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.codes import clean
from services.reader.desk.inhouse import commands, queries
from services.reader.desk.items.rules import NEXT_LABELS
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.today import midnight
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other

router = Router(prefix="/reader/in-house", tags=["in-house use"], dependencies=[allow(*DESK)])


@router.get("")
async def room(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """In the readers' hands, and today's."""
    found, total = await queries.uses(
        work.session, midnight(work.today), limit=SIZE, offset=offset(page_no)
    )
    return page(
        request, "inhouse/room.html", page_title=_(N_("馆内阅览")), uses=found,
        used=await queries.used_since(work.session, midnight(work.today)), **paged(page_no, total),
    )


@router.post("")
async def use(
    request: Request, work: WorkDep, barcode: Annotated[str, Form()], card: Annotated[str, Form()] = "",
    left: Annotated[bool, Form()] = False,
) -> Response:
    """取阅, or 桌面回收."""
    found = await commands.use(work, barcode=clean(barcode), card=clean(card), left=left)
    text = N_("《{title}》已计阅览，请归架") if left else N_("《{title}》阅览中")
    return see_other(request, "/reader/in-house", toast=_(text, title=found.title))


@router.post("/{barcode}/back")
async def back(request: Request, work: WorkDep, barcode: str) -> Response:
    """归还: to its shelf, or where it is wanted."""
    done = await circulation.take_back(work, barcode=clean(barcode))
    return see_other(request, "/reader/in-house", toast=_(
        N_("《{title}》已收回：{next}"), title=done.item.title, next=_(NEXT_LABELS[done.next])
    ))
