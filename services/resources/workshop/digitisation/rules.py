"""What may be copied, for whom and how much of it; the life of a ticket; how many pages are looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.resources.workshop.digitisation.model import (
    JobKind,
    Purpose,
    Source,
    Ticket,
    TicketState,
)
from shared.i18n import N_, _
from shared.refusals import Reason, Refusal
from shared.states import Life

TICKETS, PRICES = "SZ", "YM"
WORKSHOP = ("RES-DIG",)
PRICERS = ("RES-DIG", "head-resources")
READERS = ("staff",)

S = TicketState
LIFE: Life[TicketState] = {
    (S.asked, "clear"): S.cleared,
    (S.asked, "refuse"): S.refused,
    (S.asked, "cancel"): S.cancelled,
    (S.cleared, "quote"): S.quoted,
    (S.cleared, "refuse"): S.refused,
    (S.cleared, "cancel"): S.cancelled,
    (S.quoted, "agree"): S.agreed,
    # Prices changed while nobody answered.
    (S.quoted, "quote"): S.quoted,
    (S.quoted, "cancel"): S.cancelled,
    (S.agreed, "start"): S.working,
    (S.agreed, "cancel"): S.cancelled,
    (S.working, "progress"): S.working,
    (S.working, "submit"): S.checking,
    (S.working, "cancel"): S.cancelled,
    (S.checking, "pass"): S.ready,
    (S.checking, "correct"): S.working,
    (S.ready, "hand_over"): S.handed,
    (S.handed, "close"): S.closed,
}
# With the bench, so the item is not on its shelf.
ON_BENCH = (S.working, S.checking)
# Years after the author's death, or after publication where there is no person (works of institutions, anonymous ones).
TERM = 50
# Of a protected work a person gets a chapter, or a tenth of the pages.
MOST_CHAPTERS, MOST_SHARE = 1, 10
DPI = (300, 600)
# At least so many pages are looked at, and one in ten.
LEAST_SAMPLE, SAMPLE_SHARE = 5, 10
CHECKSUM = re.compile(r"[0-9a-f]{64}")

BASES: Mapping[str, str] = {
    "public_domain": N_("已过保护期"), "permission": N_("权利人许可"), "library": N_("图书馆为保存、陈列复制本馆馆藏"),
    "premises": N_("馆舍内提供毁损、珍稀或买不到的馆藏"), "study": N_("个人学习研究，少量"),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """On what ground it may be copied; without one, every reason against it."""

    basis: str = ""
    against: tuple[Reason, ...] = ()


class NoRight(Refusal):
    """The law or the licence is against it; every reason is given."""

    code = "digitisation.no-right"
    message = N_("不能复制：{why}")

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(reasons, why="")

    def __str__(self) -> str:
        return _(self.message, why="；".join(str(reason) for reason in self.reasons))


class NoPrice(Refusal):
    """Nothing is made before it is known what it costs."""

    code = "digitisation.no-price"
    message = N_("{kind_label}还没有生效的价格，请先在价目里登记")


class NotDone(Refusal):
    """Only finished pages are looked at."""

    code = "digitisation.not-done"
    message = N_("应做 {pages} 页，完成 {done} 页，还不能送质检")


class TooFewSampled(Refusal):
    """A look at two pages is no check."""

    code = "digitisation.too-few-sampled"
    status = 422
    message = N_("{pages} 页至少抽查 {least} 页")


class NotHere(Refusal):
    """The item is not where it could be fetched."""

    code = "digitisation.not-here"
    message = N_("{barcode} 现为“{state_label}”，不能取来加工")


def protected(died: int | None, published: int | None, year: int) -> bool:
    """Whether the term of protection runs: to the end of the fiftieth year after death, or after publication where no person is named."""
    ended = died if died is not None else published
    return ended is None or year <= ended + TERM


def small(pages: int, work_pages: int, chapters: int) -> bool:
    """One chapter at most, or not more than a tenth."""
    return 0 < chapters <= MOST_CHAPTERS or pages * MOST_SHARE <= work_pages


def rights(ticket: Ticket, year: int) -> Rights:
    """The whole question, in the order people ask it: is it free, is it allowed, is it the library's own right, is it a small part for study."""
    if not protected(ticket.died_year, ticket.published_year, year):
        return Rights("public_domain")
    if ticket.permission.strip():
        return Rights("permission")
    against: list[Reason] = []
    match ticket.purpose:
        case Purpose.keep | Purpose.display | Purpose.online if ticket.source == Source.own:
            if ticket.copies > 1:
                against.append(Reason("digitisation.one-copy", N_("为保存、陈列只能复制一份")))
            if ticket.purpose == Purpose.online and not ticket.scarce:
                against.append(Reason("digitisation.not-scarce", N_("仍在保护期内的，只有毁损、珍稀或买不到的才能在馆舍内网上提供")))
            return Rights("", tuple(against)) if against else Rights("premises" if ticket.purpose == Purpose.online else "library")
        case Purpose.study:
            against += _study(ticket)
            return Rights("", tuple(against)) if against else Rights("study")
        case Purpose.publish:
            against.append(Reason("digitisation.not-outside", N_("仍在保护期内的作品不能在馆舍外公开，须有权利人许可")))
        case _:
            against.append(Reason("digitisation.not-ours", N_("为保存、陈列只能复制本馆馆藏，其他须有权利人许可")))
    return Rights("", tuple(against))


def _study(ticket: Ticket) -> list[Reason]:
    against = []
    if ticket.source == Source.eresource and not ticket.licence.strip():
        against.append(Reason("digitisation.no-licence", N_("数字资源须在许可范围内打印，请写明许可或合同")))
    if not small(ticket.pages, ticket.work_pages, ticket.chapters):
        against.append(Reason(
            "digitisation.too-much", N_("个人学习研究以一章或全书的 {share}% 为限，全书 {work} 页，申请 {pages} 页"),
            params={"share": 100 // MOST_SHARE, "work": ticket.work_pages, "pages": ticket.pages},
        ))
    if ticket.copies > 1:
        against.append(Reason("digitisation.one-for-study", N_("个人学习研究只复制一份")))
    return against


def price(base_cents: int, page_cents: int, pages: int, copies: int) -> int:
    """What a ticket costs."""
    return base_cents + page_cents * pages * copies


def sample(pages: int) -> int:
    """How many pages another person looks at."""
    return min(pages, max(LEAST_SAMPLE, -(-pages // SAMPLE_SHARE)))


def printed(kind: str) -> bool:
    """Whether paper comes out."""
    return kind != JobKind.scan


def holders(ticket: Ticket) -> tuple[str, ...]:
    """Who must act next: the workshop, or the person who asked, for an answer to the price."""
    if ticket.state == S.quoted:
        return (ticket.created_by,)
    if ticket.state == S.working:
        return (ticket.operator or WORKSHOP[0],)
    return WORKSHOP
