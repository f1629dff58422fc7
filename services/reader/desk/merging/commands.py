"""Following a merge and its undoing. All of it may be done any number of times, in any order."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import text

from services.reader.desk.items import commands as items
from services.reader.desk.merging.queries import parts_of, title_now
from shared.events.resources import RecordSuppressed, RecordUnmerged
from shared.work import Work

Table = Literal["item", "hold", "suggestion", "list_entry"]
ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:title, 11))")
_KNOW = text("""
    INSERT INTO title_merge (number, instance_id, into_id, undone, at) VALUES (:number, :this, :into, :undone, :at)
    ON CONFLICT (number) DO UPDATE SET undone = title_merge.undone OR excluded.undone
""")
# What hangs on an item goes where the item goes.
_WITH_ITEMS = tuple(text(f"""
    UPDATE {table} t SET instance_id = i.instance_id FROM item i
    WHERE i.id = t.item_id AND i.instance_id = :to AND t.instance_id = :of AND (:every OR i.id = ANY(:ids))
""") for table in ("loan", "loss"))
_FORGET = text("DELETE FROM title_followed WHERE kind = :kind AND origin = :this")


async def follow(work: Work, fact: RecordSuppressed) -> None:
    """The title is part of another: its items, and with them loans and losses, stand under that one."""
    this, into = fact.instance_id, fact.merged_into
    if not into or into == this:
        return
    await work.session.execute(ALONE, {"title": this})
    number = fact.merge or f"{this}>{into}"
    await work.session.execute(_KNOW, {"number": number, "this": this, "into": into, "undone": False, "at": work.now})
    await work.session.flush()
    if (now := await title_now(work.session, this)) == this:  # undone already
        return
    await carry(work, "item", this=this, now=now)
    for statement in _WITH_ITEMS:
        await work.session.execute(statement, {"to": now, "of": this, "every": True, "ids": []})
    if fact.into_title and now == into:
        await items.retitle(work, instance_id=now, title=fact.into_title)


async def part(work: Work, fact: RecordUnmerged) -> None:
    """The title stands for itself again; what was added under the other meanwhile stays there."""
    this, into = fact.instance_id, fact.into
    await work.session.execute(ALONE, {"title": this})
    await work.session.execute(_KNOW, {"number": fact.merge, "this": this, "into": into, "undone": True, "at": work.now})
    await work.session.flush()
    if (was := await parted(work, this=this, into=into)) is None:
        return
    home = await bring_home(work, "item", this=this, was=was)
    for statement in _WITH_ITEMS:
        await work.session.execute(statement, {"to": this, "of": was, "every": False, "ids": home})
    await items.retitle(work, instance_id=this, title=fact.title)


async def followed(work: Work, *, this: str) -> str | None:
    """Where what stands under a title belongs today; None when it belongs nowhere else."""
    now = await title_now(work.session, this)
    return now if now != this else None


async def parted(work: Work, *, this: str, into: str) -> str | None:
    """Under which title that which goes home stands until now; None when the title was merged anew."""
    if await title_now(work.session, this) != this:
        return None
    return await title_now(work.session, into)


async def carry(work: Work, table: Table, *, this: str, now: str) -> list[UUID]:
    """Move the rows of a table to another title, and keep where they came from."""
    await work.session.execute(text(
        f"INSERT INTO title_followed (kind, row_id, origin) SELECT '{table}', id, instance_id FROM {table} "
        "WHERE instance_id = :this ON CONFLICT DO NOTHING"
    ), {"this": this})
    moved = await work.session.scalars(
        text(f"UPDATE {table} SET instance_id = :now WHERE instance_id = :this RETURNING id"), {"this": this, "now": now},
    )
    return list(moved)


async def bring_home(work: Work, table: Table, *, this: str, was: str) -> list[UUID]:
    """Move back what came with the title, or with what had become part of it; what people moved on stays."""
    home = list(await work.session.scalars(text(
        f"UPDATE {table} t SET instance_id = :this FROM title_followed f WHERE f.kind = '{table}' AND f.row_id = t.id "
        "AND f.origin = ANY(:origins) AND t.instance_id = :was RETURNING t.id"
    ), {"this": this, "was": was, "origins": await parts_of(work.session, this)}))
    await work.session.execute(_FORGET, {"kind": table, "this": this})
    return home
