"""今日到刊 on screen: the list of the day, the scan, the stamp, what nobody foresaw, the handover."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.serials import checkin, queries, rules
from services.reader.rooms.serials.model import SerialTitle
from services.reader.rooms.serials.numbering import Kind
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people
from shared.work import Work

HOME = "/reader/serials"
TITLE = N_("报刊到馆登记")
router = Router(prefix=HOME, tags=["serials"], dependencies=[allow(*rules.READERS)])
WORK = [allow(*rules.HANDS)]
Text = Annotated[str, Form()]


def back_to(room: str) -> str:
    """The list of the day in the room one works in."""
    return HOME + (f"?{urlencode({'room': room})}" if room else "")


def day_of(text: str, today: date) -> date:
    """The day that was asked for; today when it cannot be read."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def number_of(text: str) -> int | None:
    """A number that was typed; None when the box is empty."""
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid({"": N_("请填写整数")})
    return int(text)


@router.get("")
async def today(request: Request, work: WorkDep, on: str = "", room: str = "", q: str = "") -> Response:
    """What should come, what came; another day is only looked at."""
    return await _today(request, work, on=on, room=room, q=q)


async def _today(
    request: Request, work: Work, *, on: str = "", room: str = "", q: str = "", errors: dict[str, str] | None = None, sender: str = "",
    note: str = "",
) -> Response:
    day, q = day_of(on, work.today), q.strip()[:60]
    awaited = await queries.awaited(work.session, day, room=room, q=q) if day >= work.today else []
    came = await queries.came(work.session, day, room=room)
    done = await queries.handover_of(work.session, day, room)
    answer = page(
        request, "serials/today.html", page_title=_(TITLE), day=day, is_today=day == work.today, room=room, q=q, rules=rules,
        rooms=await queries.rooms(work.session), due=[row for row in awaited if row[0].due_on == day],
        late=[row for row in awaited if row[0].due_on < day], came=came, may=work.actor.holds(rules.HANDS),
        counts=await queries.day_counts(work.session, day, room), handover=done, errors=errors or {}, sender=sender, note=note,
        gaps=(await queries.gap_counts(work.session))["open"], loose=await queries.loose_count(work.session),
        people=await people.names(work, [issue.arrived_by for issue, _t in came] + [done.received_by if done else ""]),
    )
    if errors:
        answer.status_code = 422
    return answer


@router.post("/scan", dependencies=WORK)
async def scan(request: Request, work: WorkDep, code: Text = "", room: Text = "") -> Response:
    """One scan, one issue."""
    if not code.strip():
        raise Invalid({"code": N_("请扫描或输入条码、ISSN、编号")})
    found, again = await checkin.scan(work, code=code[:60])
    issue, title = (found.again or found.done)[0]
    if not request.headers.get("hx-request"):
        said = N_("《{title}》{label}此前已记到") if again else N_("已记到《{title}》{label}")
        return see_other(request, back_to(room), toast=_(said, title=title.text, label=rules.name(issue)), tone="warn" if again else "ok")
    answer = Response(render_text(
        request, "serials/answer.html", issue=issue, title=title, again=again, rules=rules, may=True, is_today=True, room=room,
        people=await people.names(work, [issue.arrived_by]),
    ), media_type="text/html")
    answer.headers["x-sound"] = "look" if again or issue.was is not issue.was.expected else "ok"
    return answer


@router.post("/arrive", dependencies=WORK)
async def arrive(request: Request, work: WorkDep) -> Response:
    """勾选的已到, or everything due today."""
    sent = await request.form()
    room = str(sent.get("room", ""))[:60]
    named = sent.getlist("due") if sent.get("which") == "all" else sent.getlist("ids")
    copies: dict[UUID, int | None] = {}
    for key in named:
        copies[key_of(str(key))] = number_of(str(sent.get(f"n-{key}", "")))
    found = await checkin.arrive(work, copies=copies)
    return see_other(request, back_to(room), toast=_(N_("已记到 {n} 期"), n=len(found.done)))


def key_of(text: str) -> UUID:
    """The issue a tick stands for."""
    try:
        return UUID(text)
    except ValueError as error:
        raise rules.NoSuchIssue from error


@router.post("/stamp", dependencies=WORK)
async def stamp(request: Request, work: WorkDep) -> Response:
    """盖章分拣."""
    sent = await request.form()
    done = await checkin.stamp(work, ids=[key_of(str(key)) for key in sent.getlist("ids")])
    return see_other(request, back_to(str(sent.get("room", ""))[:60]), toast=_(N_("已盖章分拣 {n} 期，可以上架"), n=done))


@router.post("/issues/{issue_id}/undo", dependencies=WORK)
async def undo(request: Request, work: WorkDep, issue_id: UUID, back: Text = "") -> Response:
    """撤销记到."""
    issue, title = await checkin.undo(work, issue_id=issue_id)
    return see_other(request, _safe(back), toast=_(N_("已撤销《{title}》{label}的记到"), title=title.text, label=rules.name(issue)))


def _safe(back: str) -> str:
    return back if back.startswith(HOME) else HOME


@router.post("/issues/{issue_id}/damage", dependencies=WORK)
async def damage(
    request: Request, work: WorkDep, issue_id: UUID, damaged: Text = "1", damage: Text = "", back: Text = ""
) -> Response:
    """破损."""
    await checkin.note_damage(work, issue_id=issue_id, copies=number_of(damaged) or 0, words=damage[:200])
    return see_other(request, _safe(back), toast=_(N_("已记破损")))


@router.post("/issues/{issue_id}/skip", dependencies=WORK)
async def skip(request: Request, work: WorkDep, issue_id: UUID, back: Text = "", again: Text = "") -> Response:
    """未出版, or awaited after all."""
    issue, title = await checkin.skip(work, issue_id=issue_id, again=bool(again))
    said = N_("《{title}》{label}重新列为待到") if again else N_("《{title}》{label}记为未出版")
    return see_other(request, _safe(back), toast=_(said, title=title.text, label=rules.name(issue)))


@router.post("/issues/{issue_id}/arrive", dependencies=WORK)
async def arrive_one(request: Request, work: WorkDep, issue_id: UUID, back: Text = "", n: Text = "") -> Response:
    """补到: a gap is filled from the list of gaps or the card of the title."""
    await checkin.arrive(work, copies={issue_id: number_of(n)})
    return see_other(request, _safe(back), toast=_(N_("已记到 {n} 期"), n=1))


async def _extra(
    request: Request, work: Work, title: SerialTitle, typed: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    kinds = [(kind.value, kind.text) for kind in Kind]
    wrong = {name: _(text) for name, text in (errors or {}).items()}
    fields = [
        {"name": "kind", "label": _(N_("类别")), "kind": "select", "required": True, "options": kinds, "value": typed.get("kind", "supplement")},
        {"name": "day", "label": _(N_("出版日期")), "kind": "date", "required": True, "value": typed.get("day", work.today.isoformat())},
        {"name": "issue_no", "label": _(N_("期号（增刊号）")), "kind": "number", "min": 1, "value": typed.get("issue_no", "")},
        {"name": "issue_to", "label": _(N_("合刊至第几期")), "kind": "number", "min": 2, "value": typed.get("issue_to", "")},
        {"name": "copies", "label": _(N_("已到份数")), "kind": "number", "min": 1, "max": rules.MOST_COPIES, "required": True, "value": typed.get("copies", "1")},
        {"name": "caption", "label": _(N_("名称或说明")), "maxlength": 80, "value": typed.get("caption", "")},
    ]
    for one in fields:
        one["error"] = wrong.pop(str(one["name"]), "")
    return page(
        request, "serials/extra.html", status=status, page_title=_(N_("登记未列出的一期")), title=title, fields=fields, errors=list(wrong.values()),
        crumbs=[(_(TITLE), HOME), (title.text, f"{HOME}/titles/{title.number}"), (_(N_("登记未列出的一期")), "")],
    )


@router.get("/titles/{number}/extra", dependencies=WORK)
async def extra_form(request: Request, work: WorkDep, number: str) -> Response:
    """An empty form for a supplement, a special, an issue outside the pattern."""
    return await _extra(request, work, await queries.title_by_number(work.session, number), {})


@router.post("/titles/{number}/extra", dependencies=WORK)
async def extra(request: Request, work: WorkDep, number: str) -> Response:
    """Take it in."""
    typed = {name: str(value)[:80] for name, value in (await request.form()).items()}
    title = await queries.title_by_number(work.session, number)
    try:
        kind = Kind(typed["kind"]) if typed.get("kind") in set(Kind) else Kind.special
        try:
            day = date.fromisoformat(typed.get("day", ""))
        except ValueError as error:
            raise Invalid({"day": N_("请填写日期")}) from error
        issue, _title = await checkin.take_extra(
            work, number=number, kind=kind, day=day, issue_no=number_of(typed.get("issue_no", "")),
            issue_to=number_of(typed.get("issue_to", "")), caption=typed.get("caption", ""), copies=number_of(typed.get("copies", "")) or 0,
        )
    except Invalid as wrong:
        return await _extra(request, work, title, typed, wrong.errors, 422)
    except Refusal as no:
        return await _extra(request, work, title, typed, {"": str(no)}, no.status)
    return see_other(request, HOME, toast=_(N_("已记到《{title}》{label}"), title=title.text, label=rules.name(issue)))


@router.post("/handover", dependencies=WORK)
async def hand_over(request: Request, work: WorkDep, room: Text = "", sender: Text = "", note: Text = "") -> Response:
    """交接本日."""
    try:
        made = await checkin.hand_over(work, room=room[:60], sender=sender[:40], note=note[:300])
    except Invalid as wrong:
        errors = {name: _(text) for name, text in wrong.errors.items()}
        return await _today(request, work, room=room, errors=errors, sender=sender, note=note)
    return see_other(request, f"{HOME}/handovers/{made.number}", toast=_(N_("已交接，单号 {number}"), number=made.number))


@router.get("/handovers")
async def handovers(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Every day that was handed over."""
    found, total = await queries.handovers(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "serials/handovers.html", page_title=_(N_("报刊交接记录")), found=found, crumbs=[(_(TITLE), HOME), (_(N_("报刊交接记录")), "")],
        people=await people.names(work, [one.received_by for one in found]), **paged(page_no, total),
    )


@router.get("/handovers/{number}")
async def handover(request: Request, work: WorkDep, number: str) -> Response:
    """A day as it was taken over, with what came."""
    found = await queries.handover_by_number(work.session, number)
    came = await queries.came(work.session, found.on, room=found.room)
    crumbs: list[tuple[str, Any]] = [(_(TITLE), HOME), (_(N_("报刊交接记录")), f"{HOME}/handovers"), (number, "")]
    return page(
        request, "serials/handover.html", page_title=_(N_("报刊交接单 {number}"), number=number), one=found, came=came, crumbs=crumbs, rules=rules,
        people=await people.names(work, [found.received_by]),
    )
