"""Opening, replacing and closing waiting cases; the youngest fact about a key wins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, delete
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from gateway.work.model import WorkHolder, WorkItem
from gateway.work.rules import kind_of, order_of
from shared.events.base import Envelope, Waiting
from shared.work import Work


async def _put(
    work: Work, values: dict[str, Any], news: tuple[str, ...]
) -> tuple[int | None, set[str]]:
    """Write the row, or of an older one the `news`; its id (None: a younger fact was heard) and who held it."""
    row = insert(WorkItem).values(**values)
    changed: dict[str, Any] = {name: row.excluded[name] for name in news}
    if "opened_at" in changed:  # the wait goes on unless it had ended in between
        changed["opened_at"] = case(
            (WorkItem.closed_at.is_(None), WorkItem.opened_at), else_=row.excluded.opened_at
        )
    query = row.on_conflict_do_update(
        index_elements=["key"], set_=changed, where=WorkItem.moved_at <= row.excluded.moved_at
    ).returning(WorkItem.id)
    found = (await work.session.execute(query)).scalar_one_or_none()
    if found is None:
        return None, set()
    held = delete(WorkHolder).where(WorkHolder.item_id == found).returning(WorkHolder.holder)
    return found, set(await work.session.scalars(held))


async def open_item(work: Work, *, waiting: Waiting, envelope: Envelope) -> set[str]:
    """The case waits for its holders from now on; returns whose lists changed."""
    values = {
        "key": waiting.key, "kind": kind_of(waiting.key), "dept": envelope.source,
        "title_zh": waiting.text("zh"), "title_en": waiting.text("en"), "url": waiting.url,
        "duty": waiting.duty, "urgent": waiting.urgent, "due_at": waiting.due_at,
        "holders": list(waiting.holders), "correlation": envelope.correlation,
        "opened_at": envelope.at, "moved_at": envelope.at, "closed_at": None,
    }
    found, held = await _put(work, values, tuple(name for name in values if name != "key"))
    if found is None:
        return held
    if waiting.holders:
        await work.session.execute(plain_insert(WorkHolder), [
            {
                "holder": holder, "sort_at": order_of(waiting, envelope.at), "item_id": found,
                "dept": envelope.source, "due_at": waiting.due_at,
            }
            for holder in dict.fromkeys(waiting.holders)
        ])
    return held | set(waiting.holders)


async def close_item(
    work: Work, *, key: str, source: str, at: datetime, correlation: UUID | None
) -> set[str]:
    """Nobody waits for it any more, even when its opening has not been heard yet; whose lists changed."""
    values = {
        "key": key, "kind": kind_of(key), "dept": source, "title_zh": "", "title_en": "", "url": "",
        "duty": "", "urgent": False, "holders": [], "correlation": correlation, "opened_at": at,
        "moved_at": at, "closed_at": at,
    }
    _found, held = await _put(work, values, ("moved_at", "closed_at"))
    return held
