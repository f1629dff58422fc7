"""What a column is, what a row says, who may confirm. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.resources.acquiring.checking.rules import Known, Title, title_of
from services.resources.acquiring.selections.model import Decision, ListState, SelectionList
from services.resources.cataloguing.marc.isbn import isbn13
from services.resources.cataloguing.marc.matching import normal
from services.resources.cataloguing.marc.prices import price_fen
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import Refusal

BUYERS = ("RES-ACQ", "head-resources")
# Whoever knows the subject may choose too; another buyer or the head confirms.
CHOOSERS = ("RES", "head-resources")
READERS = ("RES", "head-resources", "director", "deputy", "auditor")
LARGEST = 20_000
MOST_COPIES = 200

S = ListState
LIFE: Mapping[tuple[ListState, str], ListState] = {
    (S.draft, "begin"): S.choosing,
    (S.draft, "discard"): S.discarded,
    (S.choosing, "map"): S.draft,
    (S.choosing, "submit"): S.review,
    (S.choosing, "discard"): S.discarded,
    # Shown to readers instead of chosen: see the room of on-demand pools.
    (S.choosing, "pool"): S.pooled,
    (S.review, "confirm"): S.confirmed,
    (S.review, "send_back"): S.choosing,
}
FIELDS: Mapping[str, str] = {
    "title": N_("题名"), "author": N_("著者"), "publisher": N_("出版社"), "year": N_("出版年"), "isbn": N_("ISBN"),
    "price": N_("单价"), "subject": N_("分类号"),
}
# How suppliers call their columns; the first word that is contained decides, longer ones first.
CALLED: Mapping[str, Sequence[str]] = {
    "isbn": ("isbn", "书号", "条码", "条形码"),
    "title": ("正题名", "题名", "书名", "title", "品名"),
    "author": ("责任者", "著者", "作者", "author", "编著"),
    "publisher": ("出版社", "出版者", "出版单位", "publisher", "版别"),
    "year": ("出版时间", "出版日期", "出版年", "year", "date"),
    "price": ("定价", "单价", "价格", "码洋", "price"),
    "subject": ("中图", "分类", "clc", "class", "学科"),
}
_YEAR = re.compile(r"(?<![0-9])(1[5-9][0-9]{2}|20[0-9]{2})")


class Unreadable(Refusal):
    """The file is no list of titles."""

    code = "selection-unreadable"
    status = 422
    message = N_("读不出书目：请用 xlsx、csv 或 MARC 文件，首行写列名，至少有一行书目")


class TooLong(Refusal):
    """The list has more rows than a person can choose from."""

    code = "selection-too-long"
    status = 422
    message = N_("书目太多，一份最多 {limit} 行，请分开上传")


class NoTitles(Refusal):
    """Nothing can be chosen without titles."""

    code = "selection-no-titles"
    status = 422
    message = N_("请指出哪一列是题名")


class NothingTaken(Refusal):
    """An empty choice is nothing to confirm."""

    code = "selection-nothing-taken"
    message = N_("还没有选定要买的书")


class Undecided(Refusal):
    """Every row is to be decided before somebody confirms."""

    code = "selection-undecided"
    message = N_("还有 {n} 行未定或待专家意见，请先处理；其余可用“未定的全部不要”")


class SameBuyer(Refusal):
    """Whoever chose does not confirm."""

    code = "selection-same-person"
    message = N_("选书人与确认人不能是同一人")


def guess(heads: Sequence[str]) -> dict[str, int]:
    """Which column is what, by its name."""
    found: dict[str, int] = {}
    plain = [normal(head) for head in heads]
    for name, words in CALLED.items():
        for word in words:
            at = next((n for n, head in enumerate(plain) if normal(word) in head and n not in found.values()), None)
            if at is not None:
                found[name] = at
                break
    return found


def head_row(rows: Sequence[Sequence[str]]) -> int:
    """The row that names the columns: above it stand titles and addresses of the supplier."""
    return max(range(min(len(rows), 10)), key=lambda n: (len(guess(rows[n])), -n), default=0)


def checked_mapping(given: Mapping[str, Any], width: int) -> dict[str, int]:
    """What somebody chose for the columns; without a title there is nothing to choose from."""
    found = {
        name: int(given[name]) for name in FIELDS
        if str(given.get(name, "")).isdecimal() and int(given[name]) < width
    }
    if "title" not in found:
        raise NoTitles
    return found


def row_of(cells: Sequence[str], mapping: Mapping[str, int]) -> dict[str, Any]:
    """A row in our terms; `error` names what is wrong with it."""
    said = {name: cells[mapping[name]] if name in mapping and mapping[name] < len(cells) else "" for name in FIELDS}
    errors = []
    number = isbn13(said["isbn"])
    if said["isbn"] and not number:
        errors.append(N_("ISBN 不对"))
    price = price_fen(said["price"], local=True) if said["price"] else 0
    if price is None:
        errors.append(N_("单价看不懂"))
    if not said["title"]:
        errors.insert(0, N_("没有题名"))
    year = _YEAR.search(said["year"])
    return {
        "title": said["title"][:300], "author": said["author"][:200], "publisher": said["publisher"][:120],
        "year": year[1] if year else "", "isbn": number or said["isbn"][:30], "price_cents": price or 0, "subject": said["subject"][:60],
        "error": "；".join(errors),
    }


def looked_up(row: Mapping[str, Any]) -> Title:
    """How a row is looked up."""
    return title_of(str(row["title"]), str(row["author"]), str(row["isbn"]))


def doubles(keys: Sequence[str]) -> list[int]:
    """For each row the number of an earlier one that is the same book, 0 for none; rows count from 1."""
    seen: dict[str, int] = {}
    return [0 if (first := seen.setdefault(key, n)) == n else first for n, key in enumerate(keys, 1)]


def first_choice(known: Known, same_row: int, error: str) -> Decision:
    """What is clear from the start: what says no title, or stands above already, is not taken."""
    return Decision.leave if same_row or (error and not known.record and "没有题名" in error) else Decision.open


def may_confirm(actor: Actor, chosen: SelectionList) -> None:
    """Refuse whoever chose."""
    if actor.kind != "system" and actor.id in {chosen.submitted_by, chosen.created_by}:
        raise SameBuyer
