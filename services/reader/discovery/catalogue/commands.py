"""Keeping the read copy; the only writers of `catalogue_record`."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.items.model import Item, Stock
from services.reader.desk.merging.queries import title_now
from services.reader.discovery.catalogue import rules, spelling
from services.reader.discovery.catalogue.model import CatalogueRecord
from shared.events.resources import Bibliographic
from shared.work import Work

_TABLE = cast(Table, CatalogueRecord.__table__)
_NEW = insert(_TABLE)
# When the record came, and whether its copies are gone, is not for the catalogue's fact to decide.
_FACTS = {
    column.key: _NEW.excluded[column.key] for column in _TABLE.columns
    if column.key not in {"instance_id", "added_at", "suppressed", "emptied"}
}
_THIS = _TABLE.c.instance_id == bindparam("this")
_TODAY = func.title_now(bindparam("this"))
_HELD = exists().where(Item.instance_id == _TODAY)
# Built once and free of the ORM: a whole library comes through here, one fact at a time.
_ADD = _NEW.on_conflict_do_update(index_elements=["instance_id"], set_={**_FACTS, "suppressed": False})
_CORRECT = _NEW.on_conflict_do_update(index_elements=["instance_id"], set_=_FACTS)
_HIDE = update(_TABLE).where(_THIS).values(suppressed=True)
_BRING_BACK = update(_TABLE).where(_TABLE.c.instance_id == _TODAY, _TABLE.c.emptied).values(emptied=False)
_WITHDRAWN = update(_TABLE).where(_TABLE.c.instance_id == _TODAY).values(
    emptied=select(_HELD & ~_HELD.where(Item.stock != Stock.withdrawn)).scalar_subquery()
)
_TEACH = text("""
    INSERT INTO catalogue_word (word, sound)
    SELECT * FROM unnest(CAST(:words AS text[]), CAST(:sounds AS text[])) ON CONFLICT DO NOTHING
""")
# A number that changes, or whose record became part of another, goes on leading to the work.
_RENUMBERED = text("""
    INSERT INTO catalogue_moved (number, instance_id)
    SELECT number, instance_id FROM catalogue_record WHERE instance_id = :this AND number <> :number
    ON CONFLICT (number) DO UPDATE SET instance_id = excluded.instance_id
""")
# The merges themselves are kept by the desk (`title_now`): a number leads to its record, and from there to today's.
_MERGED = text("""
    INSERT INTO catalogue_moved (number, instance_id)
    SELECT number, instance_id FROM catalogue_record WHERE instance_id = :this
    ON CONFLICT (number) DO UPDATE SET instance_id = excluded.instance_id
""")


async def learn(work: Work, fact: Bibliographic, *, new: bool) -> None:
    """Take the description over; a correction leaves a hidden record hidden."""
    at = work.cause.at if work.cause else work.now
    if not new:
        await work.session.execute(_RENUMBERED, {"this": fact.instance_id, "number": fact.number})
    await work.session.execute(
        _ADD if new else _CORRECT,
        {**rules.row(fact), "added_at": at, "suppressed": False, "emptied": False},
    )
    if words := spelling.vocabulary(fact):
        await work.session.execute(_TEACH, {"words": list(words), "sounds": list(words.values())})


async def hide(work: Work, *, instance_id: str, merged_into: str = "") -> None:
    """Patrons do not find the record any more; the number of one that was merged leads to the other."""
    if merged_into and merged_into != instance_id:
        if (now := await title_now(work.session, instance_id)) == instance_id:
            return  # heard again after the merge was undone
        await work.session.execute(_MERGED, {"this": instance_id})
        await note_withdrawal(work, instance_id=now)
    await work.session.execute(_HIDE, {"this": instance_id})


async def part(work: Work, *, instance_id: str, into: str) -> None:
    """Whether either has copies is looked at anew; the record itself comes back with its own fact."""
    for one in (instance_id, into):
        await note_withdrawal(work, instance_id=one)


async def bring_back(work: Work, *, instance_id: str) -> None:
    """A title that had lost all its copies has one again."""
    await work.session.execute(_BRING_BACK, {"this": instance_id})


async def note_withdrawal(work: Work, *, instance_id: str) -> None:
    """A title whose copies are all withdrawn leaves the catalogue."""
    await work.session.flush()  # the items' own handler ran before ours and its change may still wait
    await work.session.execute(_WITHDRAWN, {"this": instance_id})
