"""Campaigns as a list of cases."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.resources.cataloguing.items.queries import plenty
from services.resources.collections.stocktake import commands, queries, rules
from services.resources.collections.stocktake.model import Stocktake, StocktakeState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Panel, Register


class Plan(BaseModel):
    """What is to be counted, and by when."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12, placeholder=N_("如：二层社科库年度清点"))
    places: list[str] = F(N_("馆藏地"), min_length=1, rows=3, help=N_("馆藏地代码，一行一个"))
    call_from: str = F(N_("索书号起"), "", max_length=60, help=N_("分类号或索书号，留空从头起，如 D"))
    call_to: str = F(N_("索书号止"), "", max_length=60, help=N_("含以它开头的全部，留空到末尾，如 F"))
    due_on: date | None = F(N_("应于何日完成"), None)
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Change(BaseModel):
    """What may still change: never the scope."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12)
    due_on: date | None = F(N_("应于何日完成"), None)
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


class Closing(BaseModel):
    """What whoever closes has to say about the result."""

    explanation: str = F(N_("结案意见"), min_length=2, max_length=1000, rows=3, span=12, help=N_("如：丢失率在正常范围，未见各册已转查找"))


S = StocktakeState
stocktakes = Register(
    "stocktakes", Stocktake, dept="resources", title=N_("清点"), icon="clipboard-check", area=N_("馆藏管理"),
    help=N_("定范围、冻结应有清单、扫描或上传条码、核对差异，由另一人结案"),
    serves=("RES-MGT-01", "RES-MGT-04", "RDR-STK-CST-01"), number=rules.NUMBERS, life=rules.LIFE, state=StocktakeState,
    form=Plan, edit_form=Change, create=rules.KEEPERS, edit=rules.KEEPERS, edit_in=(S.planned, S.counting, S.checking),
    on_create=commands.plan, search=["no", "title", "place_names"], title_of=lambda one: one.title,
    due=lambda one: one.due_on, filters={"due_on": Filter(N_("应于何日完成"), kind="dates")},
    holders=lambda one: rules.KEEPERS if one.state != S.checking else rules.CLOSERS,
    columns=[
        Col("no", N_("单号"), "ref"), Col("title", N_("名称")), Col("place_names", N_("馆藏地"), "text", sort=False),
        Col("expected", N_("应有册数")), Col("due_on", N_("应于何日完成"), "date"), Col("opened_at", N_("开始清点")), Col("state"),
        Col("call_from", N_("索书号起"), detail_only=True), Col("call_to", N_("索书号止"), detail_only=True),
        Col("note", N_("说明"), detail_only=True), Col("opened_by", N_("开始人"), "person", detail_only=True),
        Col("checked_by", N_("核对人"), "person", detail_only=True), Col("closed_by", N_("结案人"), "person", detail_only=True),
        Col("closed_at", N_("结案时间"), detail_only=True), Col("explanation", N_("结案意见"), detail_only=True),
    ],
    actions=[
        Action("open", N_("开始清点"), by=rules.KEEPERS, icon="player-play", tone="success", do=commands.freeze, batch=False,
               long=plenty,
               confirm=N_("应有清单按现在的馆藏冻结，之后不再变动，确定吗？")),
        Action("check", N_("扫描完毕，核对差异"), by=rules.KEEPERS, icon="checks", tone="info", do=commands.compare, batch=False, long=plenty),
        Action("resume", N_("继续扫描"), by=rules.KEEPERS, icon="arrow-back-up", batch=False, row=False, serves=()),
        Action("close", N_("结案"), by=rules.CLOSERS, icon="lock", tone="success", ask=Closing, do=commands.close, batch=False,
               row=False, separate=("created_by", "opened_by", "checked_by"), note="explanation", long=plenty,
               help=N_("差异全部处理后，由没有经手的另一人结案")),
        Action("cancel", N_("取消"), by=rules.KEEPERS, icon="x", tone="danger", batch=False, row=False, serves=(),
               confirm=N_("已扫描的记录保留，但不再核对，确定吗？")),
    ],
    panels=[Panel(N_("进展与差异"), "resources/stocktake_around.html", queries.around)],
)
