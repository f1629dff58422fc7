"""Is the record fit to be read by patrons? What is wrong stands at the field where it is wrong, with its weight."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.resources.cataloguing.marc.callnumbers import is_clc
from services.resources.cataloguing.marc.dialects import CNMARC, MARC21
from services.resources.cataloguing.marc.fields import ANY, BLANK, FieldKind, kinds, local
from services.resources.cataloguing.marc.isbn import isbn13, issn
from services.resources.cataloguing.marc.record import Field, Record
from services.resources.cataloguing.marc.rows import Row, fault
from services.resources.cataloguing.marc.wording import year_in
from shared.i18n import N_, _

IMPOSSIBLE, HARD, SOFT = "impossible", "hard", "soft"
# Where a remark about the whole record stands.
WHOLE = -1
MESSAGES: Mapping[str, str] = {
    "bad-tag": N_("字段号须为三位数字或字母"),
    "too-long": N_("字段过长，ISO 2709 一个字段不超过 9999 字节"),
    "no-text": N_("字段没有内容"),
    "no-subfield": N_("内容须以子字段标识开头，如 $a"),
    "bad-code": N_("$ 之后须紧跟一位子字段代码；内容里的 $ 写作 $$"),
    "unknown-tag": N_("{dialect} 没有字段 {tag}"),
    "again": N_("字段 {tag} 不可重复"),
    "indicator": N_("字段 {tag} 的第 {place} 指示符不能是“{mark}”，可用：{allowed}"),
    "unknown-code": N_("字段 {tag} 没有子字段 ${code}"),
    "code-again": N_("字段 {tag} 的子字段 ${code} 不可重复"),
    "empty-code": N_("子字段 ${code} 没有内容"),
    "length": N_("字段 {tag} 的定长数据应为 {right} 位，现为 {length} 位"),
    "isbn": N_("“{text}”不是有效的 ISBN；书上印错的号码记入 $z"),
    "issn": N_("“{text}”不是有效的 ISSN"),
    "language": N_("语种“{text}”不是三位小写字母代码"),
    "class": N_("“{text}”不像中图法分类号"),
    "year": N_("出版年 {shown} 与定长数据中的 {coded} 不一致"),
    "leader": N_("头标区应为 24 位"),
    "needs-title": N_("缺少正题名（{place}）"),
    "needs-number": N_("缺少标准书号（010），也没有说明其缺失的附注（3XX）"),
    "needs-language": N_("缺少语种（{place}）"),
    "needs-imprint": N_("缺少出版发行项（{place}）"),
    "needs-class": N_("缺少分类号（{place}）"),
    "needs-agency": N_("缺少记录来源（{place}）"),
    "needs-coded": N_("缺少定长数据（{place}）"),
}
DIALECTS = {MARC21: "MARC 21", CNMARC: "CNMARC"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is wrong: at which line, how bad, and what."""

    row: int
    code: str
    weight: str = SOFT
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """One sentence in the reader's language."""
        return _(MESSAGES[self.code], **self.params)


def faults(rows: Sequence[Row]) -> list[Remark]:
    """Lines that can be no field."""
    return [Remark(n, code, IMPOSSIBLE) for n, row in enumerate(rows) if (code := fault(row))]


def check(record: Record) -> list[Remark]:
    """Everything wrong with a record, by line; the whole record's needs last."""
    return check_fields(record.leader, record.fields, record.dialect)


def check_fields(leader: str, fields: Sequence[Field | None], dialect: str) -> list[Remark]:
    """The same for lines of which some (None) are no fields yet."""
    known = kinds(dialect)
    seen: Counter[str] = Counter()
    found: list[Remark] = []
    for n, one in enumerate(fields):
        if one is None:
            continue
        seen[one.tag] += 1
        kind = known.get(one.tag)
        if kind is None:
            if not local(one.tag):
                params = {"tag": one.tag, "dialect": DIALECTS.get(dialect, "UNIMARC")}
                found.append(Remark(n, "unknown-tag", SOFT, params))
        else:
            if seen[one.tag] > 1 and not kind.repeatable:
                found.append(Remark(n, "again", HARD, {"tag": one.tag}))
            found += (Remark(n, *rest) for rest in _against(one, kind))
        found += (Remark(n, *rest) for rest in _content(one, dialect))
    sound = Record(leader, tuple(one for one in fields if one is not None), dialect)
    found += _years(sound, fields)
    if len(leader) != 24:
        found.append(Remark(WHOLE, "leader", HARD))
    return found + list(needs(sound))


def hard(remarks: Iterable[Remark]) -> list[Remark]:
    """Those that refuse the release."""
    return [one for one in remarks if one.weight != SOFT]


def _against(one: Field, kind: FieldKind) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the table of the dialect says against a field."""
    if kind.control or one.data is not None:
        return
    for place, allowed in enumerate((kind.ind1, kind.ind2)):
        mark = one.indicators[place : place + 1] or " "
        shown = BLANK if mark in " |" else mark
        if allowed != ANY and shown not in (allowed or BLANK):
            told = "、".join(allowed or BLANK)
            # An indicator nobody set is forgotten; a wrong one says something false.
            yield "indicator", SOFT if shown == BLANK else HARD, {"tag": one.tag, "place": place + 1, "mark": shown, "allowed": told}
    codes = Counter(code for code, _value in one.subfields)
    for code, times in codes.items():
        if kind.subfields is None or code.isdigit() or code.isupper():
            continue
        if code not in kind.subfields:
            yield "unknown-code", SOFT, {"tag": one.tag, "code": code}
        elif times > 1 and not kind.subfields[code]:
            yield "code-again", HARD, {"tag": one.tag, "code": code}
    for code, value in one.subfields:
        if not value.strip():
            yield "empty-code", SOFT, {"code": code}


def _content(one: Field, dialect: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What can be said of the values of well-known fields."""
    is21 = dialect == MARC21
    data = one.data if is21 else one.first("a")
    right = {"008": 40} if is21 else {"100": 36}
    if one.tag in right and len(data or "") != right[one.tag]:
        yield "length", HARD, {"tag": one.tag, "right": right[one.tag], "length": len(data or "")}
    if one.tag == ("020" if is21 else "010"):
        for text in one.all("a"):
            if text.strip() and not isbn13(text):
                yield "isbn", SOFT, {"text": text[:40]}
    if one.tag == ("022" if is21 else "011"):
        for text in one.all("a"):
            if text.strip() and not issn(text):
                yield "issn", SOFT, {"text": text[:40]}
    if not is21 and one.tag == "101":
        for text in one.all("a"):
            if not re.fullmatch(r"[a-z]{3}", text.strip()):
                yield "language", SOFT, {"text": text[:20]}
    if not is21 and one.tag == "690" and (text := one.first("a")) and not is_clc(text):
        yield "class", SOFT, {"text": text[:40]}


def _years(record: Record, fields: Sequence[Field | None]) -> list[Remark]:
    """The year that is shown and the year that is coded must be one, or lists sort and limit wrongly."""
    if record.dialect == MARC21:
        coded, tags, code = record.first("008")[7:11], ["264", "260"], "c"
    else:
        coded, tags, code = record.first("100", "a")[9:13], ["210"], "d"
    if not re.fullmatch(r"[12][0-9]{3}", coded):
        return []
    for n, one in enumerate(fields):
        if one is not None and one.tag in tags and (year := year_in(one.first(code))):
            if str(year) == coded:
                return []
            return [Remark(n, "year", SOFT, {"shown": year, "coded": coded})]
    return []


def needs(record: Record) -> Iterator[Remark]:
    """What a record must say before patrons see it."""
    if record.dialect == MARC21:
        yield from _needs_21(record)
        return
    def need(code: str, missing: bool, place: str, weight: str = HARD) -> Iterator[Remark]:
        if missing:
            yield Remark(WHOLE, code, weight, {"place": place})

    yield from need("needs-title", not _has(record, "200", "a"), "200$a")
    noted = any(tag.startswith("3") for tag in record.by_tag)
    numbered = any(_has(record, tag, "a") for tag in ("010", "011", "013", "091"))
    yield from need("needs-number", not (numbered or noted), "010")
    yield from need("needs-language", not _has(record, "101", "a"), "101$a")
    yield from need("needs-imprint", not _has(record, "210", "acd"), "210")
    yield from need("needs-class", not _has(record, "690", "a"), "690$a", HARD if record.dialect == CNMARC else SOFT)
    yield from need("needs-agency", not _has(record, "801", "ab"), "801")
    yield from need("needs-coded", not _has(record, "100", "a"), "100", SOFT)


def _needs_21(record: Record) -> Iterator[Remark]:
    title = record.first("245", "akp")
    asked = (
        ("needs-title", not title.strip(), "245$a", HARD),
        ("needs-coded", not record.first("008"), "008", SOFT),
        ("needs-language", not (record.first("008")[35:38].strip(" |") or _has(record, "041", "a")), "008/35-37", SOFT),
        ("needs-imprint", not (_has(record, "264", "abc") or _has(record, "260", "abc")), "264", SOFT),
        ("needs-class", not any(_has(record, tag, "a") for tag in ("050", "060", "070", "080", "082", "084", "090")), "084", SOFT),
        ("needs-agency", not _has(record, "040", "a"), "040$a", SOFT),
    )
    for code, missing, place, weight in asked:
        if missing:
            yield Remark(WHOLE, code, weight, {"place": place})


def _has(record: Record, tag: str, codes: str) -> bool:
    return any(value.strip() for value in record.all(tag, codes))
