"""The list of notices behind the bell."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from starlette.requests import Request
from starlette.responses import Response

from gateway.live.model import Notice
from gateway.portal.navigation import navigation
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.web.pages import page, see_other

router = Router(dependencies=[allow("staff", "patron")])


@router.get("/notices")
async def notices(request: Request, work: WorkDep) -> Response:
    """The latest notices, unread ones marked."""
    rows = (await work.session.scalars(
        select(Notice).where(Notice.person_id == work.actor.id).order_by(Notice.id.desc()).limit(60)
    )).all()
    lines = [
        {"id": n.id, "text": pick(n.text_zh, n.text_en), "url": n.url, "tone": n.tone, "at": n.at, "unread": n.read_at is None}
        for n in rows
    ]
    return page(
        request, "notices.html", block="list" if request.headers.get("hx-request") else "",
        page_title=_(N_("通知")), nav=await navigation(request), notices=lines,
        unread=sum(line["unread"] for line in lines),
    )


@router.get("/api/notices")
async def unread(work: WorkDep) -> dict[str, Any]:
    """How many are unread, and the latest of them."""
    where = (Notice.person_id == work.actor.id, Notice.read_at.is_(None))
    rows = (await work.session.scalars(
        select(Notice).where(*where).order_by(Notice.id.desc()).limit(20)
    )).all()
    return {
        "items": [
            {"id": n.id, "text": pick(n.text_zh, n.text_en), "url": n.url, "tone": n.tone, "at": n.at.isoformat()}
            for n in rows
        ],
        "total": await work.session.scalar(select(func.count()).select_from(Notice).where(*where)),
    }


@router.post("/notices/read")
async def mark_read(request: Request, work: WorkDep) -> Response:
    """Everything up to now has been seen."""
    await work.session.execute(
        update(Notice).where(Notice.person_id == work.actor.id, Notice.read_at.is_(None))
        .values(read_at=work.now)
    )
    return see_other(request, "/notices")
