"""The register of contracts."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.contracts import commands, queries, rules
from services.resources.acquiring.contracts.model import (
    ContractKind,
    ContractState,
    PurchaseContract,
)
from services.resources.acquiring.funds.queries import suggest as suggest_funds
from services.resources.acquiring.suppliers.queries import suggest as suggest_suppliers
from shared.events.office import ENDINGS
from shared.i18n import N_, _
from shared.web.register import Action, Col, F, Files, Filter, Money, Panel, Register
from shared.work import Work

SERVES = ("RES-ACQ-04",)


class ContractForm(BaseModel):
    """What is to be signed, with whom, for how much, from which money, for how long."""

    subject: str = F(N_("合同名称"), min_length=4, max_length=160, span=12)
    kind: ContractKind = F(N_("种类"), ContractKind.purchase)
    supplier: str = F(N_("对方单位"), min_length=2, max_length=80, source=suggest_suppliers, help=N_("书商名录里的单位"))
    fund: str = F(N_("经费"), min_length=2, max_length=60, source=suggest_funds)
    amount: Money = F(N_("合同金额"), gt=0, le=100_000_000_000, help=N_("框架合同填上限"))
    from_on: date = F(N_("起始日期"))
    to_on: date = F(N_("终止日期"))
    prepay_percent: int = F(N_("可预付"), 0, ge=0, le=100, unit="%", help=N_("0 为不预付"))
    qualification: str = F(N_("对方资质"), "", max_length=300, help=N_("统一社会信用代码、授权书等"))
    plan: str = F(N_("付款计划"), "", max_length=2000, rows=4, span=12, help=N_("每行一笔：日期 金额 条件"))
    clauses: str = F(N_("主要条款"), "", max_length=4000, rows=4, span=12, help=N_("验收、违约、保密、知识产权等"))
    files: Files = F(N_("合同文本与附件"), default_factory=list, span=12)


class Why(BaseModel):
    """Why it is not wanted any more."""

    end_reason: str = F(N_("理由"), min_length=2, max_length=300, rows=2, span=12)


class SendingBack(BaseModel):
    """What the office said."""

    return_reason: str = F(N_("退回原因"), min_length=1, max_length=1000, rows=2, span=12)


async def _settle(work: Work, contract: PurchaseContract, _form: Any) -> None:
    await commands.settle(work, contract)


async def _submit(work: Work, contract: PurchaseContract, _form: Any) -> None:
    await commands.submit(work, contract)


async def _withdraw(work: Work, contract: PurchaseContract, form: Why) -> None:
    commands.withdraw(work, contract, form.end_reason)


async def _renew(work: Work, contract: PurchaseContract, _form: Any) -> None:
    if known := await queries.renewal_of(work.session, contract.no):
        raise rules.RenewedAlready(number=known)
    start, end = rules.next_term(contract.from_on, contract.to_on)
    await contracts.open(
        work, subject=contract.subject, kind=contract.kind, supplier=contract.supplier, fund=contract.fund,
        amount=f"{contract.amount / 100:.2f}", from_on=start, to_on=end, prepay_percent=contract.prepay_percent,
        clauses=contract.clauses, qualification=contract.qualification, renews=contract.no, correlation=contract.correlation,
    )


contracts = Register(
    "contracts", PurchaseContract, dept="resources", title=N_("采购合同"), icon="file-certificate", area=N_("采访"), serves=SERVES,
    number=rules.NUMBERS, help=N_("拟订后送办公室审核，退回的改后再送；批准后订单、订购可注明合同，按合同付款"), life=rules.LIFE,
    state=ContractState, form=ContractForm, read=rules.READERS, create=rules.BUYERS, edit=rules.BUYERS,
    edit_in=(ContractState.draft, ContractState.returned), on_create=_settle, on_edit=_settle, holders=rules.holders, due=rules.due,
    attach=True, title_of=lambda c: f"{c.subject}（{c.supplier_name}）", search=("no", "office_no", "subject", "supplier_name"),
    filters={"kind": N_("种类"), "to_on": Filter(N_("终止日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("subject"), Col("kind"), Col("supplier_name", N_("对方单位")), Col("amount", N_("合同金额"), "money"),
        Col("from_on", kind="date"), Col("to_on", kind="date"), Col("state"),
        Col("office_no", N_("办公室合同编号"), "link", link=lambda c: f"/office/contracts/{c.office_no}" if c.office_no else ""),
        Col("fund", N_("经费"), "link", link=lambda c: f"/office/budgets/{c.fund}", detail_only=True),
        Col("prepay_percent", N_("可预付（%）"), "num", detail_only=True), Col("edition", N_("送审版次"), "num", detail_only=True),
        Col("return_reason", N_("退回原因"), detail_only=True), Col("qualification", detail_only=True), Col("plan", detail_only=True),
        Col("clauses", detail_only=True), Col("approved_on", N_("批准日期"), "date", detail_only=True),
        Col("signed_on", N_("签订日期"), "date", detail_only=True),
        Col("ending", N_("终止方式"), value=lambda c: _(ENDINGS[c.ending]) if c.ending in ENDINGS else "", detail_only=True),
        Col("end_reason", N_("终止说明"), detail_only=True),
        Col("renews", N_("续签自"), "link", link=lambda c: f"/resources/contracts/{c.renews}" if c.renews else "", detail_only=True),
        Col("created_by", N_("拟订"), "person", detail_only=True), Col("submitted_by", N_("送审"), "person", detail_only=True),
    ],
    actions=[
        Action("submit", N_("送办公室审核"), rules.BUYERS, icon="send", tone="primary", do=_submit, batch=False),
        Action("renew", N_("拟订续签"), rules.BUYERS, icon="refresh", tone="info", do=_renew, batch=False, row=False),
        Action("withdraw", N_("撤回"), rules.BUYERS, icon="x", tone="danger", ask=Why, do=_withdraw, note="end_reason", batch=False, row=False),
        # What the office tells.
        Action("return", N_("办公室退回"), icon="arrow-back-up", ask=SendingBack, note="return_reason", serves=()),
        Action("approve", N_("办公室批准"), icon="circle-check", serves=()), Action("sign", N_("已签订盖章"), icon="writing-sign", serves=()),
        Action("chase", N_("逾期无签字盖章件，付款已停"), icon="clock-exclamation", serves=()), Action("end", N_("终止"), icon="calendar-x", serves=()),
    ],
    panels=[Panel(N_("版次、订购与付款"), "contracts/panel.html", queries.page_of)],
)
