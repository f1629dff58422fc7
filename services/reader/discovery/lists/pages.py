"""Lists on screen: one's own, and the one somebody was given the link of."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.discovery.account.queries import own_patron
from services.reader.discovery.catalogue.formats import FORMATS, exported
from services.reader.discovery.catalogue.outputs import attachment, base_of, visible
from services.reader.discovery.catalogue.vocabulary import material_of
from services.reader.discovery.lists import commands, queries
from services.reader.discovery.lists.model import ReadingList
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web.pages import page, see_other
from shared.work import Work

router = Router(prefix="/reader/my/lists", tags=["lists"], dependencies=[allow("patron")])
open_router = Router(prefix="/reader/lists", tags=["lists"], dependencies=[allow("*")])
TITLE, HOME = N_("我的书单"), "/reader/my/lists"
Text = Annotated[str, Form()]
PRIVATE = {"x-robots-tag": "noindex, nofollow", "referrer-policy": "no-referrer"}


def _at(list_id: UUID) -> str:
    return f"{HOME}/{list_id}"


@router.get("")
async def mine(request: Request, work: WorkDep) -> Response:
    """All of one's lists, and the box for another."""
    patron = await own_patron(work)
    return page(
        request, "lists/mine.html", page_title=_(TITLE), lists=await queries.lists_of(work.session, patron.id),
        crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(TITLE), None)],
    )


@router.post("")
async def create(request: Request, work: WorkDep, title: Text = "", note: Text = "") -> Response:
    """A new list."""
    made = await commands.create(work, patron=await own_patron(work), title=title, note=note)
    return see_other(request, _at(made.id), toast=_(N_("书单已建好")))


@router.post("/add/{number}")
async def add(request: Request, work: WorkDep, number: str, into: Text = "", title: Text = "") -> Response:
    """Put a work on a list, or on a new one."""
    patron, record = await own_patron(work), await visible(work, number)
    if into:
        found = await queries.own_list(work.session, patron.id, _uuid(into))
    else:
        found = await commands.create(work, patron=patron, title=title)
    new = await commands.add(work, patron=patron, list_id=found.id, record=record)
    said = N_("已加入书单《{title}》") if new else N_("书单《{title}》里已有此书")
    return see_other(request, _at(found.id), toast=_(said, title=found.title), tone="ok" if new else "info")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@router.get("/{list_id}")
async def one(request: Request, work: WorkDep, list_id: UUID) -> Response:
    """One list with its works."""
    patron = await own_patron(work)
    found = await queries.own_list(work.session, patron.id, list_id)
    return await _show(request, work, found, own=True)


@router.post("/{list_id}")
async def change(request: Request, work: WorkDep, list_id: UUID, title: Text = "", note: Text = "") -> Response:
    """Rename it."""
    await commands.change(work, patron=await own_patron(work), list_id=list_id, title=title, note=note)
    return see_other(request, _at(list_id), toast=_(N_("已保存")))


@router.post("/{list_id}/entries/{entry_id}/note")
async def note(request: Request, work: WorkDep, list_id: UUID, entry_id: UUID, note: Text = "") -> Response:
    """A note on one work."""
    await commands.note(work, patron=await own_patron(work), list_id=list_id, entry_id=entry_id, text=note)
    return see_other(request, _at(list_id), toast=_(N_("已保存")))


@router.post("/{list_id}/entries/{entry_id}/remove")
async def remove(request: Request, work: WorkDep, list_id: UUID, entry_id: UUID) -> Response:
    """Take a work off."""
    await commands.remove(work, patron=await own_patron(work), list_id=list_id, entry_id=entry_id)
    return see_other(request, _at(list_id), toast=_(N_("已从书单移出")))


@router.post("/{list_id}/share")
async def share(request: Request, work: WorkDep, list_id: UUID) -> Response:
    """Make the link."""
    await commands.share(work, patron=await own_patron(work), list_id=list_id)
    return see_other(request, _at(list_id), toast=_(N_("分享链接已生成")))


@router.post("/{list_id}/unshare")
async def unshare(request: Request, work: WorkDep, list_id: UUID) -> Response:
    """The link is dead from now on."""
    await commands.stop_sharing(work, patron=await own_patron(work), list_id=list_id)
    return see_other(request, _at(list_id), toast=_(N_("已停止分享，原链接失效")))


@router.post("/{list_id}/delete")
async def drop(request: Request, work: WorkDep, list_id: UUID) -> Response:
    """Delete it."""
    await commands.drop(work, patron=await own_patron(work), list_id=list_id)
    return see_other(request, HOME, toast=_(N_("书单已删除")))


@router.get("/{list_id}/cite/{form}")
async def cite(work: WorkDep, list_id: UUID, form: str) -> Response:
    """One's own list as references."""
    patron = await own_patron(work)
    return await _cite(work, await queries.own_list(work.session, patron.id, list_id), form)


@open_router.get("/{token}")
async def shared(request: Request, work: WorkDep, token: str) -> Response:
    """A list by its link: the works and their notes, not whose it is."""
    return await _show(request, work, await queries.shared_list(work.session, token[:64]), own=False)


@open_router.get("/{token}/cite/{form}")
async def cite_shared(work: WorkDep, token: str, form: str) -> Response:
    """A shared list as references."""
    return await _cite(work, await queries.shared_list(work.session, token[:64]), form)


async def _show(request: Request, work: Work, found: ReadingList, *, own: bool) -> Response:
    link = f"{base_of(request)}/reader/lists/{found.token}" if found.token else ""
    here = _at(found.id) if own else f"/reader/lists/{found.token}"
    return page(
        request, "lists/list.html", page_title=found.title, list=found, own=own, link=link, here=here,
        lines=await queries.lines_of(work.session, found.id), formats=FORMATS, material_of=material_of,
        crumbs=[(_(TITLE), HOME), (found.title, None)] if own else [], headers=PRIVATE,
    )


async def _cite(work: Work, found: ReadingList, form: str) -> Response:
    if form not in FORMATS:
        raise NotFound(form[:20])
    lines = await queries.lines_of(work.session, found.id)
    answer = attachment(exported([line.hit.record for line in lines if line.hit], form), form, found.title)
    answer.headers["cache-control"] = "private, no-store"
    return answer
