"""Reads of loss cases and of what their rules ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.charges.compensation import Facts, Work, sentence_of
from services.reader.desk.items.model import Circulation, Item, Stock
from services.reader.desk.losses.model import SETTLED, Loss, LossState
from services.reader.desk.losses.rules import HOLDER, STEPS, UnknownLoss, left
from services.reader.discovery.catalogue.model import CatalogueRecord
from shared.i18n import _

CHINESE = {"", "chi", "zho", "zh"}
KINDS = {"issue": Work.issue, "serial": Work.issue, "bound": Work.bound, "disc": Work.disc}
GONE = (Circulation.lost, Circulation.missing, Circulation.replaced)


async def loss_by_no(session: AsyncSession, no: str, *, lock: bool = False) -> Loss:
    """The case, or `UnknownLoss`; locked when it is about to move."""
    query = select(Loss).where(Loss.no == no)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise UnknownLoss(no)
    return found


async def open_loss_of(session: AsyncSession, item_id: UUID, *, lock: bool = False) -> Loss | None:
    """The running case of an item."""
    query = select(Loss).where(Loss.item_id == item_id, Loss.state.not_in(SETTLED))
    return await session.scalar(query.with_for_update() if lock else query)


async def losses_of_item(session: AsyncSession, item_id: UUID, limit: int = 10) -> Sequence[Loss]:
    """All cases of an item, newest first."""
    return (await session.scalars(
        select(Loss).where(Loss.item_id == item_id).order_by(Loss.opened_at.desc()).limit(limit)
    )).all()


async def losses_of_patron(session: AsyncSession, patron_id: UUID, limit: int = 20) -> Sequence[Loss]:
    """A patron's cases, newest first."""
    return (await session.scalars(
        select(Loss).where(Loss.patron_id == patron_id).order_by(Loss.opened_at.desc()).limit(limit)
    )).all()


async def losses(
    session: AsyncSession, *, states: Sequence[LossState] = (), card: str = "", limit: int = 25, offset: int = 0
) -> tuple[Sequence[Loss], int]:
    """Cases by state, those that moved last first, and how many there are."""
    where: list[Any] = [Loss.state.in_(states)] if states else []
    if card:
        where.append(Loss.card == card)
    total = int(await session.scalar(select(func.count()).select_from(Loss).where(*where)) or 0)
    found = await session.scalars(
        select(Loss).where(*where).order_by(Loss.moved_at.desc(), Loss.id.desc()).limit(limit).offset(offset)
    )
    return found.all(), total


async def counts(session: AsyncSession) -> dict[LossState, int]:
    """How many cases stand where."""
    rows = await session.execute(select(Loss.state, func.count()).group_by(Loss.state))
    return dict(rows.all())


async def copies_left(session: AsyncSession, instance_id: str) -> int:
    """Copies of the title somebody could still hope for."""
    return int(await session.scalar(
        select(func.count()).select_from(Item).where(
            Item.instance_id == instance_id, Item.stock == Stock.in_stock, Item.circulation.not_in(GONE),
        )
    ) or 0)


async def facts_of(session: AsyncSession, loss: Loss) -> Facts:
    """What stock and catalogue say of the lost item; the desk may correct what they do not know."""
    return await facts_of_item(session, loss.item_id, copies=await copies_left(session, loss.instance_id) + 1)


async def facts_of_item(session: AsyncSession, item_id: UUID, *, copies: int) -> Facts:
    """What the table asks of an item, with the copies of its title, itself among them."""
    row = (await session.execute(
        select(Item, CatalogueRecord.year, CatalogueRecord.language)
        .outerjoin(CatalogueRecord, CatalogueRecord.instance_id == Item.instance_id).where(Item.id == item_id)
    )).one()
    item, year, language = row
    work = KINDS.get(item.kind, Work.book)
    return Facts(
        price_fen=item.price_fen, copies=copies, year=year,
        foreign=(language or "") not in CHINESE,
        work=Work.set if work is Work.book and item.volume else work,
    )


def loss_json(loss: Loss) -> dict[str, Any]:
    """A case on the wire."""
    return {
        "no": loss.no, "barcode": loss.barcode, "title": loss.title, "card": loss.card,
        "how": loss.how.value, "how_label": loss.how.text, "state": loss.state.value,
        "state_label": loss.state.text, "holder": _(HOLDER[loss.state]), "opened_at": loss.opened_at,
        "charge_id": str(loss.charge_id) if loss.charge_id else None, "explain": loss.explain,
        "amount_cents": loss.explain["amount_cents"] if loss.explain else None,
        "sentence": sentence_of(loss.explain) if loss.explain else "",
        "new_barcode": loss.new_barcode, "steps": loss.steps,
        "steps_left": [{"step": name, "label": _(STEPS[name])} for name in left(loss)]
        if loss.state is LossState.processing else [],
        "refund_receipt": loss.refund_receipt, "refund_voucher": loss.refund_voucher, "refused": loss.refused,
        "correlation": str(loss.correlation),
    }
