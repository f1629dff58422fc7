"""What is written down for everybody: versions of the loan rules, the wording of a letter."""

from __future__ import annotations

from services.reader.demo.supply import Supply
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from services.reader.desk.notices.rules import Words
from services.reader.desk.notices.wording import words_for
from services.reader.desk.policies import commands as policies


async def rules(supply: Supply) -> None:
    """A draft that was given up, and one that waits for a second person."""
    async with supply.work("rdr-led", supply.at(25)) as work:
        old = await policies.draft(work, note="暑期延长借期（方案未通过）")
        await policies.write_row(
            work, number=old.number, no=2, category="undergraduate", kind="*", location="*",
            given={"items": 10, "days": 90, "renewals": 1},
        )
        await policies.retire(work, number=old.number)
    async with supply.work("rdr-led", supply.at(3, 15)) as work:
        new = await policies.draft(work, note="下学期：研究生 30 册，光盘七天不续")
        await policies.write_row(
            work, number=new.number, no=3, category="graduate", kind="*", location="*",
            given={"items": 30, "days": 60, "renewals": 2},
        )
        await policies.write_row(
            work, number=new.number, category="*", kind="disc", location="*", given={"days": 7, "renewals": 0, "items": 3}
        )


async def wording(supply: Supply) -> None:
    """The head of the service point wrote one letter anew."""
    async with supply.work("rdr-led", supply.at(10)) as work:
        shipped = await words_for(work.session, Hook.card_suspended, "zh")
        await notices.save_wording(
            work, hook=Hook.card_suspended, language="zh", seen=shipped.version,
            words=Words(shipped.subject, f"{shipped.text}\n咨询：一层总服务台", shipped.line),
        )
