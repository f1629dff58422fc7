"""A batch as people read it: its stages, and the list that travels in the box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.resources.cataloguing.handover.model import Batch, BatchState, Line, Outcome
from services.resources.cataloguing.handover.sheet import sheet
from shared.i18n import N_, _
from shared.web.show import day, money

__all__ = ["listed", "sheet", "stages"]
S = BatchState


def stages(batch: Batch, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Gathered, sent, counted; and settled where the count found differences."""
    if batch.state is S.cancelled:
        made = {"label": _(N_("编制")), "state": "done", "who": names.get(batch.made_by, ""), "at": batch.made_at}
        return [made, {"label": S.cancelled.text, "state": "bad"}]
    closed = batch.closed_at is not None
    steps: list[dict[str, Any]] = [
        {"label": _(N_("编制")), "state": "done" if batch.sent_at else "now", "who": names.get(batch.made_by, ""),
         "at": batch.made_at},
        {"label": _(N_("发出")), "state": "done" if batch.sent_at else "todo", "who": names.get(batch.sent_by, ""),
         "at": batch.sent_at},
        {"label": batch.state.text if closed and batch.state is not S.settled else _(N_("清点")),
         "state": ("bad" if batch.state is S.disputed else "done") if closed else "now" if batch.sent_at else "todo",
         "who": names.get(batch.received_by, ""), "at": batch.closed_at},
    ]
    if batch.state in {S.disputed, S.settled}:
        settled = batch.state is S.settled
        steps.append({
            "label": S.settled.text if settled else _(N_("处理差异")), "state": "done" if settled else "now", "who": names.get(batch.settled_by, ""),
            "at": batch.settled_at,
        })
    return steps


def listed(
    batch: Batch, lines: Sequence[Line], *, places: Mapping[str, str], names: Mapping[str, str], point: str
) -> dict[str, Any]:
    """What `list.typ` draws."""
    rows = [
        [str(n), line.barcode, f"{line.title}{' ' + line.volume if line.volume else ''}", line.call_number,
         places.get(line.location, line.location), money(line.price_cents),
         line.outcome.text if line.outcome is not Outcome.open else ""]
        for n, line in enumerate(lines, 1)
    ]
    value = sum(line.price_cents for line in lines)
    return {
        "title": _(N_("图书交接单 {number}"), number=batch.number), "number": batch.number,
        "facts": [
            [_(N_("送往服务点")), point], [_(N_("状态")), batch.state.text],
            [_(N_("编制")), f"{names.get(batch.made_by, batch.made_by)} {day(batch.made_at)}"],
            [_(N_("发出")), f"{names.get(batch.sent_by, batch.sent_by)} {day(batch.sent_at)}"],
            [_(N_("应于清点完成")), day(batch.due_on)], [_(N_("说明")), batch.note or "—"],
        ],
        "heads": [_(N_("序")), _(N_("条码")), _(N_("题名")), _(N_("索书号")), _(N_("馆藏地")), _(N_("价格")), _(N_("清点"))],
        "rows": rows,
        "foot": _(N_("共 {n} 册，合计 {money}"), n=len(lines), money=money(value)),
        "signatures": [_(N_("交出人签字、日期")), _(N_("接收人签字、日期"))],
    }
