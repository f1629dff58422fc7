"""Sample rows of authority control: names the demonstration records bear, verified with their works or waiting for it."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.cataloguing.authorities import commands, rules
from services.resources.cataloguing.authorities.model import Authority
from services.resources.cataloguing.authorities.runner import Runner
from shared.demo import person
from shared.service import Kit

BOOK = "中国大百科全书（第二版）"
# (kind, heading, variants, related, source, what becomes of it: verified, verified without linking, waiting)
ROWS = (
    ("person", "鲁迅 | 1881-1936", "周树人\n周樟寿\n周豫才\n迅行 | 笔名", "周作人 | 1885-1967", BOOK, "verified"),
    ("person", "罗贯中 | 约1330-约1400", "罗本\n湖海散人", "", BOOK, "verified"),
    ("person", "金庸 | 1924-2018", "查良镛\nCha, Louis", "", "《金庸作品集》（广州出版社）作者介绍", "verified"),
    ("body", "国家统计局", "中华人民共和国国家统计局\n中国国家统计局", "", "国家统计局网站", "verified"),
    ("person", "吴趼人 | 1866-1910", "吴沃尧\n我佛山人", "", BOOK, "unlinked"),
    ("person", "李宝嘉 | 1867-1906", "李伯元\n南亭亭长", "吴趼人 | 1866-1910", BOOK, "unlinked"),
    ("person", "苏轼 | 1037-1101", "苏东坡\n东坡居士\n苏子瞻", "", BOOK, "waiting"),
    ("person", "冯梦龙 | 1574-1646", "龙子犹\n墨憨斋主人", "", BOOK, "waiting"),
    ("topic", "章回小说", "章回体小说", "话本小说", "《中国分类主题词表》", "waiting"),
)


async def seed(kit: Kit) -> None:
    """Once; a second run finds what is there."""
    made: list[tuple[str, str]] = []
    async with kit.works.open(person("res-acq")) as work:
        if await work.session.scalar(select(Authority.id).limit(1)):
            return
        for kind, name, variants, related, source, then in ROWS:
            told = rules.told_of(kind, {"name": name, "variants": variants, "related": related, "source": source})
            made.append(((await commands.create(work, told)).no, then))
    for linking, wanted in ((True, "verified"), (False, "unlinked")):
        async with kit.works.open(person("res-mgt")) as work:
            await commands.choose(work, link_on_save=linking)
            for no, then in made:
                if then == wanted:
                    await commands.verify(work, no)
    async with kit.works.open(person("res-mgt")) as work:
        await commands.choose(work, link_on_save=True)
    runner = Runner(kit)
    while await runner.once():
        pass
