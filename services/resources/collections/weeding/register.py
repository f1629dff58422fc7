"""The weeding register as a list of decisions."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel
from sqlalchemy import select

from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.weeding import commands, rules
from services.resources.collections.weeding.model import (
    Reason,
    View,
    Way,
    WeedingLine,
    WeedingState,
)
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Register
from shared.work import Work


async def items_in_stock(work: Work, q: str) -> Sequence[tuple[str, str]]:
    """Barcodes that begin with what was typed, with their titles."""
    begins = q.strip().upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    rows = await work.session.execute(
        select(Item.barcode, Instance.title).join(Instance, Instance.id == Item.instance_id)
        .where(Item.barcode.like(begins), Item.life == ItemLife.in_stock).order_by(Item.barcode).limit(15)
    )
    return [(row.barcode, row.title) for row in rows]


class Proposal(BaseModel):
    """Which item, and why it should leave."""

    barcode: str = F(N_("条码"), min_length=3, max_length=30, source=items_in_stock, help=N_("扫描或输入单册条码"))
    reason: Reason = F(N_("理由"))
    note: str = F(N_("说明"), "", max_length=500, rows=3, span=12)


class Opinion(BaseModel):
    """The expert's advice."""

    view: View = F(N_("专家意见"))
    opinion: str = F(N_("意见说明"), min_length=2, max_length=500, rows=3, span=12)


class Meeting(BaseModel):
    """The meeting that agreed."""

    meeting_no: str = F(N_("会议纪要号"), min_length=2, max_length=40, placeholder=N_("如：馆务会〔2026〕12 号"))


class Second(BaseModel):
    """Why the title may vanish from the house."""

    second_reason: str = F(N_("复批理由"), min_length=2, max_length=500, rows=3, span=12)


class Asset(BaseModel):
    """The paper of the asset office."""

    asset_no: str = F(N_("资产核销文号"), min_length=2, max_length=60)


class Disposal(BaseModel):
    """What became of the paper."""

    way: Way = F(N_("处置方式"))
    proof: str = F(N_("处置凭证"), min_length=2, max_length=200, help=N_("接收单、过磅单或捐赠回执的编号"))


class Keeping(BaseModel):
    """Why it stays."""

    keep_reason: str = F(N_("保留理由"), min_length=2, max_length=500, rows=3, span=12)


class Restoring(BaseModel):
    """Why it comes back."""

    keep_reason: str = F(N_("恢复理由"), min_length=2, max_length=500, rows=3, span=12)


weeding = Register(
    "weeding", WeedingLine, dept="resources", title=N_("剔旧清册"), icon="book-off", area=N_("馆藏建设"),
    help=N_("提名、专家审查、馆务会、资产核销由不同的人办理；末册须馆长复批，特藏不剔旧"),
    serves=("RES-MGT-04",), number="TJ", life=rules.LIFE, state=WeedingState, form=Proposal,
    create=("RES-MGT",), edit_in=(), on_create=commands.prepare, attach=True,
    search=["no", "title", "barcode", "call_number"], title_of=lambda line: f"《{line.title}》",
    item_of=lambda line: line.barcode,
    # What is decided by the batch waits with the batch.
    holders=lambda line: () if line.list_no else {
        WeedingState.reviewed: rules.LEADERS, WeedingState.second: rules.DIRECTOR,
        WeedingState.withdrawn: rules.KEEPERS,
    }.get(WeedingState(line.state), rules.EXPERTS),
    filters={"reason": N_("理由"), "last_copy": N_("末册"), "created_at": Filter(N_("提名日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("题名")),
        Col("barcode", N_("条码"), "link", link=lambda line: f"/resources/items/{line.barcode}"),
        Col("call_number", N_("索书号")), Col("reason", N_("理由")), Col("last_copy", N_("末册")),
        Col("price_cents", N_("价格")), Col("proposer", N_("提名人"), "person"), Col("state"),
        Col("created_at", N_("提名时间")), Col("note", N_("说明"), detail_only=True),
        Col("list_no", N_("剔旧批次"), "link", link=lambda line: f"/resources/weeding-lists/{line.list_no}", detail_only=True),
        Col("source", N_("来自"), "link", link=lambda line: _source(line.source), detail_only=True),
        Col("location_name", N_("馆藏地"), detail_only=True),
        Col("view", N_("专家意见"), detail_only=True), Col("opinion", N_("意见说明"), detail_only=True),
        Col("expert", N_("审查专家"), "person", detail_only=True),
        Col("meeting_no", N_("会议纪要号"), detail_only=True),
        Col("approver", N_("批准人"), "person", detail_only=True),
        Col("second_reason", N_("复批理由"), detail_only=True),
        Col("second_by", N_("复批人"), "person", detail_only=True),
        Col("asset_no", N_("资产核销文号"), detail_only=True),
        Col("withdrawn_on", N_("注销日期"), detail_only=True),
        Col("withdrawn_by", N_("注销经办人"), "person", detail_only=True),
        Col("way", N_("处置方式"), detail_only=True), Col("proof", N_("处置凭证"), detail_only=True),
        Col("keep_reason", N_("保留理由"), detail_only=True),
    ],
    actions=[
        Action("view", N_("专家审查"), by=rules.EXPERTS, icon="eye-check", tone="info", ask=Opinion, do=commands.view,
               separate=("proposer",), note="opinion"),
        Action("approve", N_("馆务会批准"), by=rules.LEADERS, icon="gavel", tone="success", ask=Meeting,
               do=commands.approve, separate=("proposer", "expert"), note="meeting_no"),
        Action("approve_last", N_("末册复批"), by=rules.DIRECTOR, icon="shield-check", tone="danger", ask=Second,
               do=commands.approve_last, separate=("proposer", "expert", "approver"), batch=False, note="second_reason"),
        Action("write_off", N_("资产核销并注销"), by=rules.EXPERTS, icon="book-off", tone="danger", ask=Asset,
               do=commands.write_off, separate=("proposer", "approver"), serves=(), note="asset_no"),
        Action("dispose", N_("登记处置"), by=rules.KEEPERS, icon="recycle", ask=Disposal, note="proof"),
        Action("restore", N_("恢复入藏"), by=rules.KEEPERS, icon="arrow-back-up", tone="warning", ask=Restoring, do=commands.restore,
               separate=("withdrawn_by",), batch=False, row=False, serves=(), note="keep_reason",
               help=N_("处置之前可以撤销：书回到读者服务部，书目重新显示；由另一人办理")),
        Action("keep", N_("保留"), by=(*rules.KEEPERS, *rules.LEADERS), icon="arrow-back-up", ask=Keeping,
               do=commands.keep, batch=False, row=False, serves=(), note="keep_reason"),
    ],
)


def _source(number: str) -> str:
    """A repair job of ours, a loss, or a slip of the desk."""
    if number.startswith("YS"):
        return f"/resources/losses/{number}"
    return f"/resources/repairs/{number}" if number.startswith("XB") else f"/reader/damage/{number}"

