"""The funds of the year, as the office of the demonstration library runs them."""

from __future__ import annotations

from sqlalchemy import select

from services.office.money.budgets.model import Budget, Fund
from services.office.money.budgets.register import CHANGES, FUNDS, REGISTER
from shared.demo import person
from shared.service import Kit

# code, name, English, what for, yuan; resource development knows the first two lines by their numbers.
YEAR: tuple[tuple[str, str, str, str, str], ...] = (
    ("ZW-TS", "中文图书", "Chinese books", "chinese_books", "600000.00"),
    ("WW-TS", "外文图书", "Foreign books", "foreign_books", "180000.00"),
    ("ZW-BK", "中文报刊", "Chinese periodicals", "chinese_journals", "220000.00"),
    ("SZ-ZY", "数字资源", "E-resources", "eresources", "1500000.00"),
    ("ZD-JG", "装订加工", "Binding and processing", "binding", "45000.00"),
    ("SB-WX", "设备维修", "Equipment", "equipment", "120000.00"),
)


async def fund_the_year(kit: Kit) -> None:
    """Budget lines that run, one that still waits for its approval, and a change that waits to be decided."""
    async with kit.works.open() as work:
        if await work.session.scalar(select(Fund.id).limit(1)):
            return
    for code, name, english, kind, yuan in YEAR:
        async with kit.works.open(person("off-fin")) as work:
            await FUNDS.open(work, no=code, name=name, name_en=english, kind=kind)
            budget: Budget = await REGISTER.open(
                work, year=work.today.year, fund=code, planned=yuan, owner="资源建设部", basis="上年执行数与本年学科建设计划",
            )
        async with kit.works.open(person("head-office")) as work:
            await REGISTER.move(work, budget.no, "review")
        if code == "SB-WX":
            continue
        async with kit.works.open(person("director")) as work:
            await REGISTER.move(work, budget.no, "approve")
        async with kit.works.open(person("off-fin")) as work:
            await REGISTER.move(work, budget.no, "start")
    async with kit.works.open(person("off-fin")) as work:
        year = work.today.year
        await CHANGES.open(
            work, kind="transfer", budget=f"JF{year}-0003", to_budget=f"JF{year}-0002", amount="20000.00", reason="外文原版书汇率上升",
        )
