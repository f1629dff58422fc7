"""The demonstration of the layout: where which class stands, a plan that waits for its approval, and a proposal made by hand."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.collections.evaluation.model import Measure
from services.resources.collections.evaluation.proposals import proposals
from services.resources.collections.layout.model import Kind, LayoutRule
from services.resources.collections.layout.register import layout_rules
from services.resources.collections.transfers import commands as transfers
from services.resources.collections.transfers.queries import Span
from services.resources.collections.transfers.register import transfer_plans
from shared.demo import person
from shared.service import Kit

RULES = (
    ("", "", Kind.any, "", "sk-2f", 0, "", "兜底：其余图书先入社科库"),
    ("I", "J", Kind.any, "", "wy-2f", 0, "", "文学、艺术"),
    ("N", "X", Kind.any, "", "zk-3f", 0, "", "自然科学与技术"),
    ("TP3", "TP3", Kind.book, "chi", "zk-3f", 1, "yb-5f", "计算机类复本多，先留样本一册"),
    ("", "", Kind.any, "eng", "ww-4f", 0, "", "外文图书"),
    ("", "", Kind.serial, "", "qk-3f", 0, "", "期刊"),
    ("", "", Kind.audio, "", "dm-1f", 0, "", "录音制品"),
    ("", "", Kind.video, "", "dm-1f", 0, "", "录像制品"),
)


async def seed(kit: Kit) -> None:
    """Once; what is there already stays."""
    async with kit.works.open(person("res-mgt")) as work:
        if await work.session.scalar(select(LayoutRule.id).limit(1)):
            return
        for low, high, material, language, location, copies, sample, note in RULES:
            await layout_rules.open(
                work, clc_from=low, clc_to=high, material=material, language=language, location=location, sample_copies=copies,
                sample_location=sample, valid_from=work.today.replace(month=1, day=1), note=note,
            )
    async with kit.works.open(person("res-mgt")) as work:
        plan = await transfer_plans.open(work, title="文学艺术类归文艺库", location="wy-2f", reason="按布局规则归位，读者不必跑两处")
        await work.session.flush()
        done = await transfers.list_span(work, plan.no, Span("sk-2f", low="I", high="J", by_rule=True))
        if done.added:
            await transfer_plans.move(work, plan.no, "submit")
        await proposals.open(
            work, measure=Measure.relocate, clc="K", location="sk-2f", target="mj-b1", text="K 类近年少有人借，三排书架可腾给 F 类新书。",
        )
