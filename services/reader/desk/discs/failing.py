"""A disc that failed its check: damage slip or loss case, and what the patron pays."""

from __future__ import annotations

from dataclasses import replace

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.compensation import Facts, reckon
from services.reader.desk.charges.compensation import Work as WorkKind
from services.reader.desk.charges.model import Kind
from services.reader.desk.charges.rules import by_rule
from services.reader.desk.circulation.model import Loan
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.discs import rules
from services.reader.desk.discs.model import CheckState, DiscCheck, Pays
from services.reader.desk.discs.queries import book_of, disc_of, loan_of
from services.reader.desk.discs.rules import Findings
from services.reader.desk.holds.following import cancel_title
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Item
from services.reader.desk.losses import commands as losses
from services.reader.desk.losses.model import How
from services.reader.desk.losses.queries import copies_left, facts_of_item
from shared.events.reader import DiscCheckFailed
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


async def fail(
    work: Work, check: DiscCheck, item: Item, found: Findings, *, pays: Pays, pay_for: int | None,
    grade: Grade | None,
) -> None:
    """Write down what is wrong with a disc the caller has locked and moved, and who pays for it."""
    loan = await loan_of(work.session, check)
    if pays is not Pays.none and (loan is None or loan.patron_id is None):
        raise Invalid({"pays": N_("不知道是谁借的，不能计收；请选“不计收”")})
    number = rules.number_of(found, check.expected) if pay_for is None else pay_for
    if not 1 <= number <= check.expected:
        raise Invalid({"pay_for": N_("计收张数须在 1 到应有张数之间")})
    if check.state is CheckState.missing:
        await _lose(work, check, item, loan, pays=pays, number=number)
    else:
        await _damage(work, check, item, found, loan, pays=pays, number=number, grade=grade)
    work.emit(DiscCheckFailed(
        **item_rules.about(item), number=check.number, state=check.state.value, state_label=check.state.label,
        slip=check.slip, loss=check.loss, amount_cents=check.amount_fen,
    ))


async def _damage(
    work: Work, check: DiscCheck, item: Item, found: Findings, loan: Loan | None, *, pays: Pays, number: int,
    grade: Grade | None,
) -> None:
    said = rules.faults(found, check.expected)
    slip = await condition.report_item(
        work, item, kind=DamageKind.other, grade=grade or rules.grade_of(found, check.expected),
        note=f"{said}；{check.note}" if check.note else said, loan_id=loan.id if loan else None,
    )
    check.slip, check.next = slip.number, "repair"
    if pays is Pays.none or loan is None or loan.patron_id is None:
        return
    if pays is Pays.fixed:
        explain = by_rule(Kind.disc, number=number)
    else:
        facts = await _as_book(work, item)
        losses.check_price(facts)
        explain = reckon(facts)
    entry = charges.post_charge(
        work, patron_id=loan.patron_id, card=loan.card or "", kind=Kind.disc, amount_fen=explain["amount_cents"],
        barcode=item.barcode, title=item.title, reason=check.number, explain=explain,
    )
    check.charge_id, check.amount_fen = entry.id, entry.amount_fen


async def _lose(
    work: Work, check: DiscCheck, item: Item, loan: Loan | None, *, pays: Pays, number: int
) -> None:
    """An empty case: the disc is lost, though its loan has ended; without a charge the case waits for a decision."""
    item_rules.move(item, "lose", work.now)
    loss = await losses.open_case(
        work, item, how=How.declared, loan_id=loan.id if loan else None, patron_id=loan.patron_id if loan else None,
        card=(loan.card or "") if loan else "", fine=None, note=f"{check.number} {check.note}".strip(),
    )
    check.loss = loss.no
    if pays is not Pays.none:
        given = {"work": WorkKind.disc, "discs": number}
        if pays is Pays.table:
            facts = await _as_book(work, item)
            given = {"work": facts.work, "price_fen": facts.price_fen}
        loss = await losses.compensate(work, no=loss.no, given=given)
        check.charge_id = loss.charge_id
        check.amount_fen = (loss.explain or {}).get("amount_cents", 0)
    if await copies_left(work.session, item.instance_id) == 0:
        await cancel_title(work, instance_id=item.instance_id, reason=N_("最后一册遗失"))


async def _as_book(work: Work, item: Item) -> Facts:
    """The disc by the table for books; one without a price of its own has that of its book."""
    copies = max(await copies_left(work.session, item.instance_id), 1)
    facts = replace(await facts_of_item(work.session, item.id, copies=copies), work=WorkKind.book)
    if not facts.price_fen and (book := await book_of(work.session, await disc_of(work.session, item.id))):
        facts = replace(facts, price_fen=book.price_fen)
    return facts
