"""The list of what readers ask for, and its decisions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from services.resources.acquiring.suggestions import commands, queries, rules
from services.resources.acquiring.suggestions.model import Suggestion, SuggestionState
from shared.i18n import N_
from shared.web.register import Action, Col, F, Filter, Panel, Register
from shared.work import Work


class Acceptance(BaseModel):
    """How many, and what the reader is told besides."""

    copies: int = F(N_("册数"), 1, ge=1, le=200)
    more: bool = F(N_("增购复本"), default=False, help=N_("已有馆藏或已在采购，仍要再买"))
    answer: str = F(N_("答复读者"), "", max_length=300, rows=2, span=12, help=N_("可不填，读者会看到“已采纳”"))


class Answer(BaseModel):
    """What the reader is told."""

    answer: str = F(N_("理由（读者可见）"), min_length=2, max_length=300, rows=3, span=12)


async def _accept(work: Work, case: Suggestion, form: Any) -> None:
    asked = form or Acceptance()
    await commands.accept(work, case, copies=asked.copies, more=asked.more, answer=asked.answer)


async def _hold(work: Work, case: Suggestion, form: Any) -> None:
    await commands.hold(work, case, answer=form.answer)


async def _refuse(work: Work, case: Suggestion, form: Any) -> None:
    await commands.refuse(work, case, answer=form.answer)


suggestions = Register(
    "suggestions", Suggestion, dept="resources", title=N_("读者荐购"), icon="bulb", area=N_("采访"),
    help=N_("同一种书合并计票，自动查重；五个工作日内答复，读者看得到每一步"), serves=("RES-ACQ-02",),
    number=commands.NUMBER, life=rules.LIFE, state=SuggestionState, read=rules.READERS, tells=False,
    title_of=lambda case: f"《{case.title}》", due=lambda case: case.answer_by,
    search=["no", "title", "author", "isbn", "title_no"],
    filters={"source": N_("来源"), "created_at": Filter(N_("提出日期"), kind="dates")},
    columns=[
        Col("no", N_("编号"), "ref"), Col("title", N_("题名")), Col("author", N_("著者")), Col("publisher", N_("出版社")),
        Col("year", N_("出版年"), detail_only=True), Col("isbn", "ISBN", detail_only=True), Col("votes", N_("荐购人数")), Col("holds", N_("预约人数")),
        Col("copies_held", N_("在藏册数")), Col("answer_by", N_("答复期限"), "date"), Col("state"),
        Col("source", N_("来源"), detail_only=True),
        Col("record", N_("在藏记录"), "link", link=lambda case: f"/resources/records/{case.record}" if case.record else "", detail_only=True),
        Col("coming", N_("已在采购"), "link", link=lambda case: f"/resources/desiderata/{case.coming}" if case.coming else "", detail_only=True),
        Col("title_no", N_("待购书目"), "link", link=lambda case: f"/resources/desiderata/{case.title_no}" if case.title_no else "",
            detail_only=True),
        Col("copies", N_("采购册数"), detail_only=True), Col("answer", N_("答复"), detail_only=True),
        Col("decided_by", N_("决定人"), "person", detail_only=True), Col("decided_at", N_("决定时间"), detail_only=True),
        Col("created_at", N_("提出时间"), detail_only=True),
    ],
    actions=[
        Action("accept", N_("采纳"), by=rules.BUYERS, icon="check", tone="success", ask=Acceptance, do=_accept, note="answer"),
        Action("hold", N_("暂缓"), by=rules.BUYERS, icon="clock-pause", ask=Answer, do=_hold, note="answer"),
        Action("refuse", N_("不采纳"), by=rules.BUYERS, icon="x", tone="danger", ask=Answer, do=_refuse, note="answer"),
        # Taken by what is known already, and by what readers tell.
        Action("join", N_("并入在途书目"), icon="link", serves=()), Action("drop", N_("读者撤回"), icon="arrow-back-up", serves=()),
    ],
    panels=[Panel(N_("谁在等、查重结果"), "resources/suggestion_around.html", queries.around)],
)
