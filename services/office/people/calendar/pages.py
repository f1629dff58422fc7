"""The library's calendar: a year of kinds of day, and setting them."""

from __future__ import annotations

import calendar
from datetime import date

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.office.people.calendar.commands import set_days
from services.office.people.calendar.model import DayKind
from services.office.people.calendar.queries import special_days
from services.office.people.calendar.rules import KEEPERS, usual_kind
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.web.pages import Entry, page, see_other
from shared.web.register import F, forms
from shared.work import Work

router = Router()
URL = "/office/calendar"
ENTRY = Entry(
    N_("工作日历"), URL, icon="calendar-event", who=("staff",), badge="", serves=("OFF-ADM-01",),
    help=N_("工作日、休息日、法定节假日与寒暑假"),
)


class DaysForm(BaseModel):
    first: date = F(N_("自"), span=12)
    last: date = F(N_("至"), span=12)
    kind: DayKind = F(N_("日期类型"), DayKind.holiday, kind="select", span=12)
    note: str = F(N_("说明"), "", max_length=40, placeholder=N_("国庆节、调休上班…"), span=12)


@router.get(URL, dependencies=[allow("staff")])
async def shown(request: Request, work: WorkDep, year: int = 0) -> Response:
    """Twelve months at a glance."""
    return await _show(request, work, year)


async def _show(
    request: Request, work: Work, year: int, typed: dict[str, str] | None = None, refusal: Refusal | None = None
) -> Response:
    year = year if 2000 <= year <= 2100 else work.today.year
    days = await special_days(work.session, date(year, 1, 1), date(year, 12, 31))
    known = {day.on: day for day in days}
    weeks = calendar.Calendar(firstweekday=0)
    errors = (getattr(refusal, "errors", None) or {"": str(refusal)}) if refusal else {}
    return page(
        request, "office/calendar.html", status=422 if refusal else 200, page_title=_(ENTRY.label), year=year,
        months=[(m, weeks.monthdatescalendar(year, m)) for m in range(1, 13)], known=known, today=work.today,
        usual_kind=usual_kind, kinds=list(DayKind), days=days, may_set=work.actor.holds(KEEPERS),
        fields=forms.shown(DaysForm, typed, errors), errors=forms.summary(DaysForm, errors),
    )


@router.post(URL, dependencies=[allow(*KEEPERS)])
async def save(request: Request, work: WorkDep) -> Response:
    """Set the kind of a stretch of days."""
    data = await forms.read(request, DaysForm)
    try:
        form = forms.validate(DaysForm, data, work)
        n = await set_days(work, first=form.first, last=form.last, kind=form.kind, note=form.note)
    except Refusal as refusal:
        return await _show(request, work, work.today.year, data, refusal)
    return see_other(request, f"{URL}?year={form.first.year}", toast=_(N_("已设置 {n} 天"), n=n))
