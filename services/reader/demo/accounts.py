"""The accounts that sign in: books at home, a hold, lists of titles, wishes for their letters."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select

from services.reader.demo.supply import GUESTS, Supply
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.desk.privacy import commands as privacy
from services.reader.discovery.catalogue.model import CatalogueRecord
from services.reader.discovery.lists import commands as lists
from shared.refusals import Refusal

LISTS = (
    (GUESTS[0], "毕业论文：江南园林", "第二章用", "园", True), (GUESTS[1], "寒假想读", "", "红楼", False),
    (GUESTS[1], "课程论文参考", "", "史", True), (GUESTS[2], "开题文献", "", "论", False),
)


async def seed(supply: Supply) -> None:
    """Whoever signs in as a patron finds something on every page."""
    for card in GUESTS:
        with suppress(Refusal):  # whoever is overdue since last month has enough at home
            await supply.lend(card, supply.books(2), supply.at(13))
    for card, title, note, word, shared in LISTS:
        async with supply.work(supply.patron(card), supply.at(5, 20)) as work:
            patron = await patron_by_card(work.session, card)
            made = await lists.create(work, patron=patron, title=title, note=note)
            found = await work.session.scalars(
                select(CatalogueRecord).where(CatalogueRecord.title.contains(word)).order_by(CatalogueRecord.number).limit(4)
            )
            for record in found.all():
                await lists.add(work, patron=patron, list_id=made.id, record=record)
            if shared:
                await lists.share(work, patron=patron, list_id=made.id)
    async with supply.work(supply.patron(GUESTS[0]), supply.at(5, 20)) as work:
        patron = await patron_by_card(work.session, GUESTS[0])
        await privacy.keep_history(work, patron=patron, keep=True)
        await notices.save_wish(work, patron_id=patron.id, language="zh", extra=[Hook.loan_receipt.value], without=[])
