"""When a title is bought, and when a person is asked first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from services.resources.acquiring.ondemand.model import OfferState, PoolRule
from shared.i18n import N_
from shared.refusals import NotFound, Refusal

BUYERS = ("RES-ACQ", "head-resources")
READERS = ("RES", "head-resources", "director", "deputy", "auditor")
MOST_REQUESTS, LONGEST_DAYS, LARGEST_CENTS = 50, 730, 100_000_000

O = OfferState  # noqa: E741 - the states of an offer
LIFE: Mapping[tuple[OfferState, str], OfferState] = {
    (O.offered, "buy"): O.bought,
    (O.offered, "ask"): O.review,
    (O.offered, "have"): O.held,
    (O.offered, "withdraw"): O.withdrawn,
    (O.offered, "end"): O.ended,
    (O.review, "buy"): O.bought,
    (O.review, "have"): O.held,
    (O.review, "refuse"): O.refused,
    (O.review, "withdraw"): O.withdrawn,
}
# Why a person decides although the rule is met.
DEAR, NO_PRICE, MONTH, FUND = N_("超过单价上限"), N_("没有单价"), N_("超过本月限额"), N_("经费余额不足")


class UnknownPool(NotFound):
    """No pool or title bears this number."""

    code = "on-demand.unknown"
    message = N_("没有按需采购池或书目 {what}")


class NothingToOffer(Refusal):
    """The list holds nothing that could be offered."""

    code = "on-demand.nothing"
    message = N_("选书单里没有可提供的书目：须有题名和正确的 ISBN，馆内没有、也不在采购途中")


class SameBuyer(Refusal):
    """Whoever drew the pool up does not decide on what exceeds its rule."""

    code = "on-demand.same-person"
    message = N_("建池人不能审批超出规则的申购，请由另一位采访馆员或主任审批")


class NothingPicked(Refusal):
    """A step for many needs at least one."""

    code = "on-demand.nothing-picked"
    status = 422
    message = N_("请先勾选")


def wrong_in(*, name: str, ends_on: date | None, today: date, requests: int, cap_cents: int, month_cents: int, fund: bool) -> dict[str, str]:
    """What is missing; all of it at once."""
    found: dict[str, str] = {}
    if not name.strip():
        found["name"] = N_("请填写名称")
    if ends_on is None or not today <= ends_on <= today + timedelta(days=LONGEST_DAYS):
        found["ends_on"] = N_("截止日为今天起两年内")
    if not 1 <= requests <= MOST_REQUESTS:
        found["requests"] = N_("人数为 1–50")
    if not 1 <= cap_cents <= LARGEST_CENTS:
        found["cap"] = N_("请填写单价上限")
    if not 1 <= month_cents <= LARGEST_CENTS:
        found["month"] = N_("请填写每月限额")
    if not fund:
        found["fund"] = N_("没有这条在用的预算")
    return found


def met(rule: PoolRule, requests: int, teachers: int) -> bool:
    """Whether it was used as often as the rule asks."""
    return requests >= rule.requests or (rule.teacher and teachers > 0)


def obstacles(rule: PoolRule, price: int, *, spent: int, available: int) -> list[str]:
    """Why it is not bought by itself; all reasons at once. `spent` is this month's, `available` the fund's."""
    found = []
    if not price:
        found.append(NO_PRICE)
    if price > rule.cap_cents:
        found.append(DEAR)
    if spent + price > rule.month_cents:
        found.append(MONTH)
    if price > available:
        found.append(FUND)
    return found
