"""The registers of agreements and of differences."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel

from services.office.money.expenditure.model import Direction
from services.office.money.expenditure.rules import FINANCE, READERS, RECONCILERS
from services.office.money.reconciliation import commands
from services.office.money.reconciliation.model import (
    Agreement,
    AgreementState,
    Difference,
    LineState,
)
from services.office.money.reconciliation.queries import executed_vouchers, sides
from services.office.money.reconciliation.rules import (
    AGREEMENTS,
    LIFE,
    LINE_LIFE,
    LINES,
    clean_period,
)
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register
from shared.work import Work

SERVES = ("OFF-FIN-02", "OFF-FIN-05")


class AgreementForm(BaseModel):
    """What the finance office's books say of a month."""

    period: Annotated[str, AfterValidator(clean_period)] = F(N_("月份"), placeholder="2026-11", max_length=7)
    document: str = F(N_("财务处对账单号"), min_length=2, max_length=60)
    income_theirs: Money = F(N_("财务处收入合计"), ge=0, le=1_000_000_000_00)
    spending_theirs: Money = F(N_("财务处支出合计"), ge=0, le=1_000_000_000_00)
    contact: str = F(N_("财务处经办人"), "", max_length=60)
    note: str = F(N_("说明"), "", max_length=500, rows=3)


class DifferenceForm(BaseModel):
    """What the two books do not share."""

    agreement: str = F(N_("对账单"), min_length=3, max_length=40)
    voucher: str = F(N_("凭证"), "", max_length=40, source=executed_vouchers, help=N_("本馆没有这笔凭证时留空"))
    direction: Direction = F(N_("收支"), Direction.income, help=N_("写了凭证时按凭证"))
    amount: Money = F(N_("差额"), ge=-1_000_000_000_00, le=1_000_000_000_00, help=N_("财务处减本馆；少记填负数"))
    reason: str = F(N_("原因"), min_length=2, max_length=300, rows=3, span=12)


class Settlement(BaseModel):
    """How the difference was put right."""

    settlement: str = F(N_("处理结果"), min_length=2, max_length=300, rows=3, span=12)


async def _agree(work: Work, agreement: Agreement, _form: Any) -> None:
    await commands.agree(work, agreement)


async def _line(work: Work, line: Difference, _form: Any) -> None:
    await commands.add_line(work, line)


async def _settle(work: Work, line: Difference, _form: Any) -> None:
    await commands.settle(work, line)


AGREEMENT = Register(
    "reconciliations", Agreement, dept="office", title=N_("与财务处对账"), icon="checks", serves=SERVES,
    help=N_("每月一张：两边合计相符，差额逐笔登记，凭证随之结清"), form=AgreementForm, number=AGREEMENTS,
    life=LIFE, state=AgreementState, read=READERS, create=FINANCE, edit=FINANCE, attach=True, sort="-period",
    title_of=lambda a: a.period, clashes={"uq_reconciliation_period": N_("这个月的对账单已经有了")},
    columns=[
        Col("no"), Col("period"), Col("document"), Col("income_theirs"), Col("spending_theirs"), Col("state"),
        Col("income_ours", N_("本馆收入合计"), "money", detail_only=True),
        Col("spending_ours", N_("本馆支出合计"), "money", detail_only=True),
        Col("vouchers", N_("凭证张数"), "num", detail_only=True), Col("contact", detail_only=True, personal="name"),
        Col("note", detail_only=True), Col("created_by", detail_only=True),
        Col("agreed_by", N_("对账人"), "person"), Col("agreed_at", N_("对账时间"), "moment"),
    ],
    search=("no", "period", "document"),
    actions=[
        Action("agree", N_("对账相符"), RECONCILERS, icon="checks", tone="success", do=_agree, batch=False,
               confirm=N_("两边合计已逐笔核对？该月凭证将标为已对账")),
    ],
    panels=[Panel(N_("两边账目"), "office/reconciliation_sides.html", sides)],
)

DIFFERENCE = Register(
    "reconciliation-lines", Difference, dept="office", title=N_("对账差额"), icon="scale", serves=SERVES,
    help=N_("财务处与本馆账目不同的每一笔，处理后凭证才算对账"), form=DifferenceForm, number=LINES, life=LINE_LIFE,
    state=LineState, read=READERS, create=RECONCILERS, edit_in=(), on_create=_line, title_of=lambda d: d.reason[:60],
    columns=[
        Col("no"), Col("agreement", N_("对账单"), "link", link=lambda d: f"/office/reconciliations/{d.agreement}"),
        Col("voucher", N_("凭证"), "link", link=lambda d: f"/office/vouchers/{d.voucher}" if d.voucher else ""),
        Col("direction"), Col("amount", N_("差额"), "money"), Col("reason"), Col("state"),
        Col("settlement", N_("处理结果"), detail_only=True), Col("settled_by", N_("处理人"), "person", detail_only=True),
        Col("created_by", detail_only=True),
    ],
    search=("no", "agreement", "voucher", "reason"),
    filters={"direction": N_("收支"), "created_at": Filter(N_("登记日期"), kind="dates")},
    actions=[
        Action("settle", N_("处理完毕"), RECONCILERS, icon="circle-check", tone="success", ask=Settlement, do=_settle,
               separate=("created_by",), batch=False, note="settlement"),
    ],
)
REGISTERS = (AGREEMENT, DIFFERENCE)
