"""What happened to a patron's record, from the audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.looks import LOOKS
from services.reader.desk.patrons.model import CardNumber, CardState, Category, Patron, Source
from shared.audit import audit
from shared.i18n import N_, _
from shared.web.register import people
from shared.work import Work

WORDS = {
    "card": N_("证号"), "name": N_("姓名"), "category": N_("读者类型"), "college": N_("学院或单位"),
    "class_name": N_("专业班级"), "state": N_("状态"), "state_reason": N_("原因"), "suspended_until": N_("停至"),
    "valid_to": N_("有效期至"), "oriented": N_("入馆教育"), "chip": N_("物理卡号"), "source": N_("发证单位"),
    "email": N_("电子邮箱"), "phone": N_("电话"), "keeps_history": N_("保留借阅史"),
}
ACTS = {
    "create": N_("办证"), "update": N_("更改"), "export-own-data": N_("导出本人数据"), "import": N_("校园卡导入"),
}
CHOICES = {"category": Category, "state": CardState, "source": Source}


def _said(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _(N_("是")) if value else _(N_("否"))
    choices = CHOICES.get(name)
    return choices(value).text if choices else str(value)


def _act(name: str) -> str:
    return _(N_("查看{what}"), what=_(LOOKS[name])) if name in LOOKS else _(ACTS.get(name, name))


async def trail(work: Work, patron: Patron, *, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    """Who changed what of the record and who looked at the loans, newest first."""
    mine = audit.c.subject.in_(["patron"]) & audit.c.subject_id.in_([str(patron.id), patron.card])
    total = await work.session.scalar(select(func.count()).select_from(audit).where(mine)) or 0
    rows = (await work.session.execute(
        select(audit).where(mine).order_by(audit.c.id.desc()).limit(limit).offset(offset)
    )).all()
    names = await people.names(work, [row.actor for row in rows])
    return [
        {
            "at": row.at, "actor": names.get(row.actor, row.actor), "action": _act(row.action),
            "changes": [
                (_(WORDS[name]), _said(name, pair[0]), _said(name, pair[1]))
                for name, pair in row.changes.items() if name in WORDS and isinstance(pair, list)
            ],
        }
        for row in rows
    ], total


async def number_known(session: AsyncSession, number: str) -> bool:
    """Whether anybody ever had this number."""
    return await session.get(CardNumber, number) is not None
