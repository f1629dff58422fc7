"""The walker's screens, made for a phone in a stairwell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.tech.support.patrols import commands, queries, rules
from services.tech.support.patrols.model import Round
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound, Refusal
from shared.settings import LOCAL
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/tech/patrols", tags=["patrols"])
READ = [allow("TEC", "head-tech", "director")]
WALK = [allow(*rules.POSTS)]
# What a file says it is counts for nothing; its first bytes do.
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png", b"RIFF": "image/webp"}


class NotAPicture(Refusal):
    """Photos are pictures of the usual kinds."""

    code = "patrol.not-a-picture"
    status = 422
    message = N_("请上传 JPG、PNG 或 WebP 图片")


def moment_of(text: str) -> datetime | None:
    """The phone's own clock at the point, as ISO text; None when it sent none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=LOCAL)


@router.get("", dependencies=READ)
async def home(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    session, size = work.session, 20
    rounds, total = await queries.rounds(session, limit=size, offset=(max(page_no, 1) - 1) * size)
    mine, _n = await queries.days(session, since=work.today, walker=work.actor.id, limit=1)
    week, _n = await queries.days(session, since=work.today - timedelta(days=6), limit=40)
    names = await people.names(work, {r.walker for r, _route in rounds} | {d.walker for d in week})
    return page(
        request, "patrols/home.html", block="list", page_title=_(N_("巡视")), rounds=rounds, total=total,
        page_no=max(page_no, 1), pages=max(-(-total // size), 1), size=size, today=mine[0] if mine else None,
        required=rules.REQUIRED_MINUTES, routes=await queries.routes(session), week=week, names=names,
        open_round=await queries.open_round(session, work.actor.id), walks=work.actor.holds(rules.POSTS),
    )


@router.post("/start", dependencies=WALK)
async def start(request: Request, work: WorkDep, route: Annotated[str, Form()]) -> Response:
    patrol = await commands.start_round(work, route=route)
    return see_other(request, f"/tech/patrols/{patrol.no}")


async def _round(work: Work, number: str) -> dict[str, Any]:
    patrol = await queries.round_by_number(work.session, number)
    if patrol is None:
        raise NotFound(number)
    return await shown(work, patrol)


async def shown(work: Work, patrol: Round) -> dict[str, Any]:
    """What the walking page shows."""
    names = await people.names(work, [patrol.walker])
    return {
        "patrol": patrol, "route": await queries.route_of(work.session, patrol.route_id),
        "points": await queries.points(work.session, patrol.route_id),
        "stamps": await queries.stamps(work.session, patrol.id), "walker": names.get(patrol.walker, patrol.walker),
        "mine": patrol.walker == work.actor.id,
    }


@router.get("/{number}", dependencies=READ)
async def walk(request: Request, work: WorkDep, number: str) -> Response:
    values = await _round(work, number)
    title = _(N_("巡视 {number}"), number=number)
    return page(request, "patrols/walk.html", block="walk", page_title=title,
                crumbs=[(_(N_("巡视")), "/tech/patrols"), (title, None)], **values)


@router.post("/{number}/stamp", dependencies=WALK)
async def stamp(
    request: Request, work: WorkDep, number: str, point: Annotated[str, Form()],
    result: Annotated[str, Form()] = "ok", note: Annotated[str, Form()] = "",
    walked_at: Annotated[str, Form()] = "", serious: Annotated[str, Form()] = "",
    photo: UploadFile | None = None,
) -> Response:
    digest = ""
    if photo is not None and photo.filename:
        data = await photo.read()
        if not data.startswith(tuple(PICTURES)):
            raise NotAPicture
        digest, _size = await request.app.state.kit.files.put(data, limit_mb=10)
    made = await commands.stamp(
        work, number, point=point, ok=result == "ok", note=note, photo=digest,
        walked_at=moment_of(walked_at), serious=bool(serious),
    )
    said = _(N_("已打点")) if made.ok else _(N_("异常已记录，工单 {order} 已开"), order=made.order_no)
    return see_other(request, f"/tech/patrols/{number}", toast=said, tone="ok" if made.ok else "warn")


@router.get("/{number}/photo/{point}", dependencies=READ)
async def photo_of(request: Request, work: WorkDep, number: str, point: str) -> Response:
    digest = await queries.photo(work.session, number, point)
    if not digest:
        raise NotFound(point)
    data = await request.app.state.kit.files.get(digest)
    kind = next((media for head, media in PICTURES.items() if data.startswith(head)), "")
    if not kind:
        raise NotAPicture
    return Response(data, media_type=kind, headers={"cache-control": "private, max-age=3600"})


@router.post("/{number}/close", dependencies=WALK)
async def close(request: Request, work: WorkDep, number: str, note: Annotated[str, Form()] = "") -> Response:
    patrol = await commands.close_round(work, number, note=note)
    said = _(N_("本圈计 {minutes} 分钟"), minutes=patrol.minutes)
    return see_other(request, "/tech/patrols", toast=said)
