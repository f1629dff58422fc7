"""From a member's file to rows, by what the file lists. Pure, run in a thread."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.reader.desk.campus.reading import STATUSES, day_of, table
from services.reader.desk.codes import clean
from services.reader.desk.consortium.lists import Subject
from services.reader.desk.patrons.form import CODE
from shared.i18n import N_
from shared.refusals import Reason

# One file is taken up in one transaction, beside desks that work.
MOST_ROWS = 1_000
LARGEST_MB = 5

HEADS: Mapping[str, tuple[str, ...]] = {
    "barcode": ("条码", "条码号", "馆藏条码", "图书条码", "barcode"),
    "card": ("证号", "联合证号", "读者证号", "卡号", "card", "card_no"),
    "name": ("姓名", "name"),
    "on": ("日期", "归还日期", "还书日期", "借出日期", "借书日期", "到达日期", "date", "returned_on", "lent_on"),
    "valid_to": ("有效期", "有效期至", "截止日期", "valid_to", "expires"),
    "status": ("状态", "证状态", "status", "state"),
}
S = Subject
NEEDED: Mapping[Subject, tuple[str, ...]] = {
    S.foreign: ("barcode", "on"), S.home: ("barcode", "on"), S.arrivals: ("barcode",),
    S.loans: ("card", "barcode", "on"), S.cards: ("card", "name"),
}
MAY: Mapping[Subject, tuple[str, ...]] = {S.cards: ("valid_to", "status")}
LABELS: Mapping[str, str] = {
    "barcode": N_("条码"), "card": N_("证号"), "name": N_("姓名"), "on": N_("日期"), "valid_to": N_("有效期"),
    "status": N_("状态"),
}


@dataclass(slots=True)
class Read:
    """One line: what it says, or every reason why it cannot be taken."""

    line: int
    ref: str
    data: dict[str, str] = field(default_factory=dict)
    wrong: list[Reason] = field(default_factory=list)


def read(data: bytes, name: str, subject: Subject) -> list[Read]:
    """Every filled line of the file; a line that says the same again is wrong, not done twice."""
    wanted = (*NEEDED[subject], *MAY.get(subject, ()))
    found: list[Read] = []
    seen: dict[tuple[str, ...], int] = {}
    names = {key: HEADS[key] for key in wanted}
    for number, cells in table(io.BytesIO(data), name, names, NEEDED[subject], most=MOST_ROWS):
        texts = {key: text[:120] for key, text in cells.items()}
        row = _row(number, texts, subject)
        same = tuple(row.data.get(key, "") for key in NEEDED[subject])
        if not row.wrong and same in seen:
            row.wrong.append(Reason("union-file.twice", N_("与第 {line} 行相同"), params={"line": seen[same]}))
        seen.setdefault(same, number)
        found.append(row)
    return found


def _row(number: int, texts: dict[str, str], subject: Subject) -> Read:
    row = Read(number, clean(texts.get("card" if subject is S.cards else "barcode", "")))

    def wrong(code: str, text: str, key: str) -> None:
        params = {"label": LABELS[key], "value": texts.get(key, "")[:40]}
        row.wrong.append(Reason(f"union-file.{code}", text, params=params))

    for key in ("barcode", "card"):
        if key in NEEDED[subject]:
            row.data[key] = clean(texts.get(key, ""))
            if not _legal(row.data[key]):
                wrong("code", N_("“{value}”不是条码或证号"), key)
    if subject is S.cards:
        row.data["name"] = texts.get("name", "")
        if not row.data["name"] or len(row.data["name"]) > 80:
            wrong("name", N_("没有姓名"), "name")
        row.data["status"] = STATUSES.get(texts.get("status", "").lower(), "")
        if not row.data["status"]:
            wrong("status", N_("不认识的状态“{value}”"), "status")
    for key in ("on", "valid_to"):
        if key not in (*NEEDED[subject], *MAY.get(subject, ())):
            continue
        day = day_of(texts.get(key, "")) if texts.get(key) else None
        if day is not None and day > date(2000, 1, 1):
            row.data[key] = day.isoformat()
        elif texts.get(key) or key in NEEDED[subject]:
            wrong("day", N_("“{value}”不是日期，请写成 2026-11-03"), key)
    return row


def _legal(text: str) -> bool:
    return bool(re.fullmatch(CODE, text)) and len(text) <= 40
