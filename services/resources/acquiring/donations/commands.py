"""Titles of a gift, the decision, the receipt, the processing, the return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from services.resources.acquiring.checking.queries import look
from services.resources.acquiring.checking.rules import title_of
from services.resources.acquiring.donations import queries, rules
from services.resources.acquiring.donations.model import (
    Condition,
    DonatedItem,
    Donation,
    DonationLine,
    DonationState,
    Rule,
    Verdict,
)
from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.items.queries import locations, next_barcode
from services.resources.cataloguing.marc.isbn import isbn13
from services.resources.cataloguing.marc.prices import price_fen
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.queries import by_key
from services.resources.receiving.acceptance.drafting import draft_record
from shared.events.resources import DonationReceived, DonationReturned, DonationThanked
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import Choice
from shared.work import Work


async def begin(work: Work, one: Donation, _form: Any) -> None:
    """The place is one the house has; a name to be thanked by needs the donor's word."""
    if one.location and one.location not in await locations(work.session):
        raise Invalid({"location": N_("请选馆藏地")})
    if one.offered_on > work.today:
        raise Invalid({"offered_on": N_("捐赠日期不能晚于今天")})
    if not one.thanks:
        one.thanks_as = ""


async def _offered(work: Work, number: str) -> Donation:
    work.actor.require(*rules.BUYERS)
    known = await queries.by_no(work.session, number)
    one = await work.lock(Donation, Donation.id == known.id, what=number)
    if one.state != DonationState.offered:
        raise rules.Unchangeable
    work.follow(one.correlation)
    return one


async def add(work: Work, number: str, rows: Sequence[Mapping[str, str]]) -> int:
    """Titles, looked up at once however many; the rule proposes what becomes of each, people decide."""
    one = await _offered(work, number)
    at = await queries.last_row(work.session, one.id)
    given = [row for row in rows if row.get("title", "").strip()]
    if at + len(given) > rules.LARGEST:
        raise Invalid({"title": N_("一批捐赠最多 2000 种，请分批登记")})
    known = await look(work.session, [title_of(row["title"], row.get("author", ""), row.get("isbn", "")) for row in given])
    for place, (row, found) in enumerate(zip(given, known, strict=True), start=at + 1):
        isbn = isbn13(row.get("isbn", ""))
        condition = Condition(row.get("condition") or "good")
        copies = row.get("copies", "").strip()
        work.session.add(DonationLine(
            donation_id=one.id, row=place, title=row["title"].strip()[:300], author=row.get("author", "").strip()[:200],
            publisher=row.get("publisher", "").strip()[:200], year=row.get("year", "").strip()[:20], isbn=isbn,
            copies=min(max(int(copies), 1), rules.MOST_COPIES) if copies.isdecimal() else 1, price_cents=price_fen(row.get("price", ""), local=True) or 0,
            condition=condition, held=found.copies, record=found.record, found=found.verdict.value, verdict=Verdict.open,
        ))
    await work.session.flush()
    return len(given)


async def decide_lines(work: Work, number: str, ids: Sequence[UUID], *, verdict: Verdict, rule: Rule, by_rule: bool = False) -> int:
    """A decision and its rule for these titles; `by_rule` follows the proposal for everything still open."""
    one = await _offered(work, number)
    n = 0
    for line in await queries.lines(work.session, one.id):
        if by_rule and line.verdict == Verdict.open:
            line.verdict, line.rule = rules.suggested(line.held, Condition(line.condition), line.isbn)
        elif not by_rule and line.id in ids:
            line.verdict, line.rule = verdict, rule
        else:
            continue
        n += 1
    return n


async def price(work: Work, number: str, line_id: UUID, cents: int) -> None:
    """What the title is valued at; until it is an item."""
    work.actor.require(*rules.BUYERS)
    one = await queries.by_no(work.session, number)
    line = await work.lock(DonationLine, DonationLine.id == line_id, DonationLine.donation_id == one.id)
    if one.state not in {DonationState.offered, DonationState.decided, DonationState.received}:
        raise rules.Unchangeable
    line.price_cents, line.valued = cents, True


async def drop(work: Work, number: str, ids: Sequence[UUID]) -> int:
    """Written down by mistake."""
    one = await _offered(work, number)
    done: Any = await work.session.execute(delete(DonationLine).where(DonationLine.donation_id == one.id, DonationLine.id.in_(ids)))
    return int(done.rowcount)


async def decide(work: Work, one: Donation, _form: Any) -> None:
    """Every title has its decision."""
    rows = await queries.lines(work.session, one.id)
    if not rows:
        raise rules.NoTitles
    if left := sum(row.verdict == Verdict.open for row in rows):
        raise rules.StillOpen(n=left)
    if not any(row.verdict != Verdict.refuse for row in rows):
        raise rules.NothingKept
    one.decided_by = work.actor.id


async def receive(work: Work, one: Donation, _form: Any) -> None:
    """The books are here: a receipt with the next number, and the days until the certificate begin."""
    rows = await queries.lines(work.session, one.id, verdicts=(Verdict.keep, Verdict.pass_on))
    one.receipt_no, one.received_on, one.received_by = await work.number(rules.RECEIPTS), work.today, work.actor.id
    one.certificate_due = rules.certificate_due(work.today)
    work.emit(DonationReceived(
        number=one.no, titles=len(rows), copies=sum(row.copies for row in rows), receipt=one.receipt_no, received_on=work.today,
        certificate_due=one.certificate_due, thanks=one.thanks, thanks_as=one.thanks_as if one.thanks else "",
    ))


async def certify(work: Work, one: Donation, _form: Any) -> None:
    """The certificate is signed and sent."""
    one.certificate_no, one.certified_on = await work.number(rules.CERTIFICATES), work.today


async def thank(work: Work, one: Donation, _form: Any) -> None:
    """Thanks were published."""
    one.thanked_on = work.today
    work.emit(DonationThanked(number=one.no, where=one.thanked_where))


async def process(work: Work, one: Donation, _form: Any) -> Choice | None:
    """Records are found or begun, and the copies of released ones become items in process."""
    if not one.location:
        raise rules.NoPlace
    rows = await queries.lines(work.session, one.id, verdicts=(Verdict.keep,))
    if bare := sum(not row.price_cents for row in rows):
        raise rules.Unpriced(n=bare)
    waiting = await _make(work, one, rows)
    return DonationState.received if waiting else None


async def _make(work: Work, one: Donation, rows: Sequence[DonationLine]) -> int:
    """How many titles still wait for their record."""
    made = await queries.items(work.session, one.id)
    waiting = 0
    for row in rows:
        if made.get(row.id):
            continue
        record = await _record(work, row, one.no)
        row.instance_id = record.id
        if record.state is RecordState.draft:
            waiting += 1
            continue
        for _n in range(row.copies):
            item = await add_item(
                work, number=record.number, barcode=await next_barcode(work.session, record.material), location=one.location,
                price_cents=row.price_cents, note=rules.terms_of(one), in_process=True,
            )
            await work.session.flush()
            work.session.add(DonatedItem(item_id=item.id, line_id=row.id))
    await work.session.flush()
    return waiting


async def _record(work: Work, row: DonationLine, source: str) -> Instance:
    if row.instance_id is not None:
        known = await work.get(Instance, row.instance_id)
        return known if known.merged_into is None else await work.get(Instance, known.merged_into)
    if row.record:
        return await by_key(work.session, row.record)
    return await draft_record(work, row, source)


async def follow_release(work: Work, instance_id: UUID) -> list[str]:
    """A draft was released: its copies are items now; the gifts that wait for nothing else."""
    ready = []
    for one in await queries.of_record(work.session, instance_id):
        waiting = await _make(work, one, await queries.lines(work.session, one.id, verdicts=(Verdict.keep,)))
        if not waiting:
            ready.append(one.no)
    return ready


async def withdraw(work: Work, one: Donation, _form: Any) -> None:
    """The donor takes the gift back before it is processed: a slip says what was handed out."""
    made = await queries.items(work.session, one.id)
    if n := sum(len(found) for found in made.values()):
        raise rules.Processed(n=n)
    one.return_no, one.returned_on = await work.number(rules.RETURNS), work.today
    work.emit(DonationReturned(number=one.no, receipt=one.return_no))
