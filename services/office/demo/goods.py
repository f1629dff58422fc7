"""A store with stock, requisitions in every state, and two purchases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.office.money.supplies.commands import post_move
from services.office.money.supplies.model import MoveKind, Purchase, Requisition, SupplyItem
from services.office.money.supplies.queries import item_named, last_move
from services.office.money.supplies.register import ITEMS, PURCHASES, REQUISITIONS
from services.office.money.supplies.rules import PURCHASE_LIFE, REQUISITION_LIFE
from shared.demo import person
from shared.service import Kit
from shared.web.register import Register

# name, English, category, specification, unit, price in fen, minimum, place, durable, opening stock
GOODS: tuple[tuple[str, str, str, str, str, int, int, str, bool, int], ...] = (
    ("A4 复印纸", "A4 copy paper", "paper", "80 g，500 张", "包", 2250, 40, "一层库房 A-1", False, 120),
    ("黑色中性笔", "Black gel pen", "stationery", "0.5 mm", "支", 180, 100, "一层库房 A-2", False, 360),
    ("档案盒", "Archive box", "stationery", "5.5 cm", "个", 680, 30, "一层库房 A-3", False, 84),
    ("激光打印机硒鼓", "Laser toner cartridge", "printing", "通用型", "支", 32000, 6, "一层库房 B-1", False, 4),
    ("条码打印色带", "Barcode printer ribbon", "printing", "110 mm × 300 m", "卷", 5800, 10, "一层库房 B-2", False, 26),
    ("防盗磁条", "Security strip", "processing", "双面，加长", "条", 45, 5000, "二层加工间", False, 18000),
    ("书标", "Spine label", "processing", "25 × 35 mm", "张", 3, 10000, "二层加工间", False, 42000),
    ("修补胶带", "Book repair tape", "processing", "透明，5 cm", "卷", 1650, 12, "二层加工间", False, 9),
    ("书立", "Bookend", "durable", "金属，大号", "个", 900, 50, "三层库房", True, 210),
    ("读者证空白卡", "Blank patron card", "electronics", "IC 卡", "张", 120, 500, "总台库房", False, 1600),
    ("一次性手套", "Disposable gloves", "cleaning", "100 只", "盒", 1900, 10, "一层库房 C-1", False, 22),
    ("手持扫描枪", "Handheld scanner", "durable", "二维，USB", "把", 128000, 0, "设备间", True, 0),
)

# purpose, item, quantity, who asks, days ago, steps (action, who, what is asked)
Step = tuple[str, str, dict[str, Any]]
Steps = tuple[Step, ...]
SUBMIT: Step = ("submit", "", {})
APPROVE: Step = ("approve", "off-adm", {})
ISSUE: Step = ("issue", "off-adm", {})
ASKED: tuple[tuple[str, str, int, str, int, Steps], ...] = (
    ("总台打印借阅凭条", "A4 复印纸", 5, "rdr-dsk", 12, (SUBMIT, APPROVE, ISSUE, ("sign", "", {}))),
    ("新书加工贴磁条", "防盗磁条", 1500, "res-mgt", 11, ()),
    ("修补工场本月用料", "修补胶带", 6, "res-dig", 9, (SUBMIT, APPROVE, ("issue", "off-adm", {"quantity": 4}))),
    ("查新报告装订存档", "档案盒", 10, "ins-nom", 8, (SUBMIT, APPROVE, ISSUE)),
    ("条码补打", "条码打印色带", 3, "res-mgt", 6, (SUBMIT, APPROVE)),
    ("期刊编辑部校样", "A4 复印纸", 8, "ins-edr", 5, (SUBMIT,)),
    ("新生办证", "读者证空白卡", 300, "rdr-led", 4, (SUBMIT,)),
    ("阅览室整架", "书立", 40, "rdr-cir", 3, (SUBMIT,)),
    ("会议室备用", "黑色中性笔", 200, "off-sec", 3, (SUBMIT, ("reject", "head-office", {"reject_reason": "数量偏多，请按会议次数核减"}))),
    ("机房标签打印", "条码打印色带", 2, "tec-sys", 1, ()),
)
BOUGHT: tuple[tuple[str, str, int, int, int, Steps], ...] = (
    ("库存低于下限", "修补胶带", 24, 1600, 10, (
        ("submit", "off-adm", {}), ("approve", "head-office", {}),
        ("buy", "off-adm", {"supplier": "云山文化用品商行", "unit_price": 1600, "invoice": "DEMO-0001"}),
        ("receive", "off-sec", {}),
    )),
    ("总台增设一组借还位", "手持扫描枪", 2, 128000, 6, (
        ("submit", "off-adm", {}), ("approve", "director", {}),
        ("buy", "off-adm", {"supplier": "江畔电子", "unit_price": 126000, "invoice": "DEMO-0002"}),
    )),
    ("库存低于下限", "激光打印机硒鼓", 8, 32000, 2, (("submit", "off-adm", {}),)),
)


async def stock_the_store(kit: Kit) -> None:
    """Items with their opening stock, then what was asked for and bought."""
    await _opening(kit)
    for reason, name, qty, who, ago, steps in ASKED:
        number = await _opened(kit, REQUISITIONS, Requisition, reason, name, who, ago, qty=qty, needed_in=5)
        await _walk(kit, REQUISITIONS, Requisition, REQUISITION_LIFE, number, who, ago, steps)
    for reason, name, qty, price, ago, steps in BOUGHT:
        number = await _opened(kit, PURCHASES, Purchase, reason, name, "off-adm", ago, qty=qty, unit_price=price)
        await _walk(kit, PURCHASES, Purchase, PURCHASE_LIFE, number, "off-adm", ago, steps)


async def _opening(kit: Kit) -> None:
    keeper = person("off-adm")
    for name, english, category, spec, unit, price, minimum, place, durable, stock in GOODS:
        async with kit.works.open(keeper) as work:
            item = await item_named(work.session, name)
            if item is None:
                item = await ITEMS.open(
                    work, name=name, name_en=english, category=category, spec=spec, unit=unit, unit_price=price,
                    minimum=minimum, location=place, durable=durable,
                )
            if stock and await last_move(work.session, item.id) is None:
                await post_move(work, item, kind=MoveKind.receipt, quantity=stock, reason="期初库存")


async def _opened(
    kit: Kit, register: Register, model: Any, reason: str, name: str, who: str, ago: int, *, qty: int,
    needed_in: int | None = None, **values: Any,
) -> str:
    moment = datetime.now(UTC) - timedelta(days=ago)
    async with kit.works.open(person(who), now=moment) as work:
        query = select(model.no).join(SupplyItem, SupplyItem.no == model.item).where(
            model.reason == reason, SupplyItem.name == name
        )
        if known := (await work.session.scalars(query)).first():
            return str(known)
        if needed_in is not None:
            values["needed_by"] = (work.today + timedelta(days=needed_in)).isoformat()
        made = await register.open(work, item=name, qty=qty, reason=reason, **values)
        return str(made.no)


async def _walk(
    kit: Kit, register: Register, model: Any, life: Any, number: str, owner: str, ago: int, steps: Steps
) -> None:
    """Take the steps that are still ahead, half an hour apart: each only from where it belongs."""
    moment = datetime.now(UTC) - timedelta(days=ago)
    here = register.start
    for action, who, asked in steps:
        moment += timedelta(minutes=30)
        async with kit.works.open(person(who or owner), now=moment) as work:
            state = await work.session.scalar(select(model.state).where(model.no == number))
            if state == here:
                await register.move(work, number, action, **asked)
        here = life[here, action]
