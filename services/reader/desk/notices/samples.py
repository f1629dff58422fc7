"""Invented cases, to look at a wording before anything of its kind has happened."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.reader.desk.notices.model import Hook
from shared.i18n import N_

CASE = {
    "title": "活着", "barcode": "A0123456", "call_number": "I247.57/Y835", "shelf": "A-01", "position": 1,
    "card": "20260001", "patron": "张某", "full_card": "20260001",
}
DAYS_DUE = {Hook.due_soon: 3, Hook.overdue: -7, Hook.college: -60, Hook.recall: 7, Hook.clearance: -2}
WHY = {
    Hook.hold_cancelled: N_("馆藏已剔除，无其他复本"), Hook.hold_postponed: N_("发现破损"),
    Hook.card_suspended: N_("预约到馆三次未取"), Hook.violation: N_("撕毁书页，停借至月底"), Hook.violation_judged: N_("证据充分"),
    Hook.refund_undone: N_("收款账户有误"),
}


def sample(hook: Hook, today: date) -> dict[str, Any]:
    """Facts as the outbox would state them."""
    facts: dict[str, Any] = {
        **CASE, "due_on": (today + timedelta(days=DAYS_DUE.get(hook, 30))).isoformat(),
        "until": (today + timedelta(days=5)).isoformat(), "reason": WHY.get(hook, ""),
    }
    if hook in {Hook.fine_charged, Hook.clearance}:
        facts |= {"amount_cents": 120, "kind_label": N_("逾期费")}
    if hook is Hook.clearance:
        facts |= {"what_label": N_("在借")}
    if hook is Hook.college_clearance:
        facts |= {"what_label": N_("在借")}
    if hook is Hook.suggestion:
        facts |= {"what_label": N_("已采纳")}
    if hook is Hook.violation:
        facts |= {"what_label": N_("停借")}
    if hook is Hook.violation_judged:
        facts |= {"what_label": N_("维持处理决定")}
    if hook is Hook.refund_undone:
        facts |= {"what_label": N_("退还遗失赔偿款")}
    if hook is Hook.slip:
        facts |= {"what_label": N_("借出")}
    return facts
