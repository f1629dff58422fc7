"""The screen of whoever looks after the systems: copies compared with their owners, and dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Form
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from shared.copies import commands
from shared.copies.comparing import Copy
from shared.copies.runner import Questions
from shared.copies.tables import copy_check, copy_difference
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.messaging import parked
from shared.messaging.alarm import place_of
from shared.messaging.tables import inbox_parked
from shared.refusals import NotFound
from shared.web.pages import Area, Entry, PageNo, page, see_other
from shared.work import Work

if TYPE_CHECKING:
    from shared.service import Kit

SIZE = 50
LETTERS = 200


def with_upkeep(dept: str, areas: Sequence[Area]) -> list[Area]:
    """The department's corridors, and the one every navigation ends with, for those who may enter it; never two of one name."""
    label, upkeep = N_("系统"), Entry(
        N_("数据核对与消息"), place_of(dept), icon="activity", who=parked.RIGHTS, serves=("TEC-SYS-03",),
        help=N_("与其他部门的数据是否一致，未能处理的消息"),
    )
    own = [entry for area in areas if area.label == label for entry in area.entries]
    return [*(area for area in areas if area.label != label), Area(label, [*own, upkeep])]


def upkeep_router(dept: str, copies: Sequence[Copy]) -> Router:
    """`/<dept>/upkeep`: what differs, what waits, and what can be done about it."""
    place = place_of(dept)
    router = Router(prefix=place, tags=["upkeep"], dependencies=[allow(*parked.RIGHTS)])
    by_name = {copy.ledger: copy for copy in copies}

    def known(name: str) -> Copy:
        if name not in by_name:
            raise NotFound(name)
        return by_name[name]

    @router.get("")
    async def upkeep(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
        """Copies, differences and dead letters on one page."""
        differences, total = await _differences(work, by_name, page_no)
        letters = await parked.parked(work, limit=LETTERS)
        return page(
            request, "upkeep/upkeep.html", page_title=_(N_("数据核对与消息")), place=place,
            copies=await _states(work, copies), differences=differences, total=total, page_no=page_no,
            pages=max(1, -(-total // SIZE)), size=SIZE, letters=letters,
            letters_total=await work.session.scalar(
                select(func.count()).select_from(inbox_parked).where(inbox_parked.c.resolved_at.is_(None))
            ),
        )

    if copies:
        @router.post("/compare")
        async def compare(request: Request, work: WorkDep) -> Response:
            """Compare all copies now."""
            await commands.want(work, copies, by=work.actor.id)
            work.note("compare", "copy", " ".join(by_name))
            return see_other(request, place, toast=_(N_("已开始核对，稍后刷新")))

        @router.post("/mend/{name}")
        async def mend(request: Request, work: WorkDep, name: str) -> Response:
            """Take the owner's word over."""
            copy, kit = known(name), request.app.state.kit
            mended, left = await commands.mend(work, copy, Questions(kit, copy))
            said = _(N_("已修复 {mended} 条，还有 {left} 条"), mended=mended, left=left)
            return see_other(request, place, toast=said, tone="warn" if left else "ok")

    @router.post("/letters/{letter}/retry")
    async def retry(request: Request, work: WorkDep, letter: int) -> Response:
        """Try a dead letter again, with those of the same thing before and behind it."""
        kit: Kit = request.app.state.kit
        done = await parked.retry(work, handlers=kit.bus.handlers, parked_id=letter)
        if done.error:
            return see_other(request, place, toast=_(N_("仍未能处理：{error}"), error=done.error), tone="bad")
        return see_other(request, place, toast=_(N_("已处理 {count} 件"), count=done.handled))

    @router.post("/letters/{letter}/discard")
    async def discard(
        request: Request, work: WorkDep, letter: int, reason: Annotated[str, Form()] = "",
    ) -> Response:
        """Let a dead letter go, with the reason."""
        await parked.discard(work, parked_id=letter, reason=reason)
        return see_other(request, place, toast=_(N_("已放弃，理由已记录")))

    return router


async def _states(work: Work, copies: Sequence[Copy]) -> list[dict[str, Any]]:
    checks = {row.copy: row for row in await work.session.execute(select(copy_check))}
    return [
        {
            "name": copy.ledger, "title": _(copy.title), "owner": copy.owner, "check": checks.get(copy.ledger),
            "differing": await commands.open_count(work, copy),
        }
        for copy in copies
    ]


async def _differences(
    work: Work, copies: dict[str, Copy], page_no: int
) -> tuple[list[dict[str, Any]], int]:
    open_ = (copy_difference.c.settled_at.is_(None), copy_difference.c.copy.in_(copies))
    total = await work.session.scalar(select(func.count()).select_from(copy_difference).where(*open_))
    query = select(copy_difference).where(*open_).order_by(copy_difference.c.id)
    rows = (await work.session.execute(query.limit(SIZE).offset((page_no - 1) * SIZE))).all()
    named: dict[tuple[str, str], tuple[str, str]] = {}
    for copy in copies.values():
        keys = [row.key for row in rows if row.copy == copy.ledger]
        if keys:
            named |= {(copy.ledger, key): name for key, name in (await copy.names(work.session, keys)).items()}
    return [
        {
            "title": _(copies[row.copy].title), "key": row.key,
            "name": named.get((row.copy, row.key), (row.key, "")),
            "found_at": row.found_at, "owner_lacks": row.owner is None, "we_lack": row.held is None,
            "fields": [
                (field, (row.owner or {}).get(field), (row.held or {}).get(field))
                for field in copies[row.copy].fields
                if (row.owner or {}).get(field) != (row.held or {}).get(field)
            ],
        }
        for row in rows
    ], total or 0
