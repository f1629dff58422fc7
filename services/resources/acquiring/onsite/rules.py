"""What a pick is answered, and who may pick. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from services.resources.acquiring.checking.rules import Known
from services.resources.acquiring.onsite.model import Answer, EventState
from services.resources.cataloguing.marc.matching import normal
from shared.i18n import N_
from shared.refusals import Refusal

BUYERS = ("RES-ACQ", "head-resources")
READERS = ("RES", "head-resources", "director", "deputy", "auditor")
MOST_PEOPLE = 500
# What crammers and textbooks are called; an event begins with these and may change them.
BARRED = ("考研", "真题", "习题", "教辅", "题库", "公务员考试", "四六级")

S = EventState
LIFE: Mapping[tuple[EventState, str], EventState] = {
    (S.preparing, "open"): S.open,
    (S.preparing, "cancel"): S.cancelled,
    (S.open, "close"): S.checking,
    (S.checking, "reopen"): S.open,
    (S.checking, "settle"): S.settled,
}
_PERSON = re.compile(r"[\s,;，；、]+")


class NotInvited(Refusal):
    """Picking is for those who were asked to come."""

    code = "on-site-not-invited"
    status = 403
    message = N_("您不在这次现场采购的邀请名单中")


class NotOpen(Refusal):
    """Before and after, nothing is picked."""

    code = "on-site-not-open"
    message = N_("现场采购“{title}”现在不能选书")


class BadIsbn(Refusal):
    """Without a number nothing can be looked up."""

    code = "on-site-isbn"
    status = 422
    message = N_("不是有效的 ISBN：{isbn}，请扫书背条码或重新输入")


class NoPrice(Refusal):
    """A budget needs prices."""

    code = "on-site-price"
    status = 422
    message = N_("请填定价，如 59.80（书背条码旁）")


class NoInvitations(Refusal):
    """An event without people picks nothing."""

    code = "on-site-nobody"
    message = N_("还没有邀请任何人，请先填写邀请名单")


class Untitled(Refusal):
    """What is wanted has a title."""

    code = "on-site-untitled"
    message = N_("还有 {n} 种没有题名，请补上或不购")


def people_of(text: str) -> list[str]:
    """Cards and staff numbers of a pasted list, each once."""
    found = dict.fromkeys(part.strip().upper()[:40] for part in _PERSON.split(text) if part.strip())
    return list(found)[:MOST_PEOPLE]


def words_of(text: str) -> list[str]:
    """The barred words, as they are compared."""
    return [word for line in text.splitlines() if (word := normal(line))]


def answer(
    known: Known, *, taken: bool, title: str, barred: Iterable[str], price_cents: int, spent_cents: int, budget_cents: int,
) -> tuple[Answer, str]:
    """What the person hears at once, the surest reason first, and the detail of it."""
    if known.copies:
        return Answer.held, known.record
    if known.coming:
        return Answer.coming, known.coming
    if taken:
        return Answer.taken, ""
    if word := next((word for word in barred if word in normal(title)), ""):
        return Answer.barred, word
    if budget_cents and spent_cents + price_cents > budget_cents:
        return Answer.over, ""
    return Answer.picked, ""


def moment(said: str, now: datetime) -> datetime:
    """When it was picked, by the phone's clock; a clock that is ahead or days behind is not believed."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        return now
    if at.tzinfo is None or at > now or now - at > timedelta(days=3):
        return now
    return at
