"""Every value a rule can give: what it is called, its unit and bounds, how people type and read it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.i18n import N_, _

PRICE = "price"
ON, BEFORE = "on", "before"
UNLIMITED = {"无", "不限", "-", "none", "no"}
PRICE_WORDS = {"书价", "定价", PRICE}


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one patron and one item; money in fen, None where nothing limits.

    The defaults decide where no rule speaks.
    """

    items: int = 10
    days: int = 30
    renewals: int = 1
    renewal_days: int | None = None
    hard_due_on: date | None = None
    hard_due_mode: str = BEFORE
    fine_per_day: int = 10
    fine_cap: int | str | None = PRICE
    grace_days: int = 0
    skip_closed: bool = True
    suspend_per_day: int = 0
    suspend_cap: int | None = None
    holds: int = 10
    hold_keep_days: int = 5
    recall_min_days: int = 14
    recall_due_days: int = 7
    debt_limit: int | None = 1000
    overdue_max: int | None = 0
    lost_max: int | None = None
    recall_overdue_max: int | None = None
    recall_overdue_days: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value: `sort` is count, days, money, cap, flag, date or mode; `open` means it may be "no limit"."""

    name: str
    label: str
    short: str
    group: str
    sort: str = "count"
    high: int = 999
    open: bool = False
    help: str = ""


LENDING, LATE, HOLDS, RECALLS, BLOCKS = (
    N_("借与续"), N_("逾期"), N_("预约"), N_("召回"), N_("自动停借"),
)
VALUES: tuple[Value, ...] = (
    Value("items", N_("可借册数"), N_("册数"), LENDING),
    Value("days", N_("借期（天）"), N_("借期"), LENDING, "days", 365),
    Value("renewals", N_("续借次数"), N_("续借"), LENDING, high=99),
    Value("renewal_days", N_("续借期（天）"), N_("续期"), LENDING, "days", 365, open=True, help=N_("“无”即与借期相同")),
    Value("hard_due_on", N_("固定应还日"), N_("固定日"), LENDING, "date", open=True, help=N_("如学期末；“无”即不设")),
    Value("hard_due_mode", N_("固定应还日的用法"), N_("用法"), LENDING, "mode"),
    Value("fine_per_day", N_("每天逾期费（元）"), N_("元/天"), LATE, "money", 10_000),
    Value("fine_cap", N_("逾期费上限（元）"), N_("上限"), LATE, "cap", 1_000_000, open=True, help=N_("金额、“书价”或“无”")),
    Value("grace_days", N_("宽限天数"), N_("宽限"), LATE, "days", 365, help=N_("超过宽限则从头计")),
    Value("skip_closed", N_("闭馆日不计"), N_("闭馆免"), LATE, "flag"),
    Value("suspend_per_day", N_("逾期一天停借几天"), N_("停借/天"), LATE, "days", 30, help=N_("按开馆日计")),
    Value("suspend_cap", N_("停借最多几天"), N_("停借上限"), LATE, "days", 365, open=True),
    Value("holds", N_("可预约项数"), N_("预约"), HOLDS, high=99),
    Value("hold_keep_days", N_("预约架保留（开馆日）"), N_("保留"), HOLDS, "days", 60),
    Value("recall_min_days", N_("召回前至少可借（天）"), N_("保底"), RECALLS, "days", 365),
    Value("recall_due_days", N_("召回后应还（天）"), N_("召回期"), RECALLS, "days", 365),
    Value("debt_limit", N_("欠费满几元停借"), N_("欠费"), BLOCKS, "money", 10_000_000, open=True),
    Value("overdue_max", N_("超期册数上限"), N_("超期"), BLOCKS, open=True),
    Value("lost_max", N_("遗失未结册数上限"), N_("遗失"), BLOCKS, open=True),
    Value("recall_overdue_max", N_("召回超期册数上限"), N_("召回超期"), BLOCKS, open=True),
    Value("recall_overdue_days", N_("召回超期天数上限"), N_("召回天数"), BLOCKS, "days", 365, open=True),
)
BY_NAME = {value.name: value for value in VALUES}
GROUPS = (LENDING, LATE, HOLDS, RECALLS, BLOCKS)
assert {f.name for f in fields(Terms)} == set(BY_NAME)


@dataclass
class Parsed:
    """What a form gave: values, and what is wrong with the rest (field → sentence)."""

    given: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def parse(form: dict[str, str]) -> Parsed:
    """Typed text to values; an empty field is inherited and therefore left out."""
    found = Parsed()
    for value in VALUES:
        text = form.get(value.name, "").strip()
        if not text:
            continue
        if text.lower() in UNLIMITED and value.sort not in {"flag", "mode"}:
            if value.open:
                found.given[value.name] = None
            else:
                found.errors[value.name] = N_("此项不能为“无”")
            continue
        try:
            found.given[value.name] = _read(value, text)
        except (ValueError, InvalidOperation):
            found.errors[value.name] = _(_WRONG[value.sort], high=_high(value))
    return found


_WRONG = {
    "count": N_("请填 0 至 {high} 的整数"), "days": N_("请填 0 至 {high} 的整数"),
    "money": N_("请填 0 至 {high} 元的金额"), "cap": N_("请填金额、“书价”或“无”"),
    "flag": N_("请选是或否"), "mode": N_("请从列表中选择"), "date": N_("请填日期"),
}


def _high(value: Value) -> int:
    return value.high // 100 if value.sort in {"money", "cap"} else value.high


def _read(value: Value, text: str) -> Any:
    if value.sort == "flag":
        return {"yes": True, "no": False}[text] if text in {"yes", "no"} else _bad()
    if value.sort == "mode":
        return text if text in {ON, BEFORE} else _bad()
    if value.sort == "date":
        return date.fromisoformat(text).isoformat()
    if value.sort == "cap" and text.lower() in PRICE_WORDS:
        return PRICE
    if value.sort in {"money", "cap"}:
        exact = Decimal(text.lstrip("¥")) * 100
        number = int(exact) if exact.is_finite() and exact == int(exact) else -1
    else:
        number = int(text)
    return number if 0 <= number <= value.high else _bad()


def _bad() -> Any:
    raise ValueError


def typed(name: str, given: Any) -> str:
    """A value as it stands in the form."""
    value = BY_NAME[name]
    if given is None:
        return _(N_("无"))
    if value.sort == "flag":
        return "yes" if given else "no"
    if given == PRICE:
        return _(N_("书价"))
    if value.sort in {"money", "cap"}:
        return f"{given / 100:.2f}"
    return str(given)


def shown(name: str, given: Any) -> str:
    """A value as people read it."""
    value = BY_NAME[name]
    if value.sort == "flag":
        return _(N_("是")) if given else _(N_("否"))
    if value.sort == "mode":
        return _(N_("就是这一天")) if given == ON else _(N_("不晚于"))
    return typed(name, given)
