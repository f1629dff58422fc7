"""传阅单 on screen: what goes round, one slip to print, a person's own stations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.processing.rules import bars
from services.reader.rooms.routing import going, queries, rules
from services.reader.rooms.routing.model import Absence, SlipState
from services.reader.rooms.routing.pages import HOME, TITLE, WORK
from services.reader.rooms.serials.pages import number_of
from services.reader.rooms.serials.rules import name
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people

router = Router(prefix=HOME, tags=["routing"])
READ, PEOPLE = [allow(*rules.READERS)], [allow("staff", "patron")]
Text = Annotated[str, Form()]
VIEWS = {"running": N_("传阅中"), "late": N_("超期"), "returning": N_("传毕待收回"), "ended": N_("已结束")}


@router.get("", dependencies=READ)
async def index(request: Request, work: WorkDep, view: str = "running", q: str = "", page_no: PageNo = 1) -> Response:
    """What goes round, where it is and since when."""
    view, q = view if view in VIEWS else "running", q.strip()[:60]
    found, total = await queries.slips(work.session, view, work.today, q=q, limit=SIZE, offset=offset(page_no))
    heres = await queries.heres(work.session, [row[0].id for row in found])
    counts = await queries.counts(work.session, work.today)
    return page(
        request, "routing/index.html", page_title=_(TITLE), found=found, heres=heres, view=view, q=q, rules=rules, called=name, today=work.today,
        may=work.actor.holds(rules.HANDS), names=await queries.names(work, heres.values()),
        tabs=[{"label": _(label), "count": counts[key], "active": key == view, "url": f"{HOME}?view={key}"} for key, label in VIEWS.items()],
        **paged(page_no, total, view=view, q=q),
    )


def _said(one: going.Slip) -> str:
    """Where it is now, in a sentence."""
    here = rules.here(one.steps)
    if one.slip.state is SlipState.returning:
        return _(N_("《{title}》{label}传阅完毕，请送回阅览室"), title=one.title.text, label=name(one.issue))
    if one.slip.state is SlipState.back:
        return _(N_("《{title}》{label}已收回"), title=one.title.text, label=name(one.issue))
    return _(N_("《{title}》{label}：第 {n} 站，{state}"), title=one.title.text, label=name(one.issue), n=here.position if here else 0, state=here.state.text if here else "")


@router.post("/scan", dependencies=PEOPLE)
async def scan(request: Request, work: WorkDep, code: Text = "", back: Text = "") -> Response:
    """A slip is scanned where it is: received, passed on, and by the desk taken back."""
    if not code.strip():
        raise Invalid({"code": N_("请扫描传阅单上的条码")})
    one = await going.scan(work, number=clean(code[:30]))
    if request.headers.get("hx-request"):
        done = one.slip.state in (SlipState.returning, SlipState.back)
        answer = Response(render_text(request, "routing/answer.html", one=one, said=_said(one), tone="ok" if done else "info"), media_type="text/html")
        answer.headers["x-sound"] = "ok"
        return answer
    return see_other(request, f"{HOME}/mine" if back == "mine" else f"{HOME}/slips/{one.slip.number}", toast=_said(one))


@router.get("/mine", dependencies=PEOPLE)
async def mine(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What is with me, and what comes next."""
    found, total = await queries.of_person(work.session, await queries.own_numbers(work), limit=SIZE, offset=offset(page_no))
    return page(
        request, "routing/mine.html", page_title=_(N_("我的传阅")), found=found, rules=rules, called=name, today=work.today, HERE=rules.HERE,
        **paged(page_no, total),
    )


@router.get("/slips/{number}", dependencies=PEOPLE)
async def slip(request: Request, work: WorkDep, number: str) -> Response:
    """The slip as it is printed, and where it has been; a reader sees their own only."""
    (one, issue, title), steps = await queries.slip_by_number(work.session, number)
    at_desk, here, own = work.actor.holds(rules.HANDS), rules.here(steps), await queries.own_numbers(work)
    if work.actor.kind != "staff" and all(step.who not in own for step in steps):
        raise rules.UnknownSlip(number)
    return page(
        request, "routing/slip.html", page_title=_(N_("传阅单 {number}"), number=number), one=one, issue=issue, title=title, steps=steps, here=here,
        at_desk=at_desk, mine=rules.may_move(work.actor, here, own), called=name, rules=rules, today=work.today, names=await queries.names(work, steps),
        absences=[a for a in Absence if a is not Absence.recalled], staff=work.actor.kind == "staff",
        people=await people.names(work, [one.made_by, one.ended_by, *(s.received_by for s in steps), *(s.passed_by for s in steps)]),
        crumbs=[(_(TITLE), HOME), (number, "")] if work.actor.holds(rules.READERS) else [(_(N_("我的传阅")), f"{HOME}/mine"), (number, "")],
    )


@router.get("/slips/{number}/bars.svg", dependencies=PEOPLE)
async def drawn(work: WorkDep, number: str) -> Response:
    """The number as bars."""
    (one, _issue, _t), _steps = await queries.slip_by_number(work.session, number)
    return Response(bars(one.number), media_type="image/svg+xml", headers={"cache-control": "private, max-age=86400"})


@router.post("/slips/{number}/receive", dependencies=PEOPLE)
async def receive(request: Request, work: WorkDep, number: str, back: Text = "") -> Response:
    """签收."""
    one = await going.receive(work, number=number)
    return see_other(request, _back(number, back), toast=_said(one))


def _back(number: str, back: str) -> str:
    return f"{HOME}/mine" if back == "mine" else f"{HOME}/slips/{number}"


@router.post("/slips/{number}/pass", dependencies=PEOPLE)
async def pass_on(request: Request, work: WorkDep, number: str, position: Text = "", back: Text = "") -> Response:
    """传下一站."""
    one = await going.pass_on(work, number=number, position=number_of(position) or 0)
    return see_other(request, _back(number, back), toast=_said(one))


@router.post("/slips/{number}/skip", dependencies=WORK)
async def skip(request: Request, work: WorkDep, number: str, position: Text = "", absence: Text = "", reason: Text = "") -> Response:
    """跳过一站."""
    if absence not in set(Absence):
        raise Invalid({"absence": N_("请选择跳过的原因")})
    one = await going.skip(work, number=number, position=number_of(position) or 0, absence=Absence(absence), reason=reason[:200])
    return see_other(request, _back(number, ""), toast=_said(one))


@router.post("/slips/{number}/take-back", dependencies=WORK)
async def take_back(request: Request, work: WorkDep, number: str, reason: Text = "") -> Response:
    """收回."""
    one = await going.take_back(work, number=number, reason=reason[:200])
    return see_other(request, _back(number, ""), toast=_said(one))


@router.post("/slips/{number}/lose", dependencies=WORK)
async def lose(request: Request, work: WorkDep, number: str, reason: Text = "") -> Response:
    """传阅中遗失."""
    await going.lose(work, number=number, reason=reason[:200])
    return see_other(request, _back(number, ""), toast=_(N_("已登记遗失")))
