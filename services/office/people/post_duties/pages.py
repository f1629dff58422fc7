"""The duty catalogue, a duty, and a person's duty sheet."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.office.people.ledger.queries import Search, counts, last_of_each_duty, page_of
from services.office.people.ledger.rules import READERS, sentence_of
from services.office.people.obligations.queries import of_duty
from services.office.people.obligations.rules import SILENT_AFTER_DAYS, rooms_url
from services.office.people.personnel.queries import staff_by_no
from services.office.people.post_duties import posts_pages
from services.office.people.post_duties.queries import all_held, holders_by_post
from services.office.people.post_duties.rules import (
    cadence_text,
    dept_name,
    duties_of,
    place_title,
    post_title,
)
from services.office.people.post_duties.sheets import PERIODS, sheet_of
from shared.doors import Router, WorkDep, allow
from shared.duties import DEPARTMENTS, DUTIES, POSTS, Duty, title
from shared.i18n import N_, _, pick
from shared.refusals import NotAllowed, NotFound
from shared.settings import LOCAL
from shared.web.pages import Entry, page
from shared.web.register.people import names
from shared.work import Work

router = Router()
router.include_router(posts_pages.router)
URL = "/office/duties"
MINE = "/office/my-duties"
# Title duties bind their holder to all other duties of the post: the sheet is where that is seen.
TITLE_DUTIES = tuple(d.id for d in DUTIES.values() if d.capability == "post-duties")
ENTRIES = (
    Entry(
        N_("我的职责"), MINE, icon="id", serves=TITLE_DUTIES, help=N_("本人的岗位、专项与职称职责及履职记录"),
    ),
    Entry(
        N_("职责目录"), URL, icon="list-details", serves=("OFF-ADM-01",),
        help=N_("全馆职责及其承担人、办理入口与履职记录"),
    ),
    posts_pages.ENTRY,
)
SIZE = 40
STAFF = [allow("staff")]
CADENCES = {
    "daily": N_("每日"), "monthly": N_("每月"), "term": N_("每学期"), "yearly": N_("每年"), "event": N_("按安排"),
    "none": N_("随时"),
}
COVERAGE = {"covered": N_("近期有记录"), "silent": N_("近期无记录"), "unheld": N_("无人承担")}
PERIOD_NAMES = {
    "daily": N_("今日"), "weekly": N_("本周"), "monthly": N_("本月"), "term": N_("本学期"), "yearly": N_("本年"),
}
LAYERS = {"base": N_("基本职责"), "subpost": N_("专项职责"), "rank": N_("职称职责")}


def _matches(duty: Duty, asked: dict[str, str]) -> bool:
    wanted = asked.get("q", "").casefold()
    cadence = asked.get("cadence")
    return (
        asked.get("department") in (None, duty.department)
        and asked.get("post") in (None, duty.post)
        and (not cadence or cadence in {c.kind for c in duty.cadence} or (cadence == "none" and not duty.cadence))
        and (not wanted or wanted in f"{duty.id} {duty.title_zh} {duty.title_en}".casefold())
    )


async def _recent(work: Work) -> tuple[Search, dict[str, int]]:
    since = datetime.combine(work.today - timedelta(days=SILENT_AFTER_DAYS), time.min, LOCAL)
    search = Search(since=since)
    return search, await counts(work.session, search, "duty")


@router.get(URL, dependencies=STAFF)
async def catalogue(request: Request, work: WorkDep) -> Response:
    """Every duty with its holders and what was done for it lately."""
    names_ = ("q", "department", "post", "cadence", "coverage")
    asked = {n: v for n in names_ if (v := request.query_params.get(n, "").strip())}
    search, done = await _recent(work)
    held = await holders_by_post(work.session, work.today)
    holders: dict[str, list[str]] = {}
    for holdings in held.values():
        for holding in holdings:
            for duty in duties_of([holding]):
                holders.setdefault(duty.id, []).append(holding.staff_no)

    def coverage(duty: Duty) -> str:
        return "covered" if duty.id in done else "silent" if duty.id in holders else "unheld"

    found = [d for d in DUTIES.values() if _matches(d, asked) and asked.get("coverage") in (None, coverage(d))]
    pages = max(1, -(-len(found) // SIZE))
    number = min(max(1, int(p) if (p := request.query_params.get("page", "")).isdecimal() else 1), pages)
    shown = found[(number - 1) * SIZE : number * SIZE]
    posts = [(c, post_title(c)) for c, p in POSTS.items() if asked.get("department") in (None, p.department)]
    return page(
        request, "office/duties.html", page_title=_(N_("职责目录")), duties=shown, total=len(found), number=number,
        pages=pages, size=SIZE, asked=asked, done=done, holders=holders, coverage=coverage,
        coverage_names={k: _(v) for k, v in COVERAGE.items()}, duty_title=title, post_title=post_title,
        cadence_text=cadence_text, last=await last_of_each_duty(work.session, search), days=SILENT_AFTER_DAYS,
        names=await names(work, [n for d in shown for n in holders.get(d.id, ())]),
        filters=[
            {"name": "department", "label": _(N_("部门")), "value": asked.get("department", ""),
             "options": [(slug, dept_name(slug)) for slug in DEPARTMENTS]},
            {"name": "post", "label": _(N_("岗位")), "value": asked.get("post", ""), "options": posts},
            {"name": "cadence", "label": _(N_("周期")), "value": asked.get("cadence", ""),
             "options": [(k, _(v)) for k, v in CADENCES.items()]},
            {"name": "coverage", "label": _(N_("履职")), "value": asked.get("coverage", ""),
             "options": [(k, _(v)) for k, v in COVERAGE.items()]},
        ],
    )


@router.get(URL + "/{duty_id}", dependencies=STAFF)
async def one(request: Request, work: WorkDep, duty_id: str) -> Response:
    """A duty: who holds it, what was done for it, what was due."""
    duty = DUTIES.get(duty_id.upper())
    if duty is None:
        raise NotFound(duty_id)
    held = [h for h in await all_held(work.session, work.today, [duty.post]) if duty in duties_of([h])]
    mine = "" if work.actor.holds(READERS) else work.actor.id
    entries, total = await page_of(work.session, Search(duty=duty.id, person=mine), limit=30)
    obligations = [o for o in await of_duty(work.session, duty.id) if not mine or o.holder == mine]
    people = [*(h.staff_no for h in held), *(e.person for e in entries), *(o.holder for o in obligations)]
    return page(
        request, "office/duty.html", page_title=title(duty), duty=duty, held=held, entries=entries, total=total,
        obligations=obligations, names=await names(work, people), sentence_of=sentence_of, layers=_layers(),
        post_title=post_title, place_title=place_title, dept_name=dept_name, cadence_text=cadence_text,
        rooms_url=rooms_url, only_mine=bool(mine),
        crumbs=[(_(N_("职责目录")), URL), (post_title(duty.post), f"/office/posts/{duty.post}"), (duty.id, "")],
    )


def _layers() -> dict[str, str]:
    return {k: _(v) for k, v in LAYERS.items()}


@router.get(MINE, dependencies=STAFF)
async def mine(request: Request, work: WorkDep) -> Response:
    """One's own duty sheet."""
    return await _sheet(request, work, work.actor.id, MINE)


@router.get(URL + "/of/{staff_no}", dependencies=STAFF)
async def of_person(request: Request, work: WorkDep, staff_no: str) -> Response:
    """The duty sheet of a person, for the person, leaders and OFF-ADM."""
    if staff_no != work.actor.id and not work.actor.holds(READERS):
        raise NotAllowed
    return await _sheet(request, work, staff_no, f"{URL}/of/{staff_no}")


async def _sheet(request: Request, work: Work, staff_no: str, url: str) -> Response:
    staff = await staff_by_no(work.session, staff_no)
    if staff is None:
        raise NotFound(staff_no)
    sheet = await sheet_of(work.session, staff_no, work.today, request.query_params.get("period", "monthly"))
    values: dict[str, Any] = {
        "tabs": [
            {"label": _(PERIOD_NAMES[kind]), "url": f"{url}?period={kind}", "active": kind == sheet.kind}
            for kind in PERIODS
        ],
        "names": await names(work, [o.on_behalf_of for o in sheet.obligations]
                             + [h.stand_in_for for h in sheet.holdings]),
    }
    return page(
        request, "office/duty_sheet.html", page_title=_(N_("{name}的职责"), name=pick(staff.name, staff.name_en)), staff=staff,
        staff_name=pick(staff.name, staff.name_en), sheet=sheet,
        duty_title=title, post_title=post_title, place_title=place_title, dept_name=dept_name,
        cadence_text=cadence_text, rooms_url=rooms_url, sentence_of=sentence_of, layers=_layers(),
        duties=DUTIES, own=staff_no == work.actor.id, **values,
    )
