"""Sample rows of cataloguing: defect codes, a draft that waits, a correction that waits, a little history."""

from __future__ import annotations

from sqlalchemy import select

from services.resources.cataloguing.marc import typed
from services.resources.cataloguing.proofing.model import DefectCode
from services.resources.cataloguing.proofing.register import defect_codes
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.versions import commands, queries
from services.resources.cataloguing.versions.model import Origin, RecordVersion
from shared.demo import person
from shared.service import Kit

CODES = (
    ("T1", "题名或责任说明错误", "Title or responsibility wrong", 40),
    ("T2", "检索点遗漏或错误", "Access point missing or wrong", 40),
    ("C1", "分类号错误", "Class wrong", 60),
    ("C2", "分类号过粗或过细", "Class too broad or too narrow", 20),
    ("S1", "主题词错误或遗漏", "Subject wrong or missing", 30),
    ("P1", "出版项错误", "Imprint wrong", 30),
    ("N1", "书号或价格错误", "Number or price wrong", 40),
    ("F1", "定长数据错误", "Coded data wrong", 20),
    ("I1", "指示符或子字段错误", "Indicator or subfield wrong", 10),
    ("W1", "错别字", "Misspelling", 20),
    ("D1", "重复建立记录", "Duplicate record", 100),
)


async def seed(kit: Kit) -> None:
    """Once; a second run finds what is there."""
    async with kit.works.open(person("res-mgt")) as work:
        known = set(await work.session.scalars(select(DefectCode.no)))
        for no, name, name_en, weight in CODES:
            if no not in known:
                await defect_codes.open(work, no=no, name=name, name_en=name_en, weight=weight)
        if await work.session.scalar(select(RecordVersion.id).limit(1)):
            return
        for title, changes, reason in (
            ("水滸傳", {"title_rest": "一百二十回本"}, "补副题名"), ("論語", {"note": "附：论语集注。"}, "补附注"),
        ):
            record = await work.session.scalar(
                select(Instance).where(Instance.dialect == "cnmarc", Instance.title == title).order_by(Instance.number).limit(1)
            )
            if record is not None:
                marc = typed.write(await queries.working(work.session, record), changes)
                await commands.save(work, record.number, marc, base=record.revision, reason=reason, origin=Origin.form)
