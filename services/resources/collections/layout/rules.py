"""Which rule decides, what it makes of so many copies, and why another does not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.resources.cataloguing.marc.callnumbers import is_clc, sort_key
from services.resources.collections.layout.model import LayoutRule
from shared.i18n import N_, _
from shared.refusals import Reason, Refusal

NUMBERS = "BJG"
KEEPERS = ("RES-MGT", "head-resources")
READERS = ("RES", "RDR", "head", "director")
MOST_COPIES = 500


class Elsewhere(Refusal):
    """Who puts a copy elsewhere than the rules says why."""

    code = "layout.elsewhere"
    status = 422
    message = N_("按布局规则 {rule} 应入{place}；放到别处请写明理由")


class NoRule(Refusal):
    """Nothing says where it goes."""

    code = "layout.no-rule"
    message = N_("没有适用于《{title}》的布局规则，请补一条规则")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a copy; `clc` is its class mark, empty when it has none."""

    clc: str = ""
    material: str = "book"
    language: str = ""
    day: date = date.min


@dataclass(frozen=True, slots=True)
class Share:
    """So many copies to a place; `sample` when they are the title's sample."""

    location: str
    copies: int
    sample: bool = False


def class_of(clc: str, call_number: str) -> str:
    """The class mark a copy stands by: the record's, else that of its call number."""
    mark = clc.strip().upper() or call_number.partition("/")[0].strip().upper()
    return mark if is_clc(mark) else ""


def _within(mark: str, low: str, high: str) -> bool:
    if not low and not high:
        return True
    if not mark:
        return False
    key = sort_key(mark)
    return (not low or key >= sort_key(low)) and (not high or mark.startswith(high) or key <= sort_key(high))


def why_not(rule: LayoutRule, asked: Asked, closed: Iterable[str] = ()) -> Reason | None:
    """The first ground on which the rule does not hold; None when it does. `closed` are places that take no books."""
    if rule.valid_from > asked.day:
        return Reason("not-yet", N_("{day} 起才生效"), params={"day": rule.valid_from})
    if rule.valid_until is not None and rule.valid_until < asked.day:
        return Reason("over", N_("{day} 已失效"), params={"day": rule.valid_until})
    if rule.material and rule.material != asked.material:
        return Reason("material", N_("文献类型不符"))
    if rule.language and rule.language != asked.language:
        return Reason("language", N_("文种不符"))
    if not _within(asked.clc, rule.clc_from, rule.clc_to):
        return Reason("class", N_("分类不在范围内") if asked.clc else N_("没有分类号"))
    if rule.location in set(closed):
        return Reason("closed", N_("馆藏地未启用或已停用"))
    return None


def weight(rule: LayoutRule) -> tuple[bool, bool, float, date, str]:
    """The larger the more specific: material, then language, then how narrow the class is, then the younger rule."""
    low, high = rule.clc_from, rule.clc_to or rule.clc_from
    common = 0
    for one, other in zip(low, high, strict=False):
        if one != other:
            break
        common += 1
    narrow = 0.0 if not (low or high) else common + (0.5 if low == high else 0.25)
    return bool(rule.material), bool(rule.language), narrow, rule.valid_from, rule.no


def ranked(found: Iterable[LayoutRule]) -> list[LayoutRule]:
    """The most specific first."""
    return sorted(found, key=weight, reverse=True)


def choose(found: Iterable[LayoutRule], asked: Asked, closed: Iterable[str] = ()) -> LayoutRule | None:
    """The rule that decides."""
    shut = set(closed)
    return next((rule for rule in ranked(found) if why_not(rule, asked, shut) is None), None)


def split(rule: LayoutRule, copies: int, *, in_sample: int = 0, closed: Iterable[str] = ()) -> list[Share]:
    """Where so many new copies go when `in_sample` stand in the sample stack already."""
    wanted = max(rule.sample_copies - in_sample, 0) if rule.sample_location and rule.sample_location not in set(closed) else 0
    sample = min(wanted, copies)
    shares = [Share(rule.sample_location, sample, sample=True)] if sample else []
    return [*shares, Share(rule.location, copies - sample)] if copies > sample else shares


def errors(rule: LayoutRule, places: Iterable[str]) -> dict[str, str]:
    """All that is wrong with a rule."""
    known, wrong = set(places), {}
    for name in ("clc_from", "clc_to"):
        mark = getattr(rule, name)
        if mark and not is_clc(mark):
            wrong[name] = N_("不是中图法分类号")
    if not wrong and rule.clc_from and rule.clc_to and sort_key(rule.clc_to) < sort_key(rule.clc_from):
        wrong["clc_to"] = N_("止号在起号之前")
    if rule.location not in known:
        wrong["location"] = N_("没有这个馆藏地")
    if rule.sample_location and rule.sample_location not in known:
        wrong["sample_location"] = N_("没有这个馆藏地")
    elif rule.sample_location and rule.sample_location == rule.location:
        wrong["sample_location"] = N_("样本与其余复本应在不同的馆藏地")
    if bool(rule.sample_location) != bool(rule.sample_copies):
        wrong["sample_copies"] = N_("样本馆藏地和样本册数要一起填")
    if rule.valid_until is not None and rule.valid_until < rule.valid_from:
        wrong["valid_until"] = N_("失效日期早于生效日期")
    return wrong


def span_text(rule: LayoutRule) -> str:
    """The classes of a rule as people read them."""
    low, high = rule.clc_from, rule.clc_to
    if not low and not high:
        return _(N_("全部分类"))
    return low if low == high or not high else f"{low or 'A'} – {high}"


def place_names(codes: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Codes as people read them."""
    return [names.get(code, code) for code in codes]
