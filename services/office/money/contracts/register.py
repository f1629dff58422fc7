"""The register of contracts (合同登记簿) and their reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.office.money.budgets.queries import named_budgets, suggest_budgets
from services.office.money.contracts import commands, queries, rules
from services.office.money.contracts.model import Contract, ContractState, Stage
from shared.i18n import N_
from shared.web.register import Action, Col, F, Files, Filter, Money, Panel, Register
from shared.work import Work

SERVES = ("OFF-FIN-04",)
OWN = ("@created_by", *rules.FINANCE)


class ContractForm(BaseModel):
    """What is to be signed, with whom, for how much, from which money, for how long."""

    subject: str = F(N_("合同名称"), min_length=4, max_length=160, span=12)
    party: str = F(N_("对方单位"), min_length=2, max_length=80)
    qualification: str = F(N_("对方资质"), "", max_length=300, help=N_("统一社会信用代码、授权书等"))
    main: str = F(N_("主合同"), "", max_length=40, source=queries.suggest, help=N_("补充合同填写主合同编号，金额为增加的部分"))
    amount: Money = F(N_("合同金额"), ge=0, le=100_000_000_000)
    fund: str = F(N_("经费"), "", max_length=60, source=suggest_budgets)
    from_on: date = F(N_("起始日期"))
    to_on: date = F(N_("终止日期"))
    prepay_percent: int = F(N_("可预付"), 0, ge=0, le=100, unit="%", help=N_("0 为不预付"))
    plan: str = F(N_("付款计划"), "", max_length=2000, rows=4, span=12, help=N_("每行一笔：日期 金额 条件"))
    clauses: str = F(N_("主要条款"), "", max_length=4000, rows=4, span=12, help=N_("验收、违约、保密、知识产权等"))
    files: Files = F(N_("合同文本与附件"), default_factory=list, span=12)


class Opinion(BaseModel):
    """What the reviewer says."""

    opinion: str = F(N_("审核意见"), min_length=2, max_length=500, rows=3, span=12)


class SendingBack(BaseModel):
    """Why not so."""

    return_reason: str = F(N_("退回原因"), min_length=2, max_length=500, rows=3, span=12)


class Signing(BaseModel):
    """The day, who signed, our seal's entry, and the paper."""

    signed_on: date = F(N_("签订日期"))
    signer: str = F(N_("对方签字人"), min_length=2, max_length=60)
    seal_no: str = F(N_("用印登记号"), min_length=2, max_length=40)
    signed_copy: Files = F(N_("签字盖章扫描件"), default_factory=list, span=12)


class Ending(BaseModel):
    """Why it ends."""

    end_reason: str = F(N_("说明"), min_length=2, max_length=500, rows=3, span=12)


def _own(contract: Contract) -> bool:
    return not contract.reference


async def _settle(work: Work, contract: Contract, _form: Any) -> None:
    # What another department asked for is looked at when it goes round, and amended there.
    if _own(contract):
        await commands.settle(work, contract)


async def _amend(work: Work, contract: Contract, _form: Any) -> None:
    if not _own(contract):
        raise rules.AmendAtItsSource(reference=contract.reference)
    await commands.settle(work, contract)


async def _refuse(work: Work, contract: Contract, _form: Any) -> None:
    contract.round += 1
    commands.refuse(work, contract)


async def _submit(work: Work, contract: Contract, _form: Any) -> None:
    await commands.settle(work, contract)
    commands.submit(contract)


async def _business(work: Work, contract: Contract, form: Opinion) -> None:
    rules.check_head(contract, work.actor)
    contract.business_by = work.actor.id
    commands.opine(work, contract, Stage.business, form.opinion)


async def _finance(work: Work, contract: Contract, form: Opinion) -> ContractState:
    contract.finance_by = work.actor.id
    commands.opine(work, contract, Stage.finance, form.opinion)
    return rules.after_finance(contract)


async def _legal(work: Work, contract: Contract, form: Opinion) -> None:
    contract.legal_by = work.actor.id
    commands.opine(work, contract, Stage.legal, form.opinion)


async def _approve(work: Work, contract: Contract, form: Opinion) -> None:
    commands.approve(work, contract, form.opinion)


async def _return(work: Work, contract: Contract, _form: Any) -> None:
    commands.send_back(work, contract)


async def _sign(work: Work, contract: Contract, form: Signing) -> None:
    await commands.sign(work, contract, with_copy=bool(form.signed_copy))


async def _complete(work: Work, contract: Contract, _form: Any) -> None:
    commands.end(work, contract, ContractState.completed)


async def _terminate(work: Work, contract: Contract, _form: Any) -> None:
    commands.end(work, contract, ContractState.terminated)


async def _expire(work: Work, contract: Contract, _form: Any) -> None:
    commands.end(work, contract, ContractState.expired)


REGISTER = Register(
    "contracts", Contract, dept="office", title=N_("合同"), icon="file-certificate", serves=SERVES, form=ContractForm,
    number=rules.NUMBERS, life=rules.LIFE, state=ContractState, read=("staff",), create=("staff",), edit=("@created_by",),
    edit_in=(ContractState.draft, ContractState.returned), on_create=_settle, on_edit=_amend, scope=queries.own, attach=True,
    holders=rules.holders, due=rules.due, title_of=lambda c: f"{c.subject}（{c.party}）",
    help=N_("部门、财务、法务、馆领导依次审核，签订盖章后登记；到期前 90、30、7 天提醒"),
    columns=[
        Col("no", N_("合同编号"), "ref"), Col("subject"), Col("party"), Col("amount", N_("合同金额"), "money", value=lambda c: c.worth),
        Col("paid", N_("已付"), "money", link=lambda c: f"/office/vouchers?q={c.no}&state=all"), Col("from_on", kind="date"),
        Col("to_on", kind="date"), Col("state"), Col("qualification", detail_only=True),
        Col("reference", N_("送审单号"), "link", link=lambda c: c.source, detail_only=True),
        Col("fund", N_("经费"), "link", link=lambda c: f"/office/budgets/{c.fund}" if c.fund else "", names=named_budgets, detail_only=True),
        Col("main", N_("主合同"), "link", link=lambda c: f"/office/contracts/{c.main}" if c.main else "", detail_only=True),
        Col("added", N_("补充合同增加"), "money", detail_only=True), Col("prepay_percent", N_("可预付（%）"), "num", detail_only=True),
        Col("prepaid", N_("已预付"), "money", detail_only=True), Col("clauses", detail_only=True),
        Col("round", N_("送审版次"), "num", detail_only=True), Col("created_by", N_("提交人"), "person", detail_only=True),
        Col("business_by", N_("部门审核"), "person", detail_only=True), Col("finance_by", N_("财务审核"), "person", detail_only=True),
        Col("legal_by", N_("法务审计审核"), "person", detail_only=True), Col("approved_by", N_("审批"), "person", detail_only=True),
        Col("approved_on", N_("批准日期"), "date", detail_only=True), Col("return_reason", N_("退回原因"), detail_only=True),
        Col("signed_on", N_("签订日期"), "date", detail_only=True), Col("signer", N_("对方签字人"), detail_only=True, personal="name"),
        Col("seal_no", N_("用印登记号"), detail_only=True), Col("end_reason", N_("终止说明"), detail_only=True),
    ],
    search=("no", "subject", "party", "main"),
    filters={"to_on": Filter(N_("终止日期"), kind="dates"), "from_on": Filter(N_("起始日期"), kind="dates")},
    actions=[
        Action("submit", N_("送审"), OWN, icon="send", tone="primary", do=_submit, batch=False, when=_own),
        Action("business", N_("部门审核通过"), rules.HEADS, icon="check", tone="info", ask=Opinion, do=_business, note="opinion", batch=False,
               separate=("created_by",), row=False),
        Action("finance", N_("财务审核通过"), rules.FINANCE, icon="check", tone="info", ask=Opinion, do=_finance, note="opinion", batch=False,
               separate=("created_by", "business_by"), row=False),
        Action("legal", N_("法务审计审核通过"), rules.LEGAL, icon="check", tone="info", ask=Opinion, do=_legal, note="opinion", batch=False,
               separate=("created_by", "business_by", "finance_by"), row=False),
        Action("approve", N_("批准签订"), rules.LEADERS, icon="signature", tone="success", ask=Opinion, do=_approve, note="opinion",
               separate=("created_by", "business_by", "finance_by", "legal_by"), batch=False, row=False),
        Action("return", N_("退回"), (*rules.HEADS, *rules.FINANCE, *rules.LEGAL, *rules.LEADERS), icon="arrow-back-up", tone="danger",
               ask=SendingBack, do=_return, note="return_reason", separate=("created_by",), batch=False, row=False),
        Action("sign", N_("登记签订盖章"), OWN, icon="writing-sign", tone="success", ask=Signing, do=_sign, note="seal_no", batch=False, row=False),
        Action("start", N_("开始履行"), OWN, icon="player-play", tone="primary", batch=False),
        Action("complete", N_("履行完毕"), OWN, icon="circle-check", tone="success", ask=Ending, do=_complete, note="end_reason", batch=False, row=False),
        Action("terminate", N_("解除"), rules.LEADERS, icon="x", tone="danger", ask=Ending, do=_terminate, note="end_reason", batch=False, row=False),
        Action("expire", N_("到期"), icon="calendar-x", do=_expire, serves=()),
        Action("withdraw", N_("撤回"), ("@created_by",), icon="x", ask=Ending, note="end_reason", batch=False, row=False, when=_own),
        # Follow from what the asking department tells.
        Action("take", N_("送审"), icon="send", do=_submit, serves=()), Action("recall", N_("送审单位撤回"), icon="x", serves=()),
        Action("refuse", N_("不合要求，退回"), icon="arrow-back-up", ask=SendingBack, do=_refuse, note="return_reason", serves=()),
    ],
    panels=[Panel(N_("审核单、付款与补充合同"), "office/contract.html", queries.page_of)],
)
REGISTERS = (REGISTER,)


async def remind_all(work: Work, _due: datetime) -> None:
    """For the schedule."""
    await commands.remind(work, REGISTER)
