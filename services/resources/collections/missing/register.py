"""The list of what is looked for."""

from __future__ import annotations

from pydantic import BaseModel

from services.resources.collections.missing import commands, rules
from services.resources.collections.missing.model import MissingItem, MissingState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Register


class Finding(BaseModel):
    """Where it was."""

    found_where: str = F(N_("在哪里找到"), "", max_length=120, span=12)


missing = Register(
    "missing", MissingItem, dept="resources", title=N_("清点未见"), icon="zoom-question", area=N_("馆藏管理"),
    help=N_("清点没有找到的册：服务台继续查找，扫到即自动销案；连续两次或满一年仍未见，可列入剔旧"),
    serves=("RES-MGT-04", "RDR-STK-CST-01"), life=rules.LIFE, state=MissingState, key="no", read=("staff",), tells=False,
    search=["no", "barcode", "title", "call_number", "stocktake"], title_of=lambda line: f"《{line.title}》",
    item_of=lambda line: line.barcode, holders=(), sort="-missing_on",
    filters={"location": N_("馆藏地"), "missing_on": Filter(N_("未见日期"), kind="dates")},
    columns=[
        Col("no", N_("条码"), "ref"), Col("title", N_("题名")), Col("call_number", N_("索书号")),
        Col("location_name", N_("馆藏地")), Col("rounds", N_("未见次数")), Col("missing_on", N_("首次未见"), "date"),
        Col("stocktake", N_("清点"), "link", link=lambda line: f"/resources/stocktakes/{line.stocktake}"), Col("state"),
        Col("barcode", N_("现用条码"), "link", link=lambda line: f"/resources/items/{line.barcode}", detail_only=True),
        Col("price_cents", N_("价格"), detail_only=True), Col("found_at", N_("找到时间"), detail_only=True),
        Col("found_where", N_("在哪里找到"), detail_only=True), Col("found_by", N_("找到人"), "person", detail_only=True),
        Col("weeding", N_("剔旧清册"), "link", link=lambda line: f"/resources/weeding/{line.weeding}", detail_only=True),
    ],
    actions=[
        Action("find", N_("找到了"), by=rules.SEEKERS, icon="circle-check", tone="success", ask=Finding, do=commands.found_by_hand),
        Action("propose", N_("列入剔旧清册"), by=rules.KEEPERS, icon="book-off", tone="warning", do=commands.propose, row=False),
    ],
)
