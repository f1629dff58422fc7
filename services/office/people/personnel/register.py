"""The staff roll."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, field_validator

from services.office.people.personnel.commands import see_off, tell_change, welcome
from services.office.people.personnel.model import Dept, Employment, Rank, Staff, StaffState
from services.office.people.personnel.rules import KEEPERS, LIFE
from services.office.people.post_duties.queries import history_of
from services.office.people.post_duties.rules import place_title, post_title
from shared.i18n import N_
from shared.web.register import Action, Col, F, Panel, Register
from shared.web.register.people import names
from shared.work import Work


class StaffForm(BaseModel):
    no: str = F(N_("工号"), pattern=r"^[A-Za-z0-9]{4,16}$", help=N_("学校人事处编发，4 至 16 位字母或数字"))
    name: str = F(N_("姓名"), min_length=2, max_length=40)
    name_en: str = F(N_("英文名"), "", max_length=60)
    dept: Dept = F(N_("部门"))
    employment: Employment = F(N_("身份"), Employment.permanent)
    title: str = F(N_("职称"), "", max_length=40, placeholder=N_("馆员、副研究馆员、工程师…"))
    rank: Rank = F(N_("职称级别"), Rank.junior, help=N_("各系列通用；决定适用哪些职称职责"))
    login: str = F(N_("登录名"), "", pattern=r"^([a-z0-9][a-z0-9._-]{2,31})?$", help=N_("填写后自动开通账号"))
    hired_on: date = F(N_("入馆日期"))

    @field_validator("no")
    @classmethod
    def upper_case(cls, value: str) -> str:
        return value.upper()


class StaffEditForm(BaseModel):
    name: str = F(N_("姓名"), min_length=2, max_length=40)
    name_en: str = F(N_("英文名"), "", max_length=60)
    dept: Dept = F(N_("部门"))
    employment: Employment = F(N_("身份"), Employment.permanent)


class PromoteForm(BaseModel):
    title: str = F(N_("新职称"), min_length=2, max_length=40)
    rank: Rank = F(N_("职称级别"))


class LeaveForm(BaseModel):
    left_on: date = F(N_("调离日期"), help=N_("自该日起不再有任何权限"))
    destination: str = F(N_("去向"), "", max_length=80)


class RejoinForm(BaseModel):
    hired_on: date = F(N_("重新入馆日期"))


async def _welcome(work: Work, staff: Staff, _form: Any) -> None:
    await welcome(work, staff)


async def _tell(work: Work, staff: Staff, _form: Any) -> None:
    await tell_change(work, staff)


async def _see_off(work: Work, staff: Staff, form: LeaveForm) -> None:
    await see_off(work, staff, left_on=form.left_on)


async def _posts(work: Work, staff: Staff) -> dict[str, Any]:
    """Posts held now and before, for the panel of the detail page."""
    held = await history_of(work.session, staff.no)
    return {
        "held": held, "post_title": post_title, "place_title": place_title, "today": work.today,
        "names": await names(work, [n for h in held for n in (h.given_by, h.stand_in_for)]),
    }


REGISTER = Register(
    "staff", Staff, dept="office", title=N_("馆员名册"), icon="users", serves=("OFF-ADM-01",),
    help=N_("入馆、晋升、调离都在这里办理；调离当日起全部权限终止"),
    form=StaffForm, edit_form=StaffEditForm, life=LIFE, state=StaffState, holders=(), sort="no",
    columns=[
        Col("no", N_("工号"), "ref"), Col("name"), Col("dept"), Col("title", N_("职称")), Col("rank"),
        Col("employment"), Col("hired_on"), Col("left_on", N_("调离日期"), "date"), Col("state"),
        Col("name_en", detail_only=True), Col("login", detail_only=True, who=("OFF-ADM", "TEC-SYS", "director")),
        Col("destination", N_("去向"), detail_only=True, who=("OFF-ADM", "director", "head")),
    ],
    search=("no", "name", "name_en", "title"),
    filters={"dept": N_("部门"), "rank": N_("职称级别"), "employment": N_("身份")},
    create=KEEPERS, edit=KEEPERS, edit_in=(StaffState.active,), title_of=lambda staff: staff.name,
    on_create=_welcome, on_edit=_tell,
    actions=[
        Action("promote", N_("晋升"), KEEPERS, icon="trending-up", tone="info", ask=PromoteForm, do=_tell, serves=(), batch=False),
        Action("leave", N_("办理调离"), KEEPERS, icon="logout", tone="danger", ask=LeaveForm, do=_see_off, serves=(), batch=False,
               confirm=N_("调离后其全部岗位与权限即时终止。")),
        Action("rejoin", N_("重新入馆"), KEEPERS, icon="login", tone="success", ask=RejoinForm, do=_welcome, serves=(), batch=False),
    ],
    panels=[Panel(N_("任职"), "office/staff_posts.html", _posts)],
    clashes={"uq_staff_login": N_("该登录名已被使用")},
)
