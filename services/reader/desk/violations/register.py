"""The register of violations."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.reader.desk import DESK, HEAD
from services.reader.desk.violations import commands, rules
from services.reader.desk.violations.model import Measure, Violation, ViolationState, What
from shared.i18n import N_
from shared.web.register import Action, Col, F, Files, Filter, Money, Register
from shared.work import Work


class Finding(BaseModel):
    """What happened, where, and whose card it is."""

    card: str = F(N_("读者证"), min_length=1, max_length=60)
    what: What = F(N_("违章事项"))
    happened_on: date = F(N_("发生日期"))
    place: str = F(N_("地点"), "", max_length=60)
    barcode: str = F(N_("图书条码"), "", max_length=60, help=N_("涉及图书时扫描"))
    facts: str = F(N_("经过"), min_length=4, max_length=1000, rows=4, span=12)
    photos: Files = F(N_("现场照片"), default_factory=list, span=12)


class Evidence(BaseModel):
    """What proves it, and the rule that was broken."""

    evidence: str = F(N_("证据"), min_length=4, max_length=1000, rows=3, span=12, placeholder=N_("照片、监控时段、证人、读者陈述…"))
    rule: str = F(N_("违反的规定"), min_length=2, max_length=200, span=12)
    files: Files = F(N_("证据文件"), default_factory=list, span=12)


class Decision(BaseModel):
    """What follows."""

    measure: Measure = F(N_("处理方式"))
    decision: str = F(N_("处理决定"), min_length=4, max_length=1000, rows=3, span=12)
    suspended_until: date | None = F(N_("停借到"), None)
    amount_fen: Money = F(N_("赔偿金额"), 0, ge=0, le=10_000_00, help=N_("撕毁、窃书且有定价时留空，按十倍计"))


class Appeal(BaseModel):
    """What the reader says against it."""

    appeal: str = F(N_("申诉理由"), min_length=4, max_length=1000, rows=4, span=12)
    files: Files = F(N_("申诉材料"), default_factory=list, span=12)


class Judgement(BaseModel):
    """Why the decision stands or falls."""

    judgement: str = F(N_("复核意见"), min_length=4, max_length=1000, rows=3, span=12)


class Dropping(BaseModel):
    """Why nothing is done."""

    decision: str = F(N_("不予处理的理由"), min_length=2, max_length=500, rows=3, span=12)


class Paid(BaseModel):
    """The office's voucher."""

    voucher: str = F(N_("办公室凭证"), min_length=2, max_length=40)


async def _refunded(work: Work, case: Violation, form: Any) -> None:
    await commands.refunded(work, case, form.voucher)


async def _ask_again(work: Work, case: Violation, _form: Any) -> None:
    await commands.ask_refund(work, case)


violations = Register(
    "violations", Violation, dept="reader", title=N_("违章处理"), icon="gavel", area=N_("收费与赔偿"),
    serves=("RDR-CIR-OTH-05", "RDR-DSK-BAS-04"), number=rules.CASES, life=rules.LIFE, state=ViolationState, sensitive=True,
    help=N_("发现、取证、处理、申诉各有其人；处理后五个工作日内可申诉"), form=Finding, create=DESK, read=DESK, reveal=("head-reader",), attach=True,
    on_create=commands.open_case, title_of=lambda case: f"{case.card} {case.what.text}", item_of=lambda case: case.barcode,
    due=lambda case: case.appeal_until if case.state == ViolationState.decided else None,
    columns=[
        Col("no", N_("单号"), "ref"),
        Col("card", N_("读者证"), "link", personal="card", link=lambda case: f"/reader/patrons/{case.card}"), Col("what"),
        Col("happened_on", N_("发生日期"), "date"), Col("measure", N_("处理方式")), Col("appeal_until", N_("申诉期限"), "date"),
        Col("state"), Col("decided_by", N_("处理人"), "person"),
        Col("created_by", N_("发现人"), "person", detail_only=True), Col("place", detail_only=True),
        Col("barcode", N_("图书条码"), "link", link=lambda case: f"/reader/items/{case.barcode}" if case.barcode else "", detail_only=True),
        Col("facts", N_("经过"), detail_only=True), Col("evidence", N_("证据"), detail_only=True),
        Col("rule", N_("违反的规定"), detail_only=True), Col("decision", N_("处理决定"), detail_only=True),
        Col("suspended_until", N_("停借到"), "date", detail_only=True), Col("amount_fen", N_("赔偿金额"), "money", detail_only=True),
        Col("decided_at", N_("处理时间"), "moment", detail_only=True), Col("appeal", N_("申诉理由"), detail_only=True),
        Col("appealed_at", N_("申诉时间"), "moment", detail_only=True), Col("judgement", N_("复核意见"), detail_only=True),
        Col("judged_by", N_("复核人"), "person", detail_only=True), Col("voucher", N_("办公室凭证"), detail_only=True),
    ],
    search=["no", "card", "barcode"],
    filters={"what": N_("违章事项"), "measure": N_("处理方式"), "happened_on": Filter(N_("发生日期"), kind="dates")},
    actions=[
        Action("prove", N_("登记证据"), by=DESK, icon="camera", tone="info", ask=Evidence, batch=False, note="rule"),
        Action("decide", N_("作出处理"), by=HEAD, icon="gavel", tone="primary", ask=Decision, do=commands.decide,
               separate=("created_by",), batch=False, note="decision"),
        Action("appeal", N_("登记申诉"), by=(*DESK, "patron"), icon="message", tone="warning", ask=Appeal, do=commands.appeal, batch=False,
               note="appeal"),
        Action("close", N_("结案"), by=HEAD, icon="circle-check", tone="success", do=commands.close, batch=False),
        Action("uphold", N_("维持处理"), by=HEAD, icon="check", tone="success", ask=Judgement, do=commands.uphold,
               separate=("created_by", "decided_by"), batch=False, note="judgement"),
        Action("revoke", N_("撤销处理"), by=HEAD, icon="arrow-back-up", tone="danger", ask=Judgement, do=commands.revoke,
               separate=("created_by", "decided_by"), batch=False, note="judgement"),
        Action("drop", N_("不予处理"), by=HEAD, icon="x", ask=Dropping, do=commands.drop, batch=False, row=False, note="decision"),
        Action("refund_again", N_("重新申请退款"), by=HEAD, icon="send", do=_ask_again, batch=False, row=False),
        Action("refunded", N_("退款已付"), icon="cash", ask=Paid, do=_refunded, batch=False, row=False, serves=()),
    ],
)
