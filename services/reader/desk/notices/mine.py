"""A patron's own notices: what the library wrote, and what the patron does not want to hear."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.notices import commands, queries, rules
from services.reader.desk.notices.model import Hook
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import patron_by_card
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotAllowed
from shared.web.pages import page, see_other
from shared.work import Work

router = Router(prefix="/reader/my/notices", tags=["my library"], dependencies=[allow("patron")])


async def _me(work: Work) -> Patron:
    """The card comes from the token, never from the address."""
    if work.actor.kind != "patron" or not work.actor.card:
        raise NotAllowed
    return await patron_by_card(work.session, work.actor.card)


@router.get("")
async def mine(
    request: Request, work: WorkDep, page_no: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1
) -> Response:
    """Letters, newest first, and the switches."""
    patron = await _me(work)
    letters, total = await queries.letters_of(work.session, patron.id, limit=SIZE, offset=offset(page_no))
    wish = await queries.wish_of(work.session, patron.id)
    on = [
        hook for hook in (*rules.COURTESY, *rules.EXTRA)
        if rules.wants(hook, extra=wish.extra if wish else [], without=wish.without if wish else [])
    ]
    return page(
        request, "notices/mine.html", page_title=_(N_("我的通知")), letters=letters, patron=patron,
        address=rules.masked(patron.email), language=wish.language if wish else "zh", on=on,
        choices=(*rules.COURTESY, *rules.EXTRA), keep_days=rules.KEEP_DAYS,
        crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(N_("我的通知")), "")],
        must=[hook for hook in Hook if hook not in {*rules.COURTESY, *rules.EXTRA, Hook.slip, *rules.TO_COLLEGE}],
        **paged(page_no, total),
    )


@router.post("")
async def wish(request: Request, work: WorkDep) -> Response:
    """What to send and what not; whatever is ticked is wanted."""
    patron = await _me(work)
    form = await request.form()
    ticked = {str(value) for value in form.getlist("hooks")}
    await commands.save_wish(
        work, patron_id=patron.id, language=str(form.get("language", "zh")), extra=ticked,
        without=[hook.value for hook in rules.COURTESY if hook.value not in ticked],
    )
    return see_other(request, "/reader/my/notices", toast=_(N_("已保存，从下一封信起生效")))
