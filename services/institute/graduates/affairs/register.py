"""The register of students who leave (离校登记)."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.institute.graduates.affairs import commands, rules
from services.institute.graduates.affairs.model import Leaving, LeavingKind, LeavingState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Register

AFFAIRS = ("INS-TCH", "INS-TRM", "head-institute")


class LeavingForm(BaseModel):
    """Who leaves, when, why."""

    card: str = F(N_("学号或证号"), min_length=1, max_length=40, pattern=r"^[\w\-]+$")
    name: str = F(N_("姓名"), min_length=1, max_length=80)
    kind: LeavingKind = F(N_("离校原因"), LeavingKind.graduation)
    leaving_on: date = F(N_("离校日期"))


class Why(BaseModel):
    """Why the case is dropped."""

    note: str = F(N_("原因"), min_length=2, max_length=300, rows=2, span=12)


def holders(leaving: Leaving) -> tuple[str, ...] | None:
    """The library has the next step until it has spoken; then we do."""
    return AFFAIRS[:2] if leaving.state == LeavingState.cleared else None


leavings = Register(
    "students-leaving", Leaving, dept="institute", title=N_("离校登记"), icon="school",
    help=N_("登记后图书馆自动核对在借、预约与欠费；清理通过后办结离校"),
    serves=("INS-TCH-MID-04",), number="LXDJ", life=rules.LIFE, state=LeavingState, form=LeavingForm,
    read=(*AFFAIRS, "director"), create=AFFAIRS, on_create=commands.announce,
    columns=[
        Col("no", N_("编号"), "ref"), Col("name", personal="name"), Col("card", personal="card"), Col("kind"), Col("leaving_on"),
        Col("clearance", N_("图书馆清理单")), Col("state"), Col("note", N_("原因"), detail_only=True),
    ],
    search=["no", "card", "name"],
    filters={"kind": N_("离校原因"), "leaving_on": Filter(N_("离校日期"), kind="dates")},
    title_of=lambda one: one.name, due=lambda one: one.leaving_on, holders=holders,
    actions=[
        Action("clear", N_("图书馆清理通过"), by=(), icon="check", tone="success", batch=False, row=False),
        Action("revoke", N_("图书馆撤回清理"), by=(), icon="arrow-back-up", tone="danger", batch=False, row=False),
        Action("finish", N_("办结离校"), by=AFFAIRS, icon="door-exit", tone="success", serves=("INS-TCH-MID-04",)),
        Action("withdraw", N_("撤销登记"), by=AFFAIRS, icon="x", tone="danger", ask=Why, do=commands.stay, note="note",
               batch=False, row=False),
    ],
)
