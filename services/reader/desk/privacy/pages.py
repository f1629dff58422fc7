"""Who looked at whose loans: for heads, not for gossip."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import HEAD
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.privacy import queries
from services.reader.desk.privacy.rules import KEPT_DAYS
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page
from shared.web.register import people

router = Router(prefix="/reader/privacy", tags=["privacy"], dependencies=[allow(*HEAD)])


@router.get("")
async def looks(
    request: Request, work: WorkDep, who: str = "", q: str = "", page_no: Annotated[int, Query(alias="page", ge=1)] = 1
) -> Response:
    """Sensitive reads, and the proof of what was cut."""
    who, whose = who.strip().upper()[:40], clean(q)
    rows, total = await queries.looks(
        work.session, who=who, whose=whose, limit=SIZE, offset=offset(page_no)
    )
    cards = [row.subject_id for row in rows if row.subject == "patron"]
    return page(
        request, "privacy/looks.html", page_title=_(N_("隐私与查看记录")), rows=rows, who=who, q=whose,
        names=await people.names(work, [row.actor for row in rows]),
        patrons=await queries.names_by_card(work.session, cards), proofs=await queries.proofs(work.session),
        days=KEPT_DAYS, **paged(page_no, total, who=who, q=whose),
    )
