"""The list of on-site purchases, as the buyer keeps it."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.onsite import commands, queries, rules
from services.resources.acquiring.onsite.model import EventState, OnSite
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Money, Panel, Register
from shared.work import Work


class Plan(BaseModel):
    """What is planned."""

    title: str = F(N_("名称"), min_length=2, max_length=120, span=12, placeholder=N_("如：秋季书市现场采购"))
    place: str = F(N_("地点"), "", max_length=120)
    held_on: date = F(N_("日期"))
    budget_cents: Money = F(N_("每人额度"), 50_000, ge=0, le=100_000_000, help=N_("填 0 不限"))
    barred: str = F(N_("不选的书"), "\n".join(rules.BARRED), max_length=2000, rows=6, span=12, help=N_("一行一个词，题名里有这个词就不选"))
    note: str = F(N_("说明"), "", max_length=500, rows=2, span=12)


async def _open(work: Work, event: OnSite, _form: Any) -> None:
    await commands.ready(work, event)


async def _settle(work: Work, event: OnSite, _form: Any) -> None:
    await commands.settle(work, event)


async def _cancel(work: Work, event: OnSite, _form: Any) -> None:
    await commands.forget(work, event)


onsite = Register(
    "on-site", OnSite, dept="resources", title=N_("现场采购"), icon="building-store", area=N_("采访"),
    help=N_("邀请读者和选书人到书店、书市选书：扫 ISBN 当场答复，结束后核对转待购"), serves=("RES-ACQ-02",),
    number=commands.NUMBER, life=rules.LIFE, state=EventState, form=Plan, read=rules.READERS, create=rules.BUYERS, edit=rules.BUYERS,
    edit_in=(EventState.preparing, EventState.open), search=["no", "title", "place"], sort="-held_on",
    title_of=lambda event: event.title, due=lambda event: event.held_on if event.state == EventState.preparing else None,
    filters={"held_on": Filter(N_("日期"), kind="dates")},
    columns=[
        Col("no", N_("单号"), "ref"), Col("title", N_("名称")), Col("place", N_("地点")), Col("held_on", N_("日期"), "date"),
        Col("budget_cents", N_("每人额度")), Col("wanted", N_("转待购种数")), Col("state"),
        Col("barred", N_("不选的书"), detail_only=True), Col("note", N_("说明"), detail_only=True),
        Col("settled_by", N_("核对人"), "person", detail_only=True), Col("settled_at", N_("核对时间"), detail_only=True),
    ],
    actions=[
        Action("open", N_("开始选书"), by=rules.BUYERS, icon="player-play", tone="success", do=_open, batch=False),
        Action("close", N_("结束选书"), by=rules.BUYERS, icon="flag", tone="info", batch=False),
        Action("reopen", N_("继续选书"), by=rules.BUYERS, icon="arrow-back-up", batch=False, row=False),
        Action("settle", N_("核对完毕，转待购"), by=rules.BUYERS, icon="check", tone="success", do=_settle, batch=False,
               confirm=N_("选定的书列入待购书目，之后不再保留谁选了什么，确定吗？")),
        Action("cancel", N_("取消"), by=rules.BUYERS, icon="x", tone="danger", do=_cancel, batch=False, row=False,
               confirm=N_("取消后邀请名单一并删除，确定吗？")),
    ],
    panels=[Panel(N_("邀请与选书"), "resources/onsite_around.html", queries.around)],
)
