"""How long what is kept, and in which order a run forgets. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from shared.i18n import N_

KEPT_DAYS = 180
# Answers kept for a request that is repeated, and what a terminal said last.
ANSWER_DAYS = 7
TERMINAL_DAYS = 1
BATCH = 500
# A run looks this much further back than the last one ended: a clock may be a little off.
OVERLAP_DAYS = 3

# What a run does, in this order: (step, what it says). A patron who asks has the first three done.
STEPS: dict[str, str] = {
    "loans": N_("借阅、费用明细、遗失单与其痕迹"),
    "holds": N_("预约与其痕迹"),
    "wishes": N_("荐购与其痕迹"),
    "charges": N_("不属于借阅的费用明细"),
    "lines": N_("柜台流水"),
    "scans": N_("离线扫描"),
    "transits": N_("调拨单上的证号尾号"),
    "stations": N_("传阅单上的读者"),
    "facts": N_("事件日志"),
    "answers": N_("重复请求的答复"),
    "files": N_("名单文件的逐行内容"),
}
OWN_STEPS = ("loans", "holds", "wishes")


def until(today: date) -> date:
    """Loans returned before this day are cut."""
    return today - timedelta(days=KEPT_DAYS)


def following(step: str, *, own: bool) -> str:
    """The step after this one; empty when it was the last."""
    order = list(OWN_STEPS if own else STEPS)
    place = order.index(step) + 1 if step else 0
    return order[place] if place < len(order) else ""


def share(step: str) -> int:
    """How far a run is, in steps done."""
    return list(STEPS).index(step) if step in STEPS else 0
