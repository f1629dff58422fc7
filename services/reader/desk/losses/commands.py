"""What is done about a loss: money by the table, or a copy in its place."""

from __future__ import annotations

from dataclasses import replace as changed
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.compensation import Facts, base_of, line_of, reckon
from services.reader.desk.charges.model import Kind
from services.reader.desk.charges.rules import PROCESSING_FEN
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import find_item, lock_item
from services.reader.desk.losses import rules
from services.reader.desk.losses.model import How, Loss, LossState
from services.reader.desk.losses.queries import copies_left, facts_of, loss_by_no
from shared.events.reader import (
    CompensationDropped,
    CompensationSet,
    ItemClaimedReturned,
    ItemLost,
    ItemReplaced,
    ReplacementAccepted,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


def about(loss: Loss) -> dict[str, Any]:
    """The fields every event of the case carries."""
    return {
        "barcode": loss.barcode, "title": loss.title, "instance_id": loss.instance_id, "number": loss.no,
        "card": loss.card,
    }


async def open_case(
    work: Work, item: Item, *, how: How, loan_id: UUID | None, patron_id: UUID | None, card: str,
    fine: dict[str, Any] | None, note: str = "",
) -> Loss:
    """Begin a case about an item the caller has locked and moved."""
    loss = Loss(
        no=await work.number(rules.CASES), item_id=item.id, barcode=item.barcode, title=item.title,
        instance_id=item.instance_id, loan_id=loan_id, patron_id=patron_id, card=card, how=how,
        state=LossState.searching if how is How.claimed else LossState.open, fine=fine, note=note,
        opened_at=work.now, opened_by=work.actor.id, moved_at=work.now,
    )
    work.session.add(loss)
    await work.session.flush()
    if how is How.claimed:
        work.emit(ItemClaimedReturned(**about(loss)), correlation=loss.correlation)
    else:
        await _tell_lost(work, loss, item)
    return loss


async def give_up_search(work: Work, loss: Loss, item: Item) -> None:
    """What the patron said was returned is not in the house: it is lost, and the fine is due after all."""
    rules.move(loss, "lose", work.now)
    await _tell_lost(work, loss, item)
    charge_fine(work, loss)


def charge_fine(work: Work, loss: Loss) -> None:
    """The fine up to the day of the report."""
    if loss.fine and loss.fine["amount_cents"] and loss.patron_id:
        charges.post_charge(
            work, patron_id=loss.patron_id, card=loss.card, kind=Kind.overdue,
            amount_fen=loss.fine["amount_cents"], loan_id=loss.loan_id, barcode=loss.barcode,
            title=loss.title, explain=loss.fine,
        )


async def _tell_lost(work: Work, loss: Loss, item: Item) -> None:
    work.emit(ItemLost(
        **about(loss), call_number=item.call_number, location=item.location_name or item.location,
        how=loss.how.value, price_cents=item.price_fen,
        last_copy=await copies_left(work.session, item.instance_id) == 0,
    ), correlation=loss.correlation)


def corrected(facts: Facts, given: dict[str, Any]) -> Facts:
    """The facts as the desk sees them: given values replace what stock and catalogue say."""
    return changed(facts, **{k: v for k, v in given.items() if v is not None})


async def compensate(work: Work, *, no: str, given: dict[str, Any] | None = None) -> Loss:
    """By money: the table decides from the facts; `given` corrects what the catalogue does not know."""
    work.actor.require(*DESK)
    loss = await loss_by_no(work.session, no, lock=True)
    rules.move(loss, "compensate", work.now)
    facts = corrected(await facts_of(work.session, loss), given or {})
    check_price(facts)
    loss.explain = reckon(facts)
    if loss.patron_id is None:
        raise Invalid({"": N_("借阅人信息已脱敏，不能计收")})
    entry = charges.post_charge(
        work, patron_id=loss.patron_id, card=loss.card, kind=Kind.lost, amount_fen=loss.explain["amount_cents"],
        barcode=loss.barcode, title=loss.title, reason=loss.no, explain=loss.explain,
    )
    loss.charge_id = entry.id
    work.emit(CompensationSet(
        **about(loss), charge_id=str(entry.id), amount_cents=entry.amount_fen
    ), correlation=loss.correlation)
    await work.session.flush()
    return loss


def check_price(facts: Facts) -> None:
    """The table multiplies a price; without one there is nothing to multiply."""
    line = line_of(facts)
    if base_of(facts, line) <= 0:
        name = {"issue": "year_price", "bound": "year_price"}.get(facts.work.value, "price")
        raise Invalid({name: N_("缺少定价，请按书上或目录所载填写")})


async def reconsider(work: Work, *, no: str) -> Loss:
    """Drop an unpaid compensation, so that the patron may bring a copy instead."""
    work.actor.require(*DESK)
    loss = await loss_by_no(work.session, no, lock=True)
    rules.move(loss, "reconsider", work.now)
    if loss.charge_id and not await charges.drop(
        work, charge_id=loss.charge_id, card=loss.card, reason=N_("改议赔偿方式")
    ):
        raise rules.AlreadyPaid
    loss.charge_id, loss.explain = None, None
    work.emit(CompensationDropped(**about(loss)), correlation=loss.correlation)
    await work.session.flush()
    return loss


async def replace(
    work: Work, *, no: str, title: str, year: int | None = None, edition: str = "", isbn: str = ""
) -> Loss:
    """By a copy: the same edition or a newer one, plus the processing fee."""
    work.actor.require(*DESK)
    if len(title.strip()) < 1:
        raise Invalid({"title": N_("请填写所交图书的题名")})
    loss = await loss_by_no(work.session, no, lock=True)
    rules.move(loss, "replace", work.now)
    rules.check_edition((await facts_of(work.session, loss)).year, year)
    loss.new_title, loss.new_year, loss.new_edition, loss.new_isbn = title.strip(), year, edition.strip(), isbn.strip()
    if loss.patron_id:
        charges.post_charge(
            work, patron_id=loss.patron_id, card=loss.card, kind=Kind.processing, amount_fen=PROCESSING_FEN,
            barcode=loss.barcode, title=loss.title, reason=loss.no,
            explain={"rate_cents": PROCESSING_FEN, "number": 1, "amount_cents": PROCESSING_FEN},
        )
    work.emit(ReplacementAccepted(**about(loss)), correlation=loss.correlation)
    await work.session.flush()
    return loss


async def tick(work: Work, *, no: str, step: str, barcode: str = "") -> Loss:
    """One step of processing the copy is done; with the last one the copy stands for the lost item."""
    work.actor.require(*DESK)
    known = await loss_by_no(work.session, no)
    item = await lock_item(work.session, known.barcode)
    loss = await loss_by_no(work.session, no, lock=True)
    if loss.state is not LossState.processing:
        rules.move(loss, "finish", work.now)  # refuses, with the state the case is in
    if step not in rules.STEPS:
        raise Invalid({"step": N_("没有这道工序")})
    if step not in rules.left(loss):
        return loss
    if step == "barcode":
        await _give_barcode(work, loss, barcode)
    loss.steps = [*loss.steps, {"step": step, "by": work.actor.id, "at": work.now.isoformat()}]
    if not rules.left(loss):
        rules.move(loss, "finish_both" if loss.original_at else "finish", work.now)
        item_rules.move(item, "replace", work.now)
        work.emit(ItemReplaced(
            **about(loss), call_number=item.call_number, location=item.location_name or item.location,
            new_barcode=loss.new_barcode or "", new_title=loss.new_title, new_edition=loss.new_edition,
            new_year=loss.new_year, new_isbn=loss.new_isbn, price_cents=item.price_fen,
        ), correlation=loss.correlation)
    await work.session.flush()
    return loss


async def _give_barcode(work: Work, loss: Loss, barcode: str) -> None:
    if not barcode:
        raise Invalid({"barcode": N_("请扫描贴上的新条码")})
    if await find_item(work.session, barcode):
        raise Invalid({"barcode": N_("此条码已有主，条码永不重用")})
    loss.new_barcode = barcode
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise Invalid({"barcode": N_("此条码已用于另一册赔书")}) from error
