"""The stream, and the list of notices behind the bell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from sqlalchemy import func, select, update
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.gate import gate_of, must_be_signed_in
from gateway.live.hub import Stream
from gateway.live.model import Notice
from gateway.portal.navigation import navigation
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, language, pick
from shared.web.pages import page, see_other

router = Router(dependencies=[allow("staff", "patron")])
HEARTBEAT = 20.0


def _line(message: Mapping[str, Any], lang: str) -> str:
    said = dict(message)
    if said["type"] == "notice":
        said["text"] = said.pop(lang)
        said.pop("en" if lang == "zh" else "zh")
    return f"data: {json.dumps(said, ensure_ascii=False)}\n\n"


async def _messages(request: Request, stream: Stream, secret_ok: Any, lang: str) -> AsyncIterator[str]:
    hub = gate_of(request).hub
    try:
        yield "retry: 3000\n\n"
        while True:
            try:
                message = await asyncio.wait_for(stream.queue.get(), HEARTBEAT)
            except TimeoutError:
                if not await secret_ok():  # signed out meanwhile, here or elsewhere
                    return
                yield ": still here\n\n"
                continue
            if message is None:
                return
            yield _line(message, lang)
    finally:
        hub.leave(stream)


@router.get("/events")
async def events(request: Request) -> Response:
    """One stream of signals for one signed-in person."""
    me, gate = must_be_signed_in(request), gate_of(request)
    cookies, secure = request.headers.get("cookie", ""), gate.secure(request.url.scheme)

    async def still_signed_in() -> bool:
        from gateway.accounts.sessions import cookie_of

        if not me.by_cookie:
            return True
        found = await gate.sessions.by_cookie(cookie_of(cookies, secure=secure), "/events")
        return found is not None and found.id == me.id

    stream = gate.hub.open(me.actor)
    return StreamingResponse(
        _messages(request, stream, still_signed_in, language()), media_type="text/event-stream",
        headers={"cache-control": "no-store, no-transform", "x-accel-buffering": "no"},
    )


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
