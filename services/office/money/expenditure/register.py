"""The registers of vouchers and of differences."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.office.money.budgets.queries import suggest_budgets
from services.office.money.contracts.queries import suggest as suggest_contracts
from services.office.money.expenditure import commands
from services.office.money.expenditure.model import (
    Direction,
    Suspense,
    SuspenseState,
    Voucher,
    VoucherState,
)
from services.office.money.expenditure.queries import facts_behind
from services.office.money.expenditure.rules import (
    APPROVERS,
    AUDITORS,
    FINANCE,
    LIFE,
    PREPARERS,
    READERS,
    SUSPENSE_LIFE,
    VOUCHERS,
    needs_minutes,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.web.register import Action, Col, F, Files, Filter, Money, Panel, Register
from shared.work import Work

SERVES = ("OFF-FIN-02",)
DESK = ("RDR-DSK", "RDR-LED", "RDR-CIR", "head-reader")


class VoucherForm(BaseModel):
    direction: Direction = F(N_("收支"))
    subject: str = F(N_("事项"), min_length=2, max_length=80)
    fund: str = F(N_("经费"), "", max_length=40, source=suggest_budgets, help=N_("写执行中的预算编号或经费名称，执行后记入明细账"))
    amount: Money = F(N_("金额"), gt=0, le=10_000_000_000)
    party: str = F(N_("往来方"), "", max_length=60)
    contract: str = F(N_("合同"), "", max_length=40, source=suggest_contracts, help=N_("按合同付款的填写；未签订的合同不能付款"))
    prepayment: bool = F(N_("预付款"), default=False)
    made_on: date = F(N_("日期"))


class ReturnForm(BaseModel):
    return_reason: str = F(N_("退回原因"), min_length=2, max_length=300, rows=3)


class ExecuteForm(BaseModel):
    method: str = F(N_("执行方式"), min_length=2, max_length=60, placeholder=N_("转账、校园卡退回、财务入账…"))


class MinutesForm(BaseModel):
    minutes_no: str = F(N_("纪要文号"), min_length=4, max_length=60, placeholder=N_("如：联席会〔2026〕12 号"))
    minutes_on: date = F(N_("会议日期"))
    minutes_file: Files = F(N_("纪要文件"), min_length=1, span=12)


class ExplainForm(BaseModel):
    explanation: str = F(N_("差额说明"), min_length=4, max_length=500, rows=3)


async def _settle(_work: Work, voucher: Voucher, _form: Any) -> None:
    # A contra voucher bears the sum of the first one in red.
    voucher.contract = voucher.contract.strip().upper()
    if voucher.reverses:
        voucher.amount = -voucher.amount
    elif voucher.prepayment and not voucher.contract:
        raise Invalid({"contract": N_("预付款须按合同支付，请填写合同编号")})


async def _audit(work: Work, voucher: Voucher, _form: Any) -> None:
    await commands.audit(work, voucher)


async def _minutes(work: Work, voucher: Voucher, _form: Any) -> None:
    await commands.note_minutes(work, voucher)


async def _approve(work: Work, voucher: Voucher, _form: Any) -> None:
    await commands.approve(work, voucher)


async def _execute(work: Work, voucher: Voucher, _form: Any) -> None:
    await commands.execute(work, voucher)


async def _return(work: Work, voucher: Voucher, _form: Any) -> None:
    await commands.send_back(work, voucher)


async def _explain(work: Work, suspense: Suspense, _form: Any) -> None:
    await commands.explain(work, suspense)


REGISTER = Register(
    "vouchers", Voucher, dept="office", title=N_("收支凭证"), icon="file-invoice", serves=SERVES,
    help=N_("制单、审核、审批、执行、对账各有其人；借还台缴存与退款自动成单"),
    form=VoucherForm, number=VOUCHERS, life=LIFE, state=VoucherState, read=READERS, create=PREPARERS,
    title_of=lambda v: v.subject, attach=True, on_create=_settle, on_edit=_settle, clashes={"uq_voucher_reverses": N_("这张凭证已有冲销凭证")},
    columns=[
        Col("no"), Col("made_on"), Col("direction"), Col("subject"), Col("amount", N_("金额"), "money"),
        Col("party"), Col("reference", N_("来源单号")), Col("slip_no", N_("缴款单号")), Col("state"),
        Col("reverses", N_("冲销凭证"), "link", link=lambda v: f"/office/vouchers/{v.reverses}" if v.reverses else "", detail_only=True),
        Col("reversal_reason", N_("冲销原因"), detail_only=True),
        Col("contract", N_("合同"), "link", link=lambda v: f"/office/contracts/{v.contract}" if v.contract else "", detail_only=True),
        Col("prepayment", N_("预付款"), detail_only=True), Col("fund", detail_only=True), Col("receipts", N_("收据起止"), detail_only=True),
        Col("breakdown", N_("构成"), detail_only=True), Col("expected", N_("收据合计"), "money", detail_only=True),
        Col("suspense", N_("挂账差额单"), detail_only=True), Col("created_by", N_("制单"), "person", detail_only=True),
        Col("audited_by", N_("审核"), "person", detail_only=True), Col("approved_by", N_("审批"), "person", detail_only=True),
        Col("executed_by", N_("执行"), "person", detail_only=True), Col("executed_at", N_("执行时间"), "moment", detail_only=True),
        Col("method", N_("执行方式"), detail_only=True), Col("minutes_no", N_("纪要文号"), detail_only=True),
        Col("minutes_on", N_("会议日期"), detail_only=True), Col("minutes_by", N_("纪要登记"), "person", detail_only=True),
        Col("agreement", N_("对账单"), "link", link=lambda v: f"/office/reconciliations/{v.agreement}", detail_only=True),
        Col("reconciled_by", N_("对账"), "person", detail_only=True),
        Col("reconciled_at", N_("对账时间"), "moment", detail_only=True),
        Col("return_reason", N_("退回原因"), detail_only=True),
    ],
    search=("no", "subject", "party", "reference", "slip_no", "contract"),
    filters={"direction": N_("收支"), "made_on": Filter(N_("日期"), kind="dates")},
    actions=[
        Action("audit", N_("审核通过"), AUDITORS, icon="check", tone="info", do=_audit, separate=("created_by",)),
        Action("approve", N_("审批同意"), APPROVERS, icon="signature", tone="success", do=_approve,
               separate=("created_by", "audited_by")),
        Action("minutes", N_("登记会议纪要"), (*FINANCE, "OFF-SEC", "head-office"), icon="file-text", ask=MinutesForm,
               do=_minutes, when=needs_minutes, batch=False, row=False, note="minutes_no", serves=()),
        Action("execute", N_("执行"), FINANCE, icon="cash", tone="primary", ask=ExecuteForm, do=_execute,
               separate=("created_by", "approved_by"), note="method", serves=("OFF-FIN-02", "OFF-FIN-05")),
        # Taken for all vouchers of a month by the agreement with the finance office.
        Action("reconcile", N_("对账相符"), (), icon="checks", batch=False, row=False),
        Action("return", N_("退回"), (*FINANCE, *APPROVERS), icon="arrow-back-up", tone="danger", ask=ReturnForm,
               do=_return, note="return_reason", batch=False, row=False),
    ],
    panels=[Panel(N_("来源"), "office/voucher_source.html", facts_behind)],
)

SUSPENSE = Register(
    "suspense", Suspense, dept="office", title=N_("挂账差额"), icon="scale", serves=SERVES,
    help=N_("缴存金额与收据不符的差额，五日内说明"), number="GZC", life=SUSPENSE_LIFE, state=SuspenseState,
    read=(*READERS, *DESK), due=lambda s: s.due_on, title_of=lambda s: s.reference,
    columns=[
        Col("no"), Col("reference", N_("来源单号")), Col("voucher", N_("凭证"), "link", link=lambda s: f"/office/vouchers/{s.voucher}" if s.voucher else ""), Col("difference", N_("差额"), "money"),
        Col("due_on", N_("说明期限"), "date"), Col("state"), Col("told", N_("清点时所记"), detail_only=True),
        Col("explanation", N_("差额说明"), detail_only=True), Col("explained_by", N_("说明人"), "person", detail_only=True),
    ],
    search=("no", "voucher", "reference"),
    actions=[
        Action("explain", N_("说明差额"), DESK, icon="message", tone="info", ask=ExplainForm, do=_explain,
               note="explanation", batch=False, serves=("RDR-DSK-BAS-04", "RDR-LED-FRD-03")),
        Action("close", N_("核销"), FINANCE, icon="circle-check", tone="success", separate=("explained_by",)),
        Action("reopen", N_("退回再说明"), FINANCE, icon="arrow-back-up", tone="warning", batch=False),
    ],
)

REGISTERS = (REGISTER, SUSPENSE)


async def reverse(work: Work, number: str, reason: str) -> Voucher:
    """红字冲销: the same sum with the other sign; it is audited, approved and executed like any other."""
    first = await work.lock(Voucher, Voucher.no == number, what=number)
    await commands.check_reversal(work, first)
    if len(reason.strip()) < 2:
        raise Invalid({"reason": N_("请写明冲销原因")})
    work.follow(first.correlation)
    contra: Voucher = await REGISTER.open(
        work, direction=first.direction.value, subject=f"红字冲销 {first.no} {first.subject}"[:80], fund=first.fund,
        amount=first.amount, party=first.party, made_on=work.today.isoformat(), correlation=first.correlation,
        contract=first.contract, prepayment=first.prepayment, source=first.source, reverses=first.no, reversal_reason=reason.strip()[:300],
    )
    return contra
