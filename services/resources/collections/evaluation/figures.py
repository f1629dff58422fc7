"""How the figures of a line are written, on screens and in spreadsheets: one list for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.resources.collections.evaluation import rules
from services.resources.collections.evaluation.model import EvaluationLine
from shared.i18n import N_


@dataclass(frozen=True, slots=True)
class Figure:
    """`kind`: count, money (fen), percent, rate; `rows` names the column whose titles it is made of."""

    name: str
    label: str
    kind: str
    value: Callable[[EvaluationLine, EvaluationLine], Any]
    rows: str = ""


def _share(name: str) -> Callable[[EvaluationLine, EvaluationLine], float | None]:
    return lambda line, total: rules.ratio(getattr(line, name), getattr(total, name))


def _count(name: str, label: str) -> Figure:
    return Figure(name, label, "count", lambda line, _total: getattr(line, name), name)


FIGURES: tuple[Figure, ...] = (
    _count("titles", N_("种数")), _count("copies", N_("册数")),
    Figure("copies_per_title", N_("平均复本"), "rate", lambda line, _total: rules.copies_per_title(line), "copies"),
    _count("recent", N_("近五年版")), _count("added", N_("新增册数")),
    _count("loans", N_("外借次数")), _count("in_house", N_("馆内阅览")),
    Figure("use_rate", N_("利用率"), "percent", lambda line, _total: rules.use_rate(line), "lent"),
    Figure("circulation_rate", N_("流通率"), "rate", lambda line, _total: rules.circulation_rate(line), "loans"),
    Figure("zero_share", N_("零利用率"), "percent", lambda line, _total: rules.zero_share(line), "zero"),
    Figure("stock_share", N_("馆藏占比"), "percent", _share("copies"), "copies"),
    Figure("loan_share", N_("外借占比"), "percent", _share("loans"), "loans"),
    Figure("relative_use", N_("利用系数"), "rate", rules.relative_use, "loans"),
    _count("requests", N_("预约")),
    Figure("refusal_rate", N_("拒借率"), "percent", lambda line, _total: rules.refusal_rate(line), "unmet"),
    _count("suggested", N_("荐购")),
    Figure("cost_per_use", N_("单次利用成本"), "money",
           lambda line, _total: rules.cost_per_use(line.added_cents, line.loans + line.in_house), "added"),
)
# Demand is of titles, not of the place a copy stands in.
OF_PLACES = tuple(figure for figure in FIGURES if figure.name not in {"requests", "refusal_rate", "suggested"})
# What a list of classes shows where there is no room for all.
SHORT = tuple(figure for figure in FIGURES if figure.name in {
    "copies", "added", "loans", "use_rate", "circulation_rate", "zero_share", "relative_use", "requests", "suggested",
})


def said(figure: Figure, value: Any) -> str:
    """As people read it; nothing is a dash."""
    if value is None:
        return "—"
    match figure.kind:
        case "percent":
            return f"{value * 100:.1f}%"
        case "rate":
            return f"{value:.2f}"
        case "money":
            return f"{value / 100:,.2f}"
        case _:
            return f"{value:,}"


def cell(figure: Figure, value: Any) -> Any:
    """As a spreadsheet takes it."""
    if value is None:
        return ""
    return {"percent": lambda: round(value * 100, 1), "rate": lambda: round(value, 2), "money": lambda: value / 100}.get(
        figure.kind, lambda: value
    )()
