"""A new barcode for a worn one; labels asked for and printed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import FormerBarcode, Item
from services.reader.desk.items.queries import find_item, lock_item
from services.reader.desk.processing import rules
from services.reader.desk.processing.model import Cause, LabelJob
from shared.barcodes import DESK_SERIAL, barcode, serial_of
from shared.database import uuid7
from shared.events.reader import ItemBarcodeReplaced
from shared.work import Work

_NEXT = text(
    "INSERT INTO number_sequence (kind, year, last) VALUES ('desk-barcode', 0, :least) "
    "ON CONFLICT (kind, year) DO UPDATE SET last = greatest(number_sequence.last + :step, :least) RETURNING last"
)


async def replace_barcode(
    work: Work, *, barcode: str, new: str = "", card: str = "", reason: str = ""
) -> Item:
    """Put a new barcode on an item: the one scanned from a roll, else the next of the desk's own numbers.

    With a `card` its patron spoiled the old one and owes for it. Loans, holds and history belong to the
    item and stay.
    """
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    rules.check_in_hand(item)
    former = item.barcode
    chosen = rules.check_shape(new) if new else await _next(work, item)
    if taken := await find_item(work.session, chosen):
        raise rules.BarcodeUsed(barcode=chosen, title=taken.title)
    serial = serial_of(chosen)
    if new and serial is not None and serial >= DESK_SERIAL:  # ours from a roll: count on from there
        await work.session.execute(_NEXT, {"least": serial, "step": 0})
    item.barcode = chosen
    work.session.add(FormerBarcode(
        barcode=former, item_id=item.id, ended_at=work.now, ended_by=work.actor.id, reason=reason.strip()
    ))
    try:
        await work.session.flush()
    except IntegrityError as error:  # the database has the last word on "never used before"
        raise rules.BarcodeUsed(barcode=chosen, title="—") from error
    work.emit(ItemBarcodeReplaced(**item_rules.about(item), item_id=str(item.id), former=former))
    await ask_label(work, item, Cause.barcode)
    if card:
        await charges.charge(
            work, card=card, kind=Kind.barcode, amount_fen=rules.FEE_FEN, barcode=item.barcode,
            title=item.title, reason=_reason(former, chosen),
        )
    return item


def _reason(former: str, new: str) -> str:
    return f"{former} → {new}"


async def _next(work: Work, item: Item) -> str:
    serial = await work.session.scalar(_NEXT, {"least": DESK_SERIAL, "step": 1})
    return barcode(rules.letter_of(item.kind), int(serial or DESK_SERIAL))


async def ask_label(work: Work, item: Item, cause: Cause) -> None:
    """Queue the item's label; one that waits already is printed with what the item says then."""
    await work.session.execute(
        insert(LabelJob).values(id=uuid7(), item_id=item.id, cause=cause, asked_at=work.now, done_by="")
        .on_conflict_do_nothing(index_elements=["item_id"], index_where=LabelJob.done_at.is_(None))
    )


async def order_label(work: Work, *, barcode: str) -> Item:
    """Somebody saw a label that cannot be read."""
    work.actor.require(*DESK)
    item = await lock_item(work.session, barcode)
    rules.check_in_hand(item)
    await ask_label(work, item, Cause.asked)
    return item


async def mark_printed(work: Work, *, jobs: Sequence[UUID]) -> int:
    """These labels are on their books; how many still waited."""
    work.actor.require(*DESK)
    done = await work.session.execute(
        update(LabelJob).where(LabelJob.id.in_(jobs), LabelJob.done_at.is_(None))
        .values(done_at=work.now, done_by=work.actor.id).returning(LabelJob.id)
    )
    count = len(done.all())
    if count:
        work.note("labels-printed", "label_job", str(jobs[0]), count=count)
    return count
