"""The log of what patrons were told: by state, hook, patron and day; each letter as it was sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.notices import commands, queries
from services.reader.desk.notices.asking import asked_of, choice_of
from services.reader.desk.notices.composing import compose, receiver_of
from services.reader.desk.notices.model import Hook, Letter, NoticeState
from services.reader.desk.notices.rules import KEEP_DAYS, masked
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page, see_other
from shared.web.register import people

router = Router(prefix="/reader/notices", tags=["notices"], dependencies=[allow(*DESK)])
CRUMB = N_("读者通知")
DAYS = 30


@router.get("")
async def log(
    request: Request, work: WorkDep, q: Annotated[str, Query(max_length=60)] = "", state: str = "", hook: str = "",
    date_from: str = "", date_to: str = "", page_no: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    """What was told, newest first, with the way it went."""
    asked = await asked_of(work, q=q, hook=hook, since=date_from, until=date_to)
    chosen = choice_of(NoticeState, state)
    shown = chosen if isinstance(chosen, NoticeState) else None
    counts = await queries.counts(work.session, asked) if asked else {}
    rows = await queries.log(
        work.session, asked, shown, limit=SIZE, offset=offset(page_no)
    ) if asked else []
    keep = {"q": q, "hook": hook, "date_from": date_from, "date_to": date_to}
    total = counts.get(shown, 0) if shown else sum(counts.values())
    waiting, answer = await queries.trouble(work.session)
    return page(
        request, "notices/log.html", block="list", page_title=_(CRUMB), rows=rows, counts=counts, shown=shown,
        states=list(NoticeState), hooks=list(Hook), keep={k: v for k, v in keep.items() if v}, asked=keep, masked=masked,
        mail=bool(request.app.state.kit.settings.smtp_host), waiting=waiting, answer=answer, unknown=asked is None,
        **paged(page_no, total, state=state, **keep),
    )


@router.get("/figures")
async def figures(request: Request, work: WorkDep) -> Response:
    """The last thirty days by hook."""
    since = work.today - timedelta(days=DAYS - 1)
    return page(
        request, "notices/figures.html", page_title=_(N_("通知统计")), since=since, today=work.today,
        figures=await queries.figures(work.session, since), hooks=list(Hook), states=list(NoticeState),
        crumbs=[(_(CRUMB), "/reader/notices"), (_(N_("通知统计")), "")],
    )


@router.get("/{notice_id:uuid}")
async def detail(request: Request, work: WorkDep, notice_id: UUID) -> Response:
    """One notice and its letter, word for word; the look is written down."""
    notice = await queries.notice_by_id(work.session, notice_id)
    work.note("read-letter", "notice", str(notice.id))
    letter = await work.session.get(Letter, notice.letter_id) if notice.letter_id else None
    together = await queries.told_together(work.session, notice)
    receiver = await receiver_of(work.session, notice)
    draft = None
    if letter is None:
        draft = await compose(work.session, request.app.state.kit.settings, together, receiver, work.today)
    patrons = await queries.patrons_of(work.session, together)
    return page(
        request, "notices/detail.html", page_title=notice.hook.text, notice=notice, letter=letter, draft=draft,
        together=together, patrons=patrons, sent_to=masked(letter.address if letter else receiver.address),
        names=await people.names(work, [notice.by] if notice.by else []), keep_days=KEEP_DAYS,
        may_send=notice.state is not NoticeState.queued and not notice.address,
        crumbs=[(_(CRUMB), "/reader/notices"), (notice.hook.text, "")], is_head=work.actor.holds(HEAD),
    )


@router.post("/{notice_id:uuid}/again")
async def again(request: Request, work: WorkDep, notice_id: UUID) -> Response:
    """重发."""
    fresh = await commands.send_again(work, notice_id)
    return see_other(request, f"/reader/notices/{fresh.id}", toast=_(N_("已重新排队，几秒内发出")))
