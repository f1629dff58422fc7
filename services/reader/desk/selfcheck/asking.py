"""What is asked: the service, a patron, an item. None of these changes a loan."""

from __future__ import annotations

from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState
from services.reader.desk.patrons.queries import lock_patron
from services.reader.desk.patrons.rules import UnknownCard, card_blocks
from services.reader.desk.selfcheck import queries, rules
from services.reader.desk.selfcheck.codec import count
from services.reader.desk.selfcheck.model import Right
from services.reader.desk.selfcheck.queries import Seen
from services.reader.desk.selfcheck.wish import Answer, Fields, Wish
from shared.i18n import _
from shared.refusals import NotFound
from shared.settings import LOCAL

LISTS = {0: "AS", 1: "AT", 2: "AU", 3: "AV", 4: "BU", 5: "CD"}
# Place of each message in BX, and the switch that turns it on ("" is always on).
OFFERED: tuple[str, ...] = (
    "patrons lend take_back renew hold pay block", "lend", "take_back", "block", "", "", "", "patrons", "", "pay", "", "", "",
    "hold", "renew", "renew",
)


def status(rights: frozenset[str], *, date: str, fields: Fields) -> Answer:
    """98: what this terminal may do; without one that signed in, nothing."""
    def on(*wanted: str) -> str:
        return "Y" if set(wanted) & rights else "N"

    offered = "".join("Y" if not wanted or set(wanted.split()) & rights else "N" for wanted in OFFERED)
    return Answer(
        "98", ["Y", on("take_back"), on("lend"), on("renew"), on("block"), on("lend", "take_back"), "100", "003", date, "2.00"],
        [*fields, ("BX", offered)],
    )


async def sc_status(wish: Wish) -> Answer:
    """99."""
    return status(wish.machine.rights, date=wish.date, fields=[
        wish.ao, ("AM", wish.home.name), ("AN", wish.machine.location),
    ])


async def _seen(wish: Wish) -> Seen | None:
    wish.machine.need(*Right)
    async with wish.reading() as session:
        today = wish.now.astimezone(LOCAL).date()
        return await queries.patron_seen(session, wish.card, today) if wish.card else None


def _person(wish: Wish, seen: Seen | None) -> tuple[str, Fields]:
    """Status and the fields every answer about a patron has; a password is never checked here, so never called right unasked."""
    if seen is None:
        return rules.DENIED, [wish.ao, ("AA", wish.card), ("AE", ""), ("BL", "N")]
    patron = seen.patron
    today = wish.now.astimezone(LOCAL).date()
    fields: Fields = [wish.ao, ("AA", patron.card), ("AE", patron.name), ("BL", "Y")]
    if wish.message["AD"]:
        fields.append(("CQ", "Y" if wish.machine.accept_pin else "N"))
    fields += [("BH", "CNY"), ("BV", f"{max(patron.debt_fen, 0) / 100:.2f}")]
    return rules.patron_status(patron, today=today, out=seen.standing, terms=seen.terms), fields


def _why(wish: Wish, seen: Seen | None) -> str:
    """What stands in the patron's way, in one line."""
    if seen is None:
        return str(UnknownCard(wish.card))
    found = [str(reason) for reason in card_blocks(seen.patron, wish.now.astimezone(LOCAL).date())]
    if seen.standing.overdue:
        found.append(_("超期 {n} 册", n=seen.standing.overdue))
    if rules.owes_too_much(seen.patron, seen.terms):
        found.append(_("欠费 {yuan} 元", yuan=f"{seen.patron.debt_fen / 100:.2f}"))
    if wish.message["AD"] and not wish.machine.accept_pin:
        found.append(_("自助终端不核对读者密码"))
    return "；".join(found)


async def patron_status(wish: Wish) -> Answer:
    """23 → 24."""
    seen = await _seen(wish)
    flags, fields = _person(wish, seen)
    return Answer("24", [flags, wish.language, wish.date], [*fields, ("AF", _why(wish, seen))])


async def no_status(wish: Wish, why: str) -> Answer:
    """24, refused."""
    return Answer("24", [rules.DENIED, wish.language, wish.date], [
        wish.ao, ("AA", wish.card), ("AE", ""), ("BL", "N"), ("AF", why),
    ])


async def patron_information(wish: Wish) -> Answer:
    """63 → 64: counts always, one list when it is asked for."""
    wish.machine.need(Right.patrons)
    seen = await _seen(wish)
    flags, fields = _person(wish, seen)
    if seen is None:
        return Answer("64", [flags, wish.language, wish.date, *["0000"] * 6], [*fields, ("AF", _why(wish, seen))])
    patron, kind = seen.patron, wish.message.fixed["summary"].find("Y")
    limits: Fields = [
        ("BZ", count(seen.terms.holds)), ("CB", count(seen.terms.items)),
        *([("CC", f"{seen.terms.debt_limit / 100:.2f}")] if seen.terms.debt_limit is not None else []),
        ("PC", patron.category.text),
    ]
    listed: Fields = []
    if kind in LISTS:
        offset, limit = rules.window(wish.message["BP"], wish.message["BQ"])
        async with wish.work() as work:
            # Who looks at what somebody reads is written down, machine or not.
            work.note("read", "patron", patron.card, by="selfcheck", list=LISTS[kind])
            found = await queries.titles(work.session, patron.id, kind, work.today, offset=offset, limit=limit)
        listed = [(LISTS[kind], value) for value in found]
    counts = (patron.holds_ready, seen.standing.overdue, patron.open_loans, seen.charges, 0, patron.holds_waiting)
    return Answer("64", [flags, wish.language, wish.date, *map(count, counts)], [
        *fields, *limits, *listed, ("AF", _why(wish, seen)),
    ])


async def no_information(wish: Wish, why: str) -> Answer:
    """64, refused."""
    return Answer("64", [rules.DENIED, wish.language, wish.date, *["0000"] * 6], [
        wish.ao, ("AA", wish.card), ("AE", ""), ("BL", "N"), ("AF", why),
    ])


async def enable(wish: Wish) -> Answer:
    """25 → 26: a block this very terminal set is lifted; any other stays for the desk."""
    if wish.card and Right.block.value in wish.machine.rights:
        async with wish.work() as work:
            patron = await lock_patron(work.session, wish.card)
            if patron.state is CardState.suspended and patron.state_reason.startswith(_mark(wish)):
                await patrons.change_card(work, card=wish.card, action="resume", reason=wish.machine.actor.name)
    seen = await _seen(wish)
    flags, fields = _person(wish, seen)
    return Answer("26", [flags, wish.language, wish.date], [
        *(one for one in fields if one[0] not in {"BH", "BV"}), ("AF", _why(wish, seen)),
    ])


async def no_enabling(wish: Wish, why: str) -> Answer:
    """26, refused."""
    return Answer("26", [rules.DENIED, wish.language, wish.date], [
        wish.ao, ("AA", wish.card), ("AE", ""), ("BL", "N"), ("AF", why),
    ])


def _mark(wish: Wish) -> str:
    return f"[{wish.machine.account}]"


async def block(wish: Wish) -> Answer:
    """01 → 24: the card is suspended until the desk has looked at it."""
    wish.machine.need(Right.block)
    async with wish.work() as work:
        patron = await lock_patron(work.session, wish.card)
        if patron.state in {CardState.active, CardState.suspended}:
            kept = _("证件留在机内") if wish.message.fixed["retained"] == "Y" else ""
            words = [_mark(wish), wish.message["AL"][:80], kept]
            if not patron.state_reason.startswith(_mark(wish)) or patron.state is CardState.active:
                await patrons.change_card(
                    work, card=wish.card, action="suspend", reason=" ".join(word for word in words if word)
                )
    return await patron_status(wish)


async def end_session(wish: Wish) -> Answer:
    """35 → 36: nothing is kept of a session, so it always ends."""
    return Answer("36", ["Y", wish.date], [wish.ao, ("AA", wish.card)])


async def no_end(wish: Wish, why: str) -> Answer:
    """36, refused."""
    return Answer("36", ["N", wish.date], [wish.ao, ("AA", wish.card), ("AF", why)])


async def item_information(wish: Wish) -> Answer:
    """17 → 18."""
    async with wish.reading() as session:
        seen = await queries.item_seen(session, wish.barcode) if wish.barcode else None
    if seen is None:
        raise NotFound(wish.barcode)
    item, loan, waiting = seen
    due: Fields = [("AH", loan.due_on.isoformat())] if loan else []
    place = item.location_name or item.location
    return Answer("18", [rules.circulation_status(item), "02" if item.strip_on else "01", "01", wish.date], [
        ("CF", waiting), *due, ("AB", item.barcode), ("AJ", item.title), ("CK", rules.MEDIA.get(item.kind, "000")),
        ("AQ", place), ("AP", "" if loan else place), ("CS", item.call_number),
        *([("AF", wish.hint(item))] if wish.hint(item) else []),
    ])


async def no_item(wish: Wish, why: str) -> Answer:
    """18 about nothing we know."""
    return Answer("18", ["01", "00", "01", wish.date], [("AB", wish.barcode), ("AJ", ""), ("AF", why)])


async def item_update(wish: Wish) -> Answer:
    """19 → 20: what the machine says of the item is kept in the item's trail."""
    async with wish.work() as work:
        seen = await queries.item_seen(work.session, wish.barcode) if wish.barcode else None
        if seen is None:
            raise NotFound(wish.barcode)
        work.note("properties", "item", str(seen[0].id), told=wish.message["CH"][:200])
    return Answer("20", ["1", wish.date], [("AB", wish.barcode), ("AJ", seen[0].title)])


async def no_update(wish: Wish, why: str) -> Answer:
    """20, refused."""
    return Answer("20", ["0", wish.date], [("AB", wish.barcode), ("AF", why)])
