"""The register of service points, and the choice of the point a desk works at."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.codes import clean
from services.reader.rooms.service_points import commands, queries, rules
from services.reader.rooms.service_points.model import PointKind, ServicePoint
from services.reader.rooms.service_points.rules import COOKIE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import page, see_other
from shared.work import Work

router = Router(prefix="/reader/service-points", tags=["service points"], dependencies=[allow("staff")])
TITLE = N_("服务点")
YEAR = 365 * 24 * 3600


@router.get("")
async def register(request: Request, work: WorkDep) -> Response:
    """Every point with the locations it keeps, and the locations nobody keeps."""
    found, homes = await queries.points(work.session), await queries.homes(work.session)
    places = await queries.locations(work.session)
    return page(
        request, "service_points/list.html", page_title=_(TITLE), points=found, is_head=work.actor.holds(HEAD),
        kept={p.code: [name for code, name, _n in places if homes.get(code) == p.code] for p in found},
        loose=[name for code, name, _n in places if code not in homes],
        here=await queries.point_here(work.session, request.cookies.get(COOKIE, "")),
    )


async def _form(
    request: Request, work: Work, point: ServicePoint | dict[str, Any] | None, *, new: bool,
    errors: dict[str, str] | None = None, chosen: list[str] | None = None,
) -> Response:
    code = "" if point is None or new else point["code"] if isinstance(point, dict) else point.code
    homes, said = await queries.homes(work.session), await queries.names(work.session)
    name = _(N_("新服务点")) if new else said.get(code, code)
    answer = page(
        request, "service_points/form.html", page_title=name, point=point, new=new, errors=errors or {},
        crumbs=[(_(TITLE), "/reader/service-points"), (name, "")], kinds=[k for k in PointKind if k is not PointKind.member],
        places=[
            (loc, label, n, loc in chosen if chosen is not None else bool(code) and homes.get(loc) == code,
             said.get(homes.get(loc, ""), "") if homes.get(loc) != code else "")
            for loc, label, n in await queries.locations(work.session)
        ],
    )
    if errors:
        answer.status_code = 422
    return answer


@router.get("/new", dependencies=[allow(*HEAD)])
async def new(request: Request, work: WorkDep) -> Response:
    """An empty form."""
    return await _form(request, work, None, new=True)


@router.get("/{code}", dependencies=[allow(*HEAD)])
async def edit(request: Request, work: WorkDep, code: str) -> Response:
    """The point as it is."""
    point = await queries.point_by_code(work.session, clean(code))
    if point is None:
        raise rules.UnknownPoint(code)
    return await _form(request, work, point, new=False)


@router.post("/save", dependencies=[allow(*HEAD)])
async def save(request: Request, work: WorkDep) -> Response:
    """Keep the form; what is wrong comes back with everything that was typed."""
    sent = await request.form()
    typed: dict[str, Any] = {k: str(sent.get(k, ""))[:120] for k in ("code", "name", "name_en", "address", "kind")}
    typed |= {"open": "open" in sent, "main": "main" in sent}
    chosen, fresh = [str(v)[:60] for v in sent.getlist("locations")], "new" in sent
    kind = PointKind(typed["kind"]) if typed["kind"] in set(PointKind) else PointKind.room
    try:
        point = await commands.save(
            work, code=clean(str(typed["code"])), name=str(typed["name"]), name_en=str(typed["name_en"]), kind=kind,
            address=str(typed["address"]), open_=bool(typed["open"]), main=bool(typed["main"]), new=fresh,
        )
    except (rules.PointExists, rules.MainStaysOpen) as no:
        field = "code" if isinstance(no, rules.PointExists) else "open"
        return await _form(request, work, typed, new=fresh, errors={field: str(no)}, chosen=chosen)
    except Invalid as wrong:
        return await _form(request, work, typed, new=fresh, errors=wrong.errors, chosen=chosen)
    await commands.assign(work, code=point.code, locations=chosen)
    return see_other(request, "/reader/service-points", toast=_(N_("已保存服务点“{name}”"), name=point.name))


@router.post("/here", dependencies=[allow(*DESK)])
async def here(
    request: Request, work: WorkDep, point: Annotated[str, Form()], back: Annotated[str, Form()] = ""
) -> Response:
    """本台在这里: this browser remembers its point."""
    chosen = await queries.open_point(work.session, clean(point))
    if chosen.kind is PointKind.member:
        raise rules.UnknownPoint(point)
    to = back if back.startswith("/reader/") else "/reader/service-points"
    answer = see_other(request, to, toast=_(N_("本台设在{point}"), point=chosen.text))
    answer.set_cookie(COOKIE, chosen.code, max_age=YEAR, httponly=True, samesite="lax", path="/")
    return answer
