"""Which book a disc belongs to; opening, deciding and dropping the check of its return."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk import DESK
from services.reader.desk.circulation.model import Loan
from services.reader.desk.condition.model import Grade
from services.reader.desk.discs import failing, rules
from services.reader.desk.discs.model import KIND, Came, CheckState, Disc, DiscCheck, Pays
from services.reader.desk.discs.queries import check_by_number, disc_of, waiting_check
from services.reader.desk.discs.rules import Findings
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.holds.queries import first_waiting_patron
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.items.queries import item_by_barcode, lock_item
from services.reader.desk.transit import commands as transit
from services.reader.desk.transit.model import Transit
from services.reader.desk.transit.queries import open_transit_of
from shared.events.reader import DiscCheckDropped, DiscCheckOpened, DiscCheckPassed
from shared.events.resources import ItemCatalogued, RecordChanged, disc_title
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Checked:
    """How a check ended: `next` is where the disc goes, "" when it is not there."""

    check: DiscCheck
    item: Item
    next: str
    hold: Hold | None = None
    transit: Transit | None = None


async def belong(
    work: Work, *, barcode: str, book: str = "", own_copy: bool = False, pieces: int = 1
) -> tuple[Item, Disc]:
    """A disc belongs to this book (to this very copy, with `own_copy`) or, without one, stands alone."""
    work.actor.require(*DESK)
    rules.check_pieces(pieces)
    item = await lock_item(work.session, barcode)
    if item.kind != KIND:
        raise rules.NotADisc(barcode=item.barcode, title=item.title)
    owner = await item_by_barcode(work.session, book) if book else None
    if owner is not None and owner.kind == KIND:
        raise rules.NotItsBook(barcode=owner.barcode)
    disc = await disc_of(work.session, item.id)
    if disc is None:
        disc = Disc(id=item.id)
        work.session.add(disc)
    disc.book_instance = owner.instance_id if owner else ""
    disc.book_id = owner.id if owner is not None and own_copy else None
    disc.pieces = pieces
    if waiting := await waiting_check(work.session, item.id):
        waiting.expected = pieces
    await work.session.flush()
    return item, disc


async def take_note(work: Work, fact: ItemCatalogued) -> None:
    """A disc catalogued with a book, or under the record of one, belongs to it; what the desk said of it stays."""
    await work.session.flush()  # the items room has just taken it up
    item = await work.session.scalar(select(Item).where(Item.barcode == fact.barcode))
    if item is None or item.kind != KIND:
        return
    book = await work.session.get(Item, UUID(fact.book_id)) if fact.book_id else None
    with_book = fact.book_id or await work.session.scalar(
        select(exists().where(Item.instance_id == fact.instance_id, Item.kind != KIND))
    )
    await work.session.execute(
        insert(Disc).values(
            id=item.id, book_instance=fact.instance_id if with_book else "", book_id=book.id if book else None,
            pieces=fact.pieces,
        ).on_conflict_do_nothing()
    )


async def retitle(work: Work, fact: RecordChanged) -> None:
    """The discs of a corrected title are called after it, unless they stand under a record of their own."""
    theirs = select(Disc.id).where(Disc.book_instance == fact.instance_id)
    title = disc_title(fact.title)
    await work.session.execute(
        update(Item).where(Item.id.in_(theirs), Item.instance_id.startswith("disc-"), Item.title != title)
        .values(title=title)
    )


async def open_check(work: Work, item: Item, *, loan: Loan | None, came: Came = Came.desk) -> DiscCheck:
    """A disc the caller has locked came back: it waits for its check; what waits already goes on waiting."""
    waiting = await waiting_check(work.session, item.id)
    if waiting is not None:
        return waiting
    item_rules.treat(item, "check")
    disc = await disc_of(work.session, item.id)
    check = DiscCheck(
        number=await work.number(rules.NUMBERS), item_id=item.id, barcode=item.barcode, title=item.title,
        call_number=item.call_number, loan_id=loan.id if loan else None, came=came, opened_at=work.now,
        opened_by=work.actor.id, expected=disc.pieces if disc else 1, state=CheckState.waiting,
        correlation=work.correlation,
    )
    work.session.add(check)
    await work.session.flush()
    work.emit(DiscCheckOpened(**item_rules.about(item), number=check.number, came=came.value))
    return check


async def decide(
    work: Work, *, number: str, passed: bool, surface: bool, readable: bool, case: bool, count: int | None,
    note: str = "", pays: Pays = Pays.fixed, pay_for: int | None = None, grade: Grade | None = None, at: str = "",
) -> Checked:
    """The four findings decide, and the verdict must agree with them. Sound: to whoever is next, else to its place; `at` is the desk's service
    point. Else damage slip or loss case, and what the patron pays: `pays`, for `pay_for` pieces.
    """
    work.actor.require(*DESK)
    check, item = await _both(work, number)
    found = Findings(surface, readable, case, rules.check_count(count, check.expected))
    rules.agree(found, check.expected, passed=passed)
    action = found.action(check.expected)
    check.state = rules.move(check.state, action)
    check.surface, check.readable, check.case, check.count = surface, readable, case, found.count
    check.note, check.decided_at, check.decided_by = note.strip(), work.now, work.actor.id
    item_rules.treat(item, "checked")
    if item.circulation is not Circulation.to_shelve:  # it was thought missing meanwhile
        item_rules.move(item, "return", work.now)
    if action == "pass":
        done = await _pass(work, check, item, at=at)
    else:
        await failing.fail(work, check, item, found, pays=pays, pay_for=pay_for, grade=grade)
        done = Checked(check, item, check.next)
    await work.session.flush()
    return done


async def _pass(work: Work, check: DiscCheck, item: Item, *, at: str) -> Checked:
    next_ = item_rules.next_step(item)
    if next_ == "shelve" and await work.session.scalar(select(first_waiting_patron(item.instance_id, item.id))):
        next_ = "hold_shelf"
    # The verdict is told before the move it causes: the timeline reads in the order things happened.
    work.emit(DiscCheckPassed(
        **item_rules.about(item), number=check.number, next=next_, next_label=item_rules.NEXT_LABELS[next_]
    ))
    hold = await holds.offer(work, item, at=at) if next_ == "hold_shelf" else None
    way = None
    if hold is not None and hold.state is HoldState.transit:
        way = await open_transit_of(work.session, item.id)
    elif hold is None and next_ != "transit":
        next_ = "shelve"
        way = await transit.send_home(work, item, at=at) if at else None
        if way is None:
            items.put_away(work, item)
    if way is not None:
        next_ = f"send_{way.why.value}"
    check.next = next_
    return Checked(check, item, next_, hold, way)


async def drop(work: Work, item: Item, *, reason: str) -> None:
    """There is nothing to check any more: the return was a slip of the hand, or the disc is out again."""
    waiting = await waiting_check(work.session, item.id)
    item_rules.treat(item, "checked")
    if waiting is None:
        return
    waiting.state = rules.move(waiting.state, "drop")
    waiting.note, waiting.decided_at, waiting.decided_by = reason, work.now, work.actor.id
    work.emit(
        DiscCheckDropped(**item_rules.about(item), number=waiting.number, reason=reason),
        correlation=waiting.correlation,
    )


async def _both(work: Work, number: str) -> tuple[DiscCheck, Item]:
    """Check and item, locked, item first; events from here on belong to the return's case."""
    known = await check_by_number(work.session, number)
    item = await lock_item(work.session, known.barcode)
    check = await work.lock(DiscCheck, DiscCheck.number == number, what=number)
    if check.state is not CheckState.waiting:
        raise rules.CheckDecided(number=number, state=check.state.text)
    work.follow(check.correlation)
    return check, item
