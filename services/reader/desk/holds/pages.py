"""The holds page with its work lists, the queue of a title, the slip for the shelf."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.codes import clean
from services.reader.desk.holds import adjusting, commands, lists, queries, rules
from services.reader.desk.holds.model import Hold
from services.reader.desk.items.commands import put_away
from services.reader.desk.items.queries import item_by_barcode, items_of, lock_item, title_of
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.queries import names_of
from services.reader.desk.transit.queries import late_count
from services.reader.rooms.service_points.queries import names, point_here, points
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/holds", tags=["holds"], dependencies=[allow(*DESK)])
TITLE = N_("预约")
TABS = {
    "ready": N_("到馆待取"), "pull": N_("待下架"), "fetch": N_("待取书"), "waiting": N_("排队中"),
    "transit": N_("送往取书点"), "ended": N_("未取与取消"),
}


async def _here(request: Request, work: Work) -> str:
    return await point_here(work.session, request.cookies.get(COOKIE, ""))


@router.get("")
async def shelf(
    request: Request, work: WorkDep, tab: str = "ready", q: str = "", point: str = "", page_no: PageNo = 1
) -> Response:
    """One tab of everything held, with what there is to do on the others."""
    tab, q = tab if tab in TABS else "ready", q.strip()[:80]
    counts = await lists.counts(work.session)
    found, work_list, total = [], [], counts.get(tab, 0)
    if tab in {"pull", "fetch"}:
        list_ = lists.pull_list if tab == "pull" else lists.fetch_list
        work_list = list(await list_(work.session, SIZE, offset(page_no)))
    else:
        rows, total = await lists.holds_in(
            work.session, tab, q=q, point=point, limit=SIZE, offset=offset(page_no)
        )
        found = list(rows)
    said = await names(work.session)
    return page(
        request, "holds/shelf.html", page_title=_(TITLE), self_url=f"/reader/holds?{request.url.query}", tab=tab, q=q, point=point, holds=found,
        work_list=work_list, points=said, place_names=list(said.items()), today=work.today,
        tabs=[
            {
                "label": _(label), "count": counts.get(key), "active": key == tab,
                "url": "/reader/holds?" + urlencode({"tab": key, **({"point": point} if point else {})}),
            }
            for key, label in TABS.items()
        ],
        patrons=await names_of(work.session, [hold.patron_id for hold in found]),
        places=await queries.places_of(work.session, [hold.id for hold in found]) if tab == "waiting" else {},
        pickups=await lists.pickups_of(work.session, [item for item, _errand in work_list]),
        people=await people.names(work, [errand.by for _item, errand in work_list if errand]),
        late=await late_count(work.session, work.today), here=await _here(request, work),
        reasons=rules.CANCEL_REASONS, actor_id=work.actor.id, **paged(page_no, total, tab=tab, q=q, point=point),
    )


@router.get("/titles/{instance_id}")
async def title(request: Request, work: WorkDep, instance_id: str, page_no: PageNo = 1) -> Response:
    """The queue of a title: who, in what order, why nobody has the book yet, and what was changed."""
    name = await title_of(work.session, instance_id)
    kept = await queries.kept_of(work.session, instance_id)
    moves = await queries.moves_of(work.session, instance_id)
    if name is None and not kept and not moves:
        raise rules.UnknownTitle(instance_id)
    waiting = await queries.queue_of(work.session, instance_id, SIZE, offset(page_no))
    first = offset(page_no) + 1
    copies = (await queries.copies_of(work.session, [instance_id]))[instance_id]
    said = await names(work.session)
    queue = [(hold, place, rules.explain(hold, place, copies, said)) for place, hold in enumerate(waiting, first)]
    return page(
        request, "holds/title.html", page_title=name or (kept[0].title if kept else instance_id),
        crumbs=[(_(TITLE), "/reader/holds"), (name or instance_id, "")], instance_id=instance_id,
        queue=queue, kept=[(hold, rules.explain(hold, 0, copies, said)) for hold in kept], copies=copies,
        moves=moves, items=await items_of(work.session, instance_id, 100),
        patrons=await names_of(work.session, [hold.patron_id for hold in [*waiting, *kept]]),
        people=await people.names(work, [move.by for move in moves]), reasons=rules.CANCEL_REASONS,
        points=await points(work.session, only_open=True), is_head=work.actor.holds(HEAD),
        **paged(page_no, await queries.waiting_count(work.session, instance_id)),
    )


@router.get("/{hold_id}/slip")
async def slip(request: Request, work: WorkDep, hold_id: UUID) -> Response:
    """What is stuck into the book on the hold shelf: the tail of the card, never the name."""
    hold = await work.session.get(Hold, hold_id)
    if hold is None:
        raise rules.UnknownHold(hold_id)
    return page(
        request, "holds/slip.html", page_title=_(N_("预约架签条")), hold=hold,
        crumbs=[(_(TITLE), "/reader/holds"), (_(N_("预约架签条")), "")], points=await names(work.session),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise Invalid({"day": N_("日期写作 2026-03-01")}) from error


def _queue(hold: Hold) -> str:
    return f"/reader/holds/titles/{quote(hold.instance_id, safe='')}"


@router.post("/{hold_id}/move", dependencies=[allow(*HEAD)])
async def move(
    request: Request, work: WorkDep, hold_id: UUID, to: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """预约调整."""
    was, became = await adjusting.move(work, hold_id=hold_id, to=to, reason=reason[:200])
    hold = await work.get(Hold, hold_id)
    said = _(N_("已由第 {was} 位调整到第 {became} 位，原因已记录"), was=was, became=became)
    return see_other(request, _queue(hold), toast=said)


@router.post("/{hold_id}/target", dependencies=[allow(*HEAD)])
async def retarget(
    request: Request, work: WorkDep, hold_id: UUID, reason: Annotated[str, Form()] = "",
    barcode: Annotated[str, Form()] = "", other: Annotated[str, Form()] = "", whole: Annotated[bool, Form()] = False,
) -> Response:
    """改等另一册或另一版本; `other` is a barcode of another edition, `whole` any copy of it."""
    typed = clean(other)
    edition = (await item_by_barcode(work.session, typed)).instance_id if typed and whole else ""
    hold = await adjusting.retarget(
        work, hold_id=hold_id, reason=reason[:200], barcode="" if edition else typed or clean(barcode),
        instance_id=edition,
    )
    what = hold.wanted or _(N_("任一复本"))
    return see_other(request, _queue(hold), toast=_(N_("《{title}》改等 {what}，原因已记录"), title=hold.title, what=what))


@router.post("/{hold_id}/pickup")
async def pickup(
    request: Request, work: WorkDep, hold_id: UUID, point: Annotated[str, Form()] = ""
) -> Response:
    """Another pickup point for a patron who asks at the desk."""
    hold = await adjusting.fetch_at(work, hold_id=hold_id, pickup=clean(point))
    return see_other(request, _queue(hold), toast=_(N_("《{title}》的取书点已改"), title=hold.title))


@router.post("/{hold_id}/pause")
async def pause(
    request: Request, work: WorkDep, hold_id: UUID, until: Annotated[str, Form()] = ""
) -> Response:
    """暂停 or 恢复."""
    hold = await adjusting.pause(work, hold_id=hold_id, until=_day(until))
    said = _(N_("已暂停至 {day}"), day=hold.paused_until) if hold.paused_until else _(N_("已恢复排队"))
    return see_other(request, _queue(hold), toast=said)


@router.post("/claim/{barcode}")
async def claim(
    request: Request, work: WorkDep, barcode: str, tab: Annotated[str, Form()] = "fetch"
) -> Response:
    """我去取."""
    item = await commands.claim(work, barcode=clean(barcode))
    return see_other(request, f"/reader/holds?tab={_tab(tab)}", toast=_(N_("《{title}》由您去取"), title=item.title))


@router.post("/unclaim/{barcode}")
async def unclaim(
    request: Request, work: WorkDep, barcode: str, tab: Annotated[str, Form()] = "fetch"
) -> Response:
    """不去了."""
    item = await commands.unclaim(work, barcode=clean(barcode))
    return see_other(request, f"/reader/holds?tab={_tab(tab)}", toast=_(N_("《{title}》可由他人去取"), title=item.title))


def _tab(text: str) -> str:
    return text if text in TABS else "ready"


@router.post("/pull/{barcode}")
async def pull(request: Request, work: WorkDep, barcode: str) -> Response:
    """下架."""
    item = await lock_item(work.session, clean(barcode))
    hold = await commands.pull(work, item, at=await _here(request, work))
    if hold is None:
        put_away(work, item)
        said = _(N_("《{title}》已下预约架，请归架"), title=item.title)
    else:
        said = await _went(work, hold)
    return see_other(request, "/reader/holds?tab=pull", toast=said)


@router.post("/fetch/{barcode}")
async def fetch(request: Request, work: WorkDep, barcode: str) -> Response:
    """已取到."""
    _item, hold = await commands.fetch(work, barcode=clean(barcode), at=await _here(request, work))
    return see_other(request, "/reader/holds?tab=fetch", toast=await _went(work, hold))


async def _went(work: Work, hold: Hold) -> str:
    if hold.shelf:
        return _(N_("《{title}》放预约架 {shelf}"), title=hold.title, shelf=hold.shelf)
    said = await names(work.session)
    return _(N_("《{title}》请放入送往{point}的通借箱"), title=hold.title, point=said.get(hold.pickup, hold.pickup))
