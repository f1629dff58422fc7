"""Sample rows of the union catalogue: certificates, agreements, and uploads as they went; sending itself stays off."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.union.model import (
    Agreement,
    Certificate,
    Contribution,
    ContributionState,
    Direction,
    Level,
    Outcome,
    Scope,
    Service,
    UnionAnswer,
    UnionSettings,
)
from services.resources.cataloguing.union.register import agreements, certificates
from services.resources.cataloguing.union.rules import NUMBERS
from shared.database import uuid7
from shared.demo import person
from shared.service import Kit

AGREEMENTS = (
    ("CALIS 全国管理中心", Service.cataloguing, Direction.both, "下载联合目录记录；上传本馆原编的中西文记录"),
    ("CALIS 华东南地区中心", Service.delivery, Direction.receives, "原文传递，按中心价目结算，每月对账"),
    ("江苏省高校图书馆", Service.lending, Direction.both, "馆际互借，每次不超过 3 册，借期 30 天"),
    ("CALIS 分布式虚拟参考咨询", Service.reference, Direction.offers, "每周三下午值班答复转来的咨询"),
)
ANSWERS = (
    (34, ContributionState.accepted, Outcome.accepted, "012345601", ""), (20, ContributionState.accepted, Outcome.accepted, "012345688", ""),
    (12, ContributionState.duplicate, Outcome.duplicate, "009876543", ""), (9, ContributionState.returned, Outcome.returned, "", "690 字段缺版次 $v"),
    (2, ContributionState.returned, Outcome.returned, "", "200 字段的第一责任说明与 701 字段不一致"), (0, ContributionState.queued, None, "", ""),
)


async def seed(kit: Kit) -> None:
    """Once; a second run finds what is there."""
    maker = person("res-mgt")
    async with kit.works.open(maker) as work:
        if not await work.session.scalar(select(func.count()).select_from(Certificate)):
            for no, scope, years in (("CALIS-Z-0421", Scope.chinese, 4), ("CALIS-X-0107", Scope.western, 2)):
                await certificates.open(
                    work, no=no, person=maker.id, level=Level.cataloguer, scope=scope, issued_on=date(work.today.year - 1, 6, 1),
                    valid_until=date(work.today.year + years, 5, 31),
                )
        if not await work.session.scalar(select(func.count()).select_from(Agreement)):
            for partner, service, direction, content in AGREEMENTS:
                await agreements.open(
                    work, partner=partner, service=service, direction=direction, content=content, from_on=date(work.today.year - 1, 1, 1),
                )
        if await work.session.scalar(select(func.count()).select_from(Contribution)):
            return
        if await work.session.get(UnionSettings, 1) is None:
            work.session.add(UnionSettings(id=1, name="CALIS 联合目录", code="CALIS", target="", account=""))
        records = (await work.session.scalars(
            select(Instance).where(Instance.state == RecordState.released, Instance.merged_into.is_(None), Instance.dialect == "cnmarc")
            .order_by(Instance.number.desc()).limit(len(ANSWERS))
        )).all()
        for record, (days, state, outcome, number, said) in zip(records, ANSWERS, strict=False):
            at = work.now - timedelta(days=days)
            one = Contribution(
                id=uuid7(), no=await work.number(NUMBERS), instance_id=record.id, record=record.number, title=record.title, dialect=record.dialect,
                cataloguer=maker.id, state=state, created_by=maker.id, created_at=at, control_no=number, said=said, noted=True,
                tries=int(outcome is not None), sent_version=record.revision, sent_at=at if outcome else None, answered_at=at if outcome else None,
            )
            work.session.add(one)
            await work.flush()
            if outcome is not None:
                work.session.add(UnionAnswer(
                    id=uuid7(), contribution_id=one.id, no=one.no, record=record.number, title=record.title, outcome=outcome, control_no=number, said=said, at=at,
                ))
