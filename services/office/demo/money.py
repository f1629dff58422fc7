"""Vouchers at several steps, and last month's agreement with the finance office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from services.office.money.expenditure.model import Voucher
from services.office.money.expenditure.register import REGISTER
from services.office.money.reconciliation.register import AGREEMENT, DIFFERENCE
from shared.demo import person
from shared.service import Kit
from shared.settings import LOCAL

Step = tuple[str, str, dict[str, Any]]
AUDIT: Step = ("audit", "off-fin", {})
PAY: Step = ("execute", "off-fin", {"method": "财务处转账"})

# direction, what for, fund, fen, party, last month, steps
VOUCHERS: tuple[tuple[str, str, str, int, str, bool, tuple[Step, ...]], ...] = (
    ("spending", "购置防盗磁条", "业务费", 4_850_00, "云山文化用品商行", True, (AUDIT, ("approve", "head-office", {}), PAY)),
    ("income", "废旧报刊变卖收入", "其他收入", 326_50, "城东回收站", True, (AUDIT, ("approve", "head-office", {}), PAY)),
    ("spending", "阅览区桌椅维修", "维修费", 28_600_00, "江畔家具", False, (AUDIT,)),
    ("spending", "密集书架一批", "设备费", 186_000_00, "江畔家具", False, (AUDIT,)),
    ("spending", "培训讲课费", "培训费", 1_200_00, "外聘专家", False, ()),
)


async def keep_the_books(kit: Kit) -> None:
    """Vouchers by hand, prepared by one and audited by another; then the month is agreed but for one line."""
    async with kit.works.open() as work:
        known = select(func.count()).select_from(Voucher).where(Voucher.subject == VOUCHERS[0][1])
        if await work.session.scalar(known):
            return
    now = datetime.now(UTC)
    before = now.astimezone(LOCAL).replace(day=1, hour=10) - timedelta(days=6)
    made = []
    for direction, subject, fund, fen, party, last, steps in VOUCHERS:
        at = before.astimezone(UTC) if last else now - timedelta(days=1)
        async with kit.works.open(person("off-adm"), now=at) as work:
            made.append((await REGISTER.open(
                work, direction=direction, subject=subject, fund=fund, amount=f"{fen / 100:.2f}", party=party,
                made_on=work.today.isoformat(),
            )).no)
        for action, who, asked in steps:
            async with kit.works.open(person(who), now=at) as work:
                await REGISTER.move(work, made[-1], action, **asked)
    async with kit.works.open(person("off-fin"), now=now) as work:
        agreement = (await AGREEMENT.open(
            work, period=f"{before:%Y-%m}", document=f"CW-{before:%Y%m}", income_theirs="326.50", spending_theirs="4855.00",
            contact="财务处核算科",
        )).no
        await DIFFERENCE.open(
            work, agreement=agreement, voucher=made[0], direction="spending", amount="5.00", reason="转账手续费，本馆未记"
        )
    async with kit.works.open(person("head-office"), now=now) as work:
        await AGREEMENT.move(work, agreement, "agree")
