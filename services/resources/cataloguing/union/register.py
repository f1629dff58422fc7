"""Contributions with their fix list, certificates of cataloguers, and agreements on shared services."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.cataloguing.union import commands, queries, rules
from services.resources.cataloguing.union.model import (
    Agreement,
    Certificate,
    Contribution,
    ContributionState,
    Direction,
    Level,
    Scope,
    Service,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.web.register import Action, Col, F, Filter, Import, Panel, Register, people
from shared.work import Work

SERVES = ("RES-ACQ-05", "RES-MGT-01")


class GivingUp(BaseModel):
    """Why it stays ours alone."""

    reason: str = F(N_("不再上传的原因"), min_length=2, max_length=300, rows=2, span=12)


class Settling(BaseModel):
    """What was found there."""

    control_no: str = F(N_("联合目录控制号"), pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,59}$", help=N_("在联合目录中查到的号码，将写入记录的 035 字段"))


class CertificateForm(BaseModel):
    """What stands on the paper."""

    no: str = F(N_("证书号"), pattern=r"^[A-Za-z0-9一-鿿][A-Za-z0-9一-鿿_\-]{0,39}$")
    person: str = F(N_("编目员"), min_length=1, max_length=40, source=people.suggest)
    level: Level = F(N_("级别"))
    scope: Scope = F(N_("范围"))
    issued_on: date = F(N_("发证日期"))
    valid_until: date = F(N_("有效期至"))


class AgreementForm(BaseModel):
    """Who does what for whom."""

    partner: str = F(N_("对方"), min_length=1, max_length=120, placeholder=N_("如：CALIS 全国文理文献信息中心"), span=12)
    service: Service = F(N_("服务"))
    direction: Direction = F(N_("方向"))
    content: str = F(N_("内容"), min_length=2, max_length=500, rows=3, span=12, placeholder=N_("如：每月提供原编记录；接受文献传递，按协议价结算"))
    from_on: date = F(N_("生效日期"))
    to_on: date | None = F(N_("终止日期"), None, help=N_("长期有效的不填"))
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


async def _valid(_work: Work, one: Certificate, _form: Any) -> None:
    if one.valid_until < one.issued_on:
        raise Invalid({"valid_until": N_("有效期不能早于发证日期")})


async def _term(_work: Work, one: Agreement, _form: Any) -> None:
    if one.to_on is not None and one.to_on < one.from_on:
        raise Invalid({"to_on": N_("止期不能早于起期")})


async def _answers(work: Work, one: Contribution) -> dict[str, Any]:
    return {"answers": await queries.answers(work.session, one.id)}


contributions = Register(
    "union-contributions", Contribution, dept="resources", title=N_("联合目录上传"), icon="cloud-upload", area=N_("书目交换"), serves=SERVES,
    help=N_("逐条的上传结果；退回的在此改好重传，或写明原因不再上传"), life=rules.LIFE, state=ContributionState, tells=False,
    read=rules.READERS, search=("no", "record", "title", "control_no"), title_of=lambda one: f"《{one.title}》",
    filters={"answered_at": Filter(N_("答复日期"), kind="dates")},
    holders=lambda one: rules.CONTRIBUTORS if one.state in (ContributionState.returned, ContributionState.unclear) else (),
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("题名")),
        Col("record", N_("书目"), "link", link=lambda one: f"/resources/records/{one.record}"),
        Col("cataloguer", N_("编目员"), "person"), Col("act", N_("事项")), Col("state"), Col("control_no", N_("联合目录控制号")), Col("said", N_("对方意见")),
        Col("answered_at", N_("答复时间"), "moment"), Col("tries", N_("发送次数"), detail_only=True), Col("sent_at", N_("最后发送"), "moment", detail_only=True),
        Col("request", N_("发送标识"), detail_only=True), Col("reason", N_("不再上传的原因"), detail_only=True),
        Col("created_by", N_("提出人"), "person", detail_only=True), Col("created_at", N_("提出时间"), detail_only=True),
    ],
    panels=[Panel(N_("历次答复"), "union/answers.html", _answers)],
    actions=[
        Action("fix", N_("已改好，重传"), rules.CONTRIBUTORS, icon="refresh", tone="primary", do=commands.fix,
               help=N_("记录须有退回之后的、已校对的新版本")),
        Action("give_up", N_("不再上传"), rules.CONTRIBUTORS, icon="x", tone="danger", ask=GivingUp, do=commands.give_up, note="reason", batch=False, row=False),
        Action("settle", N_("对方已收录"), rules.CONTRIBUTORS, icon="check", tone="success", ask=Settling, do=commands.settle, batch=False, row=False,
               help=N_("没有收到答复，但在联合目录中查到了这条记录")),
        Action("again", N_("对方没有，重传"), rules.CONTRIBUTORS, icon="refresh", tone="warning", batch=False, row=False,
               confirm=N_("请先在联合目录中查过，确认没有这条记录。现在重传？")),
        *(Action(name, label, ("system",)) for name, label in (
            ("send", N_("发送")), ("hold", N_("放回清单")), ("lose", N_("没有答复")), ("accept", N_("收录")), ("return", N_("退回")),
            ("duplicate", N_("对方已有")), ("change", N_("修改重传")), ("withdraw", N_("撤销")), ("remove", N_("撤销收录")),
        )),
    ],
)

certificates = Register(
    "union-certificates", Certificate, dept="resources", title=N_("编目员资格"), icon="certificate", area=N_("书目交换"), serves=SERVES,
    help=N_("联合目录的编目员证书；没有有效资格的，其记录不能上传"), tells=False, form=CertificateForm, create=rules.KEEPERS, edit=rules.KEEPERS,
    delete=rules.KEEPERS, read=rules.READERS, on_create=_valid, on_edit=_valid, search=("no", "person"), sort="valid_until",
    filters={"level": N_("级别"), "scope": N_("范围"), "valid_until": Filter(N_("有效期至"), kind="dates")}, attach=True,
    title_of=lambda one: one.no, import_=Import(key="no"), due=lambda one: one.valid_until,
    columns=[
        Col("no", N_("证书号"), "ref"), Col("person", N_("编目员"), "person"), Col("level"), Col("scope"), Col("issued_on", kind="date"),
        Col("valid_until", kind="date"),
    ],
)

agreements = Register(
    "sharing-agreements", Agreement, dept="resources", title=N_("共享服务协议"), icon="file-certificate", area=N_("书目交换"), serves=("RES-ACQ-05",),
    help=N_("与联合目录、各馆约定的服务：本馆提供什么，接受什么"), tells=False, number="FW", form=AgreementForm, create=rules.KEEPERS,
    edit=rules.KEEPERS, delete=rules.KEEPERS, read=rules.READERS, on_create=_term, on_edit=_term, attach=True,
    search=("no", "partner", "content"), title_of=lambda one: one.partner,
    filters={"service": N_("服务"), "direction": N_("方向")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("partner"), Col("service"), Col("direction"), Col("content"), Col("from_on", kind="date"),
        Col("to_on", kind="date"), Col("note", detail_only=True),
    ],
)
