"""What the codes mean here: rights, standing, states, dates, and what a machine is refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.reader.desk import HEAD
from services.reader.desk.charges.model import Entry, Kind, Method
from services.reader.desk.items.model import Circulation, Condition, Item, Stock
from services.reader.desk.patrons.model import CardState, Patron
from services.reader.desk.patrons.rules import (
    Standing,
    blocks,
    card_blocks,
    limit_block,
    over,
    standing,
)
from services.reader.desk.policies.values import Terms
from services.reader.desk.selfcheck.model import Charset, Detection, Right, Terminal
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import Refusal
from shared.settings import LOCAL

# Who sets terminals up: heads of the desk, and the engineers who connect them.
KEEPERS = (*HEAD, "TEC-SYS", "TEC-EQP", "head-tech", "director")
# The same wish from the same machine within this time is a lost answer, not a second wish.
REPEAT_WITHIN = timedelta(minutes=5)
# A step taken off-line is dated as the machine says, as far as this is believable.
OFFLINE_DAYS = 14
# A machine that was not heard of for so long is not connected, whatever its process wrote last.
BEAT_SECONDS = 10
BEAT_LOST = timedelta(seconds=3 * BEAT_SECONDS)
ACCOUNT = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{1,39}$"


class NotForTerminal(Refusal):
    """The switch of this right is off."""

    code = "not-for-terminal"
    message = N_("此终端未开通：{what}")


class OtherInstitution(Refusal):
    """The message names another library than ours."""

    code = "other-institution"
    message = N_("机构代码不符，请与馆员联系")


class NotYourLoan(Refusal):
    """A patron renews only own loans at a machine."""

    code = "not-your-loan"
    message = N_("该册不在此证名下，不能续借")


class WrongAmount(Refusal):
    """The money does not settle whole charges."""

    code = "wrong-amount"
    message = N_("金额不符：待缴 {yuan} 元，请整笔缴清")


class WrongCurrency(Refusal):
    """Only yuan are taken."""

    code = "wrong-currency"
    message = N_("只收人民币")


class NoSuchHold(Refusal):
    """The patron has no hold on this title."""

    code = "no-such-hold"
    message = N_("没有这项预约")


class NotOffered(Refusal):
    """The protocol knows it, we do not do it."""

    code = "not-offered"
    message = N_("不支持这项操作，请到借还台办理")


class AccountTaken(Refusal):
    """Another terminal signs in by this name."""

    code = "terminal-account-taken"
    message = N_("登录名 {account} 已有终端使用")


@dataclass(frozen=True, slots=True)
class Machine:
    """A terminal as its connection knows it: a copy, so that no session is held open for it."""

    id: UUID
    account: str
    actor: Actor
    location: str = ""
    charset: Charset = Charset.utf8
    detection: Detection = Detection.auto
    crlf: bool = False
    language: str = "zh"
    rights: frozenset[str] = frozenset()
    accept_pin: bool = False
    sorts: bool = False

    def need(self, *rights: Right) -> None:
        """Refuse unless one of the switches is on."""
        if not any(right.value in self.rights for right in rights):
            raise NotForTerminal(what=rights[0].text)


@dataclass(frozen=True, slots=True)
class Home:
    """The institution as machines are told of it."""

    institution: str = ""
    name: str = ""
    magnetic: frozenset[str] = field(default_factory=frozenset)


def machine(terminal: Terminal) -> Machine:
    """What a connection keeps of its terminal. The actor is no person: nobody is credited with its work."""
    works = {Right.lend.value, Right.take_back.value, Right.renew.value, Right.pay.value, Right.block.value}
    posts = ("RDR-DSK",) if works & set(terminal.rights) else ()
    return Machine(
        terminal.id, terminal.account,
        Actor(id=f"terminal:{terminal.account}", name=terminal.name, kind="terminal", posts=posts, dept="reader"),
        terminal.location, terminal.charset, terminal.detection, terminal.crlf, terminal.language,
        frozenset(terminal.rights), terminal.accept_pin, terminal.sorts,
    )


def moment(now: datetime) -> str:
    """A date-time of 18 characters, local."""
    return now.astimezone(LOCAL).strftime("%Y%m%d    %H%M%S")


def told_moment(text: str, now: datetime) -> datetime:
    """When an off-line step happened: as the machine says, unless that cannot be."""
    try:
        zone = UTC if text[8:12].strip() == "Z" else LOCAL
        at = datetime.strptime(text[:8] + text[12:18], "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return now
    return at.astimezone(UTC) if now - timedelta(days=OFFLINE_DAYS) <= at <= now else now


def told_day(text: str, today: date) -> date | None:
    """The due date a machine promised; None when it promised none."""
    try:
        day = datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=LOCAL).date()
    except ValueError:
        return None
    return day if today - timedelta(days=OFFLINE_DAYS) <= day <= today + timedelta(days=730) else None


def owes_too_much(patron: Patron, terms: Terms) -> bool:
    """Whether the debt stops lending."""
    return terms.debt_limit is not None and patron.debt_fen >= max(terms.debt_limit, 1)


def patron_status(patron: Patron, *, today: date, out: Standing, terms: Terms) -> str:
    """Fourteen places, `Y` where something is denied or too much."""
    state = standing(patron, today)
    card = bool(card_blocks(patron, today))
    full = bool(limit_block(patron, terms))
    stopped = blocks(patron, today=today, earliest_due=out.earliest_due, standing=out, terms=terms)
    flags = {
        0: full or bool(stopped), 1: card, 2: card,
        3: card or patron.holds_waiting + patron.holds_ready >= terms.holds,
        4: state is CardState.loss_blocked, 5: full, 6: over(out.overdue, terms.overdue_max),
        9: over(out.lost, terms.lost_max), 10: owes_too_much(patron, terms),
        12: over(out.recalls_overdue, terms.recall_overdue_max),
    }
    return "".join("Y" if flags.get(place) else " " for place in range(14))


# Nobody, or nobody we may speak of: everything is denied.
DENIED = "YYYY" + " " * 10

_CIRCULATION = {
    Circulation.in_process: "06", Circulation.in_handover: "06", Circulation.relocating: "10",
    Circulation.to_shelve: "09", Circulation.available: "03", Circulation.on_loan: "04",
    Circulation.hold_shelf: "08", Circulation.in_transit: "10", Circulation.in_house_use: "01",
    Circulation.missing: "13", Circulation.lost: "12", Circulation.claimed_returned: "11",
    Circulation.replaced: "01",
}


def circulation_status(item: Item) -> str:
    """Two digits."""
    if item.stock is not Stock.in_stock:
        return "01"
    if item.circulation in {Circulation.available, Circulation.to_shelve} and item.condition is not Condition.sound:
        return "06"
    return _CIRCULATION[item.circulation]


MEDIA = {
    "book": "001", "magazine": "002", "journal": "003", "serial": "003", "tape": "004", "video": "005",
    "cd": "006", "disc": "006", "dvd": "006",
}
KINDS: tuple[tuple[str, str], ...] = (
    ("book", N_("图书")), ("journal", N_("期刊")), ("cd", N_("光盘")), ("tape", N_("录音带")), ("video", N_("录像带")),
)
FEES = {Kind.overdue: "04", Kind.damage: "03", Kind.lost: "07", Kind.processing: "05"}


def paid_by(payment: str) -> Method:
    """Cash is 00, cards 01 and 02; what a Chinese machine adds above them is the phone."""
    return {"00": Method.cash, "01": Method.card, "02": Method.card}.get(payment, Method.mobile)


def fen(text: str) -> int | None:
    """Money as a machine writes it; None when it is none."""
    whole, _point, part = text.strip().partition(".")
    if not whole.isdecimal() or len(whole) > 7 or len(part) > 2 or (part and not part.isdecimal()):
        return None
    return int(whole) * 100 + int((part + "00")[:2])


def settled_by(due: Sequence[Entry], amount_fen: int, named: str = "") -> list[UUID] | None:
    """The charges this money settles whole: the named one, all, or the oldest ones; None if none fit."""
    if named:
        chosen = [entry for entry in due if str(entry.id) == named]
        return [entry.id for entry in chosen] if chosen and chosen[0].amount_fen == amount_fen else None
    total, ids = 0, []
    for entry in due:
        total += entry.amount_fen
        ids.append(entry.id)
        if total == amount_fen:
            return ids
    return None


def window(first: str, last: str, *, most: int = 100) -> tuple[int, int]:
    """(offset, limit) of the list a machine asked for with BP and BQ, counted from 1."""
    begin = int(first) if first.isdecimal() and 0 < len(first) < 7 else 1
    begin = max(begin, 1)
    end = int(last) if last.isdecimal() and 0 < len(last) < 7 else begin + most - 1
    return begin - 1, min(max(end - begin + 1, 0), most)
