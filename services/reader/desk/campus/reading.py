"""From a file to rows, one after the other: CSV in UTF-8 or GBK, or the first sheet of a workbook. Run in a thread.

However long the file, only the row in hand is in memory, and where each number stood first.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from services.reader.desk.codes import clean
from services.reader.desk.patrons.model import Category
from shared.i18n import N_
from shared.refusals import Refusal

MOST_ROWS = 100_000
LARGEST_MB = 20
# A sheet of our size is far below this when unpacked; a bomb is above.
LARGEST_UNPACKED = 200 << 20
CODE = re.compile(r"^[\w\-]{1,40}$")

HEADS: Mapping[str, tuple[str, ...]] = {
    "card": ("学工号", "学号", "工号", "证号", "卡号", "校园卡号", "card", "card_no", "card number", "id"),
    "name": ("姓名", "name"),
    "category": ("读者类型", "类型", "人员类别", "身份", "category", "type"),
    "college": ("学院", "单位", "院系", "部门", "学院或单位", "college", "department", "unit"),
    "class_name": ("班级", "专业班级", "专业", "class", "major"),
    "valid_to": ("有效期", "有效期至", "截止日期", "valid_to", "valid to", "expires"),
    "chip": ("物理卡号", "芯片号", "chip", "physical id", "chip_no"),
    "email": ("邮箱", "电子邮箱", "email", "e-mail"),
    "phone": ("电话", "手机", "手机号", "phone", "mobile"),
    "status": ("状态", "卡状态", "status", "state"),
}
NEEDED = ("card", "name", "category")
CATEGORIES: Mapping[str, Category] = {
    **{c.value: c for c in Category}, **{c.label: c for c in Category},
    "硕士生": Category.graduate, "博士生": Category.graduate, "硕士": Category.graduate, "博士": Category.graduate,
    "硕士研究生": Category.graduate, "博士研究生": Category.graduate, "master": Category.graduate,
    "doctoral": Category.graduate, "本科": Category.undergraduate, "教师": Category.staff, "教工": Category.staff,
    "离退休": Category.retired, "退休": Category.retired,
}
STATUSES: Mapping[str, str] = {
    **dict.fromkeys(("", "正常", "active", "在校", "在职", "normal"), "active"),
    **dict.fromkeys(("挂失", "lost", "loss"), "lost"),
    **dict.fromkeys(("离校", "毕业", "注销", "离职", "退学", "left", "leaving", "closed", "graduated"), "left"),
}


class BrokenFile(Refusal):
    """Neither CSV nor a workbook, or damaged."""

    code = "card-file.broken"
    status = 422
    message = N_("读不出文件“{name}”：请用 CSV（UTF-8 或 GBK）或 .xlsx")


class MissingHeads(Refusal):
    """The heads do not tell what is what."""

    code = "card-file.heads"
    status = 422
    message = N_("第一行缺少列名：{heads}")


class TooManyRows(Refusal):
    """Larger files go in parts."""

    code = "card-file.too-many"
    status = 413
    message = N_("文件超过 {limit} 行，请分割后导入")


class EmptyFile(Refusal):
    """There is nothing below the heads."""

    code = "card-file.empty"
    status = 422
    message = N_("文件“{name}”里没有数据行")


@dataclass(slots=True)
class Read:
    """One line: what it says, or why it cannot be taken."""

    line: int
    card: str
    data: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def digest(source: BinaryIO) -> str:
    """SHA-256 of the file: the same file handed in again is told by it."""
    source.seek(0)
    made = hashlib.sha256()
    while chunk := source.read(1 << 18):
        made.update(chunk)
    return made.hexdigest()


def rows(source: BinaryIO, name: str) -> Iterator[Read]:
    """Every filled line of the file, with what is wrong in it; the first one says what is wrong with the file."""
    seen: dict[str, int] = {}
    for number, texts in table(source, name, HEADS, NEEDED):
        row = _row(number, texts)
        if not row.note and row.card in seen:
            row.note, row.params = N_("与第 {line} 行证号相同"), {"line": seen[row.card]}
        seen.setdefault(row.card, number)
        yield row


def table(
    source: BinaryIO, name: str, names: Mapping[str, tuple[str, ...]], needed: Iterable[str], *, most: int = 0
) -> Iterator[tuple[int, dict[str, str]]]:
    """Filled lines below the heads: number of the line, and its cells by column as text."""
    lines = _lines(source, name)
    first = next(lines, [])
    known = {alias: key for key, aliases in names.items() for alias in aliases}
    heads = [known.get(str(head or "").strip().lstrip("\ufeff").lower(), "") for head in first]
    if lacking := [names[key][0] for key in needed if key not in heads]:
        raise MissingHeads(heads="、".join(lacking))
    count, limit = 0, most or MOST_ROWS
    for number, cells in enumerate(lines, start=2):
        texts = {key: _text(cell) for key, cell in zip(heads, cells, strict=False) if key}
        if not any(texts.values()):
            continue
        count += 1
        if count > limit:
            raise TooManyRows(limit=limit)
        yield number, texts
    if not count:
        raise EmptyFile(name=name)


def _lines(source: BinaryIO, name: str) -> Iterator[Iterable[Any]]:
    source.seek(0)
    start = source.read(4096)
    source.seek(0)
    if start[:2] == b"PK":
        from openpyxl import load_workbook  # 6 MB, for a file handed in twice a year

        try:
            with zipfile.ZipFile(source) as parts:
                if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                    raise TooManyRows(limit=MOST_ROWS)
            book = load_workbook(source, read_only=True, data_only=True)
            yield from book.worksheets[0].iter_rows(values_only=True)
        except Refusal:
            raise
        except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
            raise BrokenFile(name=name) from error
        return
    if b"\0" in start:
        raise BrokenFile(name=name)
    text = io.TextIOWrapper(source, encoding=_charset(source, name), newline="")
    try:
        mark = max(",;\t", key=text.readline().count)
        text.seek(0)
        yield from csv.reader(text, delimiter=mark)
    except csv.Error as error:
        raise BrokenFile(name=name) from error
    finally:
        if not source.closed:
            text.detach()  # the file is its owner's to close


def _charset(source: BinaryIO, name: str) -> str:
    """The first of the two that can read the whole file."""
    for charset in ("utf-8-sig", "gb18030"):
        source.seek(0)
        decoder = codecs.getincrementaldecoder(charset)()
        try:
            while chunk := source.read(1 << 18):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        source.seek(0)
        return charset
    raise BrokenFile(name=name)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _row(line: int, texts: dict[str, str]) -> Read:
    row = Read(line, clean(texts.get("card", "")))
    if not CODE.match(row.card):
        row.note, row.params = N_("证号“{value}”不合规定"), {"value": texts.get("card", "")[:40]}
        return row
    if not texts.get("name") or len(texts["name"]) > 80:
        row.note = N_("没有姓名")
        return row
    category = CATEGORIES.get(texts.get("category", "").lower())
    if category is None:
        row.note, row.params = N_("不认识的读者类型“{value}”"), {"value": texts.get("category", "")[:40]}
        return row
    status = STATUSES.get(texts.get("status", "").lower())
    if status is None:
        row.note, row.params = N_("不认识的状态“{value}”"), {"value": texts["status"][:40]}
        return row
    day = day_of(texts.get("valid_to", ""))
    if texts.get("valid_to") and day is None:
        row.note, row.params = N_("有效期“{value}”不是日期"), {"value": texts["valid_to"][:40]}
        return row
    chip = clean(texts.get("chip", ""))
    if chip and not CODE.match(chip):
        row.note, row.params = N_("物理卡号“{value}”不合规定"), {"value": chip}
        return row
    # Columns the file does not have are not touched; an empty cell says nothing either.
    given = {"college": texts.get("college"), "class_name": texts.get("class_name"),
             "email": texts.get("email"), "phone": texts.get("phone")}
    row.data = {
        "name": texts["name"], "category": category.value, "status": status,
        **{key: value[:120] for key, value in given.items() if value},
        **({"valid_to": day.isoformat()} if day else {}), **({"chip": chip} if chip and chip != row.card else {}),
    }
    return row


def day_of(text: str) -> date | None:
    """A day however it is written: 2026-11-03, 2026/11/3, 2026年11月3日, 20261103."""
    digits = re.findall(r"\d+", text)
    if len(digits) == 1 and len(digits[0]) == 8:
        digits = [text[:4], text[4:6], text[6:8]]
    try:
        year, month, day = (int(part) for part in digits[:3])
        return date(year, month, day)
    except ValueError:
        return None
