"""What readers asked the library to get: several for one title, one taken back."""

from __future__ import annotations

from services.reader.demo.supply import GUESTS, Supply
from services.reader.discovery.suggestions import commands
from services.reader.discovery.suggestions.rules import Proposal

WISHES = (
    (0, 6, Proposal(title="置身事内：中国政府与经济发展", author="兰小欢", publisher="上海人民出版社", year="2021", isbn="9787208171336",
                    reason="课程讨论用，预约排不上")),
    (1, 5, Proposal(title="置身事内", author="兰小欢", isbn="9787208171336")),
    (2, 5, Proposal(title="江村经济", author="费孝通", publisher="商务印书馆", reason="社会学导论参考书")),
    (3, 4, Proposal(title="深度学习", author="古德费洛", publisher="人民邮电出版社", year="2017", isbn="9787115461476", reason="科研常用")),
    (0, 3, Proposal(title="乡土中国（修订本）", author="费孝通")),
)


async def seed(supply: Supply) -> None:
    """The wishes; those who buy find them on their list as soon as they have heard of them."""
    for who, ago, wish in WISHES:
        async with supply.work(supply.patron(GUESTS[who]), supply.at(ago, 19)) as work:
            made = await commands.submit(work, card=GUESTS[who], wish=wish)
    async with supply.work(supply.patron(GUESTS[0]), supply.at(2, 19)) as work:
        await commands.withdraw(work, number=made.no)
