"""The register of closed years."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.office.money.budgets.rules import READERS
from services.office.money.carryover import commands, rules
from services.office.money.carryover.model import CarryOver, CarryState
from services.office.money.carryover.queries import page_of
from shared.i18n import N_
from shared.web.register import Action, Col, F, Panel, Register
from shared.work import Work


class CarryForm(BaseModel):
    """Which year is closed."""

    year: int = F(N_("结转年度"), ge=2000, le=2100)
    note: str = F(N_("说明"), "", max_length=500, rows=3, span=12)


async def _carry(work: Work, case: CarryOver, _form: Any) -> None:
    await commands.carry(work, case)


REGISTER = Register(
    "carry-overs", CarryOver, dept="office", title=N_("年终结转"), icon="calendar-share", serves=("OFF-FIN-01",), form=CarryForm,
    number=rules.NUMBERS, life=rules.LIFE, state=CarryState, read=READERS, create=rules.FINANCE, edit=rules.FINANCE, sort="-year",
    title_of=lambda c: str(c.year), clashes={"uq_carry_over_year": N_("这个年度的结转已经有了")},
    help=N_("未结订单的占用连同经费转入下一年度同一经费，余额按名目设置结转或作废；一人编制，馆领导批准，一年一次"),
    columns=[
        Col("no", N_("编号"), "ref"), Col("year", N_("年度"), "text", value=lambda over: str(over.year)), Col("state"), Col("created_by", N_("编制"), "person"), Col("carried_by", N_("审批"), "person"),
        Col("carried_at", N_("结转时间"), "moment"), Col("note", detail_only=True),
    ],
    search=("no", "note"),
    actions=[
        Action("carry", N_("批准结转"), rules.DECIDERS, icon="calendar-share", tone="success", do=_carry, separate=("created_by",), batch=False,
               row=False, confirm=N_("该年度全部预算将结账，占用与余额转入下一年度，不能撤回。确定结转？")),
        Action("drop", N_("撤销"), rules.FINANCE, icon="x", batch=False, row=False),
    ],
    panels=[Panel(N_("逐项结转"), "office/carry_over.html", page_of)],
)
REGISTERS = (REGISTER,)
