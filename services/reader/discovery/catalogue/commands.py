"""Keeping the read copy; the only writers of `catalogue_record`."""

from __future__ import annotations

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.items.model import Item, Stock
from services.reader.discovery.catalogue import rules
from services.reader.discovery.catalogue.model import CatalogueRecord
from shared.events.resources import Bibliographic
from shared.work import Work

_NEW = insert(CatalogueRecord)
# When the record came, and whether its copies are gone, is not for the catalogue's fact to decide.
_FACTS = {
    column.key: _NEW.excluded[column.key] for column in CatalogueRecord.__table__.columns
    if column.key not in {"instance_id", "added_at", "suppressed", "emptied"}
}
# Built once: the statement cache then knows them by identity.
_ADD = _NEW.on_conflict_do_update(
    index_elements=[CatalogueRecord.instance_id], set_={**_FACTS, "suppressed": False}
)
_CORRECT = _NEW.on_conflict_do_update(index_elements=[CatalogueRecord.instance_id], set_=_FACTS)
_BRING_BACK = update(CatalogueRecord).where(CatalogueRecord.emptied.is_(True)).values(emptied=False)


async def learn(work: Work, fact: Bibliographic, *, new: bool) -> None:
    """Take the description over; a correction leaves a hidden record hidden."""
    at = work.cause.at if work.cause else work.now
    await work.session.execute(
        _ADD if new else _CORRECT,
        {**rules.row(fact), "added_at": at, "suppressed": False, "emptied": False},
    )


async def hide(work: Work, *, instance_id: str) -> None:
    """Patrons do not find the record any more."""
    await work.session.execute(
        update(CatalogueRecord).where(CatalogueRecord.instance_id == instance_id).values(suppressed=True)
    )


async def bring_back(work: Work, *, instance_id: str) -> None:
    """A title that had lost all its copies has one again."""
    await work.session.execute(_BRING_BACK.where(CatalogueRecord.instance_id == instance_id))


async def note_withdrawal(work: Work, *, instance_id: str) -> None:
    """A title whose copies are all withdrawn leaves the catalogue."""
    await work.session.flush()  # the items' own handler ran before ours and its change may still wait
    held = exists().where(Item.instance_id == instance_id)
    await work.session.execute(
        update(CatalogueRecord).where(CatalogueRecord.instance_id == instance_id)
        .values(emptied=select(held & ~held.where(Item.stock != Stock.withdrawn)).scalar_subquery())
    )
