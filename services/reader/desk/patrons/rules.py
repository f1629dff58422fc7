"""Loan rules by category, the life of a card, and everything that stops a patron."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.reader.desk import HEAD
from services.reader.desk.patrons.model import CardState, Category, Patron, Source
from services.reader.desk.policies.rules import STANDARD, resolve
from services.reader.desk.policies.values import Terms
from shared.i18n import N_
from shared.refusals import NotFound, Reason, Refusal, Severity
from shared.states import NotFromHere, step

# What holds for a category as long as no version of the rules says otherwise (policies/).
TERMS: dict[Category, Terms] = {
    category: resolve(STANDARD, category.value).terms for category in Category
}
# Price of a new card of our own (工本费).
REISSUE_FEN = 1000
NO_SHOWS = 3
NO_SHOW_DAYS = 5
# Union readers show a card of their own library; its orientation does not bind them.
NEED_ORIENTATION = {Category.undergraduate, Category.graduate}

@dataclass(frozen=True, slots=True)
class Standing:
    """What a patron has out, counted by the statement that reads the patron.

    `of_kind`, `of_location`, `of_both` count the loans that share those with the item asked for;
    None where no item is asked for.
    """

    earliest_due: date | None = None
    overdue: int = 0
    recalls_overdue: int = 0
    earliest_recall: date | None = None
    lost: int = 0
    of_kind: int | None = None
    of_location: int | None = None
    of_both: int | None = None


S = CardState
LIFE: dict[tuple[CardState, str], CardState] = {
    (S.active, "report_loss"): S.loss_blocked,
    (S.suspended, "report_loss"): S.loss_blocked,
    (S.loss_blocked, "unblock"): S.active,
    (S.active, "suspend"): S.suspended,
    (S.suspended, "suspend"): S.suspended,
    (S.suspended, "resume"): S.active,
    (S.active, "close"): S.closed,
    (S.suspended, "close"): S.closed,
    (S.loss_blocked, "close"): S.closed,
    (S.closed, "reopen"): S.active,
    (S.closed, "restore"): S.suspended,  # its deposit, which went back, is held again
}

# What the buttons of a card say, in the order they stand.
VERBS: dict[str, tuple[str, str]] = {
    "report_loss": (N_("挂失"), "danger"), "unblock": (N_("解挂"), "success"),
    "suspend": (N_("暂停借书"), "warning"), "resume": (N_("恢复借书"), "success"),
    "close": (N_("注销"), "danger"), "reopen": (N_("重新启用"), "success"),
}


class UnknownCard(NotFound):
    """No patron bears this card."""

    code = "unknown-card"
    message = N_("没有读者证 {what}，不是本馆读者")


class CardTaken(Refusal):
    """The number belongs to another patron."""

    code = "card-taken"
    message = N_("读者证 {card} 已有人使用")


class CardReplaced(Refusal):
    """The number is dead: its owner has another card."""

    code = "card-replaced"
    message = N_("证号 {card} 已停用，该证已换为 {new}")


class IdentityNeeded(Refusal):
    """A lost card is freed only for somebody who has shown a paper."""

    code = "identity-needed"
    status = 422
    message = N_("请先核对身份证件，填写证件类型和号码后四位")


class StillOwing(Refusal):
    """A card is closed only when nothing is open on it."""

    code = "card-not-clear"
    message = N_("该证还有未了事项，不能注销")


def change_state(
    patron: Patron, action: str, *, reason: str, until: date | None = None
) -> CardState:
    """Move the card; closing wants a clean slate."""
    after = step(LIFE, patron.state, action)
    if action == "reopen" and patron.category is Category.union:  # its deposit went back: a new card, a new number
        raise NotFromHere(patron.state, action)
    if action == "close":
        open_ = [
            Reason(code, text, params={"n": n})
            for code, text, n in (
                ("open-loans", N_("在借 {n} 册"), patron.open_loans),
                ("open-holds", N_("预约 {n} 项"), patron.holds_waiting + patron.holds_ready),
            ) if n
        ]
        if patron.debt_fen > 0:
            open_.append(Reason("open-debt", N_("欠费 {yuan} 元"), params={"yuan": yuan(patron.debt_fen)}))
        open_ += deposit_block(patron)
        if open_:
            raise StillOwing(open_)
    if action == "report_loss":
        patron.lost_from = patron.state
    elif action == "unblock" and patron.lost_from is S.suspended:
        after = S.suspended
    if action == "suspend":
        patron.suspended_until = until
    elif after not in {S.suspended, S.loss_blocked}:
        patron.suspended_until = None
    patron.state, patron.state_reason = after, reason
    return after


def deposit_block(patron: Patron) -> list[Reason]:
    """A card over which money is held is closed by giving that money back, not before."""
    text = N_("押有联合证押金 {yuan} 元：请在“联合共享体 → 联合证”申请退押金，办公室付款后该证自动注销")
    return [Reason("open-deposit", text, params={"yuan": yuan(patron.deposit_fen)})] if patron.deposit_fen > 0 else []


def reissue(patron: Patron, *, card: str, chip: str | None) -> int:
    """Give the patron another card; returns its price in fen (the card centre charges its own)."""
    if patron.state is S.closed:
        raise NotFromHere(patron.state, "reissue")
    if patron.state is S.loss_blocked:
        change_state(patron, "unblock", reason="")
    patron.card, patron.chip = card, chip
    return REISSUE_FEN if patron.source is Source.own else 0


def last_four(text: str) -> str:
    """The last signs of a document; whoever types more has the rest thrown away, not kept."""
    signs = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    if len(signs) < 4:
        raise IdentityNeeded
    return signs[-4:]


def verbs(patron: Patron) -> list[tuple[str, str, str]]:
    """What may be done with the card now: (action, label, tone); each state offers its own verbs.

    Unblocking has a form of its own, which asks for a document.
    """
    return [
        (action, *VERBS[action]) for (state, action), after in LIFE.items()
        if state is patron.state and after is not state and action not in ("unblock", "restore") and (action, patron.category) != ("reopen", Category.union)
    ]


def standing(patron: Patron, today: date) -> CardState:
    """The state of the card on a day: suspensions lapse and cards expire by the calendar."""
    if patron.state is S.suspended and patron.suspended_until and patron.suspended_until < today:
        state = S.active
    else:
        state = patron.state
    if state is S.active and patron.valid_to and patron.valid_to < today:
        return S.expired
    return state


def yuan(fen: int) -> str:
    """Money inside a sentence."""
    return f"{fen / 100:.2f}"


def card_blocks(patron: Patron, today: date) -> list[Reason]:
    """What the card itself forbids."""
    state = standing(patron, today)
    if state is S.loss_blocked:
        return [Reason("card-loss-blocked", N_("该证已挂失，请核对身份"))]
    if state is S.closed:
        return [Reason("card-closed", N_("该证已注销"))]
    if state is S.suspended:
        return [Reason(
            "card-suspended", N_("停借至 {until}：{why}") if patron.suspended_until else N_("停借中：{why}"),
            Severity.OVERRIDE, {"until": patron.suspended_until, "why": patron.state_reason}, HEAD,
        )]
    if state is S.expired:
        return [Reason(
            "card-expired", N_("读者证已于 {day} 过期"), Severity.OVERRIDE, {"day": patron.valid_to}, HEAD
        )]
    return []


def blocks(
    patron: Patron, *, today: date, earliest_due: date | None, standing: Standing | None = None,
    terms: Terms | None = None,
) -> list[Reason]:
    """Everything that stops the patron from borrowing, each with who may override it.

    Without `standing` only the earliest due date is known, which is enough where one overdue item stops.
    """
    terms = terms or TERMS[patron.category]
    found = card_blocks(patron, today)
    if patron.category in NEED_ORIENTATION and not patron.oriented:
        found.append(Reason(
            "orientation-missing", N_("入馆教育未通过，尚未开通借书"), Severity.OVERRIDE, by=HEAD
        ))
    if standing is None:
        late = bool(earliest_due and earliest_due < today)
        standing = Standing(earliest_due, overdue=int(late))
    return found + _counted(patron, standing, terms, today)


def _counted(patron: Patron, standing: Standing, terms: Terms, today: date) -> list[Reason]:
    """The blocks the numbers make by themselves; each says its number and its limit."""
    found = []

    def stop(code: str, text: str, **params: object) -> None:
        found.append(Reason(code, text, Severity.OVERRIDE, params, HEAD))

    if over(standing.overdue, terms.overdue_max):
        stop(
            "overdue", N_("有超期图书未还（{n} 册，上限 {limit} 册），最早应还 {day}"),
            n=standing.overdue, limit=terms.overdue_max, day=standing.earliest_due,
        )
    if over(standing.recalls_overdue, terms.recall_overdue_max):
        stop(
            "recalls-overdue", N_("召回图书超期 {n} 册，上限 {limit} 册"), n=standing.recalls_overdue,
            limit=terms.recall_overdue_max,
        )
    days = (today - standing.earliest_recall).days if standing.earliest_recall else 0
    if over(days, terms.recall_overdue_days):
        stop(
            "recall-overdue-days", N_("召回图书已超期 {n} 天，上限 {limit} 天"), n=days,
            limit=terms.recall_overdue_days,
        )
    if over(standing.lost, terms.lost_max):
        stop("lost-limit", N_("遗失未结 {n} 册，上限 {limit} 册"), n=standing.lost, limit=terms.lost_max)
    if terms.debt_limit is not None and patron.debt_fen >= max(terms.debt_limit, 1):
        stop(
            "debt", N_("欠费 {yuan} 元，满 {limit} 元停借"), yuan=yuan(patron.debt_fen),
            limit=yuan(terms.debt_limit),
        )
    return found


def over(number: int, limit: int | None) -> bool:
    """Past a limit, if there is one."""
    return limit is not None and number > limit


def limit_block(patron: Patron, terms: Terms | None = None, *, out: int | None = None) -> list[Reason]:
    """The number of items is used up; `out` is what counts against a rule for some items only."""
    limit = (terms or TERMS[patron.category]).items
    number = patron.open_loans if out is None else out
    if number < limit:
        return []
    text = N_("在借 {n} 册，已达上限 {limit} 册") if out is None else N_("此类在借 {n} 册，已达上限 {limit} 册")
    return [Reason("loan-limit", text, Severity.OVERRIDE, {"n": number, "limit": limit}, HEAD)]


def suspend_for_overdue(patron: Patron, *, until: date, today: date) -> date | None:
    """Stop lending until a day for a late return; returns the day, None when it changes nothing.

    A longer suspension stays; a card that is blocked, expired or closed lends nothing anyway.
    """
    state = standing(patron, today)
    if state is S.suspended:
        if patron.suspended_until is None or patron.suspended_until >= until:
            return None
    elif state is not S.active:
        return None
    change_state(patron, "suspend", reason=N_("逾期还书停借"), until=until)
    return until


def missed_pickup(patron: Patron, today: date) -> bool:
    """Count a hold that was not fetched; the third suspends and the count begins again."""
    patron.no_shows += 1
    if patron.no_shows < NO_SHOWS:
        return False
    patron.no_shows = 0
    if standing(patron, today) is not S.active:
        return False
    change_state(
        patron, "suspend", reason=N_("预约到馆三次未取"), until=today + timedelta(days=NO_SHOW_DAYS)
    )
    return True
